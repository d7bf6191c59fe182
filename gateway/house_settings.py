"""The house's smaller settings: what it shows on HTTP, how it logs, what the desk lets wait, when a day is closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """The one HTTP server: health and metrics, for machines on this host."""

    host: str = "127.0.0.1"
    port: Annotated[int, Ge(0), Le(65535)] = 9708
    """0 takes a free one."""


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What the log looks like; numbers, texts and secrets are masked in both styles."""

    style: Literal["readable", "json"] = "readable"
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """What waits for a person, and for how long."""

    untouched_hours: Annotated[float, Ge(0), Le(720)] = 24.0
    """What is held and touched by nobody for so long goes to the national desk of the core, marked; what is unknown or parked raises an
    alarm every day. 0: never."""


@dataclass(frozen=True, slots=True)
class LedgerSettings:
    """When a day's sums are final."""

    close_hours: Annotated[float, Ge(0), Le(72)] = 6.0
    """A day (WIB) is closed so long after its end: above the longest time that a long message waits for its rest, and before the office
    opens."""
