"""What is set where several gateways take messages for one core: who they are, and how long they wait for each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Le

from forwarder.journal.number import LETTERS

GATEWAYS_MIN = 2


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """Several gateways, each on its own machine with its own journal; what they must know of each other lies in [queue] redis."""

    gateways: tuple[str, ...] = ()
    """The letters (journal.gateway_letter) of all of them, the same list on each: `["A", "B"]`; empty: this one alone."""
    handover_seconds: Annotated[float, Gt(0), Le(600)] = 10.0
    """A long message whose last part came is given to one gateway; one that has not stored it after so long loses it to another."""
    case_days: Annotated[int, Ge(1), Le(365)] = 30
    """So old may a case be that STATUS is answered at a gateway that does not have it; each costs about 500 octets of Redis."""
    replay_rows: Annotated[int, Ge(1), Le(1_000)] = 200
    """Rows told at once to a Redis that was emptied: small slices, so that no operator waits for them."""
    lease_seconds: Annotated[float, Ge(3), Le(300)] = 15.0
    """Only one gateway reads X; one that was silent for so long loses it to another."""

    def __post_init__(self) -> None:
        strange = [one for one in self.gateways if len(one) != 1 or one not in LETTERS]
        if strange:
            raise ValueError(f"gateways: {strange[0]!r} is no gateway's letter; one of {LETTERS}")
        if len(set(self.gateways)) != len(self.gateways):
            raise ValueError("gateways: a letter stands there twice; each gateway has its own")

    @property
    def enabled(self) -> bool:
        """Whether there are others."""
        return len(self.gateways) >= GATEWAYS_MIN

    def problems(self, letter: str, *, queue: bool) -> list[str]:
        """What one class alone cannot see: empty when all agree."""
        found = []
        if self.gateways and not self.enabled:
            found.append("gateways names one gateway; name all of them, or none")
        if self.enabled and letter not in self.gateways:
            found.append(f"gateways does not name this gateway, whose journal.gateway_letter is {letter}")
        if self.enabled and not queue:
            found.append("several gateways need [queue] redis")
        return found
