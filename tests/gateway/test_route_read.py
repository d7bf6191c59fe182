"""`lapor-gateway route read --json`: one line out for each line in, whatever the line; the same decisions as the gateway's own."""

from __future__ import annotations

import datetime as dt
import io
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator

import pytest

from gateway import json_lines
from gateway.composer import Alphabet, Composer, Desk
from gateway.json_lines import LINE_OCTETS_MAX
from gateway.reading import Reader
from parsers.complaint import Disclosure
from parsers.model import Address, Segment
from tests.corpus.engine import TABLES, run
from tests.corpus.labelled import TUNING, Labelled, read
from tests.tables import DAY, HASHTAGS, REGIONS, TABLE, TOPICS

READER = Reader(TABLE, HASHTAGS, REGIONS, TOPICS)
KEYS = [
    *("kind", "decision", "region", "instansi", "unit", "topic", "keyword", "candidates", "body", "hints", "classification"),
    *("rahasia", "anonim", "command", "rule", "version"),
]


def answers(*lines: bytes | dict[str, object]) -> list[dict[str, object]]:
    given = b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)
    taken = io.BytesIO()
    json_lines.answer_all(io.BytesIO(given), taken, READER, lambda: DAY)
    return [json.loads(line) for line in taken.getvalue().splitlines()]


def answer(**asked: object) -> dict[str, object]:
    (one,) = answers(asked)
    return one


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (
            {"text": "AGAM jalan rusak"},
            {"kind": "complaint", "decision": "explicit", "region": "13.06", "keyword": "AGAM", "body": "jalan rusak"},
        ),
        ({"text": "AGAM"}, {"kind": "empty", "decision": "explicit", "body": ""}),
        ({"text": ""}, {"kind": "empty", "decision": "national", "region": None}),
        ({"text": "STATUS G7K2QP"}, {"kind": "command", "decision": None, "command": "STATUS", "region": None, "body": ""}),
        ({"text": "TAMBAH G7K2QP lampunya dua"}, {"kind": "command", "command": "TAMBAH", "body": "lampunya dua"}),
        ({"text": "2"}, {"kind": "command", "command": "CHOICE"}),
        ({"text": "RAHASIA kades minta uang"}, {"kind": "complaint", "rahasia": True, "anonim": False, "command": None}),
        ({"text": "KUMHAM lama", "at": "2024-10-20T16:59:59Z"}, {"decision": "explicit"}),
        ({"text": "KUMHAM lama", "at": "2024-10-20T17:00:00Z"}, {"decision": "late", "region": None}),
        ({"text": "KUMHAM lama", "at": "2024-10-20T23:59:00"}, {"decision": "explicit"}),
        ({"text": "jalan rusak #aduanagam", "channel": "x"}, {"decision": "explicit", "region": "13.06", "rule": "hashtags.csv:5"}),
        ({"text": "AGAM jalan rusak", "channel": "x"}, {"decision": "hinted", "region": "13.06"}),
        ({"text": "\ud83d jalan \0 rusak \ud83d\r\n"}, {"body": "\ud83d jalan \0 rusak \ud83d\r\n"}),
    ],
)
def test_a_reading_has_the_keys_of_the_contract(asked: dict[str, object], expected: dict[str, object]) -> None:
    found = answer(**asked)
    assert list(found) == KEYS
    assert {key: found[key] for key in expected} == expected


GARBAGE = {
    "no JSON": b"garbage",
    "empty": b"",
    "a list": b"[1]",
    "a string": b'"AGAM"',
    "no text": b"{}",
    "a number as text": b'{"text": 7}',
    "null as text": b'{"text": null}',
    "a strange channel": b'{"text": "AGAM", "channel": "fax"}',
    "a list as channel": b'{"text": "AGAM", "channel": []}',
    "a strange time": b'{"text": "AGAM", "at": "tomorrow"}',
    "a number as time": b'{"text": "AGAM", "at": 5}',
    "a time before time": b'{"text": "AGAM", "at": "0001-01-01T00:00:00+23:00"}',
    "no UTF-8": b'{"text": "\xff\xfe"}',
    "NUL": b"\0\0\0",
    "deep": b"[" * 100_000,
    "huge number": b'{"text": ' + b"9" * 10_000 + b"}",
    "too long": b'{"text": "' + b"x" * LINE_OCTETS_MAX + b'"}',
    "much too long": b"y" * (3 * LINE_OCTETS_MAX),
}


