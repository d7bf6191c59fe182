"""A small storm of news; the whole one is `python -m tests.gateway.news_storm`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

import pytest

from forwarder.journal import news
from tests.gateway.news_storm import storm


def test_each_citizen_is_told_each_thing_once(tmp_path: Path) -> None:
    seed = Random().randrange(10**9)
    print("seed", seed)
    found = asyncio.run(storm(tmp_path, 300, Random(seed)))
    assert (found.twice, found.silent) == ([], [])
    assert found.messages > 50


def test_a_gateway_that_forgets_what_it_told_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault, planted."""
    monkeypatch.setattr(news._Row, "told", property(lambda _: False))
    assert asyncio.run(storm(tmp_path, 300, Random(5))).twice
