"""The disk under the journal: a VFS that refuses, tears and dies, and knows what is on the platter.

What a killed process leaves is what it wrote, the last write perhaps half; what a power cut leaves is what was synced, and any part of what
was not. After a failed sync the kernel calls its pages clean though they never reached the platter (https://lwn.net/Articles/752063/).
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import apsw

from tests.sim.world import World

_names = itertools.count()
NAME = "journal.db"


Write = tuple[int, bytes, int, bytes | None]
"""One write that is not on the platter for sure: where, what stood there, how long the file was, what stands there now (None: cut off)."""


class Leaf:
    """One file: how long it is, what of it is not synced, and what a failed sync lost."""

    __slots__ = ("doomed", "pending", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self.pending: list[Write] = []
        self.doomed: list[Write] = []


class Disk:
    """One host's disk. `fuse` counts events down; at 0 the machine is off: `died` is called once, nothing can be written any more."""

    def __init__(self, world: World, folder: Path, died: Callable[[], None]) -> None:
        self.world = world
        self.random = world.random("disk")
        self.name = f"sim{next(_names)}"
        self.dead = False
        self.full = False
        self.failing = ""  # which kind of event fails: write, sync
        self.fuse: int | None = None
        self.free = 1 << 40
        self._root = folder
        self._life = 0
        self._died = died
        self._leaves: dict[str, Leaf] = {}
        self._vfs = _Vfs(self)
        self.folder.mkdir(parents=True)

    @property
    def folder(self) -> Path:
        """Where the files of this life lie; the next life has its own."""
        return self._root / str(self._life)

    @property
    def life(self) -> int:
        return self._life

    @property
    def path(self) -> Path:
        """The journal."""
        return self.folder / NAME

    def close(self) -> None:
        self._vfs.unregister()

    def heal(self) -> None:
        """All is well again."""
        self.full, self.failing, self.free = False, "", 1 << 40

    def leaf(self, name: str, size: int) -> Leaf:
        """What is known of a file of this life."""
        return self._leaves.setdefault(name, Leaf(size))

    def meet(self, kind: str, leaf: Leaf, life: int) -> None:
        """Called before an event takes place; files of an earlier life are nobody's any more."""
        if self.dead or life != self._life:
            raise apsw.IOError("this machine is off")
        if self.full and kind == "write":
            raise apsw.FullError("told to be full")
        if self.failing == kind:
            if kind == "sync":
                leaf.doomed += leaf.pending
                leaf.pending = []
            raise apsw.IOError("told to fail")

    def burn(self) -> bool:
        """Whether the machine dies in this event."""
        if self.fuse is None:
            return False
        self.fuse -= 1
        if self.fuse > 0:
            return False
        self.fuse = None
        return True

    def die(self) -> None:
        """Now."""
        self.dead = True
        self._died()

    def next_life(self, *, power_cut: bool) -> None:
        """The files as the next life finds them, in a folder of its own."""
        before, leaves = self.folder, self._leaves
        self._life += 1
        self._leaves = {}
        self.folder.mkdir(parents=True)
        for name in (NAME, f"{NAME}-wal"):
            if not (before / name).exists():
                continue
            shutil.copyfile(before / name, self.folder / name)
            leaf = leaves.get(name)
            if power_cut and leaf is not None:
                self._cut(self.folder / name, leaf)
            elif leaf is not None:
                self._leaves[name] = leaf  # killed, not cut: what is not synced is still in the kernel
        self.dead, self.fuse = False, None

    def bury(self, life: int) -> None:
        """Nobody looks at an earlier life again."""
        shutil.rmtree(self._root / str(life), ignore_errors=True)

    def _cut(self, path: Path, leaf: Leaf) -> None:
        """Take away what was not synced, and put some of it back."""
        lost, kept = 0, 0
        with path.open("r+b") as file:
            for write in reversed(leaf.doomed):
                if self.random.random() < 0.7:
                    _undo(file.fileno(), write)
                    lost += 1
            for write in reversed(leaf.pending):
                _undo(file.fileno(), write)
            for write in leaf.pending:
                if self.random.random() < 0.5:
                    _redo(file.fileno(), write)
                    kept += 1
        self.world.note("disk", f"power cut: {path.name} {len(leaf.pending)} writes not synced, {kept} of them there, {lost} lost")


def _undo(file: int, write: Write) -> None:
    offset, before, size, _ = write
    if before:
        os.pwrite(file, before, offset)
    os.ftruncate(file, size)


def _redo(file: int, write: Write) -> None:
    offset, _, _, data = write
    if data is None:
        os.ftruncate(file, offset)
    else:
        os.pwrite(file, data, offset)


def _outlived(doomed: Write, write: Write) -> bool:
    """Whether what a failed sync lost was written anew since."""
    offset, data = write[0], write[3]
    return offset <= doomed[0] and (data is None or doomed[0] + len(doomed[3] or b"") <= offset + len(data))


class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        super().__init__(disk.name, "")

    def xOpen(self, name: apsw.URIFilename | str | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        return _File(self.disk, name, flags)

    def xDelete(self, name: str, sync_directory: bool) -> None:  # noqa: N802, FBT001 - SQLite's name
        leaf = self.disk.leaf(Path(name).name, 0)
        self.disk.meet("delete", leaf, self.disk.life)
        super().xDelete(name, sync_directory)
        leaf.size = 0
        leaf.pending.clear()


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: apsw.URIFilename | str | None, flags: list[int]) -> None:
        super().__init__("", name, flags)
        path = Path(name.filename() if isinstance(name, apsw.URIFilename) else name or "temporary")
        self.disk = disk
        self.life = disk.life if path.parent == disk.folder else -1
        self._look: int | None = None
        self._path = path
        self.leaf = disk.leaf(path.name, path.stat().st_size) if path.exists() else Leaf(0)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        disk, leaf = self.disk, self.leaf
        disk.meet("write", leaf, self.life)
        octets = bytes(data)
        dies = disk.burn()
        if dies:
            octets = octets[: disk.random.randrange(len(octets) + 1)]
        if octets:
            size = leaf.size
            before = os.pread(self._file(), len(octets), offset) if offset < size else b""
            super().xWrite(octets, offset)
            leaf.size = max(size, offset + len(octets))
            self._wrote((offset, before, size, octets))
        if dies:
            disk.die()
            raise apsw.IOError("this machine is off")

    def xSync(self, flags: int) -> None:  # noqa: N802, ARG002 - SQLite's name
        self.disk.meet("sync", self.leaf, self.life)
        dies = self.disk.burn()
        if not dies or self.disk.random.random() < 0.5:
            self.leaf.pending.clear()
        if dies:
            self.disk.die()
            raise apsw.IOError("this machine is off")

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's name
        leaf = self.leaf
        self.disk.meet("truncate", leaf, self.life)
        size = leaf.size
        before = os.pread(self._file(), max(0, size - newsize), newsize)
        super().xTruncate(newsize)
        leaf.size = newsize
        self._wrote((newsize, before, size, None))

    def xClose(self) -> None:  # noqa: N802 - SQLite's name
        if self._look is not None:
            os.close(self._look)
            self._look = None
        super().xClose()

    def _wrote(self, write: Write) -> None:
        """It took place."""
        leaf = self.leaf
        leaf.pending.append(write)
        if leaf.doomed:
            leaf.doomed = [one for one in leaf.doomed if not _outlived(one, write)]

    def _file(self) -> int:
        if self._look is None:
            self._look = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        return self._look
