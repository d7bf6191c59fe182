"""The four sets that judge every run: sent, accepted, in the core, answered. What was accepted must be in the core once, or be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run came to, by the citizens' texts, which are all different."""

    accepted: int
    filed: int
    seen: int
    """Accepted, not in the core, but waiting on the desk where a person sees it."""
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    strange: tuple[str, ...]
    """In the core, but never sent by anybody."""

    @property
    def good(self) -> bool:
        """Nothing lost, nothing doubled, nothing invented."""
        return not (self.lost or self.doubled or self.strange)

    def __str__(self) -> str:
        sums = f"accepted {self.accepted} = filed {self.filed} + on the desk {self.seen}"
        return f"{sums}, lost {len(self.lost)}, doubled {len(self.doubled)}"


@dataclass(frozen=True, slots=True)
class Answers:
    """What the citizens heard: a text that reached the same phone twice is doubled."""

    answered: int
    doubled: int
    most: int
    """How often the same phone got the same text, at most."""
    unanswered: tuple[str, ...]
    """Whose message is in the core, and who heard nothing."""

    def __str__(self) -> str:
        return f"{self.answered} answered, {self.doubled} answers twice, {len(self.unanswered)} without an answer"


def judge(sent: Iterable[str], accepted: Iterable[str], core: Iterable[str], desk: Iterable[str]) -> Verdict:
    """Compare the sets. `core` has one entry per complaint the core stored, `desk` the texts that wait for a person."""
    stored = Counter(core)
    waiting = set(desk)
    kept = set(accepted)
    return Verdict(
        accepted=len(kept),
        filed=len(kept & stored.keys()),
        seen=len((kept & waiting) - stored.keys()),
        lost=tuple(sorted(kept - stored.keys() - waiting)),
        doubled=tuple(sorted(text for text, count in stored.items() if count > 1)),
        strange=tuple(sorted(stored.keys() - set(sent))),
    )


def hear(expecting: Iterable[str], heard: Mapping[str, Iterable[str]]) -> Answers:
    """The fourth set. `expecting` are the numbers whose complaint was filed, `heard` the texts each phone got."""
    counts = {number: Counter(texts) for number, texts in heard.items()}
    return Answers(
        answered=sum(bool(texts) for texts in counts.values()),
        doubled=sum(sum(texts.values()) - len(texts) for texts in counts.values()),
        most=max((count for texts in counts.values() for count in texts.values()), default=0),
        unanswered=tuple(sorted(number for number in expecting if not counts.get(number))),
    )
