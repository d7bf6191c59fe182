"""Which counts of a table stay hidden, so that no small group of citizens can be read out of it, not even by subtracting.

The rule (docs/adr/0023): a count of 1 to 4 is hidden, and with it so many others that, from all sums that are shown, every hidden small
count could still be any of at least five values. Whoever adds and subtracts is given all sums of rows and columns that are shown, and
that no count is negative.

A table is a network: what the rows bring flows through the columns into the sums. A hidden count can change by as much as can flow in a
circle through hidden counts alone; that is what is looked for here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

LEAST = 5
"""Citizens in a group that may be shown. Ours; Indonesian law names no figure (DOMAIN, requirement 14: no small cells)."""

Table = Sequence[Sequence[int]]
Cell = tuple[int, int]
"""Row and column; the row behind the last is that of the sums."""


def protect(rows: Table) -> list[list[bool]]:
    """Which counts to hide: a row for each of `rows` and one for the sums of the columns.

    Sums of rows are shown, so they must not be small themselves: put such rows together first (`fold`).
    """
    if len(rows) == 1:  # its sums are itself
        [hidden] = _Cells(rows).hide()
        return [hidden, list(hidden)]
    return _Cells([*rows, [sum(column) for column in zip(*rows, strict=True)]]).hide()


def fold(sums: Sequence[int]) -> list[int]:
    """Which rows must be put together into one, by their sums: all small ones, and the next larger where these are few together."""
    order = sorted((one, row) for row, one in enumerate(sums) if one > 0)
    together = [row for one, row in order if one < LEAST]
    while together and sum(sums[row] for row in together) < LEAST and len(together) < len(order):
        together.append(order[len(together)][1])
    return sorted(together)


def is_small(count: int) -> bool:
    """Whether so few citizens must not be shown. Nobody is no group."""
    return 0 < count < LEAST


class _Cells:
    """The counts with their sums as last row; a table of one row has none. What flows where is numbered: rows, columns, the sums."""

    def __init__(self, rows: Table) -> None:
        self._rows = rows
        self._columns = range(len(rows[0]))
        self._sums = len(rows) - 1 if len(rows) > 1 else -1
        self._hidden: dict[Cell, tuple[int, int]] = {}
        """Each hidden count, and from where to where it flows."""
        self._near: dict[int, list[tuple[Cell, bool, int]]] = {}
        """The ways out of each place: along a hidden count or against it, and where that leads."""

    def hide(self) -> list[list[bool]]:
        """Which counts to hide; the small ones first, then for each as many others as make it safe."""
        small = [(row, column) for row, counts in enumerate(self._rows) for column, count in enumerate(counts) if is_small(count)]
        for cell in small:
            self._add(cell)
        for cell in small:
            while not self._is_safe(cell) and (more := self._more(cell)):
                for one in more:
                    self._add(one)
        return [[(row, column) in self._hidden for column in self._columns] for row in range(len(self._rows))]

    def _count(self, cell: Cell) -> int:
        return self._rows[cell[0]][cell[1]]

    def _ends(self, cell: Cell) -> tuple[int, int]:
        """From where to where a count flows; without sums all columns lead to one place."""
        row, column = cell
        place = len(self._rows) + (column if self._sums >= 0 else 0)
        return (place, row) if row == self._sums else (row, place)

    def _add(self, cell: Cell) -> None:
        tail, head = self._hidden[cell] = self._ends(cell)
        self._near.setdefault(tail, []).append((cell, True, head))
        self._near.setdefault(head, []).append((cell, False, tail))

    def _is_safe(self, cell: Cell) -> bool:
        """Whether the shown sums leave it LEAST values or more."""
        tail, head = self._hidden[cell]
        less = min(self._count(cell), self._flow(tail, head, cell))
        return less + self._flow(head, tail, cell) >= LEAST - 1

    def _flow(self, source: int, sink: int, without: Cell) -> int:
        """How much more could flow from `source` to `sink` through the other hidden counts, up to LEAST - 1."""
        changed: dict[Cell, int] = {}
        flowed = 0
        while flowed < LEAST - 1:
            path = self._path(source, sink, without, changed)
            if path is None:
                break
            room = [self._count(cell) + changed.get(cell, 0) for cell, forward in path if not forward]
            step = min([LEAST - 1 - flowed, *room])
            for cell, forward in path:
                changed[cell] = changed.get(cell, 0) + (step if forward else -step)
            flowed += step
        return flowed

    def _path(self, source: int, sink: int, without: Cell, changed: dict[Cell, int]) -> list[tuple[Cell, bool]] | None:
        """The shortest way along hidden counts: with one it may grow, against one it must have something left."""
        came: dict[int, tuple[int, Cell, bool]] = {source: (source, without, True)}
        waiting = deque([source])
        while waiting:
            here = waiting.popleft()
            for cell, forward, there in self._near.get(here, ()):
                if there in came or cell == without or not (forward or self._count(cell) + changed.get(cell, 0) > 0):
                    continue
                came[there] = (here, cell, forward)
                if there == sink:
                    return _way(came, source, sink)
                waiting.append(there)
        return None

    def _more(self, cell: Cell) -> list[Cell]:
        """What to hide besides: the corners of the cheapest rectangle with this one; where there is none left, its row and the sums."""
        found = min(self._rectangles(cell), default=None)
        if found is not None:
            return [corner for corner in found[1] if corner not in self._hidden]
        rows = {cell[0], len(self._rows) - 1}
        return [(row, column) for row in rows for column in self._columns if (row, column) not in self._hidden]

    def _rectangles(self, cell: Cell) -> Iterator[tuple[tuple[int, int, int], Sequence[Cell]]]:
        """Rectangles that hide something new, each with its cost: too little room for the small count, sums hidden, citizens hidden."""
        row, column = cell
        partners = [one for one in range(len(self._rows)) if one != row] if self._sums >= 0 else []
        for other in self._columns:
            if other == column:
                continue
            if not partners:
                yield from self._cost([(row, other)], [(row, other)])
            for partner in partners:
                corners = ((row, other), (partner, column), (partner, other))
                yield from self._cost(corners, corners[:2] if self._sums not in (partner, row) else corners[:1])

    def _cost(self, corners: Sequence[Cell], giving: Sequence[Cell]) -> Iterator[tuple[tuple[int, int, int], Sequence[Cell]]]:
        sums = citizens = 0
        for corner in corners:
            if corner not in self._hidden:
                sums += corner[0] == self._sums
                citizens += self._rows[corner[0]][corner[1]] + 1
        if citizens:
            yield (int(any(self._rows[row][column] < LEAST for row, column in giving)), sums, citizens), corners


def _way(came: dict[int, tuple[int, Cell, bool]], source: int, sink: int) -> list[tuple[Cell, bool]]:
    path, here = [], sink
    while here != source:
        here, cell, forward = came[here]
        path.append((cell, forward))
    return path
