"""The search for canaries finds each form that a secret, a number or a text may take; all roads: `python -m tests.faults canaries`."""

from __future__ import annotations

import base64
from random import Random

import pytest

from tests.faults.flock import Flock, Found, phone, word

SECRET = "Kuc1ng Hitam/7"
SMS = "81277314159"


def hits(octets: bytes) -> list[str]:
    found = Found()
    found.search("log", "x", octets, [word("secret", SECRET), phone("number", SMS)])
    return found.hits


@pytest.mark.parametrize(
    "octets",
    [
        SECRET.encode(),
        SECRET.upper().encode(),
        SECRET.encode().hex().encode(),
        SECRET.encode().hex().upper().encode(),
        b"?key=Kuc1ng%20Hitam%2F7&",
        SECRET.encode("utf-16-be"),
        SECRET.encode("utf-16-le"),
        base64.b64encode(SECRET.encode()),
        b"+6281277314159",
        b"081277314159",
        b"0812-7731-4159",
        b"0812 7731 4159",
        b"x277314159x",
        "081277314159".encode("utf-16-be"),
        b"277314159".hex().encode(),
        b"\0" * 5000 + b"6281277314159" + b"\0" * 5000,
    ],
)
def test_a_canary_is_found_in_every_form(octets: bytes) -> None:
    assert len(hits(octets)) == 1


@pytest.mark.parametrize("octets", [b"", b"+62812***159", b"08********59", b"Kuc1ng ***", bytes(range(256)) * 9])
def test_what_is_masked_is_no_canary(octets: bytes) -> None:
    assert not hits(octets)


def test_a_flock_is_another_one_each_time_and_its_texts_hold_all_of_it() -> None:
    one, other = Flock(Random(1), {"core_token": "{abc}-token"}), Flock(Random(2), {})
    assert one.words != other.words
    found = Found()
    found.search("log", "x", one.text("jalan rusak").encode(), one.all)
    assert {hit.split(": ")[1].split(",")[0] for hit in found.hits} >= {"number by SMS", "NIK", "text", "e-mail"}
    found = Found()
    found.search("log", "x", one.text("jalan rusak").encode(), other.all)
    assert not found.hits
