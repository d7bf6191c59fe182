"""A citizen's phone, as the simulated operator sees it: what was sent from it and what arrived on it, part joined to part."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from adapters.smpp.pdu import ShortMessage
from parsers import segments
from parsers.model import Concat, Segment, mask


class Way(enum.StrEnum):
    """Which way a bubble went."""

    SENT = "sent"
    RECEIVED = "received"


@dataclass(slots=True, repr=False)
class Bubble:
    """One text on the screen. `kept`: for a sent one, the gateway has said yes to every part."""

    way: Way
    text: str
    at_ms: int
    parts: int = 1
    kept: bool = True
    bind: str = ""

    def __repr__(self) -> str:
        return f"Bubble({self.way} {len(self.text)} characters, {self.parts} parts)"


@dataclass(slots=True, repr=False)
class Phone:
    """One number and its bubbles, oldest first."""

    number: str
    bubbles: list[Bubble] = field(default_factory=list)
    _open: dict[Concat, list[Segment]] = field(default_factory=dict)

    @property
    def sent(self) -> list[Bubble]:
        """What the citizen wrote."""
        return [bubble for bubble in self.bubbles if bubble.way is Way.SENT]

    @property
    def received(self) -> list[Bubble]:
        """What the citizen got."""
        return [bubble for bubble in self.bubbles if bubble.way is Way.RECEIVED]

    def take(self, segment: Segment) -> Bubble | None:
        """An SMS arrives; the bubble appears when its last part is there."""
        place = segments.concat_of(segment)
        parts = [segment]
        if place is not None:
            key = place._replace(part=0)
            parts = [*self._open.pop(key, []), segment]
            if len({self._part(each) for each in parts}) < place.total:
                self._open[key] = parts
                return None
            parts.sort(key=self._part)
        text = segments.text_of(parts).text
        bubble = Bubble(Way.RECEIVED, text, segment.received_ms, len(parts), bind=segment.bind)
        self.bubbles.append(bubble)
        return bubble

    def __repr__(self) -> str:
        return f"Phone({mask(self.number)} {len(self.bubbles)} bubbles)"

    @staticmethod
    def _part(segment: Segment) -> int:
        place = segments.concat_of(segment)
        return place.part if place is not None else 0


def segment_of(pdu: ShortMessage, *, bind: str, received_ms: int) -> Segment:
    """A submit_sm as a segment, so that the same joining and decoding reads it that reads citizens' texts."""
    return Segment(
        operator="simulated",
        bind=bind,
        session=0,
        command=pdu.command,
        source=pdu.source,
        destination=pdu.destination,
        esm_class=pdu.esm_class,
        data_coding=pdu.data_coding,
        octets=pdu.octets,
        raw=pdu.raw,
        received_ms=received_ms,
        sar=pdu.sar,
    )
