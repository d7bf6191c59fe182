"""Long messages whose parts came to several gateways: the parts meet in Redis, and one gateway joins them in its journal.

    part committed ──> tell ──> open      others are still missing
                           ├──> take      ours was the last: the others' parts are ours to store, the ordinary way
                           └──> linked    another gateway has the whole: our half is closed

Every step may be repeated. Who was to take a message and did not in time loses it to another; who took it twice is found out when it is
claimed. What lies in Redis are keyed hashes, and segments sealed with the key of all gateways.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from forwarder.journal import documents
from forwarder.journal.documents import Documents
from forwarder.journal.linked import Link
from forwarder.journal.seal import Sealer, SealError
from forwarder.journal.sharing import Half
from forwarder.lifecycle import SetState
from forwarder.shared import Script, Shared
from parsers import segments
from parsers.model import Concat, Segment

JOINED_SECONDS = 600  # so long a joined message is remembered for copies of its parts that come elsewhere; later ones are claimed
DIGEST = 32  # characters: the digest of a part, before what is sealed
DUE_MAX = 50  # messages looked after at one beat

log = logging.getLogger(__name__)

_TELL = Script(
    """
local key, mine, id, total, state = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local open_seconds, late_seconds, handover = ARGV[6], ARGV[7], tonumber(ARGV[8])
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local parts = {}
for i = 9, #ARGV, 2 do parts[ARGV[i]] = ARGV[i + 1] end

