"""Looks at every alarm's condition every few seconds, and says in the log, on the page of metrics and to the pager what changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from gateway.alarms.board import Board, Change, Entry, Finding
from gateway.alarms.page import shown
from gateway.alarms.pager import Pager
from gateway.alarms.signs import Growth, Look, findings
from gateway.alarms.table import ALARMS, BY_CODE, Severity
from gateway.metrics import Metrics
from gateway.settings import GatewaySettings

log = logging.getLogger(__name__)

CAUSE_CHARACTERS_MAX = 200
JUMP_SECONDS = 2.0  # a clock that is disciplined moves by milliseconds; forwarder/journal/steps.py heeds 1 s

Json = dict[str, Any]


class Keeper:
    """The alarms of one gateway. `clock` gives UTC milliseconds, `monotonic` seconds; `causes` say why, by code, for what it is about."""

    def __init__(
        self,
        settings: GatewaySettings,
        metrics: Metrics,
        *,
        clock: Callable[[], int],
        monotonic: Callable[[], float],
        causes: Mapping[str, Callable[[str], str | None]] | None = None,
    ) -> None:
        self.jumps = 0
        """Times that the clock of this machine was set."""
        self.jumped = ""
        self.pager = Pager(settings.alarms, monotonic)
        self._settings = settings
        self._metrics = metrics
        self._clock = clock
        self._monotonic = monotonic
        self._causes = causes or {}
        self._board = Board(lambda code: BY_CODE[code].hold(settings), settings.alarms.clear_seconds)
        self._growth = Growth()
        self._signs = [(alarm, alarm.signs(settings)) for alarm in ALARMS]
        self._looked_at = monotonic()
        self._ahead: float | None = None

    @property
    def looked_seconds(self) -> float:
        """Since the conditions were last looked at."""
        return max(0.0, self._monotonic() - self._looked_at)

    def series(self) -> dict[tuple[str, ...], float]:
        """For the page of metrics: 1 for each that stands."""
        return {(one.finding.code, one.finding.about): 1.0 for one in self._board.raised}

    def active(self) -> list[Json]:
        """Every alarm that stands, critical ones first, by their codes, each code's oldest first: for `status`, `alarms` and machines."""
        rows = [self._row(one) for one in self._board.raised]
        return sorted(rows, key=lambda row: (row["severity"] != Severity.CRITICAL.value, row["code"], row["since_ms"]))

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.pager.run(), name="alarms pager")
            while True:
                try:
                    self.look()
                except Exception:  # whoever watches must never take down what he watches; Prometheus says that nobody looks (A30)
                    log.exception("the alarms could not be looked at")
                await asyncio.sleep(self._settings.alarms.look_seconds)

    def look(self) -> list[Change]:
        """Look at everything once; what changed by it, already told."""
        now, now_ms = self._monotonic(), self._clock()
        self._watch_clock(now, now_ms)
        self._growth.begin(now)
        changes = self._board.look(self._findings(now), now, now_ms)
        self._looked_at = now
        for change in changes:
            self._tell(change, now_ms)
        return changes

    def _findings(self, now: float) -> Iterator[Finding]:
        """What is wrong now. An alarm whose metric cannot be read is left as it stands: not knowing is not all well."""
        look = Look(self._metrics.values, self._growth, now)
        for alarm, signs in self._signs:
            stands = self._board.stands(alarm.code)
            try:
                yield from [one for sign in signs for one in findings(alarm.code, sign, look, stands=stands)]
            except Exception:
                log.exception("an alarm's metric could not be read", extra={"code": alarm.code})
                yield from (one.finding for one in self._board.raised if one.finding.code == alarm.code)

    def _watch_clock(self, now: float, now_ms: int) -> None:
        ahead, before = now_ms / 1000 - now, self._ahead
        self._ahead = ahead
        if before is not None and abs(ahead - before) >= JUMP_SECONDS:
            self.jumps += 1
            self.jumped = f"by {ahead - before:+.0f} s"

    def _tell(self, change: Change, now_ms: int) -> None:
        alarm, finding = BY_CODE[change.finding.code], change.finding
        says = self._says(finding)
        facts = {"code": alarm.code, "severity": alarm.severity.value, "about": finding.about, "says": says}
        if change.raised:
            level = logging.CRITICAL if alarm.severity is Severity.CRITICAL else logging.WARNING
            log.log(level, "%s %s", alarm.code, alarm.name, extra={**facts, "first": alarm.first})
        else:
            seconds = max(0, now_ms - change.since_ms) // 1000
            log.info("%s %s: over", alarm.code, alarm.name, extra={**facts, "lasted_seconds": seconds})
        if alarm.severity is Severity.CRITICAL or self._settings.alarms.notify_from == Severity.WARNING.value:
            self.pager.tell({**facts, "state": "raised" if change.raised else "over"})

    def _row(self, entry: Entry) -> Json:
        alarm, finding = BY_CODE[entry.finding.code], entry.finding
        return {
            "code": alarm.code,
            "name": alarm.name,
            "severity": alarm.severity.value,
            "about": finding.about,
            "since_ms": entry.wrong_ms,
            "says": self._says(finding),
            "first": alarm.first,
        }

    def _says(self, finding: Finding) -> str:
        alarm = BY_CODE[finding.code]
        sentence = alarm.says.format(
            about=finding.about, value=shown(alarm, finding.value, self._settings), limit=shown(alarm, finding.limit, self._settings)
        )
        cause = None
        if finding.code in self._causes:
            with suppress(Exception):  # the cause is a courtesy: the alarm stands without it
                cause = self._causes[finding.code](finding.about)
        return f"{sentence}: {cause[:CAUSE_CHARACTERS_MAX]}" if cause else sentence
