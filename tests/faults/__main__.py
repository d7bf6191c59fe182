"""Run every fault test of this folder that is too long, or needs too much of the system, for `make test`.

Each is a file with `main() -> bool`, which prints its own figures and says whether the promise held; `python -m tests.faults NAME…`
runs only those. `--minutes N` is for the soak.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

from bench.machine import header

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """Every fault test, in the order of names; `test_*.py` belong to pytest, `__main__` to nobody."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith(("_", "test_")) and has_main(path))


def has_main(path: Path) -> bool:
    """Whether the file is a fault test and not what several of them share."""
    return "\ndef main(" in path.read_text(encoding="utf-8")


def main() -> int:
    """0 when every promise held."""
    held, asked = {}, sys.argv[1:]
    if "--minutes" in asked:
        at = asked.index("--minutes")
        os.environ["MINUTES"] = asked[at + 1]
        del asked[at : at + 2]
    for name in asked or names():
        print(header(name), flush=True)
        held[name] = bool(importlib.import_module(f"tests.faults.{name}").main())
        print(f"{name}: {'held' if held[name] else 'BROKEN'}", flush=True)
    return 0 if all(held.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
