"""Calls a person: the command of `[alarms] notify`, when an alarm is raised and when it is over.

No shell, no secrets in its environment, nothing of a citizen in its arguments; it may take so long and be called so often, and an alarm
never waits for it. What becomes of each call is counted and, where it failed, logged.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections import Counter, deque
from collections.abc import Callable, Mapping

from gateway.alarms.settings import AlarmSettings
from gateway.logs import Mask

log = logging.getLogger(__name__)

WAITING_MAX = 100  # notices that wait for the one before
ARGUMENT_CHARACTERS_MAX = 500  # an SMS gateway of a pager takes less
HOUR_SECONDS = 3600.0
ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "HOME", "USER")
"""What the command inherits: never a secret."""

Notice = Mapping[str, str]
"""The words for a call's fields: code, state, severity, about, says."""


class Pager:
    """One call after the other, in their order. `monotonic` gives seconds."""

    def __init__(self, settings: AlarmSettings, monotonic: Callable[[], float], environment: Mapping[str, str] = os.environ) -> None:
        self.counts: Counter[str] = Counter({"done": 0, "failed": 0, "left_out": 0})
        self._settings = settings
        self._monotonic = monotonic
        self._environment = {name: environment[name] for name in ENVIRONMENT if name in environment}
        self._mask = Mask()
        self._waiting: deque[Notice] = deque()
        self._called: deque[float] = deque()
        self._news = asyncio.Event()

    def tell(self, notice: Notice) -> None:
        """Take a notice; returns at once. Nothing happens where no command is set."""
        if not self._settings.notify:
            return
        if len(self._waiting) >= WAITING_MAX:
            self._left_out(notice, "too many wait")
            return
        self._waiting.append(notice)
        self._news.set()

    async def run(self) -> None:
        """Until cancelled; a command that runs then is killed."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                notice = self._waiting.popleft()
                if self._may_call():
                    await self._call(notice)
                else:
                    self._left_out(notice, "too many within an hour")

    def arguments(self, notice: Notice) -> list[str]:
        """The command with its fields filled in: one line each, numbers masked, bounded."""
        words = {name: self._mask.clean(text)[:ARGUMENT_CHARACTERS_MAX] for name, text in notice.items()}
        return [argument.format_map(words) for argument in self._settings.notify]

    def _may_call(self) -> bool:
        now = self._monotonic()
        while self._called and now - self._called[0] >= HOUR_SECONDS:
            self._called.popleft()
        if len(self._called) >= self._settings.notify_per_hour:
            return False
        self._called.append(now)
        return True

    async def _call(self, notice: Notice) -> None:
        try:
            cause = await self._run(self.arguments(notice))
        except (OSError, ValueError) as error:  # ValueError: a NUL in an argument
            cause = f"it cannot be started: {getattr(error, 'strerror', None) or type(error).__name__}"
        except Exception as error:
            log.exception("calling a person failed")
            cause = type(error).__name__
        if cause is None:
            self.counts["done"] += 1
            return
        self.counts["failed"] += 1
        log.error("the command of alarms.notify failed: nobody was called", extra={"code": notice["code"], "cause": cause})

    async def _run(self, arguments: list[str]) -> str | None:
        """Run it to its end; why it failed."""
        nothing = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            *arguments, stdin=nothing, stdout=nothing, stderr=nothing, env=self._environment, start_new_session=True
        )
        try:
            async with asyncio.timeout(self._settings.notify_seconds):
                code = await process.wait()
        except TimeoutError:
            return f"it took longer than {self._settings.notify_seconds:g} s and was killed"
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)  # whatever it started goes with it
                await process.wait()
        return None if code == 0 else f"it ended with {code}"

    def _left_out(self, notice: Notice, why: str) -> None:
        self.counts["left_out"] += 1
        log.warning("an alarm was not told by alarms.notify", extra={"code": notice["code"], "cause": why})
