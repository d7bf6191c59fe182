"""`lapor-gateway worker`: workers on this machine, each a process of its own that is started again when it ends.

The parent holds no connection and no citizen's word; a worker dies with its parent. What one was sending when it died its record knows.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import secrets as chance
import signal
import socket
import sys
import threading
import time
from pathlib import Path

from forwarder.core import dialects
from forwarder.core.contract import CoreClient
from forwarder.journal.record import Record
from forwarder.worker import Surroundings, Worker
from gateway.clock import wall_ms
from gateway.commands import EXIT_CONFIGURATION
from gateway.notify import Notifier
from gateway.settings import Workplace
from parsers.errors import GatewayError, SettingsError

log = logging.getLogger(__name__)

PAUSE_FIRST_SECONDS = 1.0
PAUSE_MOST_SECONDS = 30.0
LIVED_SECONDS = 60.0  # a worker that lived so long is started again at once
HOST_CHARACTERS = re.compile(r"[^A-Za-z0-9.]+")


def record_path(place: Workplace, slot: int) -> Path:
    """The record of one of this machine's workers; slots count from 1."""
    return place.state / f"record-{slot}.db"


def work(place: Workplace, slot: int) -> None:
    """Be one worker until SIGTERM, until the parent is gone, or until `jobs_max` jobs are done."""
    settings = place.settings
    host = HOST_CHARACTERS.sub("", socket.gethostname())[:32] or "host"
    world = Surroundings(wall_ms, time.monotonic, lambda: chance.token_hex(6), host, os.getpid())

    def core() -> CoreClient:
        return dialects.client_of(settings.core, settings.identity, place.path.parent, connections_max=settings.worker.window)

    record = Record.open(
        record_path(place, slot),
        name=lambda: f"{host}-{slot}-{chance.token_hex(3)}",
        now_ms=wall_ms(),
        days=settings.worker.record_days,
    )
    worker = Worker(settings.queue, settings.worker, record, core, world)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):  # while RQ works it has handlers of its own, which tell us
        signal.signal(number, lambda *_: worker.stop())
    log.info("a worker works", extra={"worker": record.name})
    worker.run()


class Pool:
    """The processes of this machine. `run` ends after `stop`, or with SettingsError when no worker can start with these settings."""

    def __init__(self, place: Workplace, notifier: Notifier) -> None:
        self._place = place
        self._notifier = notifier
        self._processes: dict[int, asyncio.subprocess.Process] = {}
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """End every worker in order: each finishes what it has begun."""
        self._stopping.set()
        self._notifier.stopping()
        for process in self._processes.values():
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)

    async def run(self) -> None:
        """Keep so many workers alive as the settings say."""
        self._notifier.ready()
        async with asyncio.TaskGroup() as tasks:
            pulse = tasks.create_task(self._pulse(), name="pulse")
            slots = [
                tasks.create_task(self._keep(slot), name=f"worker {slot}") for slot in range(1, self._place.settings.worker.processes + 1)
            ]
            await asyncio.wait(slots)
            pulse.cancel()

    async def _keep(self, slot: int) -> None:
        pause = PAUSE_FIRST_SECONDS
        while not self._stopping.is_set():
            began = time.monotonic()
            code = await self._one(slot)
            if code == EXIT_CONFIGURATION:
                raise SettingsError([f"{self._place.path}: no worker can start with these settings; what is wrong is said above"])
            if self._stopping.is_set() or code == 0:
                continue
            pause = PAUSE_FIRST_SECONDS if time.monotonic() - began > LIVED_SECONDS else min(PAUSE_MOST_SECONDS, pause * 2)
            log.error("a worker ended and is started again", extra={"slot": slot, "exit": code, "pause_seconds": pause})
            try:
                async with asyncio.timeout(pause):
                    await self._stopping.wait()
            except TimeoutError:
                pass

    async def _one(self, slot: int) -> int:
        command = ("-m", "gateway.cli", "worker", "--slot", str(slot), "--config", str(self._place.path))
        process = await asyncio.create_subprocess_exec(sys.executable, *command, stdin=asyncio.subprocess.PIPE)
        self._processes[slot] = process
        if self._stopping.is_set():
            process.send_signal(signal.SIGTERM)
        return await process.wait()

    async def _pulse(self) -> None:
        while True:
            await asyncio.sleep(self._notifier.watchdog_seconds or 10.0)
            self._notifier.alive()


def problems(place: Workplace) -> list[str]:
    """Why these settings cannot make a worker."""
    settings = place.settings
    found = []
    if not settings.queue.enabled:
        found.append("[queue] redis is empty: a worker needs the Redis that the gateways use")
    if settings.queue.enabled and settings.queue.key_octets() is None:
        found.append("secret queue_key must be the 32 octets that the gateways have, in base64 or hexadecimal")
    if not settings.core.token:
        found.append("secret core_token is missing: the core takes nothing without it")
    return [f"{place.path}: {problem}" for problem in found] + list(dialects.problems(settings.core, place.path))


def _end_with_parent() -> None:
    """The parent holds the other end of our standard input; when it is gone, we end in order."""
    try:
        while os.read(0, 1):
            pass
    except OSError as error:
        raise GatewayError("a worker with a slot is started by `lapor-gateway worker` alone") from error
    os.kill(os.getpid(), signal.SIGTERM)
