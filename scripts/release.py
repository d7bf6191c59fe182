"""Build one release: an environment that can be moved to where it will run, with exactly the locked packages and one program.

A release is a folder `VERSION-COMMIT` with bin/lapor-gateway, the packages, the units and the program that installs it. It holds no
pip, no build tools, no caches and no path of the machine that built it, so two builds of one commit are equal.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
PIP = (ROOT / ".venv" / "bin" / "python", "-m", "pip")
OLDEST_PYTHON = (3, 11, 2)
PROJECT = "lapor-gateway (pyproject.toml)"  # how the lock says that a package is needed to run, not to build
CARRIED = ("README.md", "CHANGELOG.md", "LICENSE", "NOTICE", "docs/operations.md", "docs/runbook.md")
INSTALLER = ("install.py", "journal_copy.py", "place.py", "services.py")
PROGRAM = """\
#!{home}/bin/python -IB
import sys
from gateway.cli import main
sys.exit(main())
"""
ABOUT_PYTHON = "import sys; print(*sys.version_info[:3]); print(sys.implementation.cache_tag)"


class ReleaseError(Exception):
    """A release cannot be built here; the sentence says why and what helps."""


def version() -> str:
    """The version of the project."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def commit(wheel: Path) -> str:
    """Which state of the sources this is: git's short name, marked when files were changed; without git, from the wheel's octets."""
    command = [
        "git",
        "-c",
        f"safe.directory={ROOT}",
        "-C",
        str(ROOT),
        "describe",
        "--always",
        "--exclude=*",
        "--abbrev=12",
        "--dirty=.changed",
    ]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "w" + hashlib.sha256(wheel.read_bytes()).hexdigest()[:12]


def moment() -> int:
    """When this state was committed, in seconds: $SOURCE_DATE_EPOCH, else git's word, else the newest line of the changelog's file."""
    if os.environ.get("SOURCE_DATE_EPOCH", "").isdecimal():
        return int(os.environ["SOURCE_DATE_EPOCH"])
    command = ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    try:
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return int((ROOT / "CHANGELOG.md").stat().st_mtime)


def needed(lock: str) -> str:
    """The lock without what only the building needs: a package stays when the project, or one that stays, asks for it."""
    blocks = {block.split("==")[0]: block for block in re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)[1:]}
    asked = {name: set(re.findall(r"^    #(?: via)? +(\S.*)$", block, re.MULTILINE)) for name, block in blocks.items()}
    kept: set[str] = {PROJECT}
    while more := {name for name, by in asked.items() if name not in kept and by & kept}:
        kept |= more
    return "".join(block for name, block in blocks.items() if name in kept)


def find_python(named: str) -> tuple[Path, str]:
    """(interpreter, `3.11`) that the release will run under: by the name given, else the system's; ReleaseError when it is too old."""
    python = Path(named or "/usr/bin/python3")
    try:
        said = subprocess.run([python, "-I", "-c", ABOUT_PYTHON], capture_output=True, text=True, check=True).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        raise ReleaseError(f"{python} does not run; name an interpreter with --python, for example /usr/bin/python3.11") from None
    found = tuple(map(int, said[:3]))
    if found < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        raise ReleaseError(f"{python} is Python {'.'.join(said[:3])}, {wanted} or newer is needed; name another one with --python")
    exact = python.with_name(f"python{found[0]}.{found[1]}")
    return (exact if exact.exists() else python), f"{found[0]}.{found[1]}"


