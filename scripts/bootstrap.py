"""Make `.venv/` hold exactly what the lock files name, and the project itself; say in one line what is being done and how far.

Only the standard library, any Python from 3.11.2, with or without root, ensurepip or pip. A stamp makes the second call instant.

    python3 scripts/bootstrap.py          what the product needs (requirements.lock)
    python3 scripts/bootstrap.py --dev    and what its tests need (requirements-dev.lock)
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from index import NoPipError, fetch_pip

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PIP_INSTALL: tuple[str | Path, ...] = (PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-deps", "--no-compile")
LOCKS = {False: ROOT / "requirements.lock", True: ROOT / "requirements-dev.lock"}
SYSTEM_WHEELS = Path("/usr/share/python-wheels")  # where Debian's python3-pip-whl puts pip
OLDEST = (3, 11, 2)
PIN = re.compile(r"^[A-Za-z0-9][\w.-]*==", re.MULTILINE)
SEEN = re.compile(r"^(?:Collecting|Requirement already satisfied:) ([\w.-]+)")
PLAIN_SECONDS = 5.0  # Ours: how often a log file hears how far it is.
REMEDY = """Neither ensurepip nor pip is on this machine, and pip's wheel could not be had: {why}.
One of these helps:
  apt-get install python3-venv            (as root)
  PIP_INDEX_URL=ADDRESS make GOAL         (the address of a package index)"""


class Progress:
    """One line that says what is being done and how far: rewritten in place on a terminal, else a plain line now and then."""

    def __init__(self) -> None:
        self._on_terminal = sys.stderr.isatty()
        self._step = ""
        self._began = self._said = time.monotonic()

    def say(self, step: str, detail: str = "") -> None:
        """Show a step, and how far it is."""
        line = f".venv: {step} {detail}".rstrip()
        now = time.monotonic()
        if self._on_terminal:
            print(f"\r\x1b[K{line[: shutil.get_terminal_size().columns - 1]}", end="", file=sys.stderr, flush=True)
        elif step != self._step or now - self._said > PLAIN_SECONDS:
            print(line, file=sys.stderr, flush=True)
            self._said = now
        self._step = step

    def end(self) -> None:
        """Close the line."""
        self.say(f"ready ({time.monotonic() - self._began:.0f} s)")
        if self._on_terminal:
            print(file=sys.stderr)


def fingerprint(*, dev: bool) -> str:
    """What the environment depends on; where any of it changes, it is brought up to date."""
    digest = hashlib.sha256(f"{sys.version_info[:3]} {VENV}".encode())
    for path in (LOCKS[dev], ROOT / "pyproject.toml"):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def stamp(*, dev: bool) -> Path:
    """The file that tells which fingerprint the environment was made for."""
    return VENV / ("lapor-dev.stamp" if dev else "lapor.stamp")


def is_ready(*, dev: bool) -> bool:
    """Whether nothing is to be done; the larger environment also serves where the smaller is asked for."""
    for larger in (dev, True):
        path = stamp(dev=larger)
        if PYTHON.exists() and path.exists() and path.read_text(encoding="ascii") == fingerprint(dev=larger):
            return True
    return False


@contextmanager
def alone() -> Iterator[None]:
    """Two calls at once wait for each other."""
    with (ROOT / ".venv.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run(*command: str | Path) -> None:
    """Run a command that must succeed; what it said is shown only where it fails."""
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        sys.stderr.buffer.write(b"\n" + done.stdout)
        raise SystemExit(f"failed: {' '.join(map(str, command))}")


def can_pip() -> bool:
    """Whether the environment's Python has pip."""
    return PYTHON.exists() and not subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode


def make_venv() -> None:
    """An environment with pip in it, by whichever way this machine allows."""
    if can_pip():
        return
    if VENV.exists():
        shutil.rmtree(VENV)
    if find_spec("ensurepip") is not None:
        run(sys.executable, "-m", "venv", VENV)
        return
    run(sys.executable, "-m", "venv", "--without-pip", VENV)
    if find_spec("pip") is not None:
        run(sys.executable, "-m", "pip", "--python", PYTHON, "install", "--quiet", "pip")
        return
    with tempfile.TemporaryDirectory() as folder:
        wheel = pip_wheel(Path(folder))
        run(PYTHON, wheel / "pip", "install", "--quiet", "--no-index", "--no-deps", wheel)


def pip_wheel(folder: Path) -> Path:
    """Pip's own wheel: Debian's copy where it is installed, else from the configured index, else out of Debian's package."""
    if wheel := next(SYSTEM_WHEELS.glob("pip-*.whl"), None):
        return wheel
    try:
        return fetch_pip(folder)
    except NoPipError as error:
        if wheel := debian_pip(folder):
            return wheel
        raise SystemExit(REMEDY.format(why=error)) from None


def debian_pip(folder: Path) -> Path | None:
    """Fetch python3-pip-whl by the machine's own package sources and unpack it; needs no root, installs nothing."""
    for command in (["apt-get", "-qq", "download", "python3-pip-whl"], ["sh", "-c", "dpkg-deb --extract python3-pip-whl*.deb ."]):
        if shutil.which(command[0]) is None or subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode:
            return None
    return next(folder.glob("usr/share/python-wheels/pip-*.whl"), None)


def install(lock: Path, progress: Progress) -> None:
    """Install what the lock names, each file checked by its hash, counting as pip speaks."""
    total = len(PIN.findall(lock.read_text(encoding="utf-8")))
    count, said = 0, []
    command = [*PIP_INSTALL, "--no-input", "--progress-bar=off", "--require-hashes", "--requirement", lock]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        for line in pip.stdout or ():
            said.append(line)
            if seen := SEEN.match(line):
                count += 1
                progress.say("fetching the locked packages", f"{count} of {total} ({seen[1]})")
            elif line.startswith("Installing collected packages"):
                progress.say(f"installing {line.count(',') + 1} packages")
    if pip.returncode:
        raise SystemExit("\n" + "".join(said[-30:]) + f"failed: the packages of {lock.name} could not be installed")


def main() -> None:
    """Bring the environment up to date, or return at once."""
    dev = "--dev" in sys.argv[1:]
    if sys.version_info < OLDEST:
        raise SystemExit(f"Python {'.'.join(map(str, OLDEST))} or newer is needed; {sys.executable} is {sys.version.split()[0]}.")
    if is_ready(dev=dev):
        return
    os.environ.pop("PYTHONHOME", None)
    with alone():
        if is_ready(dev=dev):
            return
        progress = Progress()
        progress.say("creating the environment")
        make_venv()
        install(LOCKS[dev], progress)
        progress.say("installing lapor-gateway itself")
        run(*PIP_INSTALL, "--quiet", "--no-build-isolation", "--no-index", "--editable", ROOT)
        stamp(dev=dev).write_text(fingerprint(dev=dev), encoding="ascii")
        progress.end()


if __name__ == "__main__":
    main()
