"""core_faults.py in the dialect `mapped`."""

from __future__ import annotations

import sys

from tests.faults.core_faults import SEED, measured
from tests.faults.record import record

BUDGET_SECONDS = 80


def main() -> bool:
    """Record the figures and say whether all held."""
    good, figures = measured("mapped")
    record("core_faults_mapped", seed=SEED, **figures)
    return good


if __name__ == "__main__":
    sys.exit(not main())
