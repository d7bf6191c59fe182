"""`check` reads every file whatever the others say, and its notes are for people (test_cli.py runs it as a process)."""

from __future__ import annotations

import base64
import datetime as dt
from pathlib import Path

import pytest

from gateway.check import check

OPERATOR = '[[operator]]\nname = "satu"\nhosts = ["127.0.0.1:2775"]\nsystem_id = "lapor"\n[operator.tls]\nverify = false\n'
GOOD = {"gateway.toml": b"", "operators.toml": OPERATOR.encode()}


@pytest.fixture(autouse=True)
def _given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAPOR_MASTER_KEY", base64.b64encode(bytes(32)).decode())
    monkeypatch.setenv("LAPOR_CORE_TOKEN", "{a-token}")
    for name in ("CREDENTIALS_DIRECTORY", "STATE_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)


NOW_MS = round(dt.datetime(2026, 11, 28, tzinfo=dt.UTC).timestamp() * 1000)


def checked(folder: Path, now_ms: int = NOW_MS, **files: bytes) -> tuple[list[str], list[str]]:
    for name, octets in (GOOD | {name.replace("__", "."): octets for name, octets in files.items()}).items():
        (folder / name).write_bytes(octets)
    return check(str(folder), now_ms)


def test_what_is_right_has_notes_alone(tmp_path: Path) -> None:
    problems, notes = checked(tmp_path)
    assert not problems
    told = "\n".join(notes)
    for words in ("operator satu: 1 binds to 127.0.0.1:2775", "has no password", "tls.verify = false", "anonim: nothing", "{a-token}"):
        assert (words in told) is (words != "{a-token}"), words


BROKEN = {
    "gateway__toml": (b"[jornal]\n", "gateway.toml:1: jornal"),
    "operators__toml": (b"[[operator]]\n", "operators.toml:1: operator[1]"),
    "routes__csv": (b"alias,colour\n", "routes.csv:1:"),
    "regions__csv": (b"PK\x03\x04", "regions.csv:1:"),
    "holidays__csv": (b"date,kind,name\n2026-13-01,libur nasional,X\n", "holidays.csv:2: '2026-13-01' is no date"),
    "deadlines__csv": (b"from,rule\n", "deadlines.csv:1: the first row must be"),
    "topics__csv": (b"\xff", "topics.csv: octet 0 is no UTF-8"),
    "replies.id__toml": (b"language = 7\n", "replies.id.toml: needs language"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_broken_file_is_named(tmp_path: Path, name: str) -> None:
    octets, words = BROKEN[name]
    problems, _ = checked(tmp_path, **{name: octets})
    assert any(words in problem for problem in problems), problems


@pytest.mark.parametrize("left", ["regions__csv", "routes__csv"])
def test_all_broken_files_are_named_at_once(tmp_path: Path, left: str) -> None:
    """Routes and deadlines can only be read with sound regions, so either they or those stay whole."""
    broken = {name: case for name, case in BROKEN.items() if name != left and (name != "deadlines__csv" or left == "regions__csv")}
    problems, notes = checked(tmp_path, **{name: octets for name, (octets, _) in broken.items()})
    assert not notes
    missed = [words for name, (_, words) in broken.items() if not any(words in problem for problem in problems)]
    assert not missed


def test_a_secret_that_cannot_be_read_does_not_hide_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "core_token").write_bytes(b"\xff")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    problems, _ = checked(tmp_path, routes__csv=b"alias\n")
    assert any("secret core_token" in problem for problem in problems)
    assert any("routes.csv:1:" in problem for problem in problems)


HEAD = b"date,kind,name\n"


@pytest.mark.parametrize(
    ("today", "holidays", "warned"),
    [
        ("2027-10-31", b"2027-12-25,libur nasional,Natal\n", None),  # sixty-one days
        ("2027-11-01", b"2027-12-25,libur nasional,Natal\n", "ends with 2027: deadlines then count weekends alone; add the rows of 2028"),
        ("2027-11-02", b"2027-12-25,libur nasional,Natal\n2028-01-01,libur nasional,X\n", None),
        ("2029-03-01", b"2027-12-25,libur nasional,Natal\n", "ends with 2027: deadlines then count weekends alone; add the rows of 2029"),
        ("2027-11-02", b"", "has no holiday: deadlines then count weekends alone; add the rows of 2027"),
    ],
)
def test_before_the_holidays_end_it_says_so(tmp_path: Path, today: str, holidays: bytes, warned: str | None) -> None:
    now_ms = round(dt.datetime.fromisoformat(today).replace(tzinfo=dt.UTC).timestamp() * 1000)
    problems, notes = checked(tmp_path, now_ms, holidays__csv=HEAD + holidays)
    assert not problems
    told = [note for note in notes if note.startswith("warning: holidays.csv")]
    assert len(told) == (warned is not None)
    assert all(str(warned) in note for note in told)
