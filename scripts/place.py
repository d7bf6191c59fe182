"""Where everything of an installation lies, what is put there besides the release itself, and who owns it.

Only the standard library: this also runs where nothing else does.
"""

from __future__ import annotations

import base64
import json
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

USER = "lapor"
GATEWAY, WORKER, TARGET = "lapor-gateway.service", "lapor-worker@.service", "lapor-gateway.target"
SECRET_FOLDERS = ("core", "master", "mirror", "operator", "queue", "webhook", "x")
EXAMPLES = ("gateway.toml", "operators.toml")  # tables have no example here: a copy would hide those of the next release
WRAPPER = """\
#!/bin/sh
# lapor-gateway with this machine's settings and state; root hands on the secrets and becomes the user of the journal.
set -eu
export CONFIGURATION_DIRECTORY="${{CONFIGURATION_DIRECTORY:-{etc}}}" STATE_DIRECTORY="${{STATE_DIRECTORY:-{state}}}"
program={prefix}/current/bin/lapor-gateway
[ "$(id -u)" = 0 ] || exec "$program" "$@"
for file in {etc}/secrets/*/*; do
    [ -f "$file" ] || continue
    name=LAPOR_$(printf %s "${{file#{etc}/secrets/}}" | tr a-z A-Z | tr -c A-Z0-9 _)
    value=$(cat "$file")
    export "$name=$value"
done
export LOGNAME="${{SUDO_USER:-root}}"
exec setpriv --reuid={user} --regid={user} --clear-groups -- "$program" "$@"
"""
NETWORK = """\
# Whom {what} may speak with, besides this host. One line for each operator, the core, Redis and a name server that are elsewhere:
#   IPAddressAllow=203.0.113.7
#   IPAddressAllow=2001:db8:7::/48
# X has no fixed addresses: with [x] enabled, either IPAddressAllow=any stands here, or X is reached through a proxy on this host.
# After a change: systemctl daemon-reload && systemctl restart {unit}
[Service]
"""


class InstallError(Exception):
    """It cannot be done; the sentence says why, what was left as it was, and what helps."""


@dataclass(frozen=True)
class Place:
    """Where everything lies. `root` is DESTDIR; the other paths are as the machine will see them."""

    root: Path
    prefix: Path
    packaged: bool = False
    """A Debian package brought units, examples and programs, so they are left to it."""
    etc: Path = Path("/etc/lapor-gateway")
    state: Path = Path("/var/lib/lapor-gateway")
    backups: Path = Path("/var/lib/lapor-gateway-backup")
    system: Path = Path("/etc/systemd/system")
    local_units: Path = Path("/usr/local/lib/systemd/system")  # systemd.unit(5): units that no package brought

    def at(self, path: Path) -> Path:
        """Where a path of the machine lies now."""
        return self.root / path.relative_to("/")

    @property
    def as_lapor(self) -> bool:
        """Whether this is the machine itself and we may act for the user of the journal."""
        return os.geteuid() == 0 and self.root == Path("/")

    @property
    def releases(self) -> Path:
        """The folder of all releases."""
        return self.at(self.prefix) / "releases"

    @property
    def settings(self) -> Path:
        """The folder of this machine's settings."""
        return self.at(self.etc)

    @property
    def journal(self) -> Path:
        """The journal's file."""
        return self.at(self.state) / "journal.db"

    def pointed(self, link: str) -> str:
        """The name of the release that `current` or `previous` points to; empty when there is none."""
        path = self.at(self.prefix) / link
        return path.readlink().name if path.is_symlink() and path.exists() else ""

    def point(self, link: str, name: str) -> None:
        """Point a link to a release in one step, on disk when this returns; with no name the link goes."""
        path = self.at(self.prefix) / link
        part = path.with_name(f".{link}.part")
        part.unlink(missing_ok=True)
        if name:
            part.symlink_to(f"releases/{name}")
            part.replace(path)
        else:
            path.unlink(missing_ok=True)
        sync_folder(path.parent)

    def about(self, name: str) -> dict[str, Any]:
        """What a release says of itself."""
        try:
            return dict(json.loads((self.releases / name / "release.json").read_text(encoding="utf-8")))
        except (OSError, ValueError):
            raise InstallError(f"{self.releases / name} is no whole release; `list` shows those that are") from None

    def by_age(self) -> list[str]:
        """Every whole release, newest first."""
        found = [path for path in self.releases.glob("[!.]*") if (path / "release.json").exists()]
        return [path.name for path in sorted(found, key=lambda path: path.stat().st_ctime_ns, reverse=True)]

    def shipped(self, name: str) -> Path:
        """The folder of the settings that one release ships."""
        (found,) = (self.releases / name).glob("lib/python3.*/site-packages/gateway/config")
        return found

    def own(self, *paths: Path) -> None:
        """Give paths to the user of the journal."""
        for path in paths if self.as_lapor else ():
            shutil.chown(path, USER, USER)


