"""core_faults.py in the dialect `mapped`."""

from __future__ import annotations

import sys

from tests.faults import core_faults

BUDGET_SECONDS = 120


def main() -> bool:
    """10,000 calls; prints the figures and says whether all held."""
    return core_faults.main("core_faults_mapped", "mapped")


if __name__ == "__main__":
    sys.exit(not main())
