"""The core's window shared by all gateways: together they have no more on its way than the most careful of them allows.

A batch holds slots, and loses them when it is freed or its holder is silent too long. Nothing of it is the truth: a Redis that was
emptied has all slots free, and one that is down leaves each gateway with a share of its own.
"""

from __future__ import annotations

from forwarder.shared import Script, Shared

LIVE_SECONDS = 5.0  # a gateway publishes each second; one that was silent so long says nothing about the core any more
PROBE_SECONDS = 30
BREAKERS = ("closed", "trial", "open", "fault")
"""forwarder.pacing.BreakerState, from best to worst."""
NO_LIMIT = 1 << 20

_NOW = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"
_TAKE = Script(
    _NOW
    + """
local batch, want, hold, mine, live = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local limit = mine
local windows = redis.call('HGETALL', 'gw:windows')
for i = 1, #windows, 2 do
  local window, at = string.match(windows[i + 1], '^(%d+) %S+ (%d+)$')
  if window and now - tonumber(at) <= live then limit = math.min(limit, tonumber(window)) end
end
local taken, held = 0, redis.call('HGETALL', 'gw:slots')
for i = 1, #held, 2 do
  local count, ends = string.match(held[i + 1], '^(%d+) (%d+)$')
  if not count or tonumber(ends) <= now then redis.call('HDEL', 'gw:slots', held[i])
  elseif held[i] ~= batch then taken = taken + tonumber(count) end
end
local given = math.max(0, math.min(want, limit - taken))
if given > 0 then redis.call('HSET', 'gw:slots', batch, given .. ' ' .. (now + hold)) else redis.call('HDEL', 'gw:slots', batch) end
return given
"""
)
_PUBLISH = Script(_NOW + "redis.call('HSET', 'gw:windows', ARGV[1], ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. now)")
_OTHERS = Script(
    _NOW
    + """
local found = {}
local windows = redis.call('HGETALL', 'gw:windows')
for i = 1, #windows, 2 do
  local window, breaker, at = string.match(windows[i + 1], '^(%d+) (%S+) (%d+)$')
  if window and windows[i] ~= ARGV[1] and now - tonumber(at) <= tonumber(ARGV[2]) then
    found[#found + 1] = window
    found[#found + 1] = breaker
  end
end
return found
"""
)


class CoreShare:
    """One gateway's part in it. Every method raises SharedDown; then the caller goes by a share of its own."""

    def __init__(self, shared: Shared, *, letter: str, hold_seconds: float) -> None:
        """`hold_seconds` is how long a batch keeps slots that nobody frees: longer than any batch is on its way."""
        self._shared = shared
        self._letter = letter
        self._hold_ms = round(hold_seconds * 1000)
        self._window = NO_LIMIT

    async def take(self, batch: str, want: int) -> int:
        """Slots for one batch, 0 to `want`; asked again for the same batch, the answer takes the place of the one before."""
        return int(await self._shared.run(_TAKE, (), (batch, want, self._hold_ms, self._window, round(LIVE_SECONDS * 1000))))

    async def free(self, batch: str) -> None:
        """The batch is over: its slots are others'."""
        await self._shared.do("HDEL", "gw:slots", batch)

    async def publish(self, window: int, breaker: str) -> None:
        """Say each second how many this gateway would have on their way, and how its breaker stands."""
        self._window = window
        await self._shared.run(_PUBLISH, (), (self._letter, window, breaker))

    async def others(self) -> tuple[int, str]:
        """(least window, worst breaker) of the other gateways that live; NO_LIMIT and `closed` where there are none."""
        found = [one.decode() for one in await self._shared.run(_OTHERS, (), (self._letter, round(LIVE_SECONDS * 1000)))]
        windows, breakers = found[::2], found[1::2]
        worst = max(breakers, key=lambda one: BREAKERS.index(one) if one in BREAKERS else len(BREAKERS), default=BREAKERS[0])
        return min(map(int, windows), default=NO_LIMIT), worst

    async def may_probe(self) -> bool:
        """Whether this gateway may probe the core now: one probe in 30 seconds over all of them."""
        return await self._shared.do("SET", "gw:probe", self._letter, "NX", "EX", PROBE_SECONDS) is not None

    async def forget(self, letter: str) -> None:
        """A gateway that never comes back has no window."""
        await self._shared.do("HDEL", "gw:windows", letter)