def make_folders(place: Place) -> None:
    """Settings for all to read, secrets for root, journal and backups for the user of the journal."""
    secrets = place.settings / "secrets"
    for folder, mode in ((place.settings, 0o755), (secrets, 0o700), *((secrets / name, 0o700) for name in SECRET_FOLDERS)):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(mode)
    for folder in (place.at(place.state), place.at(place.backups)):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        place.own(folder)


def examples(place: Place, before: str, name: str) -> Iterator[tuple[Path, bytes, str]]:
    """(path, content, what is said) of each example to be written: missing, or as the release before shipped it; else as .new."""
    for example in () if place.packaged else EXAMPLES:
        path, content = place.settings / example, (place.shipped(name) / example).read_bytes()
        had = (place.shipped(before) / example).read_bytes() if before else None
        present = path.read_bytes() if path.exists() else None
        if present is None or present == had != content:
            yield path, content, "written"
        elif content not in (present, had):
            yield path.with_name(f"{example}.new"), content, f"{example} was changed here and stays; {example}.new is the new one"


def put_files(place: Place, before: str, name: str) -> None:
    """A release's examples, units and programs; what an administrator changed or wrote stays."""
    for path, octets, said in list(examples(place, before, name)):
        path.write_bytes(octets)
        path.chmod(0o644)
        print(f"    {path}: {said}")
    units = place.at(place.local_units)
    units.mkdir(parents=True, exist_ok=True)
    shipped = {path.name: path for path in (place.releases / name / "share" / "systemd").iterdir()}
    for gone in {path.name for path in units.glob("lapor-*")} - shipped.keys():
        (units / gone).unlink()
    for unit, source in shipped.items():
        write(units / unit, source.read_text(encoding="utf-8").replace("/opt/lapor-gateway/", f"{place.prefix}/"))
    for path, content in network(place).items():
        if not place.at(path).exists():
            write(place.at(path), content)
    for path, content in programs(place).items():
        write(place.at(path), content, 0o755)


def network(place: Place) -> dict[Path, str]:
    """The files in which an administrator names whom the services may speak with."""
    units = {GATEWAY: ("the gateway", GATEWAY), WORKER: ("each worker", "'lapor-worker@*'")}
    return {
        place.system / f"{unit}.d" / "network.conf": NETWORK.format(what=what, unit=restarted) for unit, (what, restarted) in units.items()
    }


def programs(place: Place) -> dict[Path, str]:
    """What people type."""
    base = Path("/usr") if place.packaged else Path("/usr/local")
    options = f"--prefix {place.prefix}" + (" --packaged" if place.packaged else "")
    release = f'#!/bin/sh\nexec python3 -EsB {place.prefix}/current/share/installer/install.py {options} "$@"\n'
    wrapper = WRAPPER.format(etc=place.etc, state=place.state, prefix=place.prefix, user=USER)
    return {base / "bin" / "lapor-gateway": wrapper, base / "sbin" / "lapor-gateway-release": release}


def has_user() -> bool:
    """Whether the user of the journal is there."""
    try:
        pwd.getpwnam(USER)
    except KeyError:
        return False
    return True


def make_user() -> None:
    """A system user who owns the journal and nothing else, and cannot log in."""
    command = [
        "useradd",
        "--system",
        "--user-group",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
        "--shell",
        "/usr/sbin/nologin",
        USER,
    ]
    subprocess.run(command, check=True)


def make_key(path: Path) -> None:
    """A new master key, for root to read; one that is there is never overwritten."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(os.urandom(32)) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def write(path: Path, content: str, mode: int = 0o644) -> None:
    """A file with its content, whole at every moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(content, encoding="utf-8")
    part.chmod(mode)
    part.replace(path)


def sync_folder(path: Path) -> None:
    """Make renames and new names durable (fsync(2))."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
