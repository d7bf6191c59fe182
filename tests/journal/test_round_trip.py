"""What is sealed and stored comes back as it was: every field of a complaint, every number, every octet."""

from __future__ import annotations

import asyncio
import string
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forwarder.journal import JournalSettings, Numbering, Sealer, SealError
from forwarder.journal.number import CHARACTERS, LETTERS, NUMBERS
from forwarder.records import Arrival, Composed
from parsers.model import (
    Address,
    Candidate,
    Certainty,
    Classification,
    Complaint,
    Decision,
    Hints,
    Message,
    Reporter,
    ReporterKind,
)
from tests.journal.people import KEY, House, segment

FAST = JournalSettings(heartbeat_seconds=60)
texts = st.text(st.characters(), max_size=40)  # surrogates included: phones cut characters
words = st.text(string.ascii_letters + " é", max_size=12)
few = st.lists(words, max_size=3).map(tuple)
maybe = st.none() | words
times = st.integers(0, 2**45)

decisions = st.builds(
    Decision,
    st.sampled_from(Certainty),
    maybe,
    words,
    maybe,
    maybe,
    words,
    words,
    st.tuples(st.integers(0, 10), st.integers(0, 50)),
    texts,
    st.lists(st.builds(Candidate, maybe, words, texts), max_size=3).map(tuple),
    maybe,
)
hints = st.builds(
    Hints, few, few, few, few, few, maybe, st.sampled_from(Classification), st.booleans(), st.booleans(), st.booleans(), words
)
addresses = st.builds(Address, st.integers(0, 255), st.integers(0, 255), texts)
reporters = st.builds(Reporter, st.sampled_from(ReporterKind), texts, addresses)


@st.composite
def composed(draw: st.DrawFn) -> Composed:
    message = Message(
        id=0,
        channel=draw(words),
        operator=draw(words),
        bind=draw(words),
        reporter=draw(reporters),
        destination=draw(words),
        received_ms=draw(times),
        sent_ms=draw(st.none() | times),
        text=draw(texts),
        alphabet=draw(words),
        data_coding=draw(st.integers(0, 255)),
        parts=draw(st.integers(1, 255)),
        incomplete=draw(st.booleans()),
        damaged=draw(st.booleans()),
    )
    marks, fingerprint = draw(few), draw(st.binary(max_size=20))
    flags = {"anonim": draw(st.booleans()), "rahasia": draw(st.booleans())}
    return Composed(
        message, Complaint("", message, draw(decisions), draw(hints), draw(words), **flags, marks=marks, fingerprint=fingerprint)
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(composed(), min_size=1, max_size=8))
def test_a_complaint_is_rebuilt_equal_to_what_was_stored(items: list[Composed]) -> None:
    async def run(directory: str) -> None:
        house = House(Path(directory), settings=FAST)
        journal = house.open()
        arrivals = []
        for at, one in enumerate(items):
            message = replace(one.message, id=journal.next_message_id())
            assert one.complaint is not None
            complaint = replace(one.complaint, message=message, number=journal.number_of(journal.next_complaint_id()))
            arrivals.append(Arrival(segment(str(at)), composed=Composed(message, complaint)))
        verdicts = await journal.accept(arrivals)
        assert not [verdict.error for verdict in verdicts if verdict.error]
        filings = {one.complaint_id: one.complaint for one in await journal.ready(100, house.time.ms)}
        assert [filings[verdict.complaint_id or 0] for verdict in verdicts] == [
            arrival.composed.complaint for arrival in arrivals if arrival.composed
        ]
        for verdict in verdicts:
            case = await journal.case(journal.number_of(verdict.complaint_id or 0))
            assert case is not None
            assert case.complaint == filings[verdict.complaint_id or 0]
        await journal.close()

    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(run(directory))


@given(st.text(max_size=10), st.integers(0, 2**62), st.binary(max_size=300))
def test_what_is_sealed_opens_for_its_purpose_and_row_alone(purpose: str, row: int, data: bytes) -> None:
    sealer = Sealer(KEY)
    sealed = sealer.seal(purpose, row, data)
    assert sealer.open(purpose, row, sealed) == data
    assert len(sealed) == len(data) + 29
    for other in ((purpose + "x", row), (purpose, row + 1)):
        with pytest.raises(SealError):
            sealer.open(*other, sealed)


