"""The service manager, by the command it is spoken to with: what runs, what should run, stop, start and wait until it is ready."""

from __future__ import annotations

import subprocess
from pathlib import Path

from place import GATEWAY, TARGET, InstallError, Place

WORKERS = "lapor-worker@*.service"
TIMERS = ("lapor-gateway-backup.timer", "lapor-gateway-verify.timer")


class Services:
    """Where no service manager runs (`command` is empty), nothing runs and nothing is started."""

    def __init__(self, command: str, *, here: bool) -> None:
        self._command = command
        self.here = here
        """Whether the gateway is meant to run here: not so in a folder that becomes the files of other machines."""

    def wanted(self) -> bool:
        """Whether the gateway runs here, or should."""
        return self._tell("is-active", "--quiet", GATEWAY) or self._ask("is-enabled", GATEWAY) == "enabled"

    def became_ready(self) -> str:
        """The moment when the gateway last became ready: when it changes, the gateway was, if only for a moment."""
        return self._ask("show", "--property=ActiveEnterTimestampMonotonic", "--value", GATEWAY)

    def stop(self) -> None:
        """Stop the gateway; InstallError when it does not stop."""
        if not self._tell("stop", GATEWAY):
            raise InstallError(f"the gateway could not be stopped; systemctl status {GATEWAY} says why")

    def start(self) -> bool:
        """Start the gateway; True when it said that it is ready (Type=notify: the command waits for that)."""
        self._tell("reset-failed", GATEWAY)
        return self._tell("start", GATEWAY)

    def restart_workers(self) -> bool:
        """Those that run, one after the other; the others stay as they are."""
        return self._tell("try-restart", WORKERS)

    def read_units(self) -> bool:
        """Let it read the unit files anew."""
        return self._tell("daemon-reload")

    def remove(self, place: Place) -> bool:
        """Stop everything of ours, and enable none of it at the next boot."""
        wants = place.at(place.system) / f"{TARGET}.wants"
        instances = sorted(path.name for path in wants.glob("lapor-worker@*"))
        return self._tell("stop", TARGET, GATEWAY, WORKERS, *TIMERS) and self._tell("disable", TARGET, GATEWAY, *TIMERS, *instances)

    def _tell(self, *arguments: str) -> bool:
        return bool(self._command) and not subprocess.run([self._command, *arguments], check=False).returncode

    def _ask(self, *arguments: str) -> str:
        if not self._command:
            return ""
        return subprocess.run([self._command, *arguments], capture_output=True, text=True, check=False).stdout.strip()


def of_machine(place: Place, named: str | None) -> Services:
    """The one that was named, else systemd where it runs this machine."""
    runs = place.root == Path("/") and Path("/run/systemd/system").is_dir()
    return Services(("systemctl" if runs else "") if named is None else named, here=place.root == Path("/") or bool(named))
