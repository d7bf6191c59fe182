"""A soak of a few seconds, and that a leak and an exception nobody looked at would be noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.soak import GROWTH_OCTETS_FLOOR, PLANTED, Found, fitted, run


def test_a_short_soak_complains_of_nothing_and_loses_nothing(tmp_path: Path) -> None:
    found = run(tmp_path, 3.0)
    assert found.verdict is not None
    assert found.verdict.good, str(found.verdict)
    assert found.complaints == []
    assert found.samples


def test_a_leak_and_an_exception_that_nobody_looked_at_are_found_out(tmp_path: Path) -> None:
    found = run(tmp_path, 4.0, planted=PLANTED)
    assert found.slope * found.seconds / 3600 > GROWTH_OCTETS_FLOOR
    assert any("never retrieved" in line for line in found.complaints)
    assert not found.good


@pytest.mark.parametrize("slope", [0.0, 3.0, -2.0])
def test_a_line_is_fitted_through_its_points(slope: float) -> None:
    assert fitted([(float(x), slope * x + 5) for x in range(10)]) == pytest.approx(slope)
    assert Found().slope == 0.0
