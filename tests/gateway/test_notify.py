"""systemd hears of us through the socket it named; without one, nothing happens."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from gateway.notify import Notifier


def heard(address: str, environment: str) -> list[bytes]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(10)
        notifier = Notifier({"NOTIFY_SOCKET": environment})
        notifier.ready()
        notifier.alive()
        notifier.status("2 binds up,\n 0 waiting")
        notifier.stopping()
        return [manager.recv(4096) for _ in range(4)]


EXPECTED = [b"READY=1", b"WATCHDOG=1", b"STATUS=2 binds up, 0 waiting", b"STOPPING=1"]


def test_a_socket_in_the_file_system_hears_every_word(tmp_path: Path) -> None:
    assert heard(str(tmp_path / "s"), str(tmp_path / "s")) == EXPECTED


def test_an_abstract_socket_hears_every_word() -> None:
    name = f"lapor-test-{os.getpid()}"
    assert heard("\0" + name, "@" + name) == EXPECTED


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "/nowhere/at/all"}, {"NOTIFY_SOCKET": "x" * 300}])
def test_without_a_listening_manager_nothing_happens(environment: dict[str, str]) -> None:
    Notifier(environment).ready()


@pytest.mark.parametrize(("given", "seconds"), [({}, None), ({"WATCHDOG_USEC": "30000000"}, 10.0), ({"WATCHDOG_USEC": "soon"}, None)])
def test_the_watchdog_is_fed_three_times_per_period(given: dict[str, str], seconds: float | None) -> None:
    assert Notifier(given).watchdog_seconds == seconds
