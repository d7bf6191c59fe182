"""The page of metrics holds what the table names, and one bad reading does not take it away."""

from __future__ import annotations

import re

import pytest

from gateway.metrics import METRICS, ROWS, SERIES_MAX, Metrics, Row


def lines(metrics: Metrics) -> list[str]:
    return metrics.page().decode().splitlines()


@pytest.mark.parametrize("row", METRICS, ids=lambda row: row.name)
def test_a_name_says_what_it_is(row: Row) -> None:
    assert re.fullmatch(r"lapor(_[a-z]+)+", row.name)
    assert row.name.endswith("_total") == (row.kind == "counter")
    assert len({each.name for each in METRICS}) == len(METRICS)


@pytest.mark.parametrize("row", METRICS, ids=lambda row: row.name)
def test_each_reading_appears_under_its_name(row: Row) -> None:
    metrics = Metrics()
    metrics.read(row.name, lambda: {tuple("x" for _ in row.labels): 42})
    labels = "{" + ",".join(f'{label}="x"' for label in sorted(row.labels)) + "}" if row.labels else ""
    assert f"{row.name}{labels} 42.0" in lines(metrics)


def test_a_name_outside_the_table_is_a_mistake_at_once() -> None:
    with pytest.raises(KeyError):
        Metrics().read("lapor_invented", lambda: 1)


def test_what_nobody_reads_is_known() -> None:
    metrics = Metrics()
    assert "lapor_bind_up" in metrics.unread
    metrics.read("lapor_bind_up", dict)
    assert set(metrics.unread) == set(ROWS) - {"lapor_bind_up", "lapor_scrape_failures_total"}


def test_one_bad_reading_is_counted_and_the_rest_is_shown() -> None:
    metrics = Metrics()
    metrics.read("lapor_bind_up", lambda: {("one label",): 1})
    metrics.read("lapor_core_window", lambda: 1 // 0)
    metrics.read("lapor_log_held_back_total", lambda: 3)
    page = lines(metrics)
    assert "lapor_log_held_back_total 3.0" in page
    assert "lapor_scrape_failures_total 2.0" in page


def test_a_label_from_outside_cannot_fill_the_page() -> None:
    metrics = Metrics()
    metrics.read("lapor_arrivals_total", lambda: {(f'kind"\n{n}',): n for n in range(2 * SERIES_MAX)})
    shown = [line for line in lines(metrics) if line.startswith("lapor_arrivals_total{")]
    assert len(shown) == SERIES_MAX
