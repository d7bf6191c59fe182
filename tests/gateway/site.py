"""A site in a folder: settings, secrets in the environment, and the command line called in this process."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.cli import main
from tests.gateway.road import SECRETS
from tests.tables import CONFIG

SHIPPED = (CONFIG / "routes.csv").read_text(encoding="utf-8")
HEADER = "alias,region,instansi"


@dataclass
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str


class Folder:
    """A site without operators, whose journal begins with the first command that needs it."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self._capsys = capsys
        (path / "gateway.toml").write_text("[journal]\nfree_octets_min = 0\n", encoding="utf-8")
        for name, value in SECRETS.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("LAPOR_CONFIG", str(path / "gateway.toml"))
        monkeypatch.chdir(path)

    def file(self, name: str, content: str | bytes) -> str:
        """A file in the folder; its path."""
        octets = content.encode() if isinstance(content, str) else content
        (self.path / name).write_bytes(octets)
        return str(self.path / name)

    def route(self, *arguments: str) -> Said:
        """Call `lapor-gateway route …`."""
        return self.call("route", *arguments)

    def call(self, *arguments: str) -> Said:
        """Call `lapor-gateway …`."""
        self._capsys.readouterr()
        code = main(arguments)
        said = self._capsys.readouterr()
        return Said(code, said.out, said.err)

    def versions(self) -> list[str]:
        """The installed versions, newest first."""
        return re.findall(r"^[* ] ([0-9a-f]{12}) ", self.route("history").out, re.MULTILINE)
