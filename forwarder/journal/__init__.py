"""The durable truth: one SQLite file, one writer thread, all SQL of the project."""

from forwarder.journal.accounts import Account, Line, Wrong, totals
from forwarder.journal.additions import Ready
from forwarder.journal.adoption import Adopted, adopt
from forwarder.journal.backup import Manifest
from forwarder.journal.books import day_begins, day_of
from forwarder.journal.breaks import whole_account
from forwarder.journal.closing import Checked
from forwarder.journal.closing import check as check_days
from forwarder.journal.closing import name_of as day_name
from forwarder.journal.course import Heard
from forwarder.journal.courses import Followed
from forwarder.journal.entries import Entered
from forwarder.journal.holds import Held
from forwarder.journal.journal import Clock, Journal
from forwarder.journal.keys import Resealed
from forwarder.journal.ledger import looking
from forwarder.journal.listing import Ours, tagger
from forwarder.journal.listing import operators as listed_operators
from forwarder.journal.listing import ours as ours_of
from forwarder.journal.listing import unfinished as unfinished_of
from forwarder.journal.lookout import Happened, Lookout
from forwarder.journal.masters import KeyStatus, sealer_at
from forwarder.journal.number import Numbering
from forwarder.journal.opening import numbering
from forwarder.journal.orders import (
    AdditionMoved,
    AdditionResult,
    AdditionSettled,
    AdditionWaiting,
    Case,
    CaseState,
    Counts,
    Deed,
    Grant,
    Hand,
    Health,
    HistoryEntry,
    Moved,
    Oldest,
    Opening,
    Purged,
    Refused,
    ReplyResult,
    ReplyView,
    Report,
    Salvaged,
    Settled,
    Settlement,
    Unheard,
    Waiting,
)
from forwarder.journal.persons import KEY_MS
from forwarder.journal.replies import Doors
from forwarder.journal.restore import Restored, fits, restore
from forwarder.journal.routing import Recorded
from forwarder.journal.seal import Roots, Sealer, SealError
from forwarder.journal.settings import JournalSettings
from forwarder.journal.shelf import RoutingVersion
from forwarder.journal.storage import JournalCorrupt, JournalLocked, Storage
from forwarder.journal.subjects import Erased
from forwarder.journal.tape import Entry, Mirror, place
from forwarder.journal.untouched import PassOn
from forwarder.journal.vault import Made, Progress, Still, Vault
from forwarder.journal.verify import Findings, verify

__all__ = [
    "KEY_MS",
    "Account",
    "AdditionMoved",
    "AdditionResult",
    "AdditionSettled",
    "AdditionWaiting",
    "Adopted",
    "Case",
    "CaseState",
    "Checked",
    "Clock",
    "Counts",
    "Deed",
    "Doors",
    "Entered",
    "Entry",
    "Erased",
    "Findings",
    "Followed",
    "Grant",
    "Hand",
    "Happened",
    "Health",
    "Heard",
    "Held",
    "HistoryEntry",
    "Journal",
    "JournalCorrupt",
    "JournalLocked",
    "JournalSettings",
    "KeyStatus",
    "Line",
    "Lookout",
    "Made",
    "Manifest",
    "Mirror",
    "Moved",
    "Numbering",
    "Oldest",
    "Opening",
    "Ours",
    "PassOn",
    "Progress",
    "Purged",
    "Ready",
    "Recorded",
    "Refused",
    "ReplyResult",
    "ReplyView",
    "Report",
    "Resealed",
    "Restored",
    "Roots",
    "RoutingVersion",
    "Salvaged",
    "SealError",
    "Sealer",
    "Settled",
    "Settlement",
    "Still",
    "Storage",
    "Unheard",
    "Vault",
    "Waiting",
    "Wrong",
    "adopt",
    "check_days",
    "day_begins",
    "day_name",
    "day_of",
    "fits",
    "listed_operators",
    "looking",
    "numbering",
    "ours_of",
    "place",
    "restore",
    "sealer_at",
    "tagger",
    "totals",
    "unfinished_of",
    "verify",
    "whole_account",
]
