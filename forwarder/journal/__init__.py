"""The durable truth: one SQLite file, one writer thread, all SQL of the project."""

from forwarder.journal.adoption import Adopted, adopt
from forwarder.journal.backup import Manifest
from forwarder.journal.holds import Held
from forwarder.journal.journal import Clock, Journal
from forwarder.journal.keys import Resealed
from forwarder.journal.masters import KeyStatus, sealer_at
from forwarder.journal.number import Numbering
from forwarder.journal.opening import numbering
from forwarder.journal.orders import (
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
from forwarder.journal.restore import Restored, fits, restore
from forwarder.journal.routing import Recorded
from forwarder.journal.seal import Roots, Sealer, SealError
from forwarder.journal.settings import JournalSettings
from forwarder.journal.shelf import RoutingVersion
from forwarder.journal.storage import JournalCorrupt, JournalLocked, Storage
from forwarder.journal.subjects import Erased
from forwarder.journal.tape import Entry, Mirror, place
from forwarder.journal.vault import Made, Progress, Still, Vault
from forwarder.journal.verify import Findings, verify

__all__ = [
    "KEY_MS",
    "Adopted",
    "Case",
    "CaseState",
    "Clock",
    "Counts",
    "Deed",
    "Entry",
    "Erased",
    "Findings",
    "Grant",
    "Hand",
    "Health",
    "Held",
    "HistoryEntry",
    "Journal",
    "JournalCorrupt",
    "JournalLocked",
    "JournalSettings",
    "KeyStatus",
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
    "adopt",
    "fits",
    "numbering",
    "place",
    "restore",
    "sealer_at",
    "verify",
]
