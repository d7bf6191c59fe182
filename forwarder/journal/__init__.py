"""The durable truth: one SQLite file, one writer thread, all SQL of the project."""

from forwarder.journal.journal import Clock, Journal
from forwarder.journal.number import Numbering
from forwarder.journal.opening import numbering
from forwarder.journal.orders import (
    Case,
    CaseState,
    Counts,
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
from forwarder.journal.routing import Recorded
from forwarder.journal.seal import Sealer, SealError
from forwarder.journal.settings import JournalSettings
from forwarder.journal.shelf import RoutingVersion
from forwarder.journal.storage import JournalCorrupt, JournalLocked

__all__ = [
    "Case",
    "CaseState",
    "Clock",
    "Counts",
    "Grant",
    "Hand",
    "Health",
    "HistoryEntry",
    "Journal",
    "JournalCorrupt",
    "JournalLocked",
    "JournalSettings",
    "Moved",
    "Numbering",
    "Oldest",
    "Opening",
    "Purged",
    "Recorded",
    "Refused",
    "ReplyResult",
    "ReplyView",
    "Report",
    "RoutingVersion",
    "Salvaged",
    "SealError",
    "Sealer",
    "Settled",
    "Settlement",
    "Unheard",
    "Waiting",
    "numbering",
]
