"""The command line: one verb per thing a person wants. Exit codes: 0 done, 1 failed, 2 wrong use, 78 wrong configuration."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import TYPE_CHECKING

from gateway import commands
from gateway.commands import EXIT_CONFIGURATION, EXIT_FAILED
from parsers.errors import GatewayError, SettingsError

PORT_MAX = 65_535
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
    _persons(verbs)
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
    for task in (shown, one):
        task.add_argument("--reveal", action="store_true", help="show what its citizen asked to restrict, too; noted in the audit")
    for task in (shown, one, settle):
        task.add_argument("--json", action="store_true", help="as JSON")


def _persons(verbs: Verbs) -> None:
    subject = _verb(verbs, "subject", "what one person may ask for: export, restrict, erase (docs/privacy.md)", commands.subject)
    subject.add_argument("subject", metavar="NUMBER", help="a telephone number in any spelling, x:ID, app:ID, or a complaint's number")
    tasks = subject.add_subparsers(dest="task", metavar="TASK", required=True)
    export = _task(tasks, "export", "all that is held of this person, as one JSON document")
    export.add_argument("--text", action="store_true", help="as text to read, without raw octets")
    _task(tasks, "restrict", "keep it, but show, answer and count it no more, until `lift`")
    _task(tasks, "lift", "take a restriction back")
    erase = _task(tasks, "erase", "forget this person: keys destroyed, words and number overwritten; complaints and tracking ids stay")
    erase.add_argument("--force", action="store_true", help="close unfiled what is open; else it is named and nothing is done")
    hold = _verb(verbs, "hold", "keep complaints from every purge and erasure, for a court or an auditor", commands.hold)
    holds = hold.add_subparsers(dest="task", metavar="TASK", required=True)
    for name, does in (("put", "put a complaint under legal hold"), ("release", "let it go again")):
        _task(holds, name, does).add_argument("number", metavar="NUMBER", help="our number (GA7K2Q) or the core's tracking id")
    for task in (*tasks.choices.values(), holds.choices["put"], holds.choices["release"]):
        task.add_argument("--reason", required=True, help="why; kept in the audit")
        task.add_argument("--who", help="who decides it (default: the login name)")
    keys = _verb(verbs, "keys", "see how the journal is sealed, and seal it by a new master key (docs/operations.md)", commands.keys)
    sealing = keys.add_subparsers(dest="task", metavar="TASK", required=True)
    listed = _task(holds, "list", "what is held, since when, by whom and why")
    status = _task(sealing, "status", "which master keys the journal needs, and which may be taken away")
    rotate = _task(sealing, "rotate", "read the secret master_key again and seal all by its newest key, a slice at a time")
    rotate.add_argument(
        "--file", metavar="FILE", help="the secret as it will be (- : standard input), given to the gateway without a restart"
    )
    for task in (listed, status, rotate):
        task.add_argument("--json", action="store_true", help="as JSON")


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
