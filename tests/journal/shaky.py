"""A disk that can be watched and broken: records every write and sync, fails, tears and dies where it is told.

What is on the platter after a power cut is what was synced, plus any part of what was not: `power_cut` makes such a copy.
"""

from __future__ import annotations

import itertools
import shutil
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import apsw

_names = itertools.count()


@dataclass(frozen=True)
class Event:
    """One thing that reached the file system, in order."""

    kind: str  # write, sync, truncate
    file: str  # journal.db, journal.db-wal
    offset: int = 0
    size: int = 0


@dataclass
class Shaky:
    """One registered VFS. `fail_from` and `die_at` count events from 1; `error` is raised until `heal`."""

    seed: int = 1
    fail_from: int | None = None
    error: type[apsw.Error] = apsw.IOError
    only: str | None = None  # which kind of event fails
    die_at: int | None = None
    graves: tuple[Path, Path] | None = None  # where the files as killed, and as after a power cut, are copied
    events: list[Event] = field(default_factory=list)
    dead: bool = False

    def __post_init__(self) -> None:
        self.name = f"shaky{next(_names)}"
        self._vfs = _Vfs(self)
        self._hook, sys.unraisablehook = sys.unraisablehook, self._pass_over
        self._synced: dict[Path, bytes] = {}
        self._pending: defaultdict[Path, list[tuple[int, bytes | None]]] = defaultdict(list)

    def heal(self) -> None:
        self.fail_from = None

    def close(self) -> None:
        sys.unraisablehook = self._hook
        self._vfs.unregister()

    def _pass_over(self, args: sys.UnraisableHookArgs) -> None:
        """SQLite passes over what fails while it closes a file; our own failures there are no concern of the test runner."""
        if not isinstance(args.exc_value, apsw.Error):
            self._hook(args)

    def meet(self, event: Event, path: Path, data: bytes | None = None) -> None:
        """Called before an event takes place."""
        if self.dead:
            raise apsw.IOError("this machine is off")
        self.events.append(event)
        if self.die_at is not None and len(self.events) >= self.die_at:
            self._die(path, event, data)
        if self.fail_from is not None and len(self.events) >= self.fail_from and self.only in (None, event.kind):
            raise self.error("told to fail")

    def wrote(self, path: Path, offset: int, data: bytes | None) -> None:
        """A write (or, without data, a truncation to `offset`) took place."""
        self._pending[path].append((offset, data))

    def synced(self, path: Path) -> None:
        """A sync took place: all of it is on the platter."""
        self._pending[path].clear()
        self._synced[path] = path.read_bytes()

    def _die(self, path: Path, event: Event, data: bytes | None) -> None:
        self.dead = True
        if self.graves is None:
            raise apsw.IOError("this machine is off")
        killed, cut = self.graves
        copy_files(path.parent, killed)
        if event.kind == "write" and data is not None:  # a write may be torn by the kill
            with (killed / path.name).open("r+b") as file:
                file.seek(event.offset)
                file.write(data[: len(data) // 2])
        self.power_cut(path.parent, cut)
        raise apsw.IOError("this machine is off")

    def power_cut(self, source: Path, target: Path) -> None:
        """What a power cut now would leave: the synced bytes and some of the others."""
        random = Random(self.seed)
        target.mkdir(parents=True, exist_ok=True)
        for path in source.glob("journal.db*"):
            if path.name.endswith(("-shm", ".lock")):
                continue
            content = bytearray(self._synced.get(path, b""))
            for offset, data in self._pending[path]:
                if random.random() < 0.5:
                    continue
                if data is None:
                    del content[offset:]
                else:
                    content.extend(bytes(max(0, offset + len(data) - len(content))))
                    content[offset : offset + len(data)] = data
            (target / path.name).write_bytes(content)


def copy_files(source: Path, target: Path) -> None:
    """The files as they are (the page cache survives a killed process)."""
    target.mkdir(parents=True, exist_ok=True)
    for path in source.glob("journal.db*"):
        if not path.name.endswith(("-shm", ".lock")):
            shutil.copy(path, target / path.name)


class _Vfs(apsw.VFS):
    def __init__(self, disk: Shaky) -> None:
        self.disk = disk
        super().__init__(disk.name, "")

    def xOpen(self, name: apsw.URIFilename | str | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        return _File(self.disk, name, flags)


class _File(apsw.VFSFile):
    def __init__(self, disk: Shaky, name: apsw.URIFilename | str | None, flags: list[int]) -> None:
        self.disk = disk
        self.path = Path(name.filename() if isinstance(name, apsw.URIFilename) else name or "temporary")
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        self.disk.meet(Event("write", self.path.name, offset, len(data)), self.path, bytes(data))
        super().xWrite(data, offset)
        self.disk.wrote(self.path, offset, bytes(data))

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        self.disk.meet(Event("sync", self.path.name), self.path)
        super().xSync(flags)
        self.disk.synced(self.path)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's name
        self.disk.meet(Event("truncate", self.path.name, newsize), self.path)
        super().xTruncate(newsize)
        self.disk.wrote(self.path, newsize, None)
