"""Records between machines come back equal, and nothing else opens."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

import pytest

from forwarder.core.contract import Filed, NotFiled, Refused, Unknown
from forwarder.handover import Ask, Basket, Beat, Leave, NeverSent, Parcelled, Query, Word, Words
from forwarder.journal import Grant, Sealer
from forwarder.parcel import ParcelError, Parcels
from forwarder.records import Filing
from parsers.model import Candidate, Hints
from tests.core.samples import complaint

KEY = b"k" * 32
GRANT = Grant("worker-1", "A-1-1")
HARD = complaint(
    text="a\0b \ud83d lone \U0001f600 \u202e <x> \r\n",
    hints=Hints(places=("Lubuk Basung",), danger=("kebakaran",)),
    candidates=(Candidate(None, "nasional", "LAPOR"),),
    marks=("tidak lengkap",),
)
WORDS = tuple(
    Word(number, 1, outcome, 0.25)
    for number, outcome in enumerate(
        [Filed("7", "t"), NotFiled("HTTP 503", 1.5), NotFiled("x", ours=True), Refused("no"), Unknown("?"), NeverSent("-")]
    )
)
RECORDS = [
    ("basket", Basket("A", "A-1-1", (Filing(1, 1, HARD), Filing(2, 3, complaint())))),
    ("inbound", Ask(GRANT, "n", 16)),
    ("inbound", Words(GRANT, WORDS, over=True)),
    ("leave", Leave("n", (1, 2), 16)),
    ("query", Query("A", (("A-1-1", 1, 1),))),
    ("beat", Beat(1, 2, "host", 3, "", 4)),
]


@pytest.mark.parametrize(("kind", "record"), RECORDS, ids=[f"{kind} {type(record).__name__}" for kind, record in RECORDS])
def test_a_record_comes_back_equal_and_nothing_of_it_is_readable(kind: str, record: object) -> None:
    parcels = getattr(Parcelled(KEY), kind)
    sealed = parcels.seal(record)
    assert parcels.open(sealed) == record
    for secret in (b"worker-1", b"Lubuk", b"6281234567890", b"7841120"):
        assert secret not in sealed


@pytest.mark.parametrize("kind", ["basket", "inbound", "leave", "query", "beat"])
def test_what_is_none_of_ours_does_not_open(kind: str) -> None:
    parcels = getattr(Parcelled(KEY), kind)
    whole = parcels.seal(next(record for name, record in RECORDS if name == kind))
    others = [b"", b"\0", os.urandom(64), whole[:-1], whole + b"\0", whole[:4], whole[4:], whole[:20] + b"\xff" + whole[21:]]
    others += [getattr(Parcelled(b"o" * 32), kind).seal(next(record for name, record in RECORDS if name == kind))]
    others += [getattr(Parcelled(KEY), other).seal(record) for other, record in RECORDS if other != kind]
    for other in others:
        with pytest.raises(ParcelError):
            parcels.open(other)


def test_another_release_says_so() -> None:
    @dataclass(frozen=True)
    class Old:
        number: int

    @dataclass(frozen=True)
    class New:
        number: int
        reason: str

    sealed = Parcels[Old](Old, "basket", Sealer(KEY)).seal(Old(1))
    with pytest.raises(ParcelError, match="another release"):
        Parcels[New](New, "basket", Sealer(KEY)).open(sealed)


def test_a_type_without_a_form_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="no form between machines"):
        Parcels(set[int], "basket", Sealer(KEY))


def test_equal_records_give_different_octets() -> None:
    parcels = Parcelled(KEY).basket
    basket = Basket("A", "A-1-1", (Filing(1, 1, complaint()),))
    assert parcels.seal(basket) != parcels.seal(replace(basket))
