"""Quiet hours: an SMS that nobody waits for does not wake a citizen; it is put off until the morning of the region it speaks of.

Who wrote to us some minutes ago is awake and waits for his answer. What tells of danger may wake anybody. A post wakes nobody.
"""

from __future__ import annotations

from forwarder.journal.settings import JournalSettings
from parsers.zones import next_waking, zone_of

AWAKE_MS = (
    10 * 60_000
)  # Ours: so long after his SMS a citizen is taken to be awake; a receipt waits 10 s, the core's number minutes at most
WAKES = frozenset({"receipt_danger"})
"""Kinds of reply that are said at any hour."""


def put_off(settings: JournalSettings, kind: str, received_ms: int, region: str | None, now_ms: int) -> int | None:
    """When a reply by SMS that is due now shall be due instead; None: now."""
    hours = settings.waking_minutes
    if hours is None or kind in WAKES or now_ms - received_ms <= AWAKE_MS:
        return None
    opens, closes = hours
    morning_ms = next_waking(now_ms, zone_of(region), opens=opens, closes=closes)
    return morning_ms if morning_ms > now_ms else None
