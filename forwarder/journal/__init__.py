"""The durable truth: one SQLite file, one writer thread, all SQL of the project."""

from forwarder.journal.backup import Manifest
from forwarder.journal.journal import Clock, Journal, numbering
from forwarder.journal.number import Numbering
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
from forwarder.journal.restore import Restored, fits, restore
from forwarder.journal.routing import Recorded
from forwarder.journal.seal import Sealer, SealError
from forwarder.journal.settings import JournalSettings
from forwarder.journal.shelf import RoutingVersion
from forwarder.journal.storage import JournalCorrupt, JournalLocked, Storage
from forwarder.journal.vault import Made, Progress, Still, Vault
from forwarder.journal.verify import Findings, verify

__all__ = [
    "Case",
    "CaseState",
    "Clock",
    "Counts",
    "Findings",
    "Grant",
    "Hand",
    "Health",
    "HistoryEntry",
    "Journal",
    "JournalCorrupt",
    "JournalLocked",
    "JournalSettings",
    "Made",
    "Manifest",
    "Moved",
    "Numbering",
    "Oldest",
    "Opening",
    "Progress",
    "Purged",
    "Recorded",
    "Refused",
    "ReplyResult",
    "ReplyView",
    "Report",
    "Restored",
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
    "fits",
    "numbering",
    "restore",
    "verify",
]
