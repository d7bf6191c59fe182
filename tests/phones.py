"""A citizen's phone and the SMSC behind it: writes a text, cuts it, and hands us the PDUs as segments."""

from __future__ import annotations

from collections.abc import Sequence

from parsers import charset, segments, septets
from parsers.model import Address, Concat, Segment

CITIZEN = "6281234567890"


def segment(octets: bytes, *, data_coding: int = 0, udh: bool = False, sar: Concat | None = None, source: str = CITIZEN) -> Segment:
    return Segment(
        operator="telkomsel",
        bind="trx-1",
        session=1,
        command="deliver_sm",
        source=Address(1, 1, source),
        destination=Address(0, 0, "1708"),
        esm_class=0x40 if udh else 0,
        data_coding=data_coding,
        octets=octets,
        raw=b"",
        received_ms=0,
        sar=sar,
    )


def long_message(
    payloads: Sequence[bytes], *, data_coding: int = 0, reference: int = 44, wide: bool = False, locking: int = 0, single: int = 0
) -> list[Segment]:
    """One segment for each payload, in order, with the header that says so."""
    return [
        segment(
            segments.header(Concat(reference, len(payloads), part, wide), locking=locking, single=single) + payload,
            data_coding=data_coding,
            udh=True,
        )
        for part, payload in enumerate(payloads, 1)
    ]


def packed_long_message(pieces: Sequence[bytes], *, locking: int = 0, single: int = 0) -> list[Segment]:
    """The same for pieces of septets, which are packed behind the header with its fill bits."""
    fill = septets.fill_bits(len(segments.header(Concat(44, len(pieces), 1), locking=locking, single=single)))
    return long_message([septets.pack(piece, fill=fill) for piece in pieces], locking=locking, single=single)


def send(text: str, alphabet: str, *, octets_max: int = 140) -> list[Segment]:
    """Send as a well-made phone does: whole where it fits, else cut between characters."""
    data_coding = charset.data_coding_of(alphabet)
    whole = charset.encode(text, alphabet)
    if len(whole) <= octets_max:
        return [segment(whole, data_coding=data_coding)]
    return long_message(charset.split(text, alphabet, octets_max=octets_max - 6), data_coding=data_coding)
