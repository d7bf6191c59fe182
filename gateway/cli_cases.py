"""The command line of cases: the desk, the ledger, assisted entry, the report."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable

from gateway import commands
from gateway.cli_words import Verbs, task, verb

DAYS_MAX = 3_660  # Ours: working days of late; more is a mistyped number.
LINES_MAX = 100_000  # of one list. Ours: what a spreadsheet opens.
COUNT_DIGITS_MAX = 10


def desk(verbs: Verbs) -> None:
    """`desk`: what waits for a person."""
    made = verb(verbs, "desk", "see and settle what waits for a person", commands.desk)
    tasks = made.add_subparsers(dest="task", metavar="TASK", required=True)
    shown = task(tasks, "list", "what waits, oldest first")
    shown.add_argument("--state", help="only held, parked, unknown, or desk: additions that nobody sends by himself")
    shown.add_argument("--reason", help="only this reason")
    shown.add_argument("--limit", type=int, default=100, metavar="N", help="at most N rows (default 100)")
    shown.add_argument("--reveal", action="store_true", help="what its citizen asked to restrict, too; the audit keeps who saw the list")
    one = task(tasks, "show", "one complaint: words, why it went where, replies, history")
    one.add_argument("number", help="our number (G7K2QP) or the core's tracking id")
    one.add_argument(
        "--reveal", action="store_true", help="the words and the sender's number as they are; the audit keeps who saw them and why"
    )
    one.add_argument("--reason", help="with --reveal: what you need it for; counts [privacy] reveal_minutes for this case")
    one.add_argument("--who", help="who looks (default: the login name)")
    settle = task(tasks, "settle", "move complaints on; the reason is kept with each")
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
    for each in (shown, one, settle, *_desk_add(tasks)):
        each.add_argument("--json", action="store_true", help="as JSON")


def _desk_add(tasks: Verbs) -> list[argparse.ArgumentParser]:
    """`desk add`: what was said to a case later."""
    add = task(tasks, "add", "settle what was said to a case later; `desk list` and `desk show` name it: G7K2QP-2")
    deeds = add.add_subparsers(dest="deed", metavar="DEED", required=True)
    settle = task(deeds, "settle", "move one addition on without sending it; the reason is kept with its complaint")
    move = settle.add_mutually_exclusive_group(required=True)
    move.add_argument("--added", metavar="ID", help="it stands at the core, in the record of this tracking id")
    move.add_argument("--close", dest="move", action="store_const", const="close", help="it need not be sent; nothing is erased")
    resend = task(deeds, "resend", "send one: you know that the core does not have it")
    resend.set_defaults(move="resend")
    for deed in (settle, resend):
        deed.add_argument("key", metavar="NUMBER-2", help="the addition, as `desk show` of its complaint names it")
    tie = task(deeds, "tie", "close what waits as a complaint of its own, and let its words follow the case they speak of")
    tie.add_argument("number", metavar="NUMBER", help="what waits, held or parked")
    tie.add_argument("--to", required=True, metavar="CASE", help="our number of the case")
    for deed in (settle, resend, tie):
        deed.add_argument("--reason", required=True, help="why; kept for ever")
        deed.add_argument("--who", help="who does it (default: the login name)")
    return [settle, resend, tie]


def ledger(verbs: Verbs) -> None:
    """`ledger`: what came of every message."""
    made = verb(
        verbs, "ledger", "say what came of every message of a day, and name each that breaks the sum (docs/ledger.md)", commands.ledger
    )
    made.add_argument("--day", metavar="DAY", help="one day in WIB, such as 2026-11-28 (default yesterday)")
    made.add_argument("--from", dest="since", metavar="DAY", help="the first day of several")
    made.add_argument("--to", dest="until", metavar="DAY", help="the last day (default yesterday)")
    made.add_argument("--limit", type=int, default=100, metavar="N", help="name at most N that break the sum (default 100)")
    form = made.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as JSON")
    form.add_argument("--csv", action="store_true", help="as CSV, a row for each thing counted")
    made.set_defaults(task=None)
    tasks = made.add_subparsers(dest="task", metavar="TASK")
    compare = task(tasks, "compare", "hold an operator's own list (CSV) beside ours; exit 1 when they differ")
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
    verify = task(tasks, "verify", "check that every closed day holds what it held, and that their chain is whole; exit 1 names the day")
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


def enter(verbs: Verbs) -> None:
    """`enter`: what citizens said at the counter."""
    made = verb(verbs, "enter", "type in what a citizen said at the counter, by letter or by telephone", commands.enter)
    made.epilog, made.formatter_class = ENTER, argparse.RawDescriptionHelpFormatter
    what = made.add_mutually_exclusive_group()
    what.add_argument("--text", metavar="TEXT", help="the citizen's own words; `-` reads them from the standard input")
    what.add_argument("--csv", metavar="FILE", help="many at once, from a spreadsheet")
    made.add_argument("--channel", metavar="CHANNEL", help="how the citizen came: loket, surat or telepon")
    made.add_argument("--number", metavar="NUMBER", help="the citizen's own telephone number, in any spelling; else no SMS is sent")
    made.add_argument("--destination", metavar="CODE", help="region code that the citizen named, such as 13.06; else the words decide")
    made.add_argument("--rahasia", action="store_true", help="the citizen wants it rahasia")
    made.add_argument("--anonim", action="store_true", help="the citizen wants it anonim")
    made.add_argument("--key", metavar="KEY", help="what makes it the same entry when it is given again (default: a new one)")
    made.add_argument("--who", help="who types it in (default: the login name)")
    made.add_argument("--json", action="store_true", help="as JSON")


REPORT = """\
columns (days are working days of holidays.csv, deadlines those of deadlines.csv):
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


