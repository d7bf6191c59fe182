"""The command line: one verb per thing a person wants. Exit codes: 0 done, 1 failed, 2 wrong use, 78 wrong configuration."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable, Sequence
from importlib import metadata
from typing import TYPE_CHECKING

from gateway import commands
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
    _enter(verbs)
    _report(verbs)
    _audit(verbs)
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
    check = _verb(verbs, "check", "check all settings, tables and texts, and say every mistake with its remedy", commands.check)
    check.add_argument("--core", action="store_true", help="then file one complaint marked UJI COBA, and explain the core's answer")
    check.add_argument("--supplement", action="store_true", help="with --core: an addition to it, too")
    check.add_argument("--yes", action="store_true", help="with --core: do not ask before filing")
    status = _verb(verbs, "status", "show what a running gateway does: binds, counts, what it holds and what waits", commands.status)
    status.add_argument("--json", action="store_true", help="as JSON")
    alarms = _verb(
        verbs, "alarms", "show which alarms stand, since when, and what to do first; exit 1 when one is critical", commands.alarms
    )
    told = alarms.add_mutually_exclusive_group()
    told.add_argument("--json", action="store_true", help="as JSON")
    told.add_argument("--explain", metavar="CODE", help="what an alarm means, and what never to do: the run-book's entry for A07")
    told.add_argument("--rules", action="store_true", help="Prometheus' alert rules with the limits of these settings")
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
    shown.add_argument("--state", help="only held, parked, unknown, or desk: additions that nobody sends by himself")
    shown.add_argument("--reason", help="only this reason")
    shown.add_argument("--limit", type=int, default=100, metavar="N", help="at most N rows (default 100)")
    one = _task(tasks, "show", "one complaint: words, why it went where, replies, history")
    one.add_argument("number", help="our number (G7K2QP) or the core's tracking id")
    one.add_argument(
        "--reveal", action="store_true", help="the words and the sender's number as they are; the audit keeps who saw them and why"
    )
    one.add_argument("--reason", help="with --reveal: what you need it for; counts [privacy] reveal_minutes for this case")
    one.add_argument("--who", help="who looks (default: the login name)")
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
    for task in (shown, one, settle, *_desk_add(tasks)):
        task.add_argument("--json", action="store_true", help="as JSON")


def _desk_add(tasks: Verbs) -> list[argparse.ArgumentParser]:
    """`desk add`: what was said to a case later."""
    add = _task(tasks, "add", "settle what was said to a case later; `desk list` and `desk show` name it: G7K2QP-2")
    deeds = add.add_subparsers(dest="deed", metavar="DEED", required=True)
    settle = _task(deeds, "settle", "move one addition on without sending it; the reason is kept with its complaint")
    move = settle.add_mutually_exclusive_group(required=True)
    move.add_argument("--added", metavar="ID", help="it stands at the core, in the record of this tracking id")
    move.add_argument("--close", dest="move", action="store_const", const="close", help="it need not be sent; nothing is erased")
    resend = _task(deeds, "resend", "send one: you know that the core does not have it")
    resend.set_defaults(move="resend")
    for deed in (settle, resend):
        deed.add_argument("key", metavar="NUMBER-2", help="the addition, as `desk show` of its complaint names it")
    tie = _task(deeds, "tie", "close what waits as a complaint of its own, and let its words follow the case they speak of")
    tie.add_argument("number", metavar="NUMBER", help="what waits, held or parked")
    tie.add_argument("--to", required=True, metavar="CASE", help="our number of the case")
    for deed in (settle, resend, tie):
        deed.add_argument("--reason", required=True, help="why; kept for ever")
        deed.add_argument("--who", help="who does it (default: the login name)")
    return [settle, resend, tie]


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
    ledger.set_defaults(task=None)
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


ENTER = """\
Without --text and --csv it asks, and checks each answer at once. The number of the complaint is printed, with a line for the citizen;
who left a number also gets an SMS, by the operator of [entry]. Without a number nobody is answered.

