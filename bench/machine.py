"""On what a figure was measured: machine, versions, seed, date and commit, so that two figures can be compared."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import apsw

ROOT = Path(__file__).resolve().parent.parent
WRITTEN_BY_RUNS = (":!docs/reliability.csv", ":!docs/reliability.md")  # a figure written does not make the program another one


def header(name: str, seed: int | None = None) -> str:
    """Two lines to print above the figures of one benchmark."""
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    first = [f"# {name}", when, f"commit {commit()}", *([] if seed is None else [f"seed={seed}"])]
    second = [processor(), f"{cores()} cores", f"{memory_gib():.0f} GiB", platform.platform(terse=True)]
    versions = [f"Python {platform.python_version()}", f"SQLite {apsw.sqlite_lib_version()}"]
    return " · ".join(first) + "\n# " + " · ".join([*second, *versions])


def processor() -> str:
    """The processor's own name, or the architecture where it has none."""
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    return " ".join(found[1].split()) if found else platform.machine()


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0))


def memory_gib() -> float:
    """The machine's memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def commit() -> str:
    """The commit that runs, with a `+` where the work tree differs; `unknown` outside a clone or without git."""
    if shutil.which("git") is None:
        return "unknown"
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    differs = subprocess.run(["git", "diff", "--quiet", "HEAD", "--", ".", *WRITTEN_BY_RUNS], cwd=ROOT, capture_output=True, check=False)
    return f"{done.stdout.strip()}{'+' if differs.returncode == 1 else ''}" if done.returncode == 0 else "unknown"
