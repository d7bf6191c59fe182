"""The files of this repository: all that .gitignore does not name, so that the checks never look at what was made here.

Read from the folder itself, because a machine that runs the tests needs no git.
"""

from __future__ import annotations

import ast
import fnmatch
import functools
import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("gateway", "adapters", "forwarder", "parsers")
IGNORED = (".git", *(line.rstrip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()))


def _kept(names: list[str]) -> list[str]:
    return [name for name in names if not any(fnmatch.fnmatch(name, pattern) for pattern in IGNORED)]


def _walk() -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = _kept(folders)
        yield from (Path(folder, name).relative_to(ROOT) for name in _kept(names))


@functools.cache
def files() -> tuple[Path, ...]:
    """Every file that is or would be committed, relative to the root."""
    return tuple(sorted(_walk()))


def modules(*folders: str) -> list[Path]:
    """The Python files below some folders."""
    return [path for path in files() if path.suffix == ".py" and path.parts[0] in folders]


def text(path: Path) -> str:
    """A file's content; octets that are no UTF-8 become U+FFFD."""
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


@functools.cache
def tree(path: Path) -> ast.Module:
    """A Python file's syntax tree."""
    return ast.parse(text(path), filename=str(path))
