"""Each daemon's ExecStart with what systemd gives it: it says READY, is alive for the watchdog, says STOPPING, and ends in order."""

from __future__ import annotations

import base64
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.systemd.units import surroundings, unit

WATCHDOG_MICROSECONDS = 600_000  # pings come three times as often
WAIT_SECONDS = 300.0
SETTINGS = '[journal]\nfree_octets_min = 0\n[http]\nport = 0\n[queue]\nredis = "redis://127.0.0.1:1/0"\n'
pytestmark = pytest.mark.timeout(900)
KEY = base64.b64encode(bytes(32)).decode()


@pytest.fixture
def root() -> Iterator[Path]:
    """A machine's folders, short enough for sockets, with settings and secrets as an administrator lays them down."""
    with tempfile.TemporaryDirectory(prefix="lg") as folder:
        etc = Path(folder, "etc/lapor-gateway")
        for name, value in {
            "master/key": KEY,
            "core/token": "t",
            "queue/key": KEY,
            "operator/": "",
            "x/": "",
            "webhook/": "",
            "mirror/": "",
        }.items():
            path = etc / "secrets" / name
            (path.parent if value else path).mkdir(parents=True, exist_ok=True)
            if value:
                path.write_text(value + "\n", encoding="ascii")
        (etc / "gateway.toml").write_text(SETTINGS, encoding="utf-8")
        yield Path(folder)


def heard(notify: socket.socket, word: bytes, times: int = 1) -> None:
    """Wait until the service has said a word so many times."""
    until = time.monotonic() + WAIT_SECONDS
    while times:
        notify.settimeout(max(0.01, until - time.monotonic()))
        times -= word in notify.recv(4096).split(b"\n")


def kept(state: Path) -> None:
    """Wait until the service keeps something in its state directory: a worker's processes come up after the worker is ready."""
    until = time.monotonic() + WAIT_SECONDS
    while not list(state.glob("*.db")):
        assert time.monotonic() < until, f"nothing is kept in {state}"
        time.sleep(0.05)


@pytest.mark.parametrize("name", ["lapor-gateway.service", "lapor-worker@.service"])
def test_a_daemon_speaks_with_systemd_from_its_start_to_its_end(root: Path, name: str) -> None:
    one = unit(name)
    if name.startswith("lapor-gateway"):
        toml = root / "etc/lapor-gateway/gateway.toml"
        toml.write_text(SETTINGS.partition("[queue]")[0], encoding="utf-8")
    environment = surroundings(one, root, root / "run", instance="1")
    environment |= {"NOTIFY_SOCKET": str(root / "run/notify"), "WATCHDOG_USEC": str(WATCHDOG_MICROSECONDS)}
    (arguments,) = one.calls()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, (root / "run/log").open("wb") as log:
        notify.bind(environment["NOTIFY_SOCKET"])
        process = subprocess.Popen([sys.executable, "-m", "gateway.cli", *arguments], env=environment, stdout=log, stderr=log)
        try:
            heard(notify, b"READY=1")
            heard(notify, b"WATCHDOG=1", 3)
            kept(Path(environment["STATE_DIRECTORY"].split(":")[0]))
            process.send_signal(signal.SIGTERM)
            if name.startswith("lapor-gateway"):
                heard(notify, b"STOPPING=1")
            assert process.wait(WAIT_SECONDS) == 0, (root / "run/log").read_text(encoding="utf-8")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def test_a_mistake_in_a_file_ends_with_78_which_systemd_does_not_start_again(root: Path) -> None:
    one = unit("lapor-gateway.service")
    (root / "etc/lapor-gateway/secrets/core/token").unlink()
    environment = surroundings(one, root, root / "run")
    (arguments,) = one.calls()
    done = subprocess.run([sys.executable, "-m", "gateway.cli", *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == int(one.one("RestartPreventExitStatus")) == 78
    assert "core_token is missing" in done.stderr


def test_credentials_reach_the_settings_by_the_names_that_systemd_makes(root: Path) -> None:
    """systemd.exec(5): of a directory each file is loaded as ID_FILE."""
    environment = surroundings(unit("lapor-gateway.service"), root, root / "run")
    assert sorted(os.listdir(environment["CREDENTIALS_DIRECTORY"])) == ["core_token", "master_key", "queue_key"]  # noqa: PTH208 - the names alone
