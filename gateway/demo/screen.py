"""Drawing for the demo: phone bubbles and steps in 80 columns on a terminal, plain lines anywhere else."""

from __future__ import annotations

import shutil
import textwrap
from typing import TextIO

COLUMNS = 80
BUBBLE = 46  # characters of text in a bubble: about what an old phone shows

_DIM, _BOLD, _GREEN, _BLUE, _RED, _END = "\x1b[2m", "\x1b[1m", "\x1b[32m", "\x1b[36m", "\x1b[31m", "\x1b[0m"


class Screen:
    """Where the demo writes; colours and boxes only where a person looks."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self.terminal = out.isatty()
        self.columns = min(COLUMNS, shutil.get_terminal_size((COLUMNS, 24)).columns) if self.terminal else COLUMNS

    def line(self, text: str = "") -> None:
        """One plain line."""
        print(text, file=self._out, flush=True)

    def title(self, text: str) -> None:
        """A heading with a rule up to the margin."""
        self.line()
        self.line(self._paint(_BOLD, f"── {text} {'─' * max(0, self.columns - len(text) - 4)}"))

    def remark(self, text: str) -> None:
        """What is special about this one."""
        for line in textwrap.wrap(text, self.columns - 2):
            self.line(self._paint(_DIM, f"  {line}"))

    def phone(self, who: str, text: str, *, incoming: bool) -> None:
        """One SMS: the citizen's on the left, ours on the right."""
        lines = [row for paragraph in text.split("\n") for row in textwrap.wrap(paragraph, BUBBLE) or [""]]
        if not self.terminal:
            self.line(f"  {who}: {' '.join(lines)}")
            return
        width = max(*map(_cells, lines), len(who) + 1)
        indent = "" if incoming else " " * (self.columns - width - 6)
        colour = _BLUE if incoming else _GREEN
        self.line(self._paint(colour, f"{indent} ╭─ {who} {'─' * (width - len(who) - 1)}╮"))
        for row in lines:
            self.line(f"{indent}{self._paint(colour, ' │')} {row}{' ' * (width - _cells(row))} {self._paint(colour, '│')}")
        self.line(self._paint(colour, f"{indent} ╰{'─' * (width + 2)}╯"))

    def step(self, what: str, text: str) -> None:
        """One step of the road, with its name in a column of its own."""
        head, *rest = textwrap.wrap(text, self.columns - 16) or [""]
        self.line(f"  {self._paint(_BOLD, f'{what:<11}')} {head}")
        for row in rest:
            self.line(f"  {'':<11} {row}")

    def good(self, text: str) -> None:
        """A line that says that all is well."""
        self.line(self._paint(_GREEN + _BOLD, text))

    def bad(self, text: str) -> None:
        """A line that says what went wrong."""
        self.line(self._paint(_RED + _BOLD, text))

    def _paint(self, colour: str, text: str) -> str:
        return f"{colour}{text}{_END}" if self.terminal else text


def _cells(text: str) -> int:
    """Columns a text takes: an emoji takes two."""
    return sum(2 if ord(character) > 0xFFFF else 1 for character in text)
