"""The command line of persons and of those who look at their data: audit, breach, rights, holds, keys."""

from __future__ import annotations

from gateway import commands
from gateway.cli_words import Verbs, task, verb

DAYS = 30  # of a block, as gateway.block_desk has it, which takes long to load


def audit(verbs: Verbs) -> None:
    """`audit` and `breach`: who looked, and who is affected by a leak."""
    audit = verb(
        verbs, "audit", "see who looked at or changed what, and whether anybody touched that list (docs/privacy.md)", commands.audit
    )
    tasks = audit.add_subparsers(dest="task", metavar="TASK", required=True)
    shown = task(tasks, "show", "who saw, settled, exported, erased or restricted what, oldest first")
    shown.add_argument("--about", metavar="NUMBER", help="only of this complaint (G7K2QP), or of the person with this telephone number")
    shown.add_argument("--who", metavar="NAME", help="only what this login name or name did")
    shown.add_argument("--since", metavar="TIME", help="only since then: 7d, 12h, 2026-12-31, '2026-12-31 14:30'")
    shown.add_argument("--limit", type=int, default=100, metavar="N", help="the newest N rows (default 100)")
    shown.add_argument("--json", action="store_true", help="as JSON")
    verify = task(tasks, "verify", "check every link of the chain; needs no key; exit 1 names the first row that was touched")
    verify.add_argument("file", metavar="FILE", nargs="?", help="a backup or another journal; else this gateway's own")
    verify.add_argument("--head", metavar="ROW:HASH", help="the head as it was noted from `status`: sees a chain that was made anew, too")

    breach = verb(
        verbs, "breach", "after a leak: whose data were held, and the notice that the law asks for (docs/privacy.md)", commands.breach
    )
    breach.add_argument("--since", required=True, metavar="TIME", help="since when somebody may have had it: 7d, 12h, '2026-12-31 14:30'")
    breach.add_argument("--until", metavar="TIME", help="until when (default: now)")
    breach.add_argument("--operator", metavar="NAME", help="only what this operator or partner handed over")
    breach.add_argument("--csv", action="store_true", help="every message as CSV, in place of the page")
    breach.add_argument("--reveal", action="store_true", help="with the numbers and handles to tell; needs --reason")
    breach.add_argument("--reason", help="what you need them for; the audit keeps it")
    breach.add_argument("--who", help="who asks (default: the login name)")


def persons(verbs: Verbs) -> None:
    """`subject`, `hold` and `keys`: what the law gives one person, and how the journal is sealed."""
    subject = verb(verbs, "subject", "what one person may ask for: export, restrict, erase (docs/privacy.md)", commands.subject)
    subject.add_argument("subject", metavar="NUMBER", help="a telephone number in any spelling, x:ID, app:ID, or a complaint's number")
    tasks = subject.add_subparsers(dest="task", metavar="TASK", required=True)
    export = task(tasks, "export", "all that is held of this person, as one JSON document")
    export.add_argument("--text", action="store_true", help="as text to read, without raw octets")
    task(tasks, "restrict", "keep it, but show, answer and count it no more, until `lift`")
    task(tasks, "lift", "take a restriction back")
    erase = task(tasks, "erase", "forget this person: keys destroyed, words and number overwritten; complaints and tracking ids stay")
    erase.add_argument("--force", action="store_true", help="close unfiled what is open; else it is named and nothing is done")
    hold = verb(verbs, "hold", "keep complaints from every purge and erasure, for a court or an auditor", commands.hold)
    holds = hold.add_subparsers(dest="task", metavar="TASK", required=True)
    for name, does in (("put", "put a complaint under legal hold"), ("release", "let it go again")):
        task(holds, name, does).add_argument("number", metavar="NUMBER", help="our number (GA7K2Q) or the core's tracking id")
    for each in (*tasks.choices.values(), holds.choices["put"], holds.choices["release"]):
        each.add_argument("--reason", required=True, help="why; kept in the audit")
        each.add_argument("--who", help="who decides it (default: the login name)")
    _block(verbs)
    keys = verb(verbs, "keys", "see how the journal is sealed, and seal it by a new master key (docs/operations.md)", commands.keys)
    sealing = keys.add_subparsers(dest="task", metavar="TASK", required=True)
    listed = task(holds, "list", "what is held, since when, by whom and why")
    status = task(sealing, "status", "which master keys the journal needs, and which may be taken away")
    rotate = task(sealing, "rotate", "read the secret master_key again and seal all by its newest key, a slice at a time")
    rotate.add_argument(
        "--file", metavar="FILE", help="the secret as it will be (- : standard input), given to the gateway without a restart"
    )
    for each in (listed, status, rotate):
        each.add_argument("--json", action="store_true", help="as JSON")


def _block(verbs: Verbs) -> None:
    block = verb(
        verbs, "block", "keep somebody from being answered and filed by itself; what he writes is held (docs/guards.md)", commands.block
    )
    tasks = block.add_subparsers(dest="task", metavar="TASK", required=True)
    add = task(tasks, "add", "put a number or account on the block list; said again, it is prolonged")
    add.add_argument("--days", type=int, default=DAYS, metavar="N", help=f"for how many days (default {DAYS})")
    for each in (add, task(tasks, "remove", "take it off again")):
        each.add_argument("number", metavar="NUMBER", help="a telephone number in any spelling, x:ID, app:ID, or a complaint's number")
        each.add_argument("--reason", required=True, help="why; kept in the audit")
        each.add_argument("--who", help="who decides it (default: the login name)")
    listed = task(tasks, "list", "who is blocked, until when, by whom and why, with the newest complaint of each")
    listed.add_argument("--json", action="store_true", help="as JSON")
