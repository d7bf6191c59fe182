"""Run every benchmark of this folder, one after the other; `python -m bench NAME…` only those.

What builds a million rows first (LONG) is run only when it is named: a night holds the others.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from bench.machine import header

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """Every file with a `main()`, in the order of names."""
    return sorted(path.stem for path in FOLDER.glob("[!_]*.py") if "\ndef main(" in path.read_text(encoding="utf-8"))


def is_long(name: str) -> bool:
    """Whether it takes longer than a night has for it."""
    return "\nLONG = True" in (FOLDER / f"{name}.py").read_text(encoding="utf-8")


def main() -> None:
    """Run them; each has its machine, date and commit above its figures."""
    for name in sys.argv[1:] or [name for name in names() if not is_long(name)]:
        print(header(name), flush=True)
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main()
