"""The four sets that judge every run: sent, accepted, in the core, answered. What was accepted must be in the core once, or be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
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
