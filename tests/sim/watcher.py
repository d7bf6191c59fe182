"""Watches every row that the journal changes, as it changes: states along their tables, a tracking id once, nothing committed lost.

It sits at SQLite itself (a hook that sees each row before and after), so the product has no part in it. What a transaction changed counts
when it is committed; what a dying one changed may be there or not. Each time the file is opened, what was committed must be in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import apsw

from forwarder.lifecycle import NEXT_COMPLAINT, NEXT_REPLY, NEXT_SET, ComplaintState, ReplyState
from tests.sim.disk import Disk
from tests.sim.world import World

READ_WRITE = 0x2
Row = tuple[Any, ...]
_PAIRS: Mapping[str, frozenset[tuple[str, str]]] = {
    noun: frozenset((source.value, target.value) for source, moves in table.items() for target in moves.values())
    for noun, table in (("complaint", NEXT_COMPLAINT), ("reply", NEXT_REPLY), ("part_set", NEXT_SET))
}
_BEGINS: Mapping[str, frozenset[str]] = {
    "complaint": frozenset({"held", "ready", "duplicate"}),
    "reply": frozenset({"due"}),
    "part_set": frozenset({"open"}),
}


def _places(table: str) -> dict[str, int]:
    """Where each column stands."""
    connection = apsw.Connection(":memory:")
    connection.execute(files("forwarder.journal").joinpath("schema.sql").read_text(encoding="utf-8"))
    return {row[1]: row[0] for row in connection.execute(f"PRAGMA table_info({table})")}


_STATE = {table: _places(table)["state"] for table in _PAIRS}
_ATTEMPTS, _TRACKING = _places("complaint")["attempts"], _places("complaint")["tracking_id"]
_SELECT = {
    "complaint": "SELECT id, state, tracking_id FROM complaint",
    "reply": "SELECT id, state, NULL FROM reply",
    "part_set": "SELECT id, state, NULL FROM part_set",
    "message": "SELECT id, '', NULL FROM message",
}


@dataclass(slots=True)
class Change:
    """One row before and after, as far as it is watched."""

    table: str
    row: int
    state: str
    tracking_id: str | None


@dataclass(slots=True)
class Mirror:
    """What is committed: row → state, by table; tracking id → complaint."""

    rows: dict[str, dict[int, str]] = field(default_factory=lambda: {table: {} for table in _SELECT})
    counts: dict[str, Counter[str]] = field(default_factory=lambda: {"complaint": Counter(), "reply": Counter()})
    filed: dict[str, int] = field(default_factory=dict)

    def put(self, change: Change) -> None:
        """A row is committed."""
        rows = self.rows[change.table]
        before = rows.get(change.row)
        rows[change.row] = change.state
        counts = self.counts.get(change.table)
        if counts is not None and before != change.state:
            counts[change.state] += 1
            if before is not None:
                counts[before] -= 1
        if change.tracking_id is not None:
            self.filed[change.tracking_id] = change.row


class Watcher:
    """One day's; begin() hooks every connection that writes through the day's disk, end() lets go."""

    def __init__(self, world: World, disk: Disk) -> None:
        self.world = world
        self.disk = disk
        self.mirror = Mirror()
        self.commits = 0
        self._pending: list[Change] = []
        self._doubt: list[Change] = []
        self._committing = False
        self._compares = True  # the next connection finds a file that may not be what it should

    def begin(self) -> None:
        apsw.connection_hooks.append(self._opened)

    def end(self) -> None:
        apsw.connection_hooks.remove(self._opened)

    def expect(self) -> None:
        """A life begins: what is committed must be in the file that it opens."""
        self._compares = True

    def filed(self) -> dict[str, int]:
        """Tracking ids that are committed, with their complaints."""
        return self.mirror.filed

    def after_turn(self, tally: Mapping[ComplaintState, int] | None) -> None:
        """The writer's turn is over; `tally` is what the journal believes, None while it is ill."""
        self._apply()
        if tally is None or self.disk.dead:
            return
        counts = self.mirror.counts["complaint"]
        for state, count in tally.items():
            if counts[state] != count:
                self.world.broke(f"the tally says {count} {state}, the table {counts[state]}")

    def replies(self, state: ReplyState) -> int:
        """How many replies are in a state."""
        return self.mirror.counts["reply"][state.value]

    # ── hooks ──

    def _opened(self, connection: apsw.Connection) -> None:
        if connection.open_vfs != self.disk.name or not connection.open_flags & READ_WRITE:
            return
        self._apply()
        if self._compares:
            self._compare(connection)
            self._compares = False
        connection.preupdate_hook(self._changed, id="watcher")
        connection.set_commit_hook(self._commits, id="watcher")
        connection.set_rollback_hook(self._rolled_back, id="watcher")

    def _changed(self, update: apsw.PreUpdate) -> None:
        table = update.table_name
        if table not in _SELECT:
            return
        if self._committing:
            self._apply()
        if update.op == "DELETE":
            self.world.broke(f"a row of {table} is deleted")
            return
        row = update.rowid_new
        new: Row = update.new or ()
        if table == "message":
            if update.op == "INSERT":
                self._pending.append(Change(table, row, "", None))
            return
        state = new[_STATE[table]]
        if update.op == "INSERT":
            if state not in _BEGINS[table]:
                self.world.broke(f"{table} {row} begins as {state}")
        else:
            self._moved(table, row, update.old or (), new)
            if state is apsw.no_change:
                return
        tracking = new[_TRACKING] if table == "complaint" and isinstance(new[_TRACKING], str) else None
        self._pending.append(Change(table, row, state, tracking))

    def _moved(self, table: str, row: int, old: Row, new: Row) -> None:
        before, after = old[_STATE[table]], new[_STATE[table]]
        moved = after is not apsw.no_change and before != after
        if moved and (before, after) not in _PAIRS[table]:
            self.world.broke(f"{table} {row} went from {before} to {after}")
        if table != "complaint":
            return
        if old[_TRACKING] is not None and new[_TRACKING] is not apsw.no_change and new[_TRACKING] != old[_TRACKING]:
            self.world.broke(f"complaint {row} got a second tracking id")
        if moved and after == "sending" and new[_ATTEMPTS] != int(str(old[_ATTEMPTS])) + 1:
            self.world.broke(f"complaint {row} is sent without its attempt being charged")

    def _commits(self) -> bool:
        self._committing = True
        return False

    def _rolled_back(self) -> None:
        self._compares = True
        if self._committing:  # it may be on the disk all the same
            self._doubt += self._pending
        self._committing = False
        self._pending.clear()

    def _apply(self) -> None:
        """The last transaction is over."""
        if self.disk.dead:
            self._doubt += self._pending
        elif self._committing:
            self.commits += 1
            told = []
            for change in self._pending:
                known = self.mirror.rows[change.table].get(change.row)
                self.mirror.put(change)
                if change.state != known:
                    told.append(f"{change.table[0]}{change.row}={change.state}")
            if told:
                self.world.note("journal", " ".join(told))
        else:
            return
        self._committing = False
        self._pending.clear()

    def _compare(self, connection: apsw.Connection) -> None:
        """What was committed must be in the file that is opened."""
        if not connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'complaint'").get:
            if self.mirror.rows["message"]:
                self.world.broke("a journal that had messages is empty")
            return
        doubt = {(change.table, change.row, change.state) for change in self._doubt}
        for table, sql in _SELECT.items():
            found = {row: (state, tracking) for row, state, tracking in connection.execute(sql)}
            known = self.mirror.rows[table]
            for row, state in known.items():
                if row not in found:
                    self.world.broke(f"{table} {row} was committed as {state or 'a row'} and is gone")
                elif found[row][0] != state and (table, row, found[row][0]) not in doubt:
                    self.world.broke(f"{table} {row} was committed as {state} and is {found[row][0]}")
            for row, (state, tracking) in found.items():
                if row not in known and (table, row, state) not in doubt:
                    self.world.broke(f"{table} {row} is {state} in the file and was never written")
                self.mirror.put(Change(table, row, state, tracking))
        self._doubt.clear()
