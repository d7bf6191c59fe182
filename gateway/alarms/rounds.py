"""What the alarms need and nobody counts on a message's way: it is fetched now and then, and shown as it was then.

A source that cannot be asked leaves what was known; the journal that cannot be read is an alarm of its own.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509

from adapters.smpp.bearer import LinkState
from forwarder.epoch import LIVE_MS
from forwarder.journal import Lookout
from forwarder.shared import SharedDown
from gateway.alarms.habit import HOUR_MS, WEEK_HOURS, WEEKS, missed
from parsers.errors import JournalError

if TYPE_CHECKING:
    from gateway.app import Gateway

BREATH_SECONDS = 0.1  # between two slices that are counted: the messages' turn
WORKERS_SECONDS = 15.0
JOURNAL_SECONDS = 30.0
HABITS_SECONDS = 60.0
FILES_SECONDS = 3_600.0
PEM_OCTETS_MAX = 1_048_576  # the system's list of authorities has 200 kB
MADE, VERIFIED, BEGAN = "alarms/backup made", "alarms/backup good", "alarms/began"

log = logging.getLogger(__name__)


class Rounds:
    """Asks, each thing at its own pace, until cancelled."""

    def __init__(self, gateway: Gateway, workers: Callable[[], Awaitable[list[int]]] | None) -> None:
        self.workers: int | None = None
        """Workers that live; None where there are none to be, or while Redis cannot be asked."""
        self.happened: dict[str, int] = {}
        self.certificates: dict[str, int] = {}
        """When each ends, UTC milliseconds."""
        self.began_ms = gateway.now_ms()
        self.made_ms = 0
        self.verified_ms = 0
        self._gateway = gateway
        self._ask_workers = workers
        self._heard: dict[str, dict[int, int]] = {}
        self._last: dict[str, int] = {}

    async def run(self) -> None:
        """Until cancelled."""
        await self._remember()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep(self._look_at_journal, JOURNAL_SECONDS), name="alarms journal")
            tasks.create_task(self._keep(self._learn, HABITS_SECONDS), name="alarms habits")
            tasks.create_task(self._keep(self._look_at_certificates, FILES_SECONDS), name="alarms certificates")
            if self._ask_workers is not None:
                tasks.create_task(self._keep(self._count_workers, WORKERS_SECONDS), name="alarms workers")

    def missed(self) -> dict[tuple[str, ...], float]:
        """By operator that is bound: how many messages should have come since its last one, and did not.

        While no gateway ran and while no bind was up nothing could come: that has alarms of its own.
        """
        limits, now_ms = self._gateway.site.settings.alarms, self._gateway.now_ms()
        found: dict[tuple[str, ...], float] = {}
        for name, operator in self._gateway.operators.items():
            up = [bind.since_ms for bind in operator.status() if bind.state is LinkState.BOUND]
            if not up:
                continue
            since_ms = max(self._last.get(name, 0), self.began_ms, min(up))
            heard = self._heard.get(name, {})
            found[(name,)] = missed(heard, since_ms, now_ms, median_least=limits.silent_median, weeks_least=limits.silent_weeks)
        return found

    async def note_backup(self, made_ms: int) -> None:
        """A backup was made, and found good as it was made."""
        self.made_ms = max(self.made_ms, made_ms)
        await self._store(MADE, self.made_ms)
        await self.note_verified(made_ms)

    async def note_verified(self, at_ms: int) -> None:
        """A backup was found good."""
        self.verified_ms = max(self.verified_ms, at_ms)
        await self._store(VERIFIED, self.verified_ms)

    async def _remember(self) -> None:
        """What an earlier process knew of backups; a journal that never had one has been without since it was first watched."""
        with suppress(JournalError):
            first = await self._stored(BEGAN)
            if not first:
                await self._gateway.journal.feed.keep_cursor(BEGAN, str(self.began_ms))
                first = self.began_ms
            self.made_ms = max(self.made_ms, await self._stored(MADE) or first)
            self.verified_ms = max(self.verified_ms, await self._stored(VERIFIED) or first)

    async def _stored(self, name: str) -> int:
        """What was stored under a name; 0 when nothing was, or what nobody can read."""
        found = await self._gateway.journal.feed.cursor(name) or ""
        return int(found) if found.isascii() and found.isdecimal() else 0

    async def _store(self, name: str, at_ms: int) -> None:
        with suppress(JournalError):  # it is asked for again by the next backup
            await self._gateway.journal.feed.keep_cursor(name, str(at_ms))

    async def _keep(self, ask: Callable[[], Awaitable[None]], seconds: float) -> None:
        while True:
            try:
                await ask()
            except (JournalError, SharedDown) as error:
                log.debug("an alarm's source cannot be asked now", extra={"cause": str(error)})
            except Exception:  # whoever watches must never take down what he watches
                log.exception("an alarm's source failed")
            await asyncio.sleep(seconds)

    async def _look_at_journal(self) -> None:
        hours = self._gateway.site.settings.alarms.journal_alarm_hours
        since_ms = self._gateway.now_ms() - round(hours * HOUR_MS)
        self.happened = {one.what: one.count for one in await self._gateway.journal.lookout.happened(since_ms)}

    async def _learn(self) -> None:
        lookout: Lookout = self._gateway.journal.lookout
        now_ms, counted = self._gateway.now_ms(), 1
        while counted:
            counted = await lookout.count(now_ms)
            await asyncio.sleep(BREATH_SECONDS)
        for operator, at_ms in (await lookout.last()).items():
            self._last[operator] = max(self._last.get(operator, 0), at_ms)
        self._heard = await lookout.heard(now_ms - (WEEKS + 1) * WEEK_HOURS * HOUR_MS)

    async def _count_workers(self) -> None:
        assert self._ask_workers is not None  # noqa: S101 - run sees to it
        try:
            seen = await self._ask_workers()
        except SharedDown:
            self.workers = None
            raise
        now_ms = self._gateway.now_ms()
        self.workers = sum(now_ms - one <= LIVE_MS for one in seen)

    async def _look_at_certificates(self) -> None:
        named = dict(certificates_of(self._gateway))
        now_ms = self._gateway.now_ms()
        if named:
            self.certificates = await asyncio.to_thread(lambda: {name: ends(path, now_ms) for name, path in named.items()})


def certificates_of(gateway: Gateway) -> Iterator[tuple[str, Path]]:
    """Every certificate that the settings name, ours and the authorities we trust: (how the settings call it, the file)."""
    settings, smpp = gateway.site.settings, gateway.site.smpp
    holders = {
        "core": settings.core,
        "queue": settings.queue,
        "mirror": settings.mirror,
        "x": settings.x,
        **{f"operator {one.name}": one.tls for one in smpp.operator},
        **{f"listener {one.listen}": one.tls for one in smpp.listener},
        **{f"webhook {one.name}": one for one in settings.webhook.partner},
    }
    for holder, settings_of in holders.items():
        for key in ("certificate", "ca"):
            path = getattr(settings_of, key, None)
            if path is not None:
                yield f"{holder} {key}", Path(path)


def ends(path: Path, now_ms: int) -> int:
    """When the certificates of a file end (UTC milliseconds): the last of them, for old authorities may stay in a list of many.

    A file that cannot be read has ended now: nothing new can be begun with it.
    """
    try:
        with path.open("rb") as file:
            found = x509.load_pem_x509_certificates(file.read(PEM_OCTETS_MAX))
    except (OSError, ValueError) as error:
        log.warning("a certificate cannot be read", extra={"file": str(path), "cause": type(error).__name__})
        return now_ms
    return max(round(one.not_valid_after_utc.astimezone(dt.UTC).timestamp() * 1000) for one in found)
