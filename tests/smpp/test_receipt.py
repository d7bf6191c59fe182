"""Delivery receipts as SMSCs write them: TLVs, texts of every dialect, ids in two notations."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from adapters.smpp import codec, receipt
from adapters.smpp.pdu import Command, Outgoing, ShortMessage
from adapters.smpp.receipt import Receipt, candidates, canonical
from tests.smpp.sessions import CITIZEN, OURS

Tlvs = tuple[tuple[int, bytes], ...]


def pdu(octets: bytes, *, esm_class: int = 4, data_coding: int = 0, tlvs: Tlvs = ()) -> ShortMessage:
    frame = codec.message(Command.DELIVER_SM, Outgoing(CITIZEN, OURS, octets, esm_class, data_coding, tlvs=tlvs), 1)
    body = codec.read(frame).body
    assert isinstance(body, ShortMessage)
    return body


@dataclass(frozen=True)
class Case:
    """A receipt as it comes, and what is read from it."""

    label: str
    octets: bytes
    ids: tuple[str, ...] = ()
    state: str = ""
    error: str = ""
    done: str = ""
    tlvs: Tlvs = ()
    data_coding: int = 0


STANDARD = b"id:0123456789 sub:001 dlvrd:001 submit date:2611221530 done date:2611221531 stat:DELIVRD err:000 text:LAPOR! Laporan"
CASES = [
    Case("as in Appendix B", STANDARD, ("0123456789",), "DELIVRD", "000", "2611221531"),
    Case("upper-case names", STANDARD.split(b" text")[0].upper(), ("0123456789",), "DELIVRD", "000", "2611221531"),
    Case("lower-case status", b"id:1 stat:delivrd err:0", ("1",), "DELIVRD", "0"),
    Case("padded", b"id: 77  stat: UNDELIV  err: 042", ("77",), "UNDELIV", "042"),
    Case("equals signs and commas", b"ID=abc-1,STAT=EXPIRED,ERR=5", ("abc-1",), "EXPIRED", "5"),
    Case("status, error, spelled out", b"id:5 status:DELIVERED error:0", ("5",), "DELIVRD", "0"),
    Case("undelivered, spelled out", b"id:5 stat:Undelivered", ("5",), "UNDELIV"),
    Case("underscores in dates", b"id:5 submit_date:26112215 done_date:2611221531 stat:REJECTED", ("5",), "REJECTD", done="2611221531"),
    Case("another order", b"stat:ACCEPTD id:9", ("9",), "ACCEPTD"),
    Case("its own word", b"id:9 stat:BLACKLISTED", ("9",), "BLACKLISTED"),
    Case("our text quotes a receipt", b"id:9 stat:DELIVRD text:id:666 stat:UNDELIV", ("9",), "DELIVRD"),
    Case("'text' missing, 'paid:' is no id", b"paid:33 id:9 stat:DELIVRD", ("9",), "DELIVRD"),
    Case("no id", b"stat:DELIVRD err:000", (), "DELIVRD", "000"),
    Case("a sentence", b"Pesan Anda sudah sampai"),
    Case("nothing", b""),
    Case("cut in the middle", STANDARD[:20], ("0123456789",)),
    Case("binary", bytes(range(256))[:250]),
    Case("in UCS-2", "id:7 stat:DELIVRD".encode("utf-16-be"), ("7",), "DELIVRD", data_coding=8),
    Case("TLVs alone", b"", ("1A2B",), "DELIVRD", "", tlvs=((0x1E, b"1A2B\0"), (0x427, b"\x02"))),
    Case("TLV id without NUL", b"", ("1A2B",), "UNDELIV", tlvs=((0x1E, b"1A2B"), (0x427, b"\x05"))),
    Case("TLV id in hex, text id in decimal", b"id:26 stat:EXPIRED", ("1A", "26"), "DELIVRD", tlvs=((0x1E, b"1A\0"), (0x427, b"\x02"))),
    Case("the same id twice", b"id:26 stat:DELIVRD", ("26",), "DELIVRD", tlvs=((0x1E, b"26\0"),)),
    Case("network error", b"", ("1",), "UNDELIV", "027", tlvs=((0x1E, b"1\0"), (0x427, b"\x05"), (0x423, b"\x03\0\x1b"))),
    Case("the text's error counts first", b"err:042", (), "", "042", tlvs=((0x423, b"\x03\0\x1b"),)),
    Case("a state out of range, the text knows better", b"stat:DELIVRD", (), "DELIVRD", tlvs=((0x427, b"\x63"),)),
    Case("states out of range", b"", (), "", "", tlvs=((0x427, b"\x63"), (0x423, b"\x03"))),
    Case("empty TLVs", b"", tlvs=((0x1E, b""), (0x427, b""))),
]


@pytest.mark.parametrize("case", CASES, ids=[case.label for case in CASES])
def test_a_receipt_is_read_as_far_as_it_can_be(case: Case) -> None:
    read = receipt.of(pdu(case.octets, tlvs=case.tlvs, data_coding=case.data_coding))
    assert read is not None
    assert (read.ids, read.state, read.error, read.done) == (case.ids, case.state, case.error, case.done)
    assert read.message_id == (case.ids[0] if case.ids else "")


TEXT, NAMED = b"id:7 stat:DELIVRD", ((0x1E, b"7\0"), (0x427, b"\x02"))


@pytest.mark.parametrize(
    ("octets", "esm_class", "tlvs", "told"),
    [
        (b"halo", 0x04, (), True),
        (TEXT, 0x20, (), True),
        (TEXT, 0x44, (), True),
        (TEXT, 0x08, (), True),
        (b"sudah dibaca", 0x08, (), False),
        (b"jalan rusak", 0x10, (), False),
        (TEXT, 0x18, (), True),
        (TEXT, 0x00, (), False),
        (TEXT, 0x43, (), False),
        (b"", 0x00, NAMED, True),
        (TEXT, 0x00, NAMED, True),
        (b"jalan rusak", 0x00, NAMED, False),
        (b"", 0x00, NAMED[:1], False),
    ],
)
def test_the_esm_class_tells_and_nothing_else_takes_a_citizens_text(octets: bytes, esm_class: int, tlvs: Tlvs, told: bool) -> None:  # noqa: FBT001 - a table's column
    assert (receipt.of(pdu(octets, esm_class=esm_class, tlvs=tlvs)) is not None) is told


def test_an_intermediate_notification_says_so() -> None:
    intermediate = receipt.of(pdu(b"id:7 stat:ENROUTE", esm_class=0x20))
    final = receipt.of(pdu(b"id:7 stat:DELIVRD"))
    assert intermediate is not None
    assert final is not None
    assert (intermediate.intermediate, final.intermediate) == (True, False)


@pytest.mark.parametrize(
    ("submitted", "in_receipt"),
    [
        ("0123456789", "123456789"),
        ("123456789", "0000123456789"),
        ("1A2B3C", "1a2b3c"),
        ("1a2b3c", "1715004"),
        ("001A2B3C", "0001715004"),
        ("1715004", "1A2B3C"),
        ("0", "000"),
        ("550e8400-e29b-41d4-a716-446655440000", "550E8400-E29B-41D4-A716-446655440000"),
        (" 77 ", "77"),
    ],
)
def test_an_id_is_recognised_in_the_other_notation(submitted: str, in_receipt: str) -> None:
    assert canonical(submitted) in candidates(in_receipt)


def test_the_form_as_written_counts_first() -> None:
    assert candidates("16") == ("16", "10", "22")
    assert Receipt(("1A", "26"), "", "", "", "", intermediate=False).candidates == ("1a", "26", "38")
    assert candidates("") == ()
    assert canonical("  ") == ""
    assert candidates("9" * 60) == ("9" * 60,)


@pytest.mark.parametrize("octets", [b"id:" * 4000, b"id " * 4000, b"\t" * 8000, b"err" + b" " * 8000, b"id:" + b"a" * 8000])
def test_a_hostile_receipt_costs_no_time(octets: bytes) -> None:
    message = pdu(b"")._replace(octets=octets)
    start = time.process_time()
    receipt.read(message)
    assert time.process_time() - start < 1
