"""The purse: what a UTC day on X has cost, and whether the next call may be paid. Pure; times come in as arguments.

A call is charged in full before it is made and set right afterwards, so a crash in between costs a little too much on paper and the
budget is never passed. A post read twice in a UTC day is billed once, at the dearer price where the two differ: which one X took, nobody
knows when both calls were under way at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

DAY_MS = 86_400_000
IDS_MAX = 20_000  # posts remembered as billed today; one that is forgotten is counted again, on the safe side
MICRO = 1_000_000  # money is counted in whole millionths of a dollar


def micro(dollars: float) -> int:
    """Dollars as whole millionths."""
    return round(dollars * MICRO)


@dataclass(slots=True)
class Purse:
    """Spends up to `budget` a UTC day (millionths of a dollar); `warn` is the share of it at which to warn."""

    budget: int
    warn: float = 0.8
    day: int = 0
    spent: int = 0
    calls: int = 0
    _billed: dict[str, int] = field(default_factory=dict)

    def load(self, value: str | None) -> None:
        """Go on with what was stored; what cannot be read counts as nothing spent."""
        try:
            found = json.loads(value or "{}")
            self.day, self.spent, self.calls = (max(0, int(found.get(name, 0))) for name in ("day", "spent", "calls"))
        except (ValueError, TypeError, AttributeError, OverflowError):
            self.day = self.spent = self.calls = 0

    def value(self) -> str:
        """As it is stored: the day, and what it has cost."""
        return json.dumps({"day": self.day, "spent": self.spent, "calls": self.calls}, separators=(",", ":"))

    def left(self, now_ms: int) -> int:
        """What today's budget still holds."""
        self._turn(now_ms)
        return max(0, self.budget - self.spent)

    def take(self, cost: int, now_ms: int, kept_back: int = 0) -> bool:
        """Charge the most that a call can cost; False, and nothing charged, when the budget does not hold it and what is kept back."""
        if self.left(now_ms) < cost + kept_back:
            return False
        self.spent += cost
        self.calls += 1
        return True

    def settle(self, taken: int, price: int, ids: Iterable[str], day: int) -> None:
        """A reading's true cost: `price` for each post not billed at as much today. What was charged on another `day` stays there."""
        if day != self.day:
            return
        costs = {one: price - self._billed.get(one, 0) for one in ids if price > self._billed.get(one, 0)}
        self._billed |= dict.fromkeys(costs, price)
        while len(self._billed) > IDS_MAX:
            del self._billed[next(iter(self._billed))]
        self.spent = max(0, self.spent - taken + sum(costs.values()))

    def refund(self, taken: int, day: int) -> None:
        """A call that certainly cost nothing; `day` is the one it was charged on."""
        if day == self.day:
            self.spent = max(0, self.spent - taken)

    def until_tomorrow(self, now_ms: int) -> float:
        """Seconds to the next UTC day, when there is money again."""
        return (DAY_MS - now_ms % DAY_MS) / 1000

    @property
    def warns(self) -> bool:
        """Whether so much is spent that people should know."""
        return self.budget > 0 and self.spent >= self.warn * self.budget

    def _turn(self, now_ms: int) -> None:
        """A new UTC day; never an earlier one, whatever the clock does."""
        day = now_ms // DAY_MS
        if day > self.day:
            self.day, self.spent, self.calls = day, 0, 0
            self._billed.clear()
