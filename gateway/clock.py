"""The one place where the house reads the wall clock; everybody else is given it."""

from __future__ import annotations

import time


def wall_ms() -> int:
    """UTC in milliseconds."""
    return time.time_ns() // 1_000_000
