"""`check` reads every file whatever the others say, and its notes are for people (test_cli.py runs it as a process)."""

from __future__ import annotations

import base64
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


def checked(folder: Path, **files: bytes) -> tuple[list[str], list[str]]:
    for name, octets in (GOOD | {name.replace("__", "."): octets for name, octets in files.items()}).items():
        (folder / name).write_bytes(octets)
    return check(str(folder))


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
    """Routes can only be read with sound regions, so one of the two stays whole."""
    broken = {name: case for name, case in BROKEN.items() if name != left}
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
