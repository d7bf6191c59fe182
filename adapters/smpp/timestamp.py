"""SMPP's own way of writing times: `YYMMDDhhmmsstnnp`, absolute or relative (SMPP 3.4 §7.1.1). Pure."""

from __future__ import annotations

import datetime as dt
import re

_ABSOLUTE = re.compile(r"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d)(\d\d)([+-])", re.ASCII)


def relative(seconds: int) -> str:
    """Write a span for validity_period: years and months stay 0, so that no calendar is needed (at most 99 days)."""
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    return f"0000{min(days, 99):02d}{hours:02d}{minutes:02d}{rest:02d}000R"


def absolute_ms(text: str) -> int | None:
    """Read an absolute time as UTC milliseconds; None for an empty, relative or impossible one. The offset is in quarter hours."""
    found = _ABSOLUTE.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, tenth, quarters = (int(group) for group in found.groups()[:8])
    try:
        offset = dt.timedelta(minutes=15 * quarters) * (1 if found[9] == "+" else -1)
        local = dt.datetime(2000 + year, month, day, hour, minute, second, tenth * 100_000, tzinfo=dt.timezone(offset))
    except (ValueError, OverflowError):
        return None
    return int(local.timestamp() * 1000)
