"""Points of time as people give them to a command: `7d` ago, a day, a day and an hour. By the officer's own clock, as all pages show it."""

from __future__ import annotations

import datetime as dt
import re

from parsers.errors import GatewayError

UNITS_MS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000}
FORMS = "write 7d, 12h, 30m, 2026-12-31, 31-12-2026, or a day with an hour: '2026-12-31 14:30'"


def moment_of(given: str, now_ms: int, option: str) -> int:
    """UTC ms of what was given with `option`; GatewayError says how to write it."""
    if (span := re.fullmatch(r"(\d{1,5})([dhm])", given.strip())) is not None:
        return now_ms - int(span[1]) * UNITS_MS[span[2]]
    day_first = re.sub(r"^(\d{1,2})[-/](\d{1,2})[-/](\d{4})", r"\3-\2-\1", given.strip())
    padded = re.sub(r"-(\d)(?=\D|$)", r"-0\1", day_first)
    try:
        return int(dt.datetime.fromisoformat(padded).astimezone().timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        raise GatewayError(f"{option} {given[:40]}: {FORMS}") from None


def shown(at_ms: int) -> str:
    """`31-12-2026 14:30`."""
    return dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC).astimezone().strftime("%d-%m-%Y %H:%M")
