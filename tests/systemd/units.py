"""Reading unit files, and the environment that systemd gives a service, made by hand in a folder."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.qa.tracked import ROOT

FOLDER = ROOT / "systemd"
SERVICES = tuple(sorted(path.name for path in FOLDER.glob("*.service")))
ALL = tuple(sorted(path.name for path in FOLDER.iterdir()))
PROGRAM = "/opt/lapor-gateway/current/bin/lapor-gateway"


@dataclass(frozen=True)
class Unit:
    """One unit file: its lines in order."""

    path: Path

    def lines(self) -> Iterator[tuple[str, str]]:
        for line in self.path.read_text(encoding="utf-8").splitlines():
            if line and line[0] not in "#[":
                key, _, value = line.partition("=")
                yield key, value

    def all(self, key: str) -> list[str]:
        return [value for name, value in self.lines() if name == key]

    def one(self, key: str) -> str:
        (value,) = self.all(key)
        return value

    def calls(self) -> Iterator[list[str]]:
        """The arguments of each call of our program, also inside a shell's line."""
        for key, value in self.lines():
            if key.startswith("Exec"):
                words = shlex.split(value.replace("$$", "$"))
                inner = shlex.split(words[2], comments=False) if words[:2] == ["/bin/sh", "-c"] else words
                assert PROGRAM in inner, value
                yield [word.replace("%i", "1") for word in inner[inner.index(PROGRAM) + 1 :]]


def unit(name: str) -> Unit:
    return Unit(FOLDER / name)


def surroundings(one: Unit, root: Path, run: Path, *, instance: str = "") -> dict[str, str]:
    """What systemd would put into the service's environment; folders are made below `root`, credentials and sockets below `run`."""
    states = [Path("/var/lib", word.replace("%i", instance)) for value in one.all("StateDirectory") for word in value.split()]
    folders = [root / path.relative_to("/") for path in states]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    credentials = run / "credentials"
    credentials.mkdir(parents=True, exist_ok=True)
    for old in credentials.iterdir():
        old.unlink()
    for value in one.all("LoadCredential"):
        name, _, path = value.partition(":")
        for file in sorted((root / path.lstrip("/")).iterdir()):  # systemd.exec(5): the files of a directory become ID_FILE
            (credentials / f"{name}_{file.name}").write_bytes(file.read_bytes())
    environment = dict(pair.split("=", 1) for value in one.all("Environment") for pair in value.split())
    return environment | {
        "PATH": "/usr/bin:/bin",
        "STATE_DIRECTORY": ":".join(map(str, folders)),
        "CONFIGURATION_DIRECTORY": str(root / "etc" / one.one("ConfigurationDirectory")),
        "CREDENTIALS_DIRECTORY": str(credentials),
    }
