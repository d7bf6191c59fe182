"""Tells systemd how we are: ready, stopping, alive, and in one line what we do (sd_notify(3), Type=notify).

Thirty lines of the standard library in place of a dependency; without systemd every call does nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping

WATCHDOG_SHARE = 1 / 3  # sd_watchdog_enabled(3) advises half; a third leaves room for one late tick.


class Notifier:
    """Speaks to the socket that the service manager named, if it named one."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address  # an abstract socket
        microseconds = environment.get("WATCHDOG_USEC", "")
        self.watchdog_seconds = int(microseconds) / 1e6 * WATCHDOG_SHARE if microseconds.isdecimal() else None
        """How often `alive` is to be called; None when nobody watches."""

    def ready(self) -> None:
        """Binds may not be up yet, but the journal is open and the doors are."""
        self._tell("READY=1")

    def stopping(self) -> None:
        """An orderly end has begun."""
        self._tell("STOPPING=1")

    def alive(self) -> None:
        """Call it from the event loop: a loop that hangs is what the watchdog is for."""
        self._tell("WATCHDOG=1")

    def status(self, sentence: str) -> None:
        """What `systemctl status` shows; one line."""
        self._tell("STATUS=" + " ".join(sentence.split()))

    def _tell(self, state: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK) as unix:
                unix.sendto(state.encode(), self._address)
        except OSError:
            pass  # a service manager that is away must not end the service; its watchdog says enough
