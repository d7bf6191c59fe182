"""The shared index of claims: of all copies of one message, whichever machines they came to, one gateway's is filed.

    row ready ── claim(): one step in Redis ──> ours: it may be sent    another's: ready → duplicate of that number

Redis may be emptied at any moment. Then nothing is claimed until every gateway has told again what it claimed (see epoch.py): the claims
in its journal, and those of the last minutes, whose `sending` may not be on its disk yet.
"""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

from forwarder.journal.claims import WHOLE, Claim, Claimed
from forwarder.journal.documents import post_key
from forwarder.journal.seal import Sealer, SealError
from forwarder.records import Filing
from forwarder.shared import Script, Shared, SharedDown
from parsers.errors import JournalError

RECENT_SECONDS = 600.0  # a claim is on our disk as `sending` within seconds; until then memory must speak for it
RECENT_MAX = 200_000
ROWS_MAX = 200  # complaints in one step of Redis

log = logging.getLogger(__name__)

NOT_WHOLE = """
local function missing(letters)
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
  if redis.call('HGET', 'gw:epoch', 'run') ~= run then return letters end
  local found = ''
  for letter in string.gmatch(letters, '.') do
    if redis.call('HEXISTS', 'gw:epoch', 'replayed:' .. letter) == 0 then found = found .. letter end
  end
  return found
end
"""
"""Lua: the gateways among `letters` that have not yet told what they know; a server that was started anew knows of none."""

CLAIM = Script(
    NOT_WHOLE
    + """
local mine, seconds, letters, force = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if letters ~= '' then
  local waits = missing(letters)
  if waits ~= '' then return waits end
end
local answers, at = {}, 5
while at <= #ARGV do
  local value, count = ARGV[at], tonumber(ARGV[at + 1])
  local others = {}
  for i = 1, count do
    local known = redis.call('GET', 'gw:claim:' .. ARGV[at + 1 + i])
    if known and string.sub(known, 1, 1) ~= mine then
      others[#others + 1] = i - 1
      others[#others + 1] = known
    end
  end
  if #others == 0 or force == '1' then
    for i = 1, count do
      local key = 'gw:claim:' .. ARGV[at + 1 + i]
      if not redis.call('SET', key, value, 'NX', 'EX', seconds) and string.sub(redis.call('GET', key), 1, 1) == mine then
        redis.call('EXPIRE', key, seconds)
      end
    end
  end
  answers[#answers + 1] = others
  at = at + 2 + count
end
return answers
"""
)
"""ARGV: our letter, seconds a claim lives, letters that must have replayed ('': do not ask), force, then per row value, count, tags.

A row of which another gateway has any tag gets none of the others (unless forced); the answer has (place of the tag, its value) of each.
"""


HOLDERS = Script(
    NOT_WHOLE
    + """
local waits = missing(ARGV[1])
if waits ~= '' then return waits end
local found = {}
for i = 2, #ARGV do found[#found + 1] = redis.call('GET', 'gw:claim:' .. ARGV[i]) or '' end
return found
"""
)
"""ARGV: letters that must have replayed, then tags. Who has each; empty: nobody."""


class ClaimJournal(Protocol):
    """What the index asks of the journal (Journal.sharing)."""

    async def claims(self, complaint_ids: Iterable[int]) -> dict[int, Claim]:
        """What complaints are claimed by."""

    async def note_claimed(self, items: Sequence[Claimed]) -> list[bool]:
        """Another gateway has these."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a tag: the complaint's number at its gateway, when it came there, which parts it has (none: not a long one)."""

    number: str
    received_ms: int
    parts: frozenset[int]