@pytest.mark.parametrize("line", GARBAGE.values(), ids=GARBAGE)
def test_a_garbage_line_gets_an_error_and_the_next_line_its_reading(line: bytes) -> None:
    before, wrong, after = answers({"text": "AGAM satu"}, line, {"text": "AGAM dua"})
    assert list(wrong) == ["error"]
    assert isinstance(wrong["error"], str)
    assert len(wrong["error"]) < 100
    assert (before["body"], after["body"]) == ("satu", "dua")


class Drip(io.BufferedIOBase):
    """Gives its octets in pieces of any size, and remembers nothing."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read1(self, size: int = -1, /) -> bytes:  # noqa: ARG002
        return next(self._pieces, b"")


class Count(io.BufferedIOBase):
    """Counts lines and keeps none."""

    def __init__(self) -> None:
        self.lines = 0

    def write(self, octets: object, /) -> int:
        assert isinstance(octets, bytes)
        self.lines += octets.count(b"\n")
        return len(octets)


@pytest.mark.parametrize("size", [1, 7, 64])
def test_answers_do_not_depend_on_how_the_octets_arrive(size: int) -> None:
    octets = b'{"text": "AGAM satu"}\nwrong\n{"text": "AGAM tiga"}'
    taken = io.BytesIO()
    pieces = (octets[at : at + size] for at in range(0, len(octets), size))
    json_lines.answer_all(Drip(pieces), taken, READER, lambda: DAY)
    assert [json.loads(line).get("body") for line in taken.getvalue().splitlines()] == ["satu", None, "tiga"]


def test_memory_does_not_grow_with_the_number_of_lines() -> None:
    line = b'{"text": "AGAM jalan rusak di Lubuk Basung"}\n'

    def peak(lines: int) -> int:
        taken = Count()
        tracemalloc.start()
        json_lines.answer_all(Drip(line * 100 for _ in range(lines // 100)), taken, READER, lambda: DAY)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert taken.lines == lines
        return most

    peak(200)
    assert peak(4000) < peak(400) + 100_000


def test_a_peer_that_waits_for_its_answer_gets_it() -> None:
    command = [sys.executable, "-m", "gateway.cli", "route", "read", "--json", "--table", "file"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(b'{"text": "AGAM aduan %d"}\n' % number)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["body"] == f"aduan {number}"
        process.stdin.close()
        assert process.wait(20) == 0


def test_a_reading_is_what_the_gateway_itself_decides() -> None:
    """Composer, machine interface and the scored engine agree on every labelled text."""
    composers = {
        name: Composer(Desk(table, HASHTAGS, REGIONS, TOPICS, Disclosure(), frozenset(), {"o": Alphabet()}, 0), str)
        for name, table in TABLES.items()
    }

    def composed(message: Labelled) -> object:
        noon = dt.datetime.combine(message.day, dt.time(5), dt.UTC)
        octets = message.text.encode("utf-16-be", "surrogatepass")
        phone = Address(1, 1, "628123456789")
        segment = Segment("o", "b", 0, "deliver_sm", phone, Address(0, 1, "1708"), 0, 8, octets, b"", round(noon.timestamp() * 1000))
        return composers[message.table].whole(1, 1, segment).complaint

    count = 0
    for message in read(TUNING):
        reader = Reader(TABLES[message.table], HASHTAGS, REGIONS, TOPICS)
        reading, scored = reader.read(message.text, message.day, message.channel), run(message)
        assert reading.kind == scored.kind, message.id
        if reading.command is not None:
            continue
        assert (reading.hints, reading.body) == (scored.hints, scored.body), message.id
        assert scored.decision is not None
        assert (reading.decision.certainty, reading.decision.region) == (scored.decision.certainty, scored.decision.region), message.id
        if message.channel == "sms":
            complaint = composed(message)
            assert complaint is not None, message.id
            assert (complaint.decision, complaint.hints, complaint.body) == (reading.decision, reading.hints, reading.body), message.id  # type: ignore[attr-defined]
            count += 1
    assert count > 300
