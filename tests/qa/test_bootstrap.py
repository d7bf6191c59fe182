"""Where ensurepip is missing, pip's wheel comes from the index that pip itself would ask, and only with the hash it promises."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.qa.tracked import ROOT

WHEEL = b"the octets of a wheel"


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """scripts/index.py on a machine that has no setting of pip at all."""
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CERT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import index  # noqa: PLC0415 - found by the path above

    yield index
    del sys.modules["index"]


def listing(folder: Path, *links: str) -> str:
    """An index as a folder of files (PEP 503); returns its address."""
    (folder / "pip").mkdir(parents=True)
    (folder / "pip" / "index.html").write_text("<!DOCTYPE html><html><body>" + "\n".join(links) + "</body></html>", encoding="utf-8")
    (folder / "pip-26.2.1-py3-none-any.whl").write_bytes(WHEEL)
    return folder.as_uri()


def link(version: str, sha256: str = hashlib.sha256(WHEEL).hexdigest(), more: str = "") -> str:
    return f'<a href="../pip-{version}-py3-none-any.whl#sha256={sha256}" {more}>pip-{version}-py3-none-any.whl</a>'


def test_without_any_index_the_reason_is_said(index: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(index.NoPipError, match="no index is configured"):
        index.fetch_pip(tmp_path)


def test_the_newest_final_release_that_was_not_withdrawn_is_taken(
    index: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = [
        link("9.0.1"),
        link("26.2.1"),
        link("99.0", more='data-yanked="broken"'),
        '<a href="../pip-99.1.tar.gz">sdist</a>',
        link("27.0b1"),
    ]
    monkeypatch.setenv("PIP_INDEX_URL", listing(tmp_path / "simple", *links))
    path = index.fetch_pip(tmp_path)
    assert path.name == "pip-26.2.1-py3-none-any.whl"
    assert path.read_bytes() == WHEEL


def test_a_wheel_with_another_hash_is_not_used(index: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", listing(tmp_path / "simple", link("26.2.1", "0" * 64)))
    with pytest.raises(index.NoPipError, match="hash"):
        index.fetch_pip(tmp_path)
    assert not list(tmp_path.glob("*.whl"))


def test_the_next_index_is_asked_when_one_does_not_answer(index: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "nowhere").as_uri())
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", listing(tmp_path / "simple", link("26.2.1")))
    assert index.fetch_pip(tmp_path).exists()


def test_the_environment_beats_a_file_and_install_beats_global(index: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "pip.conf"
    path.write_text("[global]\nindex-url = https://g.example/100%\n[install]\nextra-index-url = https://i.example\n", encoding="utf-8")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(path))
    assert index.indexes() == ["https://g.example/100%", "https://i.example"]
    monkeypatch.setenv("PIP_INDEX_URL", "https://e.example")
    assert index.indexes() == ["https://e.example", "https://i.example"]


@pytest.mark.parametrize("address", ["ftp://x.example/simple", "data:text/html,x", "simple", ""])
def test_an_address_of_another_kind_is_not_opened(index: ModuleType, address: str) -> None:
    with pytest.raises(OSError, match="not used here"):
        index.read(address, 10)
