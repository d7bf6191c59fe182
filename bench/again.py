"""Run one command again and again until told to stop: in a process of its own, so that starting processes holds up no load generator.

usage: python -m bench.again GAP CODE -- COMMAND…   (ends when its standard input does; a line of JSON for each run)
"""

from __future__ import annotations

import json
import resource
import select
import subprocess
import sys
import time


def again() -> None:
    """Print the seconds of each run, and those of the processor."""
    gap, code = float(sys.argv[1]), int(sys.argv[2])
    command = sys.argv[4:]
    while True:
        began, before = time.monotonic(), _children()
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode != code or not done.stdout:
            raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
        print(json.dumps([time.monotonic() - began, _children() - before]), flush=True)
        if select.select([sys.stdin], [], [], gap)[0]:
            return


def _children() -> float:
    """Processor seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    again()
