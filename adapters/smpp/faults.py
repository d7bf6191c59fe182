"""How the simulated operator may misbehave: a menu, all off at first, each entry one thing that real SMSCs do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

VALUE_MAX = 0x7FFFFFFF  # the highest sequence number (SMPP 3.4 §5.1.4); no status is higher


@dataclass(slots=True)
class Faults:
    """Set any of these on a running simulator; counters count down by themselves."""

    silent: bool = False
    """Take nothing in any more, enquire_link included: a dead peer on a living connection."""
    bind_answer_seconds: float = 0.0
    """Answer binds this late."""
    bind_answer_twice: bool = False
    bind_answer_sequence: int = 0
    """Added to the sequence number of the bind's answer."""
    refuse_bind: int = 0
    """Refuse binds with this status; 0: take them."""
    refuse_binds_next: int = -1
    """How many binds `refuse_bind` is for; -1: all."""
    drop_after: int = -1
    """Cut the connection after so many more deliver_sm have been written; -1: never."""
    stall_next: bool = False
    """Write half of the next deliver_sm, then nothing on that bind."""
    duplicate_next: int = 0
    """Write the next so many deliver_sm twice, with two sequence numbers."""
    reorder_next: int = 0
    """Hold back so many messages and deliver them last first."""
    redeliver_next: int = 0
    """Deliver the next so many again although they were answered with a yes."""
    broken_tlv_next: bool = False
    """Append a TLV to the next deliver_sm that says it is longer than it is."""
    throttle_next: int = 0
    """Answer the next so many submit_sm with ESME_RTHROTTLED."""
    submit_status: int = 0
    """Answer every submit_sm with this status; 0: take them."""
    mute_submits: bool = False
    """Take submit_sm and never answer."""
    submit_answer_seconds: float = 0.0
    """Answer submit_sm this late."""
    submit_answer_sequence: int = 0
    """Added to the sequence number of answers to submit_sm."""
    receipt_first: bool = False
    """Send the delivery receipt before the answer to its submit_sm."""

    def apply(self, name: str, value: str = "1") -> None:
        """Set one by its name, as a person types it: `throttle_next 3`, `refuse_bind 0x0d`. ValueError lists the names."""
        kinds = {item.name: type(getattr(self, item.name)) for item in fields(self)}
        if name not in kinds:
            raise ValueError(f"no fault {name!r}; there are: {', '.join(kinds)}")
        number = _number(name, value, float if kinds[name] is float else lambda typed: int(typed, 0))
        setattr(self, name, kinds[name](number))

    def clear(self) -> None:
        """Behave again."""
        for item in fields(self):
            setattr(self, item.name, item.default)


def _number(name: str, value: str, read: Callable[[str], float]) -> float:
    try:
        number = read(value)
    except ValueError:
        raise ValueError(f"{name} takes a number, such as 3 or 0x0d") from None
    if not -1 <= number <= VALUE_MAX:
        raise ValueError(f"{name} takes a number from -1 to {VALUE_MAX}")
    return number
