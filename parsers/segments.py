"""The parts of a long message: where each belongs, what it carries, and all of them together as one text.

Two headers say where a part belongs: elements of the user data header, inside the octets (3GPP TS 23.040 §9.2.3.24), or the SAR
parameters beside them (SMPP 3.4 §5.3.2.22-24). Octets are joined before they are read, because bad phones cut in the middle of a
character. Nothing here knows who sent a part: the key of a set is the journal's (operator, source, destination, reference, total).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from parsers import charset, septets
from parsers.errors import GatewayError
from parsers.model import Concat, Segment
from parsers.shift_tables import ESCAPE

UDH_INDICATOR = 0x40  # SMPP 3.4 §5.2.12: esm_class says that the octets begin with a user data header.
USER_DATA_OCTETS_MAX = 140  # 3GPP TS 23.040 §9.2.3.24: what one SMS carries, its header included.

CONCAT_8 = 0x00  # 3GPP TS 23.040 §9.2.3.24: information element identifiers.
CONCAT_16 = 0x08
SINGLE_SHIFT = 0x24
LOCKING_SHIFT = 0x25


class UdhError(GatewayError, ValueError):
    """The lengths in a user data header do not add up: there is no telling where the text begins."""


@dataclass(frozen=True, slots=True)
class Udh:
    """A user data header, as far as text needs it. `octets` is its length, the length octet included."""

    concat: Concat | None
    locking: int
    single: int
    octets: int


class Payload(NamedTuple):
    """The text's octets of one segment, without header, and the national language tables the header names."""

    octets: bytes
    locking: int
    single: int

    def __repr__(self) -> str:
        return f"Payload({len(self.octets)} octets, {self.locking}, {self.single})"


class Run(NamedTuple):
    """Octets that are read in one go: neighbouring parts of one coding and the same shift tables.

    GSM7 octets hold one septet each, packed operators' too. `damaged`: a header was unreadable and stands in the octets.
    """

    octets: bytes
    data_coding: int
    locking: int
    single: int
    damaged: bool

    def __repr__(self) -> str:
        return f"Run({len(self.octets)} octets, dc={self.data_coding}, damaged={self.damaged})"


def read_udh(octets: bytes) -> Udh:
    """Read the header that user data begins with: elements in any order, unknown ones skipped; UdhError when a length lies.

    Of an element given twice the last counts; one whose own length or numbers make no sense is as good as absent
    (3GPP TS 23.040 §9.2.3.24 and §9.2.3.24.1).
    """
    concat: Concat | None = None
    shifts = {LOCKING_SHIFT: 0, SINGLE_SHIFT: 0}
    for identifier, value in _elements(octets):
        if identifier in (CONCAT_8, CONCAT_16):
            concat = _concat(identifier, value) or concat
        elif identifier in shifts and len(value) == 1:
            shifts[identifier] = value[0]
    return Udh(concat, shifts[LOCKING_SHIFT], shifts[SINGLE_SHIFT], octets[0] + 1)


def concat_of(segment: Segment) -> Concat | None:
    """Where a segment belongs in a long message; None for a whole one, or where header and SAR make no sense. The header wins."""
    return _concat_of(segment, _udh(segment))


def payload(segment: Segment) -> Payload:
    """What a segment carries behind its header; all its octets where it has none or an unreadable one."""
    run = _opened(segment).run
    return Payload(run.octets, run.locking, run.single)


def join(segments: Sequence[Segment], *, alphabet0: str = charset.GSM7, packed: bool = False) -> list[Run]:
    """Put the octets of a message's segments together, in the order of their part numbers.

    `alphabet0` and `packed` are the operator's: packed septets are unpacked part by part, for each begins at its own bit. A shift
    table holds for its own part only (3GPP TS 23.040 §9.2.3.24.15-16).
    """
    parts = sorted(map(_opened, segments), key=lambda part: part.number)
    if packed:
        parts = _unpacked(parts, alphabet0)
    runs: list[Run] = []
    for part in parts:
        run = part.run
        if runs and runs[-1][1:4] == run[1:4]:
            before = runs.pop()
            run = run._replace(octets=before.octets + run.octets, damaged=before.damaged or run.damaged)
        runs.append(run)
    return runs


def text_of(segments: Sequence[Segment], *, alphabet0: str = charset.GSM7, packed: bool = False) -> charset.Decoded:
    """Read one message from its segments, whole or with some missing; never raises.

    Mixed codings are read run by run; `alphabet` then names each once, as in `gsm7+ucs2`.
    """
    if len(segments) == 1 and not packed and not segments[0].esm_class & UDH_INDICATOR:
        return charset.decode(segments[0].octets, segments[0].data_coding, alphabet0=alphabet0)
    runs = join(segments, alphabet0=alphabet0, packed=packed)
    read = [charset.decode(run.octets, run.data_coding, alphabet0=alphabet0, locking=run.locking, single=run.single) for run in runs]
    return charset.Decoded(
        "".join(each.text for each in read),
        "+".join(dict.fromkeys(each.alphabet for each in read)),
        any(each.damaged for each in read) or any(run.damaged for run in runs),
    )


