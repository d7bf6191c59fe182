"""The one place where the house reads the wall clock, and asks which boot of the host this is; everybody else is given it."""

from __future__ import annotations

import time
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def wall_ms() -> int:
    """UTC in milliseconds."""
    return time.time_ns() // 1_000_000


def boot_id() -> str:
    """Names this boot of the host (Linux): while it is the same, time.monotonic goes on from process to process. Empty: nobody knows."""
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""
