"""One reader of X over all gateways: who holds the lease reads; where he stopped, the next one goes on.

Each holder has a number greater than all before him. A page is stored only while its reader still holds the lease, and what it brings
is known by its key to every gateway; so a reader that was frozen and comes back stores nothing twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from forwarder.journal.seal import Sealer, SealError
from forwarder.shared import Script, Shared, SharedDown

BEATS = 5  # times within a lease that its holder says that he lives
SAFE = 0.7  # of a lease after the last word from Redis its holder stops by himself

log = logging.getLogger(__name__)

_HOLD = Script(
    """
local holder = redis.call('GET', 'gw:x:lease')
if holder and holder ~= ARGV[1] then return 0 end
local fence = redis.call('GET', 'gw:x:fence')
if not holder or not fence then fence = redis.call('INCR', 'gw:x:fence') end
redis.call('SET', 'gw:x:lease', ARGV[1], 'PX', ARGV[2])
return tonumber(fence)
"""
)
_STILL = """
if redis.call('GET', 'gw:x:lease') ~= ARGV[1] or redis.call('GET', 'gw:x:fence') ~= ARGV[2] then return 0 end
"""
_CHECK = Script(_STILL + "return 1")
_KEEP = Script(_STILL + "redis.call('HSET', 'gw:x:cursors', ARGV[3], ARGV[4]) return 1")
_LEAVE = Script("if redis.call('GET', 'gw:x:lease') == ARGV[1] then redis.call('DEL', 'gw:x:lease') end")


class Lease:
    """One gateway's claim to be the reader. `name` is this run's own: a gateway that is started anew is another holder."""

    def __init__(self, shared: Shared, seals: Sealer, *, name: str, seconds: float, monotonic: Callable[[], float]) -> None:
        self._shared = shared
        self._seals = seals
        self._name = name
        self._seconds = seconds
        self._monotonic = monotonic
        self._until = 0.0
        self.fence = 0
        """Which holder we are, counted over all gateways; 0 while we are none."""

    @property
    def held(self) -> bool:
        """Whether this gateway reads now."""
        return self.fence > 0 and self._monotonic() < self._until

    async def run(self) -> None:
        """Hold it, or wait for it, until cancelled; then leave it to the others."""
        try:
            while True:
                try:
                    await self.hold()
                except SharedDown as error:
                    log.debug("the lease of X cannot be asked for", extra={"cause": str(error)})
                await asyncio.sleep(self._seconds / BEATS)
        finally:
            await self._leave()

    async def hold(self) -> bool:
        """Take it, keep it, or hear that another gateway has it. SharedDown."""
        asked_at = self._monotonic()
        fence = int(await self._shared.run(_HOLD, (), (self._name, round(self._seconds * 1000))))
        if fence and fence != self.fence:
            log.info("this gateway reads X now", extra={"holder": fence})
        self.fence, self._until = fence, asked_at + self._seconds * SAFE
        return fence > 0

    async def check(self) -> bool:
        """Whether we hold it at this very moment: asked before a page is stored. SharedDown."""
        return bool(self.fence) and bool(await self._shared.run(_CHECK, (), (self._name, self.fence)))

    async def keep(self, source: str, value: str) -> bool:
        """Say how far a source is read; False when somebody else reads by now. SharedDown."""
        sealed = self._seals.seal("cursor", 0, value.encode())
        return bool(await self._shared.run(_KEEP, (), (self._name, self.fence, source, sealed)))

    async def cursor(self, source: str) -> str | None:
        """How far the last holder read a source; None when Redis does not know. SharedDown."""
        sealed: bytes | None = await self._shared.do("HGET", "gw:x:cursors", source)
        if sealed is None:
            return None
        try:
            return self._seals.open("cursor", 0, sealed).decode()
        except (SealError, ValueError):
            return None

    async def _leave(self) -> None:
        if self.fence:
            self.fence = 0
            try:
                await self._shared.run(_LEAVE, (), (self._name,))
            except SharedDown:
                return
