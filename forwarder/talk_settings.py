"""How we talk with citizens by SMS: how long we wait for an answer, and for how long a number may see and change its cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le


@dataclass(frozen=True, slots=True)
class ConversationSettings:
    """What is asked back and how long we wait, in waking hours (outside [journal] quiet_from and quiet_to, where the complaint is)."""

    ask: bool = True
    """Ask back, by one SMS, where a region, a place or the matter is missing; without it such complaints are filed as they are. Where there
    are several gateways nothing is asked: the answer may come to another one."""

    question_minutes: Annotated[int, Ge(1), Le(2880)] = 120
    """Waking minutes from the sending of a question until the complaint goes on without an answer."""

    unsent_hours: Annotated[int, Ge(1), Le(72)] = 12
    """A question that no operator took for so long is given up, and the complaint goes on."""

    reply_hours: Annotated[int, Ge(1), Le(720)] = 24
    """So long after the last word a text without a keyword goes on with the same case; later it begins a new one."""

    access_days: Annotated[int, Ge(1), Le(365)] = 30
    """So long after its last SMS a number sees and changes its case without a PIN: prepaid numbers are given to somebody else."""
