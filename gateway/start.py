"""Where the command `lapor-gateway` begins. What reads much stands back before it loads anything: loading is half of its work."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping

NICE: Mapping[str, int] = {"ledger": 10, "report": 5, "late": 5}
"""Of verbs that read much, where the machine is busy: a report at 10 would take minutes there."""


def main() -> int:
    """The exit code of what was typed."""
    verb = sys.argv[1] if len(sys.argv) > 1 else ""
    if verb in NICE:
        stand_back(NICE[verb])
    from gateway import cli  # noqa: PLC0415 - not before we stand back

    return cli.main()


def stand_back(nice: int) -> None:
    """Take only the processor time that nobody else wants; where all of it is wanted, a small share, so that no reader rests for ever.

    A niced reader made the slowest hundredth of the acks a quarter slower, an idle one does not (docs/performance.md).
    """
    with contextlib.suppress(OSError):
        os.nice(nice)
        if os.getloadavg()[0] < (os.cpu_count() or 1):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


if __name__ == "__main__":
    raise SystemExit(main())
