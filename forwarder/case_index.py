"""How every case stands, for the gateways that do not have it: STATUS asked at one gateway of a case of another is answered truly.

Tags and sealed values only; kept current by the case's own gateway, told again when Redis was emptied.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from forwarder.journal.documents import reporter_tag
from forwarder.journal.seal import Sealer, SealError
from forwarder.journal.sharing import Standing
from forwarder.lifecycle import ComplaintState
from forwarder.shared import Script, Shared

DAY_MS = 86_400_000

_TELL = Script(
    """
for i = 1, #ARGV, 6 do
  local number, tracking, reporter, came, seconds, value = unpack(ARGV, i, i + 5)
  redis.call('SET', 'gw:case:' .. number, value, 'EX', seconds)
  if tracking ~= '' then redis.call('SET', 'gw:case:' .. tracking, value, 'EX', seconds) end
  if reporter ~= '' then
    local known = redis.call('GET', 'gw:mine:' .. reporter)
    local newest = tonumber(string.match(known or '', '^%d+') or '-1')
    if tonumber(came) >= newest then redis.call('SET', 'gw:mine:' .. reporter, came .. ' ' .. number, 'EX', seconds) end
  end
end
"""
)


@dataclass(frozen=True, slots=True)
class Found:
    """A case of another gateway."""

    number: str
    state: ComplaintState
    tracking_id: str | None
    rahasia: bool
    instansi_name: str
    elsewhere: str | None
    reporter: str


class CaseIndex:
    """Cases for one gateway. Every method raises SharedDown. `seals` has the key of all gateways, `clock` gives UTC ms."""

    def __init__(self, shared: Shared, seals: Sealer, *, letter: str, days: int, clock: Callable[[], int]) -> None:
        self._shared = shared
        self._seals = seals
        self._letter = letter
        self._days_ms = days * DAY_MS
        self._clock = clock

    async def tell(self, standings: Sequence[Standing]) -> None:
        """How cases stand now; one that is older than the days is left out."""
        now = self._clock()
        args: list[str | bytes | float] = []
        for one in standings:
            left = one.received_ms + self._days_ms - now
            if left > 0:
                tracking = self._tag(one.tracking_id) if one.tracking_id else ""
                reporter = self._reporter(one.reporter) if one.reporter else ""
                args += [self._tag(one.number), tracking, reporter, one.received_ms, max(1, left // 1000), self._value(one)]
        if args:
            await self._shared.run(_TELL, (), args)

    async def find(self, reporter: str, asked: str | None) -> Found | None:
        """A reporter's own case at another gateway, by our number or the core's, or his newest; a stranger learns nothing.

        One that repeats a case of ours is given as it is, a duplicate of that number.
        """
        mine = self._reporter(reporter)
        tag = self._tag(asked) if asked is not None else await self._newest(mine)
        found = None if tag is None else await self._get(tag)
        if found is None or found.reporter != mine:
            return None
        return found if found.elsewhere is None else await self.case(found.elsewhere) or found

    async def case(self, number: str) -> Found | None:
        """A case of another gateway by its number there."""
        return await self._get(self._tag(number))

    async def _newest(self, reporter: str) -> str | None:
        known: bytes | None = await self._shared.do("GET", f"gw:mine:{reporter}")
        return None if known is None else known.partition(b" ")[2].decode()

    async def _get(self, tag: str) -> Found | None:
        value: bytes | None = await self._shared.do("GET", f"gw:case:{tag}")
        if value is None or value[:1] == self._letter.encode():
            return None
        try:
            number, state, tracking, rahasia, instansi, elsewhere, reporter = json.loads(self._seals.open("case", 0, value[1:]))
        except (SealError, ValueError):
            return None
        return Found(number, ComplaintState(state), tracking, rahasia, instansi, elsewhere, reporter)

    def _value(self, one: Standing) -> bytes:
        reporter = self._reporter(one.reporter) if one.reporter else ""
        document = [one.number, one.state, one.tracking_id, one.rahasia, one.instansi_name, one.elsewhere, reporter]
        return self._letter.encode() + self._seals.seal("case", 0, json.dumps(document).encode())

    def _tag(self, number: str) -> str:
        return self._seals.tag("case", number.encode("utf-8", "surrogatepass")).hex()

    def _reporter(self, value: str) -> str:
        return reporter_tag(self._seals, value).hex()
