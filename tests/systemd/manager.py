"""A service manager for tests, spoken to as systemctl is: `manager.py ROOT start UNIT`, and it waits for READY as Type=notify does.

It reads the unit that was installed below ROOT, gives the service what systemd would, and keeps in ROOT/run what it knows. It hardens
nothing and restarts nothing. What it was asked is in ROOT/run/calls.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.systemd.units import PROGRAM, Unit, surroundings

WAIT_SECONDS = 300.0


class Manager:
    """One machine's services, below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.run = root / "run"
        self.run.mkdir(exist_ok=True)

    def call(self, verb: str, *rest: str) -> int:
        names = [word for word in rest if not word.startswith("-")]
        with (self.run / "calls").open("a", encoding="utf-8") as calls:
            calls.write(" ".join([verb, *names]) + "\n")
        known = {"start": self.start, "stop": self.stop}
        if verb in known:
            return max(known[verb](name) for name in names)
        if verb == "is-active":
            return 0 if self.alive(names[0]) else 3
        if verb == "is-enabled":
            enabled = (self.run / "enabled").exists()
            print("enabled" if enabled else "disabled")
            return 0 if enabled else 1
        if verb == "show":
            entered = self.run / f"{names[0]}.entered"
            print(entered.read_text(encoding="ascii") if entered.exists() else "0")
        return 0

    def pid(self, name: str) -> int:
        file = self.run / f"{name}.pid"
        return int(file.read_text(encoding="ascii")) if file.exists() else 0

    def alive(self, name: str) -> bool:
        try:
            stat = Path(f"/proc/{self.pid(name)}/stat").read_text(encoding="ascii", errors="replace")
        except FileNotFoundError:
            return False
        return stat.rpartition(") ")[2][0] not in "ZX"

    def start(self, name: str) -> int:
        if self.alive(name):
            return 0
        unit = Unit(self.root / "usr/local/lib/systemd/system" / name)
        environment = surroundings(unit, self.root, self.run)
        address = str(self.run / "notify")
        Path(address).unlink(missing_ok=True)
        program = self.root / PROGRAM.lstrip("/")
        command = [program.parent / "python", "-IB", program, *next(unit.calls())]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, (self.run / "log").open("ab") as log:
            notify.bind(address)
            notify.settimeout(0.1)
            environment |= {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": f"{unit.one('WatchdogSec')}000000"}
            process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
            (self.run / f"{name}.pid").write_text(str(process.pid), encoding="ascii")
            process.returncode = 0  # it outlives whoever called us; `alive` looks at the process itself
            (self.run / f"{name}.release").write_text(program.parents[1].resolve().name, encoding="ascii")
            until = time.monotonic() + WAIT_SECONDS
            while self.alive(name) and time.monotonic() < until:
                with contextlib.suppress(TimeoutError):
                    if b"READY=1" in notify.recv(4096).split(b"\n"):
                        (self.run / f"{name}.entered").write_text(str(time.monotonic_ns() // 1000), encoding="ascii")
                        return 0
        return 1

    def stop(self, name: str) -> int:
        if not self.alive(name):
            return 0
        os.kill(self.pid(name), signal.SIGTERM)
        until = time.monotonic() + WAIT_SECONDS
        while self.alive(name):
            if time.monotonic() > until:
                return 1
            time.sleep(0.02)
        return 0


if __name__ == "__main__":
    sys.exit(Manager(Path(sys.argv[1])).call(*sys.argv[2:]))
