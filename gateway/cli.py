"""The command line: one verb per thing a person wants. Exit codes: 0 done, 1 failed, 2 wrong use, 78 wrong configuration."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import TYPE_CHECKING

from gateway import commands
from gateway.commands import EXIT_CONFIGURATION, EXIT_FAILED
from parsers.errors import GatewayError, SettingsError

PORT_MAX = 65_535
NICE = 10  # for what reads much beside a gateway: processor time that the gateway does not want
EPILOG = """\
examples:
  lapor-gateway demo                       see the whole road on this machine
  lapor-gateway check --config FILE        every mistake in the settings, at once
  lapor-gateway run --config FILE          run the gateway
  lapor-gateway status                     what a running gateway does and holds
  lapor-gateway desk list                  what waits for a person
  lapor-gateway route explain TEXT         why a text goes where it goes
"""


def parser() -> argparse.ArgumentParser:
    """The whole command line, for `main` and for the tests of the documentation."""
    top = argparse.ArgumentParser(
        prog="lapor-gateway",
        description="The front door of SP4N-LAPOR!: takes SMS from operators and posts from X, files each complaint once, and answers.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"lapor-gateway {metadata.version('lapor-gateway')}")
    verbs = top.add_subparsers(dest="verb", metavar="VERB", required=True)
    _running(verbs)
    _journal(verbs)
    _desk(verbs)
    _ledger(verbs)
    _route(verbs)
    _trying(verbs)
    return top


if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no public name for it


def _verb(verbs: Verbs, name: str, does: str, run: Callable[[argparse.Namespace], int], *, config: bool = True) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=does, description=does[0].upper() + does[1:] + ".")
    if config:
        verb.add_argument("--config", metavar="FILE", help="gateway.toml; else $LAPOR_CONFIG, $CONFIGURATION_DIRECTORY, the shipped one")
    verb.set_defaults(run=run)
    return verb


def _task(tasks: Verbs, name: str, does: str) -> argparse.ArgumentParser:
    """A verb of a verb; `--config` may stand behind it as well, where people put it."""
    task = tasks.add_parser(name, help=does, description=does[0].upper() + does[1:] + ".")
    task.add_argument("--config", metavar="FILE", default=argparse.SUPPRESS, help="gateway.toml, as before the task")
    return task


def _running(verbs: Verbs) -> None:
    _verb(verbs, "run", "run the gateway until SIGTERM; a second SIGTERM stops it at once", commands.run)
    worker = _verb(verbs, "worker", "forward for the gateways of a site: its Redis, its core, no operators", commands.worker)
    worker.add_argument("--slot", type=int, help=argparse.SUPPRESS)
    _verb(verbs, "check", "check all settings, tables and texts, and say every mistake with its remedy", commands.check)
    status = _verb(verbs, "status", "show what a running gateway does: binds, counts, what it holds and what waits", commands.status)
    status.add_argument("--json", action="store_true", help="as JSON")
    watch = _verb(verbs, "watch", "follow what happens to messages, live and masked, until Ctrl-C", commands.watch)
    watch.add_argument("--json", action="store_true", help="as JSON lines")
    cluster = _verb(verbs, "cluster", "see the other gateways and the workers, and forget one that never comes back", commands.cluster)
    tasks = cluster.add_subparsers(dest="task", metavar="TASK", required=True)
    shown = _task(tasks, "status", "who lives, who has told what it knows, what waits for whom")
    shown.add_argument("--json", action="store_true", help="as JSON")
    forget = _task(tasks, "forget", "do without a gateway or worker that is lost for ever, disk and all")
    forget.add_argument("name", metavar="NAME", help="a gateway's letter, or a worker as `cluster status` shows it")
    forget.add_argument("--yes", action="store_true", help="really: what it had acked and not filed is lost with it")
    _verb(verbs, "key", "print a new master key for the secret master_key", commands.key, config=False)


def _journal(verbs: Verbs) -> None:
    journal = _verb(verbs, "journal", "look after the journal: backups, and the ways back (docs/backup.md)", commands.journal)
    tasks = journal.add_subparsers(dest="task", metavar="TASK", required=True)
    backup = _task(tasks, "backup", "copy the journal into one verified file, while the gateway runs or when it is stopped")
    backup.add_argument("folder", metavar="FOLDER", help="where backups are kept: on another disk, writable for the gateway")
    backup.add_argument("--keep", type=int, metavar="N", help="then remove this gateway's backups beyond the newest N")
    verify = _task(tasks, "verify", "say whether a file can be restored: sum, structure, key, counts, seals; exit 1 when not")
    restore = _task(tasks, "restore", "put a backup in the journal's place; only while the gateway is stopped")
    for task in (verify, restore):
        task.add_argument("file", metavar="FILE", help="a backup: journal-LETTER-TIME.db")
        task.add_argument("--all", action="store_true", help="open every sealed value, not a sample of each column")
    adopt = _task(tasks, "adopt", "make a journal of what the mirror has, on a new machine; only while the gateway is stopped")
    adopt.add_argument("--backup", metavar="FILE", help="the newest backup: brings back what was finished before the mirror begins")
    for task in (restore, adopt):
        task.add_argument("--replace", action="store_true", help="a journal that is there is set aside; it is never deleted")
    salvage = _task(tasks, "salvage", "bring back what can be read of a damaged file that was set aside")
    salvage.add_argument("file", metavar="FILE", help="the file that was set aside, beside the journal")


def _desk(verbs: Verbs) -> None:
    desk = _verb(verbs, "desk", "see and settle what waits for a person", commands.desk)
    tasks = desk.add_subparsers(dest="task", metavar="TASK", required=True)
    shown = _task(tasks, "list", "what waits, oldest first")
    shown.add_argument("--state", help="only held, parked or unknown")
    shown.add_argument("--reason", help="only this reason")
    shown.add_argument("--limit", type=int, default=100, metavar="N", help="at most N rows (default 100)")
    one = _task(tasks, "show", "one complaint: words, why it went where, replies, history")
    one.add_argument("number", help="our number (G7K2QP) or the core's tracking id")
    settle = _task(tasks, "settle", "move complaints on; the reason is kept with each")
    settle.add_argument("numbers", nargs="*", metavar="NUMBER", help="our numbers; or --all with --state/--reason")
    move = settle.add_mutually_exclusive_group(required=True)
    move.add_argument("--filed", metavar="ID", help="found at the core under this tracking id")
    move.add_argument("--reroute", metavar="REGION", help="send it to this region code, or to `national`")
    for name, does in (
        ("resend", "send it again: you know that the core does not have it"),
        ("close", "settled without filing; nothing is erased"),
        ("redecode", "read its raw PDU again, after a correction"),
        ("release", "let a held one go its way"),
        ("hold", "hold it back for review"),
        ("note", "only write the reason down"),
    ):
        move.add_argument(f"--{name}", dest="move", action="store_const", const=name, help=does)
    settle.add_argument("--reason", required=True, help="why; kept for ever")
    settle.add_argument("--who", help="who settles it (default: the login name)")
    settle.add_argument("--all", action="store_true", help="every complaint that waits in --state for --because")
    settle.add_argument("--state", help="with --all: held, parked or unknown")
    settle.add_argument("--because", help="with --all: only those waiting for this reason")
    for task in (shown, one, settle):
        task.add_argument("--json", action="store_true", help="as JSON")


def _ledger(verbs: Verbs) -> None:
    ledger = _verb(
        verbs, "ledger", "say what came of every message of a day, and name each that breaks the sum (docs/ledger.md)", commands.ledger
    )
    ledger.add_argument("--day", metavar="DAY", help="one day in WIB, such as 2026-11-28 (default yesterday)")
    ledger.add_argument("--from", dest="since", metavar="DAY", help="the first day of several")
    ledger.add_argument("--to", dest="until", metavar="DAY", help="the last day (default yesterday)")
    ledger.add_argument("--limit", type=int, default=100, metavar="N", help="name at most N that break the sum (default 100)")
    form = ledger.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as JSON")
    form.add_argument("--csv", action="store_true", help="as CSV, a row for each thing counted")
    ledger.set_defaults(task=None, nice=NICE)
    tasks = ledger.add_subparsers(dest="task", metavar="TASK")
    compare = _task(tasks, "compare", "hold an operator's own list (CSV) beside ours; exit 1 when they differ")
    compare.add_argument("file", metavar="FILE", help="the list: a line for each message or part, with its time and sender")
    compare.add_argument("--operator", metavar="NAME", help="whose list it is, as operators.toml calls him")
    compare.add_argument(
        "--map", action="append", default=[], metavar="FIELD=COLUMN", help="time, date, sender, id or parts: its name or number"
    )
    compare.add_argument("--delimiter", metavar="CHAR", help="what parts the columns; else it is guessed")
    compare.add_argument("--time-format", metavar="FORMAT", help="as strptime has it, such as %%d/%%m/%%Y %%H:%%M:%%S; else it is guessed")
    compare.add_argument("--zone", metavar="ZONE", help="WIB, WITA, WIT, UTC or the hours ahead of UTC; else it is guessed")
    compare.add_argument("--tolerance", type=float, default=60.0, metavar="S", help="seconds that both clocks may differ (default 60)")
    compare.add_argument(
        "--listing", choices=["auto", "messages", "parts"], default="auto", help="what a line is (default: whichever fits)"
    )
    compare.add_argument("--limit", type=int, default=argparse.SUPPRESS, metavar="N", help="name at most N of each kind (default 100)")
    compare.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="as JSON")
    verify = _task(tasks, "verify", "check that every closed day holds what it held, and that their chain is whole; exit 1 names the day")
    verify.add_argument("file", metavar="FILE", nargs="?", help="a backup, or another gateway's journal; else this one's")
    verify.add_argument("--since", metavar="DAY", help="trust the chain before this day: where older days are lost for good")


def _route(verbs: Verbs) -> None:
    route = _verb(verbs, "route", "see, try and install routing tables", commands.route)
    tasks = route.add_subparsers(dest="task", metavar="TASK", required=True)
    lint = _task(tasks, "lint", "every mistake and every doubt in a table, with file and line; exit 1 for mistakes")
    lint.add_argument("file", metavar="FILE", nargs="?", help="the table; else the one of the settings")
    lint.add_argument("--lang", choices=["en", "id"], help="en: English, id: Bahasa Indonesia (default en)")
    explain = _task(tasks, "explain", "why a text goes where it goes, on one screen")
    explain.add_argument("text", metavar="TEXT", nargs="+", help="the text of an SMS or post")
    explain.add_argument("--channel", choices=["sms", "x"], default="sms", help="sms or x (default sms)")
    diff = _task(tasks, "diff", "how two tables differ, in their rows and in what they decide")
    diff.add_argument("old", metavar="OLD", help="a file, `installed`, `file`, or a version of `route history`")
    diff.add_argument("new", metavar="NEW", help="the same")
    rehearse = _task(tasks, "rehearse", "try a table on recorded traffic: every decision that would change")
    rehearse.add_argument("new", metavar="NEW", help="a file, `file`, or a version of `route history`")
    export = _task(tasks, "export", "write out the table that runs")
    export.add_argument("--region", metavar="CODE", help="only the rows of this region code, such as 13.06")
    export.add_argument("file", metavar="FILE", nargs="?", help="where to; else standard output")
    unmatched = _task(tasks, "unmatched", "first words of recorded texts that have no route, with counts")
    unmatched.add_argument("--least", type=int, default=2, metavar="N", help="only words that came N times or more (default 2)")
    unmatched.add_argument("--limit", type=int, default=50, metavar="N", help="at most N words (default 50)")
    read = _task(tasks, "read", "read texts by machine: JSON lines in, JSON lines out (docs/route-read.md)")
    read.add_argument("--json", action="store_true", required=True, help="as JSON lines, the only form there is")
    for task, span in ((rehearse, "7d"), (unmatched, "30d")):
        task.add_argument("--since", default=span, metavar="SPAN", help=f"how far back: 7d, 12h, 30m (default {span})")
    for task in (explain, diff, rehearse):
        task.add_argument("--at", metavar="DATE", help="as of this day, 2026-12-31 (default today)")
    for task in (explain, read):
        task.add_argument("--table", metavar="TABLE", help="a file, `file`, or a version, in place of the installed table")
    _route_installing(tasks)
    for task in (lint, diff, export, tasks.choices["install"], tasks.choices["rollback"], tasks.choices["history"]):
        task.add_argument("--kind", choices=["routes", "hashtags"], default="routes", help="keywords or hashtags (default routes)")


def _route_installing(tasks: Verbs) -> None:
    install = _task(tasks, "install", "make a table run, between two messages; a table with mistakes is refused")
    install.add_argument("file", metavar="FILE", help="the table")
    install.add_argument("--owner", metavar="CODE", help="FILE holds the rows of this region, such as 13.06; only those change")
    rollback = _task(tasks, "rollback", "run the table again that ran before this one")
    _task(tasks, "history", "which tables were installed, when, by whom and why")
    learn = _task(tasks, "learn", "try a new keyword for a region on recorded traffic, then write or install the table")
    learn.add_argument("word", metavar="WORD", help="the keyword")
    learn.add_argument("region", metavar="REGION", help="its region code, such as 13.06")
    learn.add_argument("--since", default="30d", metavar="SPAN", help="how far back: 7d, 12h, 30m (default 30d)")
    learn.add_argument("--yes", action="store_true", help="install it at once; else the table is written to a file")
    for task in (install, rollback, learn):
        task.add_argument("--who", help="who decides it (default: the login name)")
        task.add_argument("--why", required=task is not learn, help="why; kept with the table")


def _trying(verbs: Verbs) -> None:
    demo = _verb(
        verbs,
        "demo",
        "show the whole road on this machine: operators, X, gateway, core, seven citizens, and a crash",
        commands.demo,
        config=False,
    )
    demo.add_argument("--cluster", action="store_true", help="the same on many machines: two gateways, two workers and a Redis")
    demo.add_argument("--once", action="store_true", help="no prompt; exit 0 when every reply was sent, else 1")
    bind = _verb(verbs, "bind", "bind to an operator once and explain, in plain words, what his SMSC answers", commands.bind)
    bind.add_argument("operator", metavar="OPERATOR", help="a name from operators.toml")
    bind.add_argument("--once", action="store_true", required=True, help="bind, enquire, unbind")
    bind.add_argument("--trace", action="store_true", help="show every PDU with offsets, secrets and texts masked")
    simulate = _verb(verbs, "simulate", "run a simulated operator, core or X alone", commands.simulate, config=False)
    what = "smsc: an operator to bind to; core: a national core to file with; x: X with its posts"
    simulate.add_argument("what", choices=["smsc", "core", "x"], help=what)
    simulate.add_argument("--port", type=_port, default=0, metavar="PORT", help="default: a free one")
    simulate.add_argument("--faults", metavar="NAME[,NAME…]", default="", help="misbehave; `--faults help` lists how")
    simulate.add_argument("--seed", type=int, default=1, help="of the faults")
    simulate.add_argument("--ca", metavar="FILE", help="x: where its authority's certificate is written; default: a temporary file")


def _port(typed: str) -> int:
    port = int(typed)
    if not 0 <= port <= PORT_MAX:
        raise ValueError
    return port


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; every error of ours becomes one clear sentence and an exit code."""
    options = parser().parse_args(arguments)
    if arguments is None and "nice" in options:  # typed, so the process is this command's alone
        with contextlib.suppress(OSError):
            os.nice(options.nice)
    try:
        code: int = options.run(options)
    except SettingsError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)  # noqa: T201
        return EXIT_CONFIGURATION
    except GatewayError as error:
        print(f"lapor-gateway: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_FAILED
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            return EXIT_FAILED
        print(f"lapor-gateway: {error.filename or 'the system says'}: {error.strerror or error}", file=sys.stderr)  # noqa: T201
        return EXIT_FAILED
    except KeyboardInterrupt:
        print(file=sys.stderr)  # noqa: T201
        return 130
    return code


if __name__ == "__main__":
    raise SystemExit(main())
