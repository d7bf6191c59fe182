"""Is the gateway alive, and is it ready to take messages? A list of named checks that the wiring gives.

A check answers at once from what is already known: no I/O, no waiting. Alive is what answers at all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)

Check = Callable[[], str | None]
"""None when it is well; else one sentence for people, which names no person and no secret."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the checks said: name → None or the sentence."""

    findings: dict[str, str | None]

    @property
    def ready(self) -> bool:
        """Whether nothing speaks against taking messages."""
        return not any(self.findings.values())

    def document(self) -> dict[str, object]:
        """The same for /readyz: `{"ready": false, "checks": {"journal": "the disk is full", "binds": "ok"}}`."""
        return {"ready": self.ready, "checks": {name: sentence or "ok" for name, sentence in self.findings.items()}}


class Health:
    """Keeps the checks, and asks them all."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {"started": lambda: "the gateway is starting"}

    def add(self, name: str, check: Check) -> None:
        """Ask `check` too; a second one of the same name takes the place of the first."""
        self._checks[name] = check

    def started(self) -> None:
        """Everything is built: from now on only the checks count."""
        self._checks.pop("started", None)

    def report(self) -> Report:
        """Ask every check; one that fails itself counts as a no."""
        return Report({name: _ask(name, check) for name, check in self._checks.items()})


def _ask(name: str, check: Check) -> str | None:
    try:
        return check()
    except Exception:
        log.exception("a health check failed", extra={"check": name})
        return "the check itself failed; the log says how"
