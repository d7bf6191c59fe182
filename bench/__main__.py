"""Run every benchmark of this folder, one after the other."""

from __future__ import annotations

import importlib
from pathlib import Path

from bench.machine import header

NOT_BENCHMARKS = ("__init__", "__main__", "machine")


def main() -> None:
    """Run them in the order of their names; each prints its own head line."""
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem not in NOT_BENCHMARKS:
            print(header(path.stem))
            importlib.import_module(f"bench.{path.stem}").main()


if __name__ == "__main__":
    main()