def header(concat: Concat | None, *, locking: int = 0, single: int = 0) -> bytes:
    """Build a user data header; `b""` where there is nothing to say. ValueError for a number that does not fit its field."""
    elements = bytearray()
    if concat is not None:
        reference = divmod(concat.reference, 256) if concat.wide else (concat.reference,)
        value = bytes((*reference, concat.total, concat.part))
        elements += bytes((CONCAT_16 if concat.wide else CONCAT_8, len(value))) + value
    for identifier, language in ((LOCKING_SHIFT, locking), (SINGLE_SHIFT, single)):
        if language:
            elements += bytes((identifier, 1, language))
    return bytes((len(elements),)) + elements if elements else b""


# ---- Reading a header


def _elements(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Walk the information elements; UdhError when one does not end where the header does, or the header goes past the octets."""
    if not octets:
        raise UdhError("a user data header was announced, and there are no octets")
    end = octets[0] + 1
    if end > len(octets):
        raise UdhError(f"a user data header of {end} octets in {len(octets)}")
    at = 1
    while at < end:
        if at + 2 > end or (value_end := at + 2 + octets[at + 1]) > end:
            raise UdhError(f"an information element at octet {at} goes past the header's {end}")
        yield octets[at], octets[at + 2 : value_end]
        at = value_end


def _concat(identifier: int, value: bytes) -> Concat | None:
    """Read a concatenation element; None when its length or numbers make no sense."""
    wide = identifier == CONCAT_16
    if len(value) != (4 if wide else 3):
        return None
    concat = Concat(int.from_bytes(value[:-2], "big"), value[-2], value[-1], wide)
    return concat if _plausible(concat) else None


def _plausible(concat: Concat) -> bool:
    """Whether the part is one of the total; otherwise the element shall be ignored (3GPP TS 23.040 §9.2.3.24.1)."""
    return 1 <= concat.part <= concat.total


def _udh(segment: Segment) -> Udh | None:
    """The segment's header; None where it has none or an unreadable one."""
    if not segment.esm_class & UDH_INDICATOR:
        return None
    try:
        return read_udh(segment.octets)
    except UdhError:
        return None


def _concat_of(segment: Segment, udh: Udh | None) -> Concat | None:
    """Choose between the header's word and SAR's; a message of one part is a whole one."""
    concat = udh.concat if udh is not None else None
    if concat is None and segment.sar is not None and _plausible(segment.sar):
        concat = segment.sar
    return concat if concat is not None and concat.total > 1 else None


# ---- Joining


class _Part(NamedTuple):
    """A segment with its header taken off. `length` counts all its user data, header included, in octets."""

    number: int
    length: int
    run: Run


def _opened(segment: Segment) -> _Part:
    """Take a segment's header off, reading it once; a whole message has the part number 0."""
    octets, udh = segment.octets, _udh(segment)
    concat = _concat_of(segment, udh)
    number = concat.part if concat is not None else 0
    if udh is None:
        return _Part(number, len(octets), Run(octets, segment.data_coding, 0, 0, bool(segment.esm_class & UDH_INDICATOR)))
    run = Run(octets[udh.octets :], segment.data_coding, udh.locking, udh.single, damaged=False)
    return _Part(number, len(octets), run)


def _unpacked(parts: Sequence[_Part], alphabet0: str) -> list[_Part]:
    """Unpack the parts that are in GSM7; the first septet begins on a septet boundary counted from the header's start."""
    unpacked: list[_Part] = []
    following = b""
    for part in reversed(parts):
        octets = part.run.octets
        if charset.coding_of(part.run.data_coding, alphabet0) == charset.GSM7:
            fill = septets.fill_bits(part.length - len(octets))
            octets = septets.unpack(octets, fill=fill, filler=_may_end_in_filler(part, following))
        unpacked.append(part._replace(run=part.run._replace(octets=octets)))
        following = octets
    return unpacked[::-1]


def _may_end_in_filler(part: _Part, following: bytes) -> bool:
    """Whether seven spare bits at the end are likelier than a last character 0x00 or a return, where SMPP leaves both open.

    A full part that another follows is filled with text to the last bit, unless an escape pair no longer fitted: then the pair
    opens the next part.
    """
    is_filled = part.length >= USER_DATA_OCTETS_MAX and following
    return not is_filled or following[0] == ESCAPE
