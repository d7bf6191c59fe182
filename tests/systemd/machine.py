"""A machine in a folder: the installation program and a service manager of ours, without root and without network.

The packages come out of the environment that runs the tests, which was made from the same lock.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.qa.tracked import ROOT
from tests.systemd.manager import Manager

GATEWAY = "lapor-gateway.service"
SETTINGS = "[journal]\nfree_octets_min = 0\n[http]\nport = 0\n[replies]\nenabled = false\n"


@dataclass(frozen=True)
class Done:
    """What a call of the installation program came to."""

    code: int
    said: str


class Machine:
    """One machine; `first` is a release that was built, others are made of it with a fault or a change."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.manager = Manager(root)
        (self.manager.run / "enabled").touch()
        self.systemctl = root / "run" / "systemctl"
        self.systemctl.write_text(f'#!/bin/sh\ncd {ROOT} && exec {sys.executable} -m tests.systemd.manager {root} "$@"\n', encoding="utf-8")
        self.systemctl.chmod(0o755)

    @property
    def prefix(self) -> Path:
        return self.root / "opt/lapor-gateway"

    @property
    def etc(self) -> Path:
        return self.root / "etc/lapor-gateway"

    @property
    def journal(self) -> Path:
        return self.root / "var/lib/lapor-gateway/journal.db"

    def called(self, task: str, *arguments: str | Path) -> Done:
        command = [sys.executable, ROOT / "scripts" / "install.py", task, *arguments, "--destdir", self.root, "--manager", self.systemctl]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LAPOR_")}
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=environment, timeout=500
        )
        return Done(done.returncode, done.stdout)

    def release(self, name: str, source: Path, change: Callable[[Release], None] = lambda _: None) -> str:
        """Put a release among the others: a copy of a built one by hard links, then changed."""
        folder = self.prefix / "releases" / name
        shutil.copytree(source, folder, symlinks=True, copy_function=os.link)
        change(Release(folder))
        return name

    def prepare(self) -> None:
        """Settings and secrets as a site has them."""
        (self.etc / "secrets" / "core").mkdir(parents=True, exist_ok=True)
        (self.etc / "gateway.toml").write_text(SETTINGS, encoding="utf-8")
        (self.etc / "secrets" / "core" / "token").write_text("canary-token\n", encoding="utf-8")

    def pointed(self, link: str) -> str:
        path = self.prefix / link
        return path.readlink().name if path.is_symlink() else ""

    def running(self) -> str:
        """The release that the running gateway is of; empty when none runs."""
        if not self.manager.alive(GATEWAY):
            return ""
        return (self.manager.run / f"{GATEWAY}.release").read_text(encoding="utf-8")

    def calls(self) -> list[str]:
        return (self.manager.run / "calls").read_text(encoding="utf-8").splitlines()

    def end(self) -> None:
        self.manager.stop(GATEWAY)


@dataclass(frozen=True)
class Release:
    """One release's folder, to be changed."""

    folder: Path

    @property
    def packages(self) -> Path:
        (found,) = self.folder.glob("lib/python3.*/site-packages")
        return found

    def edit(self, name: str, change: Callable[[str], str]) -> None:
        """Change one file; the release it was linked from keeps its own."""
        path = self.packages / name if not name.startswith("/") else self.folder / name[1:]
        text = path.read_text(encoding="utf-8")
        path.unlink()
        path.write_text(change(text), encoding="utf-8")
