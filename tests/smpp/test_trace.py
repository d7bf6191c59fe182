"""What `bind --trace` may print: fields and offsets, never a password, a person's number or a text."""

from __future__ import annotations

import random

import pytest

from adapters.smpp import codec
from adapters.smpp.pdu import Alert, BindAnswer, Command, Outbind, Outgoing
from adapters.smpp.trace import mask_frame
from parsers.model import Concat
from tests.smpp.sessions import CITIZEN, OURS, REQUEST, deliver

CANARIES = ("rahasia8", "81234567", "lampu", b"rahasia8".hex(" "), b"81234567".hex(" "), b"lampu".hex(" "))
SMS = Outgoing(CITIZEN, OURS, b"AGAM lampu jalan mati", sar=Concat(1, 2, 1), tlvs=((0x1400, b"lampu"), (0x1E, b"1A2B\0"), (0x1401, b"")))
FRAMES = [
    codec.bind(REQUEST, 1),
    codec.bind_answer(Command.BIND_TRANSCEIVER, 1, 0, BindAnswer("SMSC", 0x34)),
    codec.outbind(Outbind("smsc", "rahasia8"), 2),
    codec.message(Command.DELIVER_SM, SMS, 3),
    codec.message(Command.SUBMIT_SM, SMS, 4),
    codec.message(Command.DATA_SM, SMS, 5),
    codec.message_answer(Command.SUBMIT_SM_RESP, 6, 0, "1A2B"),
    codec.alert_notification(Alert(CITIZEN, OURS, 0), 7),
    codec.bare(Command.ENQUIRE_LINK, 8),
    codec.bare(0x00010200, 9)[:3] + b"\x18" + codec.bare(0x00010200, 9)[4:] + b"rahasia8",
]


@pytest.mark.parametrize("frame", FRAMES)
def test_no_secret_is_shown_of_any_pdu_whole_or_cut(frame: bytes) -> None:
    for size in range(len(frame) + 1):
        shown = mask_frame(frame[:size])
        assert not [canary for canary in CANARIES if canary in shown]


def test_no_secret_is_shown_of_a_pdu_with_a_flipped_octet() -> None:
    chance = random.Random(1708)
    for _ in range(20_000):
        frame = bytearray(chance.choice([frame for frame in FRAMES if len(frame) > 16]))
        frame[chance.randrange(16, len(frame))] ^= 1 << chance.randrange(8)
        assert "rahasia8" not in mask_frame(bytes(frame))


def test_every_field_stands_with_its_offset_and_what_is_harmless_is_shown() -> None:
    lines = mask_frame(deliver(7)).splitlines()
    assert lines[0] == f"deliver_sm sequence 7, ESME_ROK (0x00): accepted, {len(deliver(7))} octets"
    assert [line.split()[0] for line in lines[1:]] == sorted(line.split()[0] for line in lines[1:])
    assert any("destination_addr '1708'" in line and "31 37 30 38 00" in line for line in lines)
    assert any("source_addr '628123***890'" in line and "** **" in line for line in lines)
    assert any(line.endswith("short_message 21 octets masked") for line in lines)


def test_a_bind_shows_whom_we_say_we_are_but_not_how_we_prove_it() -> None:
    shown = mask_frame(codec.bind(REQUEST, 1))
    assert "system_id 'lapor'" in shown
    assert "password 9 octets masked" in shown
    assert "interface_version 52" in shown


def test_long_names_run_over_several_lines() -> None:
    shown = mask_frame(codec.message_answer(Command.SUBMIT_SM_RESP, 6, 0, "7" * 40))
    assert [line.count("37") for line in shown.splitlines()[5:]] == [16, 16, 8]


def test_what_cannot_be_walked_is_named_and_masked() -> None:
    assert "unreadable" in mask_frame(deliver(1)[:30])
    assert "no TLV" in mask_frame(deliver(1) + b"\x01\x02")
    assert mask_frame(b"\0\0") == "2 octets, too few for a PDU"