class Index:
    """Claims for one gateway. `seals` has the key of all; `waits_for` gives who must have replayed, `lost` who never comes back."""

    def __init__(  # noqa: PLR0913 - who asks, for whom, and the clock
        self,
        shared: Shared,
        journal: ClaimJournal,
        seals: Sealer,
        *,
        letter: str,
        seconds: float,
        waits_for: Callable[[], str],
        lost: Callable[[], AbstractSet[str]] = frozenset,
        monotonic: Callable[[], float],
    ) -> None:
        self.duplicates = 0
        """Complaints that another gateway had first, since the start."""
        self._shared = shared
        self._journal = journal
        self._seals = seals
        self._letter = letter
        self._seconds = round(seconds)
        self._waits_for = waits_for
        self._lost = lost
        self._monotonic = monotonic
        self._recent: OrderedDict[int, tuple[float, Claim]] = OrderedDict()

    async def claim(self, filings: Sequence[Filing]) -> dict[int, str | None]:
        """For each complaint id None when this gateway owns it, now or before, else the number it has at its owner.

        The journal has moved those of others when this returns: they are nobody's to send here. SharedDown when Redis cannot be asked
        or some gateway has not yet told what it claimed; JournalError when the claims cannot be read.
        """
        found: dict[int, str | None] = {}
        for at in range(0, len(filings), ROWS_MAX):
            found |= await self._claim([filing.complaint_id for filing in filings[at : at + ROWS_MAX]])
        return found

    async def tell(self, claims: Iterable[Claim]) -> None:
        """Claim again, for an index that is being filled: what another gateway has stays with it."""
        rows = [claim for claim in claims if claim.tags]
        for at in range(0, len(rows), ROWS_MAX):
            told = rows[at : at + ROWS_MAX]
            answers = await self._ask(told, letters="", force=True)
            if any(answers):
                log.error("claims of this gateway are another's, too", extra={"complaints": sum(1 for one in answers if one)})

    async def posts_elsewhere(self, posts: Sequence[tuple[str, str]]) -> list[bool]:
        """Whether another gateway has each post, by (account, key). SharedDown also while some gateway has not told what it has."""
        if not posts:
            return []
        tags = [post_key(self._seals, account, key).hex() for account, key in posts]
        answer = await self._shared.run(HOLDERS, (), (self._waits_for(), *tags))
        if isinstance(answer, bytes):
            raise SharedDown(f"the index waits for gateway {', '.join(answer.decode())} to tell what it has")
        return [value[:1] not in (b"", self._letter.encode()) for value in answer]

    def recent(self) -> list[Claim]:
        """What was claimed in the last minutes, or is being claimed now."""
        self._forget()
        return [claim for _, claim in self._recent.values()]

    async def _claim(self, ids: Sequence[int]) -> dict[int, str | None]:
        claims = await self._journal.claims(ids)
        rows = [claims[one] for one in ids if one in claims]
        self._remember(rows)
        answers = await self._ask(rows, letters=self._waits_for(), force=False)
        theirs: list[Claimed] = []
        ours: list[Claim] = []
        for claim, others in zip(rows, answers, strict=True):
            first = self._first(claim, others) if others else None
            if first is not None:
                theirs.append(first)
                self._recent.pop(claim.complaint_id, None)
            elif others:
                ours.append(claim)  # some parts are another's, the message is not: phones use a reference again
        if ours:
            await self._ask(ours, letters=self._waits_for(), force=True)
        if theirs:
            await self._note(theirs)
        numbers = {one.complaint_id: one.number for one in theirs}
        return {one: numbers.get(one) for one in ids}

    async def _note(self, theirs: Sequence[Claimed]) -> None:
        self.duplicates += len(theirs)
        for one in theirs:
            log.info("another gateway has this complaint", extra={"complaint_id": one.complaint_id, "first": one.number})
        try:
            await self._journal.note_claimed(theirs)
        except JournalError as error:  # they stay ready, and are asked for again
            log.warning("complaints of another gateway wait for the journal", extra={"cause": str(error), "complaints": len(theirs)})

    async def _ask(self, rows: Sequence[Claim], *, letters: str, force: bool) -> list[list[object]]:
        if not rows:
            return []
        args: list[str | bytes | float] = [self._letter, self._seconds, letters, "1" if force else "0"]
        for row in rows:
            args += [self._value(row), len(row.tags), *(tag.hex() for tag, _ in row.tags)]
        answer = await self._shared.run(CLAIM, (), args)
        if isinstance(answer, bytes):
            raise SharedDown(f"the index waits for gateway {', '.join(answer.decode())} to tell what it claimed")
        return list(answer)

    def _value(self, claim: Claim) -> bytes:
        parts = [part for _, part in claim.tags if part != WHOLE]
        document = json.dumps([claim.number, claim.received_ms, parts]).encode()
        return self._letter.encode() + self._seals.seal("claim", 0, document)

    def _first(self, claim: Claim, others: Sequence[object]) -> Claimed | None:
        """The complaint elsewhere that ours repeats; None where only the words of some parts are the same.

        A part with the same number and other words says that it is another message under the same reference.
        """
        places = dict(zip(others[::2], others[1::2], strict=True))
        mine = {part for _, part in claim.tags if part != WHOLE}
        for holder, same in self._holders(claim, places).items():
            if WHOLE in same or (holder.parts & mine) <= same:
                late, lost = WHOLE not in same and not mine <= holder.parts, holder.number[1] in self._lost()
                return Claimed(claim.complaint_id, holder.number, holder.received_ms, late=late, lost=lost)
        return None

    def _holders(self, claim: Claim, places: Mapping[object, object]) -> dict[Holder, set[int]]:
        found: dict[Holder, set[int]] = {}
        for place, value in places.items():
            if isinstance(place, int) and isinstance(value, bytes):
                found.setdefault(self._open(value), set()).add(claim.tags[place][1])
        return found

    def _open(self, value: bytes) -> Holder:
        try:
            number, received_ms, parts = json.loads(self._seals.open("claim", 0, value[1:]))
        except (SealError, ValueError):
            raise SharedDown("a claim in the shared index cannot be opened: it was written with another queue_key") from None
        return Holder(number, received_ms, frozenset(parts))

    def _remember(self, claims: Iterable[Claim]) -> None:
        """Before Redis is asked: whatever the answer, and whatever becomes of Redis meanwhile, it is told again."""
        self._forget()
        now = self._monotonic()
        for claim in claims:
            self._recent[claim.complaint_id] = (now, claim)
            self._recent.move_to_end(claim.complaint_id)

    def _forget(self) -> None:
        before = self._monotonic() - RECENT_SECONDS
        while self._recent and (len(self._recent) > RECENT_MAX or next(iter(self._recent.values()))[0] < before):
            self._recent.popitem(last=False)
