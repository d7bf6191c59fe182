"""The three time zones of the country: which one a region keeps, what day it is there, and when people there are awake.

Keppres 41/1987 says which province keeps which: WIB (UTC+7) Sumatra, Java with Madura, Kalimantan Barat and Tengah; WITA (UTC+8) Kalimantan
Selatan and Timur, Bali, Nusa Tenggara, Sulawesi; WIT (UTC+9) Maluku and Papua. Provinces made since then keep the zone of the one they come
from. There is no summer time, so a zone is its offset.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
MINUTE_MS = 60_000
EPOCH = dt.date(1970, 1, 1)
OPENS_MINUTES = 6 * 60  # Ours: an SMS before six wakes people.
CLOSES_MINUTES = 21 * 60
PROVINCE_DIGITS = 2


class Zone(enum.StrEnum):
    """A time zone, by the word that people write behind a time of day."""

    WIB = "WIB"
    WITA = "WITA"
    WIT = "WIT"

    @property
    def ahead_ms(self) -> int:
        """How far its clocks are ahead of UTC."""
        return AHEAD_HOURS[self] * HOUR_MS


AHEAD_HOURS: Mapping[Zone, int] = {Zone.WIB: 7, Zone.WITA: 8, Zone.WIT: 9}
PROVINCES: Mapping[Zone, tuple[str, ...]] = {
    Zone.WIB: ("11", "12", "13", "14", "15", "16", "17", "18", "19", "21", "31", "32", "33", "34", "35", "36", "61", "62"),
    Zone.WITA: ("51", "52", "53", "63", "64", "65", "71", "72", "73", "74", "75", "76"),
    Zone.WIT: ("81", "82", "91", "92", "93", "94", "95", "96"),
}
"""The provinces of each zone, by Kemendagri code."""
_ZONES = {province: zone for zone, provinces in PROVINCES.items() for province in provinces}


def zone_of(region: str | None) -> Zone:
    """The zone that a region of this code keeps; WIB, the capital's, for what is national or of a province that is not known here."""
    return _ZONES.get((region or "")[:PROVINCE_DIGITS], Zone.WIB)


def day_of(at_ms: int, zone: Zone) -> dt.date:
    """What day it is in a zone at a time in UTC milliseconds."""
    return EPOCH + dt.timedelta(days=(at_ms + zone.ahead_ms) // DAY_MS)


def midnight_ms(day: dt.date, zone: Zone) -> int:
    """When a day begins in a zone, in UTC milliseconds."""
    return (day - EPOCH).days * DAY_MS - zone.ahead_ms


def next_waking(at_ms: int, zone: Zone, *, opens: int = OPENS_MINUTES, closes: int = CLOSES_MINUTES) -> int:
    """The first moment from `at_ms` on at which people in a zone are awake: from `opens` until before `closes` (minutes of the day)."""
    awake_ms = _awake_ms(opens, closes)
    day, within = divmod(at_ms + zone.ahead_ms, DAY_MS)
    since_opening = within - opens * MINUTE_MS
    if 0 <= since_opening < awake_ms:
        return at_ms
    return (day + (since_opening > 0)) * DAY_MS + opens * MINUTE_MS - zone.ahead_ms


def waking_after(at_ms: int, span_ms: int, zone: Zone, *, opens: int = OPENS_MINUTES, closes: int = CLOSES_MINUTES) -> int:
    """The first moment until which people in a zone were awake for `span_ms`, counted from `at_ms`.

    A span that ends with the day ends at `closes`, not on the next morning; nothing of it passes by night. ValueError for a negative span.
    """
    if span_ms < 0:
        raise ValueError("a span of time is never negative")
    awake_ms = _awake_ms(opens, closes)
    if not span_ms:
        return at_ms
    day, within = divmod(at_ms + zone.ahead_ms, DAY_MS)
    passed_ms = min(max(0, within - opens * MINUTE_MS), awake_ms)
    days, last_ms = divmod(passed_ms + span_ms - 1, awake_ms)  # the last millisecond of the span lies within a waking day
    return (day + days) * DAY_MS + opens * MINUTE_MS + last_ms + 1 - zone.ahead_ms


def _awake_ms(opens: int, closes: int) -> int:
    if not 0 <= opens < closes <= DAY_MS // MINUTE_MS:
        raise ValueError("people wake before they sleep, both within one day: 0 <= opens < closes <= 1440 minutes")
    return (closes - opens) * MINUTE_MS
