"""A site for the tests of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gateway.site import Folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Folder:
    return Folder(tmp_path, monkeypatch, capsys)
