"""What the simulated X bills: resources read once per UTC day, posts made each time (X's price list of August 2026).

Money is counted in whole millionths of a dollar.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

DAY_MS = 86_400_000
MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Rates:
    """Millionths of a dollar for one. What X does not say is `includes`: whether users and posts that come by expansion are billed."""

    post: int = 5_000
    owned: int = 1_000
    """A post of our own mentions or timeline, the app being the account's own."""
    user: int = 10_000
    create: int = 15_000
    summoned: int = 10_000
    link: int = 200_000
    delete: int = 10_000
    includes: bool = False


@dataclass(slots=True)
class Day:
    """One UTC day."""

    posts: int = 0
    owned: int = 0
    users: int = 0
    created: int = 0
    summoned: int = 0
    links: int = 0
    deleted: int = 0
    micros: int = 0


@dataclass(slots=True)
class Bill:
    """The account with X. `credit` is what was paid in, in millionths of a dollar; None: no end of it."""

    rates: Rates = field(default_factory=Rates)
    credit: int | None = None
    days: dict[str, Day] = field(default_factory=dict)
    total: int = 0
    _seen: set[str] = field(default_factory=set)
    _day: str = ""

    @property
    def empty(self) -> bool:
        """Whether the credits are used up."""
        return self.credit is not None and self.total >= self.credit

    def posts(self, ids: Iterable[int], now_ms: int, *, owned: bool) -> int:
        """Posts were returned; what that cost."""
        day = self._today(now_ms)
        new = self._new(f"p{post_id}" for post_id in ids)
        if owned:
            day.owned += new
        else:
            day.posts += new
        return self._charge(day, new * (self.rates.owned if owned else self.rates.post))

    def users(self, ids: Iterable[int], now_ms: int) -> int:
        """Users were returned."""
        day = self._today(now_ms)
        new = self._new(f"u{user_id}" for user_id in ids)
        day.users += new
        return self._charge(day, new * self.rates.user)

    def create(self, now_ms: int, *, summoned: bool, link: bool) -> int:
        """A post was made."""
        day = self._today(now_ms)
        if link:
            day.links += 1
            return self._charge(day, self.rates.link)
        if summoned:
            day.summoned += 1
            return self._charge(day, self.rates.summoned)
        day.created += 1
        return self._charge(day, self.rates.create)

    def delete(self, now_ms: int) -> int:
        """A post was deleted."""
        day = self._today(now_ms)
        day.deleted += 1
        return self._charge(day, self.rates.delete)

    def _today(self, now_ms: int) -> Day:
        name = dt.datetime.fromtimestamp(now_ms / 1000, dt.UTC).date().isoformat()
        if name != self._day:
            self._day = name
            self._seen.clear()
        return self.days.setdefault(name, Day())

    def _new(self, names: Iterable[str]) -> int:
        before = len(self._seen)
        self._seen.update(names)
        return len(self._seen) - before

    def _charge(self, day: Day, micros: int) -> int:
        day.micros += micros
        self.total += micros
        return micros
