"""The command line: one verb per thing a person wants. Exit codes: 0 done, 1 failed, 2 wrong use, 78 wrong configuration."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import metadata

from gateway import cli_cases, cli_persons, commands
from gateway.cli_words import Verbs, task, verb
from gateway.commands import EXIT_CONFIGURATION, EXIT_FAILED
from parsers.errors import GatewayError, SettingsError

PORT_MAX = 65_535
DIALECTS = ("addstream", "mapped", "georeport", "georeport-xml", "georeport-tokens")  # forwarder.core.simulator, which takes long to load
SPAN_SECONDS_MAX = 86_400.0
EPILOG = """\
examples:
  lapor-gateway demo                       see the whole road on this machine
  lapor-gateway check --config FILE        every mistake in the settings, at once
  lapor-gateway run --config FILE          run the gateway
  lapor-gateway status                     what a running gateway does and holds
  lapor-gateway alarms                     what is wrong, and what to do first
  lapor-gateway desk list                  what waits for a person
  lapor-gateway enter                      type in what a citizen said at the counter
  lapor-gateway report --from D --to D     what came in, and what became of it
  lapor-gateway late                       what is late by rule, and with whom
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
    cli_cases.desk(verbs)
    cli_cases.ledger(verbs)
    cli_cases.enter(verbs)
    cli_cases.report(verbs)
    cli_cases.late(verbs)
    cli_persons.audit(verbs)
    cli_persons.persons(verbs)
    _route(verbs)
    _trying(verbs)
    return top


def _running(verbs: Verbs) -> None:
    verb(verbs, "run", "run the gateway until SIGTERM; a second SIGTERM stops it at once", commands.run)
    worker = verb(verbs, "worker", "forward for the gateways of a site: its Redis, its core, no operators", commands.worker)
    worker.add_argument("--slot", type=int, help=argparse.SUPPRESS)
    check = verb(verbs, "check", "check all settings, tables and texts, and say every mistake with its remedy", commands.check)
    check.add_argument("--core", action="store_true", help="then file one complaint marked UJI COBA, and explain the core's answer")
    check.add_argument("--supplement", action="store_true", help="with --core: an addition to it, too")
    check.add_argument("--yes", action="store_true", help="with --core: do not ask before filing")
    status = verb(verbs, "status", "show what a running gateway does: binds, counts, what it holds and what waits", commands.status)
    status.add_argument("--json", action="store_true", help="as JSON")
    alarms = verb(
        verbs, "alarms", "show which alarms stand, since when, and what to do first; exit 1 when one is critical", commands.alarms
    )
    told = alarms.add_mutually_exclusive_group()
    told.add_argument("--json", action="store_true", help="as JSON")
    told.add_argument("--explain", metavar="CODE", help="what an alarm means, and what never to do: the run-book's entry for A07")
    told.add_argument("--rules", action="store_true", help="Prometheus' alert rules with the limits of these settings")
    watch = verb(verbs, "watch", "follow what happens to messages, live and masked, until Ctrl-C", commands.watch)
    watch.add_argument("--json", action="store_true", help="as JSON lines")
    cluster = verb(verbs, "cluster", "see the other gateways and the workers, and forget one that never comes back", commands.cluster)
    tasks = cluster.add_subparsers(dest="task", metavar="TASK", required=True)
    shown = task(tasks, "status", "who lives, who has told what it knows, what waits for whom")
    shown.add_argument("--json", action="store_true", help="as JSON")
    forget = task(tasks, "forget", "do without a gateway or worker that is lost for ever, disk and all")
    forget.add_argument("name", metavar="NAME", help="a gateway's letter, or a worker as `cluster status` shows it")
    forget.add_argument("--yes", action="store_true", help="really: what it had acked and not filed is lost with it")
    verb(verbs, "key", "print a new master key for the secret master_key", commands.key, config=False)