local function fields()
  local flat, found = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do
    local who, number = string.match(flat[i], '^p:(.):(%d+)$')
    if who then found[#found + 1] = {who, number, flat[i + 1]} end
  end
  return found
end

local done = redis.call('HGET', key, 'done')
local who, how = string.match(done or '', '^(.) (%S+)$')
if who and state == 'open' then
  local differs, missing = who == mine, false
  for number, octets in pairs(parts) do
    local there = redis.call('HGET', key, 'p:' .. who .. ':' .. number)
    if not there then missing = true
    elseif string.sub(there, 1, 32) ~= string.sub(octets, 1, 32) then differs = true end
  end
  if not differs and not missing then
    local answer = {'linked'}
    for _, one in ipairs(fields()) do
      if one[1] == who then answer[#answer + 1] = one[2] answer[#answer + 1] = one[3] end
    end
    return answer
  end
  if differs or how == 'joined' then
    redis.call('DEL', key)
    redis.call('ZREM', 'gw:due', key)
    who = nil
  end
elseif who and who ~= mine then
  return {'done'}
end

for number, octets in pairs(parts) do redis.call('HSET', key, 'p:' .. mine .. ':' .. number, octets) end
redis.call('HSET', key, 's:' .. mine, id)
local others, numbers, distinct = {}, {}, 0
for _, one in ipairs(fields()) do
  if not numbers[one[2]] then numbers[one[2]] = true distinct = distinct + 1 end
  if one[1] ~= mine then others[one[1]] = true end
end

local function lacking()
  local answer, given = {'take'}, {}
  for _, one in ipairs(fields()) do
    if one[1] ~= mine and not parts[one[2]] and not given[one[2]] then
      given[one[2]] = true
      answer[#answer + 1] = one[2]
      answer[#answer + 1] = one[3]
    end
  end
  return answer
end

if state ~= 'open' then
  redis.call('HSET', key, 'done', mine .. ' ' .. state)
  redis.call('HDEL', key, 'to')
  redis.call('EXPIRE', key, state == 'joined' and 600 or late_seconds)
  redis.call('ZREM', 'gw:due', key)
  for letter in pairs(others) do redis.call('RPUSH', 'gw:mail:' .. letter, key) end
  local answer = lacking()
  if state == 'timed_out' and #answer > 1 then return answer end
  return {'kept'}
end
redis.call('EXPIRE', key, open_seconds)
if who then
  redis.call('RPUSH', 'gw:mail:' .. who, key)
  return {'late'}
end
if distinct < total or not next(others) then return {'open'} end
local to, ends = string.match(redis.call('HGET', key, 'to') or '', '^(.) (%d+)$')
if to and to ~= mine and tonumber(ends) > now then return {'waits'} end
redis.call('HSET', key, 'to', mine .. ' ' .. (now + handover))
redis.call('ZADD', 'gw:due', now + handover, key)
return lacking()
"""
)
"""ARGV: key, our letter, our set's id, total, state, seconds an open set lives, a timed out one, ms of a hand-over, then (number, octets).

Where another gateway has the whole: linked, with its parts. Where ours lack some: take, with them.
"""
_LOOK = Script(
    """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local keys = redis.call('LPOP', 'gw:mail:' .. ARGV[1], ARGV[2]) or {}
for _, key in ipairs(redis.call('ZRANGEBYSCORE', 'gw:due', '-inf', now, 'LIMIT', 0, ARGV[2])) do
  if redis.call('EXISTS', key) == 0 then redis.call('ZREM', 'gw:due', key) else keys[#keys + 1] = key end
end
local found = {}
for _, key in ipairs(keys) do
  local id = redis.call('HGET', key, 's:' .. ARGV[1])
  if id then found[#found + 1] = id end
end
return found
"""
)


class HalvesJournal(Protocol):
    """What is asked of the journal (Journal.sharing)."""

    async def halves(self, set_ids: Sequence[int]) -> list[Half]:
        """Long messages as far as they came."""

    async def link(self, items: Sequence[Link]) -> list[bool]:
        """Close sets whose message another gateway has."""


@dataclass(frozen=True, slots=True)
class Spans:
    """How long, in seconds: an open set lives in Redis, a timed out one is remembered, a gateway may take to store what it was given."""

    open: float
    late: float
    handover: float


class Halves:
    """One gateway's halves. `accept` stores segments of others as if they had come here; True when they are on disk."""

    def __init__(  # noqa: PLR0913 - Redis, the journal, and what is done with what it gives
        self,
        shared: Shared,
        journal: HalvesJournal,
        seals: Sealer,
        *,
        letter: str,
        spans: Spans,
        accept: Callable[[Sequence[Segment]], Awaitable[bool]],
    ) -> None:
        self.taken = 0
        """Long messages that were joined here with another gateway's parts, since the start."""
        self.linked = 0
        """Halves of ours that another gateway joined."""
        self._shared = shared
        self._journal = journal
        self._seals = seals
        self._documents = Documents(seals)
        self._letter = letter
        self._spans = spans
        self._accept = accept

    async def tell(self, set_ids: Sequence[int]) -> None:
        """Tell of sets that changed, and do what follows from it. SharedDown, JournalError: tell again."""
        for half in await self._journal.halves(set_ids):
            placed = _placed(half)
            if placed and half.state is not SetState.LINKED:
                await self._tell(half, placed)

    async def look(self) -> None:
        """What others left for us, and what somebody was given and did not take in time."""
        found = await self._shared.run(_LOOK, (), (self._letter, DUE_MAX))
        await self.tell(sorted({int(one) for one in found}))

    async def _tell(self, half: Half, placed: Sequence[tuple[Concat, Segment]]) -> None:
        tag = documents.set_key(self._seals, placed[0][1], placed[0][0])
        spans = self._spans
        args: list[str | bytes | float] = [f"gw:set:{tag.hex()}", self._letter, half.set_id, half.total, half.state.value]
        args += [round(spans.open), round(spans.late), round(spans.handover * 1000)]
        for concat, segment in placed:
            args += [concat.part, self._octets(tag, segment)]
        answer, *more = await self._shared.run(_TELL, (), args)
        if answer == b"take":
            await self._take([segment for _, segment in self._opened(tag, more)])
        elif answer == b"linked":
            moved = await self._journal.link([Link(half.set_id, tuple(self._opened(tag, more)))])
            self.linked += sum(moved)

    async def _take(self, others: Sequence[Segment]) -> None:
        """Store what came elsewhere: its connection is not one of ours."""
        if not others:
            return
        if await self._accept([replace(one, session=0) for one in others]):
            self.taken += 1
            log.info("a long message is joined with parts that came to another gateway", extra={"parts": len(others)})

    def _octets(self, tag: bytes, segment: Segment) -> bytes:
        return documents.part_digest(self._seals, segment).hex().encode() + self._documents.segment(tag, segment)

    def _opened(self, tag: bytes, pairs: Sequence[bytes]) -> list[tuple[int, Segment]]:
        found = []
        for number, octets in zip(pairs[::2], pairs[1::2], strict=True):
            try:
                found.append((int(number), self._documents.open_segment(tag, octets[DIGEST:])))
            except (SealError, ValueError):
                log.error("a part of another gateway cannot be opened: is its queue_key the same?")  # noqa: TRY400 - no trace of sealed octets
        return found


def _placed(half: Half) -> list[tuple[Concat, Segment]]:
    """The parts that are still there, with their places."""
    found = ((segments.concat_of(segment), segment) for _, segment in half.parts)
    return [(concat, segment) for concat, segment in found if concat is not None]
