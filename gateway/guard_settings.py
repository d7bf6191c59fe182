"""The limits of the guard at the front desk (docs/guards.md): above them a text is kept and held, never dropped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """When an SMS waits for a person instead of being filed and answered by itself."""

    sms_per_sender_hour_max: Annotated[int, Ge(1), Le(10_000)] = 20
    """Complaints of one number in an hour; more are held as a flood, and the first of these alone is answered. A citizen who tells a long
    story in pieces needs ten; who writes for his whole village is helped at the desk."""

    same_words_senders_max: Annotated[int, Ge(2), Le(100_000)] = 50
    """The same words of more numbers than this within an hour are marked for the core's people, and an alarm says so; they are filed all
    the same: in a campaign (2013, BBM) each of them is a citizen who counts."""

    same_words_burst_max: Annotated[int, Ge(2), Le(100_000)] = 30
    """The same words of more numbers than this, none of which wrote before, within same_words_burst_seconds are one SIM farm: held as a
    flood. People who agree upon a text need minutes for what a machine does in seconds."""

    same_words_burst_seconds: Annotated[float, Ge(1), Le(3_600)] = 10.0
    """Three new numbers with the same words each second: above the fastest petition, below the slowest SIM farm."""

    same_text_answers_max: Annotated[int, Ge(1), Le(1_000)] = 5
    """The same words of one number again and again within an hour: so many are answered, the rest is kept."""

    machine_seconds: Annotated[float, Ge(0), Le(600)] = 8.0
    """A text that comes this soon after an SMS of ours is a machine's answer, if it happens again: nobody has read it and typed. 0: off."""