def _journal(verbs: Verbs) -> None:
    journal = verb(verbs, "journal", "look after the journal: backups, and the ways back (docs/backup.md)", commands.journal)
    tasks = journal.add_subparsers(dest="task", metavar="TASK", required=True)
    backup = task(tasks, "backup", "copy the journal into one verified file, while the gateway runs or when it is stopped")
    backup.add_argument("folder", metavar="FOLDER", help="where backups are kept: on another disk, writable for the gateway")
    backup.add_argument("--keep", type=int, metavar="N", help="then remove this gateway's backups beyond the newest N")
    verify = task(tasks, "verify", "say whether a file can be restored: sum, structure, key, counts, seals; exit 1 when not")
    restore = task(tasks, "restore", "put a backup in the journal's place; only while the gateway is stopped")
    for each in (verify, restore):
        each.add_argument("file", metavar="FILE", help="a backup: journal-LETTER-TIME.db")
        each.add_argument("--all", action="store_true", help="open every sealed value, not a sample of each column")
    adopt = task(tasks, "adopt", "make a journal of what the mirror has, on a new machine; only while the gateway is stopped")
    adopt.add_argument("--backup", metavar="FILE", help="the newest backup: brings back what was finished before the mirror begins")
    for each in (restore, adopt):
        each.add_argument("--replace", action="store_true", help="a journal that is there is set aside; it is never deleted")
    salvage = task(tasks, "salvage", "bring back what can be read of a damaged file that was set aside")
    salvage.add_argument("file", metavar="FILE", help="the file that was set aside, beside the journal")


def _route(verbs: Verbs) -> None:
    route = verb(verbs, "route", "see, try and install routing tables", commands.route)
    tasks = route.add_subparsers(dest="task", metavar="TASK", required=True)
    lint = task(tasks, "lint", "every mistake and every doubt in a table, with file and line; exit 1 for mistakes")
    lint.add_argument("file", metavar="FILE", nargs="?", help="the table; else the one of the settings")
    lint.add_argument("--lang", choices=["en", "id"], help="en: English, id: Bahasa Indonesia (default en)")
    explain = task(tasks, "explain", "why a text goes where it goes, on one screen")
    explain.add_argument("text", metavar="TEXT", nargs="+", help="the text of an SMS or post")
    explain.add_argument("--channel", choices=["sms", "x"], default="sms", help="sms or x (default sms)")
    diff = task(tasks, "diff", "how two tables differ, in their rows and in what they decide")
    diff.add_argument("old", metavar="OLD", help="a file, `installed`, `file`, or a version of `route history`")
    diff.add_argument("new", metavar="NEW", help="the same")
    rehearse = task(tasks, "rehearse", "try a table on recorded traffic: every decision that would change")
    rehearse.add_argument("new", metavar="NEW", help="a file, `file`, or a version of `route history`")
    export = task(tasks, "export", "write out the table that runs")
    export.add_argument("--region", metavar="CODE", help="only the rows of this region code, such as 13.06")
    export.add_argument("file", metavar="FILE", nargs="?", help="where to; else standard output")
    unmatched = task(tasks, "unmatched", "first words of recorded texts that have no route, with counts")
    unmatched.add_argument("--least", type=int, default=2, metavar="N", help="only words that came N times or more (default 2)")
    unmatched.add_argument("--limit", type=int, default=50, metavar="N", help="at most N words (default 50)")
    read = task(tasks, "read", "read texts by machine: JSON lines in, JSON lines out (docs/route-read.md)")
    read.add_argument("--json", action="store_true", required=True, help="as JSON lines, the only form there is")
    for each, span in ((rehearse, "7d"), (unmatched, "30d")):
        each.add_argument("--since", default=span, metavar="SPAN", help=f"how far back: 7d, 12h, 30m (default {span})")
    for each in (explain, diff, rehearse):
        each.add_argument("--at", metavar="DATE", help="as of this day, 2026-12-31 (default today)")
    for each in (explain, read):
        each.add_argument("--table", metavar="TABLE", help="a file, `file`, or a version, in place of the installed table")
    _route_installing(tasks)
    for each in (lint, diff, export, tasks.choices["install"], tasks.choices["rollback"], tasks.choices["history"]):
        each.add_argument("--kind", choices=["routes", "hashtags"], default="routes", help="keywords or hashtags (default routes)")


