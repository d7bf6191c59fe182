"""Short weeks on X: whatever goes wrong and wherever the process dies, each wanted post is one complaint and has one answer at most."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.x.life import Fate, Step
from tests.x.week import Sort, play


@pytest.mark.parametrize("seed", [1, 2])
def test_a_quarter_of_a_day_with_every_trouble_and_six_deaths(tmp_path: Path, seed: int) -> None:
    week, life = asyncio.run(play(tmp_path, posts=200, days=0.25, seed=seed, kills=6, share=0.05))
    assert not week.book.wrong, (seed, week.book.wrong, week.book.examples)
    assert life.deaths >= 5
    assert set(week.book.sorts.values()) == set(Sort)
    assert len(week.world.replies) > 50


@pytest.mark.parametrize("step", list(Step), ids=lambda step: step.name.lower())
def test_a_death_at_every_step_costs_and_doubles_nothing(tmp_path: Path, step: Step) -> None:
    """Every third time this step is reached, the process dies there."""
    fate = Fate(lambda reached: reached is step and fate.reached[step] % 3 == 0)
    week, life = asyncio.run(play(tmp_path, posts=40, days=0.05, seed=7, fate=fate))
    assert not week.book.wrong, (week.book.wrong, week.book.examples)
    assert life.deaths >= 3


def test_a_day_whose_budget_is_small_stops_and_passes_nothing(tmp_path: Path) -> None:
    week, life = asyncio.run(play(tmp_path, posts=150, days=0.2, seed=3, budget_per_day=1.0))
    spent = max(day.micros for day in week.world.bill.days.values())
    assert spent <= 1_000_000
    assert not {what for what in week.book.wrong if "budget" in what or "twice" in what}
    assert life.x.meter.calls.get(("reply", "budget"), 0) + life.x.meter.calls.get(("search", "budget"), 0) > 0
