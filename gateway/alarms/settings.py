"""The limits at which alarms are raised: each with its unit, its bounds and the reason for its default."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, MaxLen

from forwarder.lifecycle import HeldReason

Seconds = Annotated[float, Ge(0), Le(86_400)]
STATES = ("ready", "held", "parked", "unknown", "settled")
"""What may wait: four states, and what is settled and needs a look all the same."""
FIELDS = ("code", "state", "severity", "about", "says")
"""What a notice can say; nothing of it is a citizen's."""


def waits() -> dict[str, float]:
    """Minutes after which what waits is an alarm, by state or by the reason for which it is held."""
    return {"ready": 30.0, "unknown": 60.0, "held": 1_440.0, "parked": 1_440.0, "settled": 1_440.0}


@dataclass(frozen=True, slots=True)
class AlarmSettings:
    """When somebody must be told, and how. `lapor-gateway alarms --explain CODE` says what each alarm means."""

    bind_down_seconds: Seconds = 120.0
    """A bind that is down so long is an alarm; a reconnect takes seconds, an operator's restart a minute."""
    core_seconds: Seconds = 300.0
    """The core that does not answer, or says that the fault is ours, for so long; complaints wait on the disk meanwhile."""
    redis_seconds: Seconds = 60.0
    """Redis away, no worker, or an index that waits, for so long; a fail-over takes seconds."""
    clear_seconds: Seconds = 120.0
    """An alarm is over when all was well for so long: what flaps is one alarm, not twenty."""
    event_minutes: Annotated[float, Gt(0), Le(10_080)] = 60.0
    """What happened at a moment (a clock that jumped, a part that failed, a gap on X) stands as an alarm for so long."""
    journal_alarm_hours: Annotated[float, Gt(0), Le(720)] = 24.0
    """What the journal noted (a second tracking id, a case that nobody touches) stands as an alarm for so long: each shift sees it."""
    wait_minutes: Mapping[str, Annotated[float, Gt(0), Le(100_000)]] = field(default_factory=waits)
    """The oldest that waits, by state (ready, unknown, held, parked; settled: needs a look though it is settled) or by the reason for which
    it is held (question, review, …). This replaces the whole list; what is not named may wait for ever."""
    silent_messages: Annotated[float, Ge(0), Le(100_000)] = 30.0
    """An operator is silent when by its habit so many messages should have come since its last one. Chance leaves out no 30. 0: off."""
    silent_median: Annotated[float, Gt(0), Le(100_000)] = 6.0
    """Only hours of the week with at least so many messages (the median of eight weeks) count: quiet nights say nothing."""
    silent_weeks: Annotated[int, Ge(1), Le(8)] = 4
    """Weeks an operator must have been heard before it has a habit."""
    disk_low_octets: Annotated[int, Ge(0)] = 1_073_741_824
    """Free space below this is a warning, before journal.free_octets_min stops everything. 1 GB."""
    queue_share: Annotated[float, Gt(0), Le(1)] = 0.8
    """Of journal.queue_rows_max: above it operators will soon hear "later"."""
    mirror_waiting: Annotated[int, Ge(1), Le(1_000_000)] = 1_000
    """Transactions that the mirror has not confirmed: operators wait as long as these."""
    backup_hours: Annotated[float, Ge(0), Le(8_760)] = 30.0
    """The newest backup is older: one nightly backup did not happen. 0: off, where something else backs up."""
    verify_hours: Annotated[float, Ge(0), Le(8_760)] = 54.0
    """No backup was found good for so long, when it was made or by `journal verify`. 0: off."""
    x_behind_minutes: Annotated[float, Gt(0), Le(10_000)] = 30.0
    """A source on X not read to its end for so long; X keeps mentions for days, citizens wait."""
    x_budget_share: Annotated[float, Gt(0), Le(1)] = 0.9
    """Of x.budget_per_day: afterwards X is not read until midnight UTC."""
    certificate_days: Annotated[float, Ge(0), Le(365)] = 21.0
    """One of our certificates or authorities ends in fewer days; government paper takes two weeks."""
    replies_refused_share: Annotated[float, Gt(0), Le(1)] = 0.2
    """Of the replies sent within window_minutes, refused by operators."""
    replies_least: Annotated[int, Ge(1), Le(100_000)] = 20
    """Fewer replies than this within window_minutes say nothing."""
    messages_refused: Annotated[int, Ge(1), Le(1_000_000)] = 50
    """So many times within window_minutes one operator heard "no" or "later"."""
    window_minutes: Annotated[float, Gt(0), Le(1_440)] = 15.0
    """Over so long growth is looked at."""
    look_seconds: Annotated[float, Ge(1), Le(60)] = 5.0
    """How often all conditions are looked at."""
    notify: Annotated[tuple[str, ...], MaxLen(20)] = ()
    """A command to call when an alarm is raised and when it is over, never by a shell: `["/usr/local/bin/page", "{code} {state}: {says}"]`.
    Known are {code}, {state} (raised, over), {severity}, {about} and {says}. It runs as the gateway's user, without its secrets."""
    notify_from: Literal["warning", "critical"] = "critical"
    """The least severity that calls it: warnings can wait for the morning."""
    notify_seconds: Annotated[float, Ge(1), Le(120)] = 15.0
    """It is killed when it takes longer."""
    notify_per_hour: Annotated[int, Ge(1), Le(1_000)] = 30
    """At most so many calls; what is left out stands in the log."""

    def __post_init__(self) -> None:
        known = (*STATES, *(reason.value for reason in HeldReason))
        for key in self.wait_minutes:
            if key not in known:
                raise ValueError(f"wait_minutes: {key} is no state and no reason to be held; known are {', '.join(known)}")
        if self.notify and not self.notify[0].startswith("/"):
            raise ValueError("notify: name the program by its whole path, such as /usr/local/bin/page")
        for argument in self.notify:
            for name in _fields(argument):
                if name not in FIELDS:
                    raise ValueError(f"notify: {{{name}}} is not known; known are {', '.join(f'{{{one}}}' for one in FIELDS)}")


def _fields(argument: str) -> list[str]:
    try:
        parts = list(string.Formatter().parse(argument))
    except ValueError as error:
        raise ValueError(f"notify: {argument!r} cannot be read: {error}; write {{{{ for a brace") from None
    if any(form or conversion for _, _, form, conversion in parts):
        raise ValueError("notify: a field stands alone in its braces: {code}")
    return [name for _, name, _, _ in parts if name is not None]
