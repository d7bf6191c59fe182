"""The hours in which an operator takes his SMSC down on purpose."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass
from typing import Annotated

from annotated_types import MinLen


class Zone(enum.StrEnum):
    """Indonesia's three times; none has a summer time, so no zone database is needed."""

    WIB = "WIB"
    WITA = "WITA"
    WIT = "WIT"

    @property
    def offset(self) -> dt.timezone:
        """UTC+7, +8, +9."""
        return _OFFSETS[self]


_OFFSETS = {zone: dt.timezone(dt.timedelta(hours=hours)) for zone, hours in zip(Zone, (7, 8, 9), strict=True)}


class Day(enum.StrEnum):
    """Days of the week as they stand in TOML."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Hours in which the operator takes his SMSC down on purpose: we stay unbound and raise no alarm."""

    start: dt.time
    end: dt.time
    """Not after `start` means: on the next day. The day counted is that of `start`."""
    days: Annotated[tuple[Day, ...], MinLen(1)] = tuple(Day)
    zone: Zone = Zone.WIB

    def covers(self, now_ms: int) -> bool:
        """Whether the UTC instant lies in these hours."""
        local = dt.datetime.fromtimestamp(now_ms / 1000, self.zone.offset)
        today, clock = tuple(Day)[local.weekday()], local.time()
        if self.start < self.end:
            return today in self.days and self.start <= clock < self.end
        yesterday = tuple(Day)[local.weekday() - 1]
        return (today in self.days and clock >= self.start) or (yesterday in self.days and clock < self.end)
