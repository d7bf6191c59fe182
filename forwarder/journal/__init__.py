"""The durable truth: one SQLite file, one writer thread, all SQL of the project."""

from forwarder.journal.adoption import Adopted, adopt
from forwarder.journal.backup import Manifest
from forwarder.journal.journal import Clock, Journal
from forwarder.journal.lookout import Happened, Lookout
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
from forwarder.journal.restore import Restored, fits, restore
from forwarder.journal.routing import Recorded
from forwarder.journal.seal import Sealer, SealError
from forwarder.journal.settings import JournalSettings
from forwarder.journal.shelf import RoutingVersion
from forwarder.journal.storage import JournalCorrupt, JournalLocked, Storage
from forwarder.journal.tape import Entry, Mirror, place
from forwarder.journal.vault import Made, Progress, Still, Vault
from forwarder.journal.verify import Findings, verify

__all__ = [
    "Adopted",
    "Case",
    "CaseState",
    "Clock",
    "Counts",
    "Entry",
    "Findings",
    "Grant",
    "Hand",
    "Happened",
    "Health",
    "HistoryEntry",
    "Journal",
    "JournalCorrupt",
    "JournalLocked",
    "JournalSettings",
    "Lookout",
    "Made",
    "Manifest",
    "Mirror",
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
    "adopt",
    "fits",
    "numbering",
    "place",
    "restore",
    "verify",
]