a spreadsheet (CSV; comma, semicolon or tab; UTF-8, UTF-16 or Windows-1252) has a first row with the names of its columns:
  kanal (loket, surat, telepon) and isi; and, if wanted, nomor, tujuan (region code), rahasia, anonim (ya, tidak), kunci
Bad lines are named with their number and reason, the others go in. The same file again enters nothing twice: a row is known by its
kunci (a number in your register, say), else by all it says.

examples:
  lapor-gateway enter
  lapor-gateway enter --channel surat --destination 13.06 --text - < letter.txt
  lapor-gateway enter --channel loket --number 081266010001 --text "jalan rusak di Lubuk Basung" --rahasia
  lapor-gateway enter --csv letters.csv
"""


def _enter(verbs: Verbs) -> None:
    enter = _verb(verbs, "enter", "type in what a citizen said at the counter, by letter or by telephone", commands.enter)
    enter.epilog, enter.formatter_class = ENTER, argparse.RawDescriptionHelpFormatter
    what = enter.add_mutually_exclusive_group()
    what.add_argument("--text", metavar="TEXT", help="the citizen's own words; `-` reads them from the standard input")
    what.add_argument("--csv", metavar="FILE", help="many at once, from a spreadsheet")
    enter.add_argument("--channel", metavar="CHANNEL", help="how the citizen came: loket, surat or telepon")
    enter.add_argument("--number", metavar="NUMBER", help="the citizen's own telephone number, in any spelling; else no SMS is sent")
    enter.add_argument("--destination", metavar="CODE", help="region code that the citizen named, such as 13.06; else the words decide")
    enter.add_argument("--rahasia", action="store_true", help="the citizen wants it rahasia")
    enter.add_argument("--anonim", action="store_true", help="the citizen wants it anonim")
    enter.add_argument("--key", metavar="KEY", help="what makes it the same entry when it is given again (default: a new one)")
    enter.add_argument("--who", help="who types it in (default: the login name)")
    enter.add_argument("--json", action="store_true", help="as JSON")


REPORT = """\
columns (days are working days of holidays.csv; DOMAIN's deadlines are settings of [report]):
  MASUK      received in these days; without duplicates, rahasia complaints and persons whose processing is restricted
  SELESAI    done, as the core says            DIPROSES  an instansi has it
  BELUM      filed, not yet disposed           TUNDA     postponed by the core
  TUTUP      archived by the core, or closed at our desk
  DI KAMI    waits here: held, ready, parked, unknown
  DISPOSISI  days until an instansi had it     JAWABAN   days until its first answer (median / 90 of 100 within)
  %LEWAT     later than the deadline, or waiting behind it: for the disposisi, and for the end
A count below 5 is *, and so are as many others as it takes that none of them can be had by subtracting (docs/report.md).

examples:
  lapor-gateway report --from 2026-11-01 --to 2026-11-30                         the country by provinces
  lapor-gateway report --from 2026-11-01 --to 2026-11-30 --region 13             Sumatera Barat by kabupaten and kota
  lapor-gateway report --from 2026-01-01 --to 2026-12-31 --region 13.06 --by unit --csv > agam.csv
"""


def _report(verbs: Verbs) -> None:
    does = "count what came in, what became of it and how long it took: the table a governor reads"
    report = _verb(verbs, "report", does, commands.report)
    report.epilog, report.formatter_class = REPORT, argparse.RawDescriptionHelpFormatter
    report.add_argument("--from", dest="first", type=_day, required=True, metavar="DATE", help="first day (WIB), 2026-11-01")
    report.add_argument("--to", dest="last", type=_day, required=True, metavar="DATE", help="last day, included")
    report.add_argument("--region", metavar="CODE", help="only this region and what lies in it: 13 a province, 13.06 a kabupaten")
    by = ["region", "instansi", "unit", "channel", "topic"]
    report.add_argument("--by", choices=by, default="region", help="what a row is (default region: one level below --region)")
    form = report.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="as CSV (RFC 4180), for a spreadsheet")
    form.add_argument("--json", action="store_true", help="as JSON; null where a value is hidden or there is none")


def _day(typed: str) -> dt.date:
    try:
        return dt.date.fromisoformat(typed)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{typed[:20]!r} is no date; write it as 2026-12-31") from None


def _audit(verbs: Verbs) -> None:
    audit = _verb(
        verbs, "audit", "see who looked at or changed what, and whether anybody touched that list (docs/privacy.md)", commands.audit
    )
    tasks = audit.add_subparsers(dest="task", metavar="TASK", required=True)
    shown = _task(tasks, "show", "who saw, settled, exported, erased or restricted what, oldest first")
    shown.add_argument("--about", metavar="NUMBER", help="only of this complaint (G7K2QP), or of the person with this telephone number")
    shown.add_argument("--who", metavar="NAME", help="only what this login name or name did")
    shown.add_argument("--since", metavar="TIME", help="only since then: 7d, 12h, 2026-12-31, '2026-12-31 14:30'")
    shown.add_argument("--limit", type=int, default=100, metavar="N", help="the newest N rows (default 100)")
    shown.add_argument("--json", action="store_true", help="as JSON")
    verify = _task(tasks, "verify", "check every link of the chain; needs no key; exit 1 names the first row that was touched")
    verify.add_argument("file", metavar="FILE", nargs="?", help="a backup or another journal; else this gateway's own")
    verify.add_argument("--head", metavar="ROW:HASH", help="the head as it was noted from `status`: sees a chain that was made anew, too")

    breach = _verb(
        verbs, "breach", "after a leak: whose data were held, and the notice that the law asks for (docs/privacy.md)", commands.breach
    )
    breach.add_argument("--since", required=True, metavar="TIME", help="since when somebody may have had it: 7d, 12h, '2026-12-31 14:30'")
    breach.add_argument("--until", metavar="TIME", help="until when (default: now)")
    breach.add_argument("--operator", metavar="NAME", help="only what this operator or partner handed over")
    breach.add_argument("--csv", action="store_true", help="every message as CSV, in place of the page")
    breach.add_argument("--reveal", action="store_true", help="with the numbers and handles to tell; needs --reason")
    breach.add_argument("--reason", help="what you need them for; the audit keeps it")
    breach.add_argument("--who", help="who asks (default: the login name)")


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
    demo.add_argument("--cluster", action="store_true", help="the same on many machines: gateways, workers, Redis and peers, 11 processes")
    demo.add_argument("--once", action="store_true", help="no prompt; exit 0 when every reply was sent, else 1")
    bind = _verb(verbs, "bind", "bind to an operator once and explain, in plain words, what his SMSC answers", commands.bind)
    bind.add_argument("operator", metavar="OPERATOR", help="a name from operators.toml")
    bind.add_argument("--once", action="store_true", required=True, help="bind, enquire, unbind")
    bind.add_argument("--trace", action="store_true", help="show every PDU with offsets, secrets and texts masked")
    _simulating(verbs)


def _simulating(verbs: Verbs) -> None:
    does = "run a simulated operator, core or X alone, or ask one that runs (docs/simulators.md)"
    simulate = _verb(verbs, "simulate", does, commands.simulate, config=False)
    tasks = simulate.add_subparsers(dest="what", metavar="WHAT", required=True)
    smsc, core, x = (
        tasks.add_parser(name, help=does, description=does[0].upper() + does[1:] + ".")
        for name, does in (
            ("smsc", "an operator to bind to; lines typed become SMS"),
            ("core", "a national core to file with; one line per complaint"),
            ("x", "X with its posts; lines typed become posts"),
        )
    )
    for task in (smsc, core, x):
        task.add_argument("--port", type=_port, default=0, metavar="PORT", help="default: a free one")
        task.add_argument("--faults", metavar="NAME[,NAME…]", default="", help="misbehave; `--faults help` lists how")
        task.add_argument("--seed", type=int, default=1, help="of the faults")
        task.add_argument("--control", metavar="PATH", help="hear commands over a Unix socket there, for `simulate ask`")
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
