"""A keeper of alarms over numbers that a test writes down, with a clock moved by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gateway.alarms.board import Change
from gateway.alarms.keeper import Keeper
from gateway.alarms.settings import AlarmSettings
from gateway.metrics import Metrics
from gateway.settings import GatewaySettings

Labels = tuple[str, ...]
EPOCH_MS = 1_795_000_000_000
LOOK_SECONDS = 5.0


class Watched:
    """`numbers` are what the metrics show: by name, then by labels. `pass_` moves both clocks and looks as often as the keeper would."""

    def __init__(self, settings: GatewaySettings | None = None, **alarms: object) -> None:
        self.settings = settings or GatewaySettings(alarms=AlarmSettings(**alarms))  # type: ignore[arg-type]
        self.numbers: dict[str, dict[Labels, float]] = {}
        self.seconds = 1_000.0
        self.ms = EPOCH_MS
        self.metrics = Metrics()
        self.changes: list[Change] = []
        self.keeper = self.new_keeper()

    def new_keeper(self) -> Keeper:
        """Another life of the process: nothing is remembered."""
        return Keeper(self.settings, self.metrics, clock=lambda: self.ms, monotonic=lambda: self.seconds)

    def show(self, name: str, series: Mapping[Labels, float]) -> None:
        """From now on a metric shows this."""
        self.numbers[name] = dict(series)
        self.metrics.read(name, lambda: self.numbers[name])

    def look(self) -> list[Change]:
        changes = self.keeper.look()
        self.changes += changes
        return changes

    def pass_(self, seconds: float) -> list[Change]:
        """Let time pass, looking as it does; what changed meanwhile."""
        changes: list[Change] = []
        left = seconds
        while left > 0:
            step = min(LOOK_SECONDS, left)
            self.seconds += step
            self.ms += round(step * 1000)
            left -= step
            changes += self.look()
        return changes

    @property
    def standing(self) -> set[tuple[str, str]]:
        return {(row["code"], row["about"]) for row in self.keeper.active()}

    @property
    def codes(self) -> set[str]:
        return {code for code, _ in self.standing}


def settings(**changes: object) -> GatewaySettings:
    """The defaults, with some whole tables replaced."""
    return replace(GatewaySettings(), **changes)  # type: ignore[arg-type]
