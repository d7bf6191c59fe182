"""The codec under chance: round trips, agreement with smpplib, and a hundred thousand mutated PDUs."""

from __future__ import annotations

import contextlib
import random
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.smpp import codec
from adapters.smpp.pdu import BIND_COMMANDS, Alert, BindAnswer, BindRequest, Command, MessageAnswer, Outbind, Outgoing, ShortMessage
from adapters.smpp.profile import BindMode
from adapters.smpp.receipt import read as read_receipt
from adapters.smpp.trace import mask_frame
from parsers.errors import FrameError, PduError
from parsers.model import Address, Concat
from tests.smpp.sessions import CITIZEN, OURS, REQUEST
from tests.smpp.test_codec import agree

MUTATIONS = 100_000
SEED = 1708

octet = st.integers(0, 255)
visible = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
sequences = st.integers(1, 0x7FFFFFFF)


def text(characters_max: int) -> st.SearchStrategy[str]:
    return st.text(visible, max_size=characters_max)


addresses = st.builds(Address, octet, octet, text(20))
tags = st.integers(0x1400, 0x3FFF)
messages = st.builds(
    Outgoing,
    source=addresses,
    destination=addresses,
    octets=st.binary(max_size=254),
    esm_class=octet,
    data_coding=octet,
    service_type=text(5),
    protocol_id=octet,
    priority=octet,
    schedule=text(16),
    validity=text(16),
    registered_delivery=octet,
    replace_if_present=octet,
    default_message_id=octet,
    in_payload=st.booleans(),
    sar=st.none() | st.builds(Concat, st.integers(0, 0xFFFF), octet, octet, st.just(value=True)),
    tlvs=st.lists(st.tuples(tags, st.binary(max_size=40)), max_size=4, unique_by=lambda tlv: tlv[0]).map(tuple),
)


@given(st.sampled_from([Command.SUBMIT_SM, Command.DELIVER_SM, Command.DATA_SM]), messages, sequences)
@settings(max_examples=300, deadline=None)
def test_a_message_is_read_as_it_was_built_and_as_smpplib_reads_it(command: Command, message: Outgoing, sequence: int) -> None:
    frame = codec.message(command, message, sequence)
    pdu = codec.read(frame)
    body = pdu.body
    assert isinstance(body, ShortMessage)
    assert (pdu.command, pdu.status, pdu.sequence) == (command, 0, sequence)
    assert (body.source, body.destination, body.octets, body.raw) == (message.source, message.destination, message.octets, frame)
    assert body.sar == message.sar
    assert [(tag, body.tlvs[tag]) for tag, _ in message.tlvs] == list(message.tlvs)
    assert not body.notes or {note.split()[-1] for note in body.notes} == {"empty"}
    agree(frame)


@given(st.builds(BindRequest, st.sampled_from(list(BindMode)), text(15), text(8), text(12), octet, addresses), sequences)
@settings(max_examples=100, deadline=None)
def test_a_bind_is_read_as_it_was_built(asked: BindRequest, sequence: int) -> None:
    assert codec.read(codec.bind(asked, sequence))[2:] == (sequence, asked)


@given(st.sampled_from(sorted(BIND_COMMANDS)), text(15), st.none() | octet, text(64), st.tuples(addresses, addresses))
@settings(max_examples=100, deadline=None)
def test_every_other_body_is_read_as_it_was_built(
    command: int, name: str, version: int | None, message_id: str, ends: tuple[Address, Address]
) -> None:
    assert codec.read(codec.bind_answer(command, 1, 0, BindAnswer(name, version))).body == BindAnswer(name, version)
    assert codec.read(codec.message_answer(Command.DATA_SM_RESP, 1, 0, message_id)).body == MessageAnswer(message_id)
    assert codec.read(codec.outbind(Outbind(name, "geheim"), 1)).body == Outbind(name, "geheim")
    assert codec.read(codec.alert_notification(Alert(*ends, version), 1)).body == Alert(*ends, version)


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=20))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_cut_the_same_however_they_come(data: bytes, cuts: list[int]) -> None:
    stream = codec.bare(Command.ENQUIRE_LINK, 1) + data
    assert frames_of(stream, []) == frames_of(stream, list(range(len(stream)))) == frames_of(stream, sorted(cuts))


def frames_of(stream: bytes, cuts: list[int]) -> tuple[list[bytes], int | None]:
    """The frames, and how many octets wait; None where a length lied."""
    reader, frames = codec.FrameReader(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        try:
            frames += reader.feed(stream[start:end])
        except FrameError:
            break
    return frames, None if reader.fault else reader.pending


FULL = Outgoing(
    CITIZEN, OURS, b"AGAM lampu jalan mati", 0x40, 8, sar=Concat(1, 2, 1), tlvs=((0x1400, b"x"), (0x1E, b"1A\0"), (0x427, b"\2"))
)
WHOLE = [
    codec.message(Command.DELIVER_SM, FULL, 1),
    codec.message(Command.SUBMIT_SM, FULL, 2),
    codec.message(Command.DATA_SM, FULL, 3),
    codec.bind(REQUEST, 4),
    codec.bind_answer(Command.BIND_RECEIVER, 5, 0, BindAnswer("SMSC", 0x34)),
    codec.message_answer(Command.SUBMIT_SM_RESP, 6, 0, "1A2B"),
    codec.outbind(Outbind("smsc", "x"), 7),
    codec.alert_notification(Alert(CITIZEN, OURS, 0), 8),
    codec.bare(Command.ENQUIRE_LINK, 9),
]


def mutated(chance: random.Random) -> bytes:
    """One PDU with a few octets changed, cut out, doubled or put in; its length is right again in half of the cases."""
    frame = bytearray(chance.choice(WHOLE))
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(frame)) if frame else 0
        match chance.randrange(5):
            case 0 if frame:
                frame[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
            case 1:
                del frame[at : at + chance.randint(1, 9)]
            case 2:
                frame[at:at] = frame[at : at + chance.randint(1, 9)]
            case 3:
                frame[at:at] = chance.randbytes(chance.randint(1, 9))
            case _:
                del frame[at:]
    if len(frame) >= 4 and chance.random() < 0.8:
        frame[:4] = len(frame).to_bytes(4, "big")
    return bytes(frame)


def test_a_hundred_thousand_mutated_pdus_are_read_or_are_pdu_errors() -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    read = slowest = 0.0
    for _ in range(MUTATIONS):
        frame = mutated(chance)
        start = time.process_time()
        with contextlib.suppress(PduError):
            body = codec.read(frame).body
            read += 1
            if isinstance(body, ShortMessage):
                assert len(body.octets) <= len(frame)
                read_receipt(body)
        with contextlib.suppress(FrameError):
            codec.FrameReader().feed(frame)
        slowest = max(slowest, time.process_time() - start)
    assert 0.05 * MUTATIONS < read < 0.95 * MUTATIONS
    assert slowest < 1


def test_mutated_pdus_can_be_shown() -> None:
    chance = random.Random(SEED)
    assert all(mask_frame(mutated(chance)) for _ in range(5000))