def build(folder: Path, home: Path, wheel: Path, *, python: str = "", environment: Path | None = None) -> dict[str, object]:
    """Build into `folder` what will run at `home`; returns what its release.json says. `environment` gives the packages, else pip."""
    if environment is not None and not python:
        python = str((environment / "bin" / "python").resolve())  # what was chosen for one Python need not do for another
    interpreter, minor = find_python(python)
    packages = folder / "lib" / f"python{minor}" / "site-packages"
    shutil.rmtree(folder, ignore_errors=True)
    packages.mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(interpreter)
    (folder / "pyvenv.cfg").write_text(f"home = {interpreter.parent}\ninclude-system-site-packages = false\n", encoding="utf-8")
    if environment is None:
        fetch(folder)
    else:
        copy(environment / "lib" / f"python{minor}" / "site-packages", packages)
    pip(folder, "--no-index", wheel)
    clean(folder, packages)
    program = folder / "bin" / "lapor-gateway"
    program.write_text(PROGRAM.format(home=home), encoding="utf-8")
    program.chmod(0o755)
    carry(folder, packages)
    about: dict[str, object] = {
        "version": version(),
        "commit": commit(wheel),
        "python": str(interpreter),
        "journal": max(int(path.name[:4]) for path in (packages / "forwarder" / "journal" / "migrations").glob("[0-9]*.sql")),
    }
    (folder / "release.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    settle(folder)
    return about


def pip(folder: Path, *arguments: str | Path) -> None:
    """Install into the release with the pip of this checkout's environment; ReleaseError shows what it said."""
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input", "--no-deps", "--no-compile", "--no-warn-script-location")
    command = [*PIP, "--python", folder / "bin" / "python", "install", *quiet, *arguments]
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise ReleaseError(
            f"{done.stdout.strip()[-2000:]}\nthe packages could not be installed; without an index: PIP_NO_INDEX=1 PIP_FIND_LINKS=FOLDER"
        )


def fetch(folder: Path) -> None:
    """The locked packages from wherever pip is configured to look, each file checked by its hash; only wheels, nothing is compiled."""
    lock = folder / "requirements.lock"
    lock.write_text(needed(LOCK.read_text(encoding="utf-8")), encoding="utf-8")
    pip(folder, "--require-hashes", "--requirement", lock)


def copy(source: Path, packages: Path) -> None:
    """The locked packages out of an environment that was made from the same lock."""
    pins = dict(re.findall(r"^([\w.-]+)==([^ \\;]+)", needed(LOCK.read_text(encoding="utf-8")), re.MULTILINE))
    found = {_plain(one.metadata["Name"]): one for one in metadata.distributions(path=[str(source)])}
    for name, pinned in pins.items():
        one = found.get(_plain(name))
        if one is None and name in ("async-timeout", "tzdata"):
            continue  # the lock asks for them only elsewhere
        if one is None or one.version != pinned:
            raise ReleaseError(
                f"{source} has {name} {one.version if one else 'not at all'}, the lock {pinned}; bring that environment up to date"
            )
        for file in one.files or ():
            if file.parts[0] != ".." and file.suffix != ".pyc":
                target = packages / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source / file, target)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def clean(folder: Path, packages: Path) -> None:
    """Take out what pip leaves for itself: other programs, its notes about this machine, caches."""
    for path in (folder / "bin").iterdir():
        if path.name != "python":
            path.unlink()
    for path in folder.iterdir():
        if path.name not in ("bin", "lib", "pyvenv.cfg"):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for cache in list(packages.rglob("__pycache__")):
        shutil.rmtree(cache)
    for about in packages.glob("*.dist-info"):
        for name in ("direct_url.json", "REQUESTED"):
            (about / name).unlink(missing_ok=True)
        record = about / "RECORD"
        if record.exists():
            kept = [line for line in record.read_text(encoding="utf-8").splitlines(keepends=True) if _stays(line, packages)]
            record.write_text("".join(sorted(kept)), encoding="utf-8")


def _stays(line: str, packages: Path) -> bool:
    name = line.split(",", maxsplit=1)[0].strip('"')
    return not name.startswith("..") and (packages / name).exists()


def carry(folder: Path, packages: Path) -> None:
    """What an administrator needs of it later: the pages, the units, and the program that goes back and removes."""
    share = folder / "share"
    share.mkdir()
    for name in CARRIED:
        shutil.copyfile(ROOT / name, share / Path(name).name)
    shutil.copytree(packages / "gateway" / "systemd", share / "systemd")
    (share / "installer").mkdir()
    for name in INSTALLER:
        shutil.copyfile(ROOT / "scripts" / name, share / "installer" / name)


def settle(folder: Path) -> None:
    """Modes and times that depend on nothing but the commit."""
    at = moment()
    for path in walk(folder):
        if not path.is_symlink():
            program = path.is_file() and path.parent == folder / "bin"
            path.chmod(0o755 if path.is_dir() or program else 0o644)
        os.utime(path, (at, at), follow_symlinks=False)


def walk(folder: Path) -> Iterator[Path]:
    """Everything in a folder, deepest first, itself last; links are not followed."""
    for place, folders, files in os.walk(folder, topdown=False):
        yield from (Path(place, name) for name in sorted([*files, *folders]))
    yield folder