@given(st.binary(min_size=0, max_size=60), st.integers(0, 7), st.integers(0, 90))
def test_a_changed_octet_is_noticed(data: bytes, bit: int, place: int) -> None:
    sealed = bytearray(Sealer(KEY).seal("text", 1, data))
    sealed[place % len(sealed)] ^= 1 << bit
    with pytest.raises(SealError):
        Sealer(KEY).open("text", 1, bytes(sealed))


@given(st.binary(max_size=64))
def test_garbage_does_not_open(garbage: bytes) -> None:
    with pytest.raises(SealError):
        Sealer(KEY).open("text", 1, garbage)


def test_no_nonce_is_used_twice_by_two_threads_nor_two_processes_nor_when_the_count_begins_again() -> None:
    sealer = Sealer(KEY)
    nonces = {sealer.seal("text", 1, b"")[1:13] for _ in range(5000)} | {Sealer(KEY).seal("text", 1, b"")[1:13] for _ in range(100)}
    assert len(nonces) == 5100
    several = sealer.rooted(sealer.roots)
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda one: [one.seal("text", 1, b"")[1:13] for _ in range(5000)], (sealer, several)))
    assert len({nonce for nonces in both for nonce in nonces}) == 10_000
    last = Sealer(KEY, random=lambda octets: b"\xff" * octets)
    assert [last.seal("text", 1, b"")[1:13] for _ in range(2)] == [b"\xff" * 12, bytes(12)]


def test_the_keyed_hash_depends_on_key_purpose_and_value() -> None:
    one = Sealer(KEY)
    tags = {one.tag("a", b"x"), one.tag("b", b"x"), one.tag("a", b"y"), Sealer(b"y" * 16).tag("a", b"x")}
    assert len(tags) == 4
    assert one.tag("a", b"x") == Sealer(KEY).tag("a", b"x")


def test_a_short_master_key_is_refused() -> None:
    with pytest.raises(ValueError, match="16 octets"):
        Sealer(b"short")


@pytest.mark.parametrize("letter", list(LETTERS))
def test_numbers_are_six_plain_characters_that_name_their_gateway(letter: str) -> None:
    numbering = Numbering(KEY, letter)
    for number in (numbering.number_of(one) for one in range(0, NUMBERS, 300_007)):
        assert len(number) == 6
        assert number[0] in LETTERS
        assert number[1] == letter
        assert set(number[2:]) <= set(CHARACTERS)
        assert not set(number) & set("0O1IL")


def test_numbers_never_repeat_and_say_nothing_of_their_order() -> None:
    numbering = Numbering(KEY, "A")
    numbers = [numbering.number_of(one) for one in range(30_000)]
    assert len(set(numbers)) == 30_000
    neighbours = sum(one[:4] == two[:4] for one, two in pairwise(numbers))
    assert neighbours < 10
    assert numbers[:10] != [Numbering(b"another key of 16", "A").number_of(one) for one in range(10)]


@given(st.integers(0, 3 * NUMBERS), st.integers(0, 3 * NUMBERS))
def test_a_number_leads_back_to_its_id(one: int, more: int) -> None:
    numbering = Numbering(KEY, "A")
    found = numbering.id_of(numbering.number_of(one), one + more % NUMBERS)
    assert found is not None
    assert numbering.number_of(found) == numbering.number_of(one)
    assert found >= one


@pytest.mark.parametrize("number", ["", "GA7K2", "GB7K2QP", "GB7K2Q", "0A2345", "GA7K20", "ga7k2q", "GA7K2Q7"])
def test_what_is_no_number_of_ours_leads_nowhere(number: str) -> None:
    assert Numbering(KEY, "A").id_of(number, 10**9) is None


@pytest.mark.parametrize("letter", ["", "AB", "I", "L", "O", "a", "1"])
def test_a_gateways_letter_is_one_that_can_be_read_out(letter: str) -> None:
    with pytest.raises(ValueError, match="letter"):
        Numbering(KEY, letter)
