"""Whether Redis still knows what the gateways told it: the epoch, who has told it all, and who lives.

    another server, or an emptied one ──> a new epoch: nobody has told anything ──> each gateway replays ──> whole

A gateway notices within a second, by the one step it takes each second: beat().
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from forwarder.journal.seal import Sealer, SealError
from forwarder.shared import Script, Shared

BEAT_SECONDS = 1.0
LIVE_MS = 5_000  # a gateway or worker that was silent for so long is away

_LIVE = f"local LIVE = {LIVE_MS}\n"
_BEAT = Script(
    _LIVE
    + """
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
if redis.call('HGET', 'gw:epoch', 'run') ~= run then
  redis.call('DEL', 'gw:epoch')
  redis.call('HSET', 'gw:epoch', 'run', run, 'token', ARGV[2])
end
redis.call('HSET', 'gw:gateways', ARGV[1], ARGV[3])
redis.call('HDEL', 'gw:forgotten', ARGV[1])
local t = redis.call('TIME')
redis.call('HSET', 'gw:seen', ARGV[1], t[1] * 1000 + math.floor(t[2] / 1000))
for i = 4, #ARGV do
  local seen = tonumber(redis.call('HGET', 'gw:seen', ARGV[i]) or '0')
  if t[1] * 1000 - seen > LIVE then redis.call('HSET', 'gw:forgotten', ARGV[i], '1') end
end
return {redis.call('HGETALL', 'gw:epoch'), redis.call('HKEYS', 'gw:forgotten'), t[1] * 1000 + math.floor(t[2] / 1000)}
"""
)
"""ARGV: our letter, a random token for a new epoch, our sealed facts, then the letters that we know to be forgotten."""
_REPLAYED = Script(
    """
if redis.call('HGET', 'gw:epoch', 'token') ~= ARGV[2] then return 0 end
redis.call('HSET', 'gw:epoch', 'replayed:' .. ARGV[1], '1')
return 1
"""
)
_FORGETTING = Script(
    _LIVE
    + """
local t = redis.call('TIME')
local seen = tonumber(redis.call('HGET', 'gw:seen', ARGV[1]) or '0')
if t[1] * 1000 - seen <= LIVE then return 0 end
redis.call('HSET', 'gw:forgotten', ARGV[1], '1')
return 1
"""
)


@dataclass(frozen=True, slots=True)
class Heard:
    """What one beat heard: the epoch's token, who has replayed in it, who is forgotten, and Redis's own time."""

    token: str
    replayed: frozenset[str]
    forgotten: frozenset[str]
    now_ms: int


@dataclass(frozen=True, slots=True)
class Member:
    """A gateway or worker as it described itself last."""

    name: str
    seen_ms: int
    facts: Mapping[str, object]


class Epoch:
    """One gateway's view of it. Every method raises SharedDown. `token` gives words nobody else gives."""

    def __init__(self, shared: Shared, seals: Sealer, *, letter: str, token: Callable[[], str]) -> None:
        self._shared = shared
        self._seals = seals
        self._letter = letter
        self._token = token

    async def beat(self, facts: Mapping[str, object], forgotten: frozenset[str]) -> Heard:
        """We live; begin a new epoch where the server is another one or was emptied."""
        sealed = self._seals.seal("facts", 0, json.dumps(facts).encode())
        pairs, gone, now_ms = await self._shared.run(_BEAT, (), (self._letter, self._token(), sealed, *sorted(forgotten)))
        words = [one.decode() for one in pairs]
        epoch = dict(zip(words[::2], words[1::2], strict=True))
        replayed = frozenset(name.removeprefix("replayed:") for name in epoch if name.startswith("replayed:"))
        return Heard(epoch["token"], replayed, frozenset(one.decode() for one in gone), int(now_ms))

    async def replayed(self, token: str) -> bool:
        """We have told all we know in this epoch; False when it is over already."""
        return bool(await self._shared.run(_REPLAYED, (), (self._letter, token)))

    async def forget(self, letter: str) -> bool:
        """A gateway never comes back; False when it lives."""
        return bool(await self._shared.run(_FORGETTING, (), (letter,)))

    async def members(self) -> list[Member]:
        """The gateways that ever beat here."""
        pairs, seen = await self._shared.batch([("HGETALL", "gw:gateways"), ("HGETALL", "gw:seen")])
        times = {name.decode(): int(ms) for name, ms in _pairs(seen).items()}
        return [Member(name.decode(), times.get(name.decode(), 0), self.facts(sealed)) for name, sealed in sorted(_pairs(pairs).items())]

    def facts(self, sealed: bytes) -> Mapping[str, object]:
        """What somebody said of himself; nothing where it is sealed with another key."""
        try:
            facts: Mapping[str, object] = json.loads(self._seals.open("facts", 0, sealed))
        except (SealError, ValueError):
            return {"cause": "says something that cannot be opened: another queue_key"}
        return facts


def _pairs(answer: object) -> dict[bytes, bytes]:
    """HGETALL, whichever way the client gives it."""
    if isinstance(answer, dict):
        return answer
    if isinstance(answer, list):
        return dict(zip(answer[::2], answer[1::2], strict=True))
    return {}