def _route_installing(tasks: Verbs) -> None:
    install = task(tasks, "install", "make a table run, between two messages; a table with mistakes is refused")
    install.add_argument("file", metavar="FILE", help="the table")
    install.add_argument("--owner", metavar="CODE", help="FILE holds the rows of this region, such as 13.06; only those change")
    rollback = task(tasks, "rollback", "run the table again that ran before this one")
    task(tasks, "history", "which tables were installed, when, by whom and why")
    learn = task(tasks, "learn", "try a new keyword for a region on recorded traffic, then write or install the table")
    learn.add_argument("word", metavar="WORD", help="the keyword")
    learn.add_argument("region", metavar="REGION", help="its region code, such as 13.06")
    learn.add_argument("--since", default="30d", metavar="SPAN", help="how far back: 7d, 12h, 30m (default 30d)")
    learn.add_argument("--yes", action="store_true", help="install it at once; else the table is written to a file")
    for each in (install, rollback, learn):
        each.add_argument("--who", help="who decides it (default: the login name)")
        each.add_argument("--why", required=each is not learn, help="why; kept with the table")


def _trying(verbs: Verbs) -> None:
    demo = verb(
        verbs,
        "demo",
        "show the whole road on this machine: operators, X, gateway, core, seven citizens, and a crash",
        commands.demo,
        config=False,
    )
    demo.add_argument("--cluster", action="store_true", help="the same on many machines: gateways, workers, Redis and peers, 11 processes")
    demo.add_argument("--once", action="store_true", help="no prompt; exit 0 when every reply was sent, else 1")
    bind = verb(verbs, "bind", "bind to an operator once and explain, in plain words, what his SMSC answers", commands.bind)
    bind.add_argument("operator", metavar="OPERATOR", help="a name from operators.toml")
    bind.add_argument("--once", action="store_true", required=True, help="bind, enquire, unbind")
    bind.add_argument("--trace", action="store_true", help="show every PDU with offsets, secrets and texts masked")
    _simulating(verbs)


def _simulating(verbs: Verbs) -> None:
    does = "run a simulated operator, core or X alone, or ask one that runs (docs/simulators.md)"
    simulate = verb(verbs, "simulate", does, commands.simulate, config=False)
    tasks = simulate.add_subparsers(dest="what", metavar="WHAT", required=True)
    smsc, core, x = (
        tasks.add_parser(name, help=does, description=does[0].upper() + does[1:] + ".")
        for name, does in (
            ("smsc", "an operator to bind to; lines typed become SMS"),
            ("core", "a national core to file with; one line per complaint"),
            ("x", "X with its posts; lines typed become posts"),
        )
    )
    for each in (smsc, core, x):
        each.add_argument("--port", type=_port, default=0, metavar="PORT", help="default: a free one")
        each.add_argument("--faults", metavar="NAME[,NAME…]", default="", help="misbehave; `--faults help` lists how")
        each.add_argument("--seed", type=int, default=1, help="of the faults")
        each.add_argument("--control", metavar="PATH", help="hear commands over a Unix socket there, for `simulate ask`")
    core.add_argument("--dialect", choices=DIALECTS, default=DIALECTS[0], help="what it speaks (default addstream)")
    smsc.add_argument("--name", default="simulated", metavar="NAME", help="the operator's (default simulated)")
    retry = "seconds before the 2nd, 3rd … delivery of what was not taken; the last repeats (default 0.2,1,5,30)"
    smsc.add_argument("--retry", type=_seconds, default=(0.2, 1.0, 5.0, 30.0), metavar="S[,S…]", help=retry)
    x.add_argument("--ca", metavar="FILE", help="where its authority's certificate is written; default: a temporary file")
    ask = tasks.add_parser("ask", help="ask a simulator that runs with --control", description="Ask a simulator that runs with --control.")
    ask.add_argument("path", metavar="PATH", help="what stands after its --control")
    ask.add_argument("asked", metavar="VERB", help="`help` lists them, with what they take")
    ask.add_argument("arguments", nargs="*", metavar="NAME=WORDS", help="what the verb takes; NAME:=JSON for numbers and lists")


def _seconds(typed: str) -> tuple[float, ...]:
    spans = tuple(float(each) for each in typed.split(","))
    if not all(0 < span <= SPAN_SECONDS_MAX for span in spans):
        raise ValueError
    return spans


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