def report(verbs: Verbs) -> None:
    """`report`: the governor's table."""
    does = "count what came in, what became of it and how long it took: the table a governor reads"
    made = verb(verbs, "report", does, commands.report)
    made.epilog, made.formatter_class = REPORT, argparse.RawDescriptionHelpFormatter
    made.add_argument("--from", dest="first", type=_day, required=True, metavar="DATE", help="first day (WIB), 2026-11-01")
    made.add_argument("--to", dest="last", type=_day, required=True, metavar="DATE", help="last day, included")
    made.add_argument("--region", metavar="CODE", help="only this region and what lies in it: 13 a province, 13.06 a kabupaten")
    by = ["region", "instansi", "unit", "channel", "topic"]
    made.add_argument("--by", choices=by, default="region", help="what a row is (default region: one level below --region)")
    form = made.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="as CSV (RFC 4180), for a spreadsheet")
    form.add_argument("--json", action="store_true", help="as JSON; null where a value is hidden or there is none")


LATE = """\
By instansi: how many filed complaints are over their deadline with which step, as the core was last heard; then the oldest, a line each.
VERIFIKASI waits for an instansi to get it, JAWABAN for its first answer, SELESAI for the end; days are working days (deadlines.csv,
holidays.csv, docs/clocks.md). Menurut aturan: what the regulation says, never our promise. The list is for offices, not for publishing.

examples:
  lapor-gateway late                                      the country
  lapor-gateway late --region 13.06 --days 5              Agam, what is late by five working days or more
  lapor-gateway late --instansi "Kab. Agam" --limit 10000 --csv > agam.csv
"""


def late(verbs: Verbs) -> None:
    """`late`: the nudge list."""
    made = verb(verbs, "late", "list what is late by rule, by instansi and step, oldest first", commands.late)
    made.epilog, made.formatter_class = LATE, argparse.RawDescriptionHelpFormatter
    made.add_argument("--region", metavar="CODE", help="only this region and what lies in it: 13 a province, 13.06 a kabupaten")
    made.add_argument("--instansi", metavar="NAME", help="only this instansi, by its name as citizens read it or its code")
    made.add_argument(
        "--days", type=_count(DAYS_MAX), default=1, metavar="N", help="only what is late by N working days or more (default 1)"
    )
    made.add_argument("--limit", type=_count(LINES_MAX), default=100, metavar="N", help="list at most N complaints (default 100)")
    made.add_argument(
        "--reveal",
        action="store_true",
        help="the numbers of what is rahasia or restricted, too; the audit keeps who saw them",
    )
    made.add_argument("--who", help="who looks (default: the login name)")
    form = made.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="the listed complaints as CSV (RFC 4180), for a spreadsheet")
    form.add_argument("--json", action="store_true", help="as JSON")


def _count(most: int) -> Callable[[str], int]:
    def read(typed: str) -> int:
        if not (typed.isascii() and typed.isdecimal() and 1 <= int(typed[:COUNT_DIGITS_MAX]) <= most and len(typed) < COUNT_DIGITS_MAX):
            raise argparse.ArgumentTypeError(f"{typed[:20]!r} is no whole number from 1 to {most}")
        return int(typed)

    return read


def _day(typed: str) -> dt.date:
    try:
        return dt.date.fromisoformat(typed)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{typed[:20]!r} is no date; write it as 2026-12-31") from None
