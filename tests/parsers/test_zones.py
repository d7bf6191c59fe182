"""Time zones: every province keeps one, days begin at its own midnight, and no span of waking time passes by night."""

from __future__ import annotations

import datetime as dt

import pytest

from parsers.zones import PROVINCES, Zone, day_of, midnight_ms, next_waking, waking_after, zone_of
from tests.tables import REGIONS

HOUR_MS = 3_600_000


def ms(text: str, zone: Zone) -> int:
    """A time of day in a zone, `2026-11-28 20:30`, in UTC milliseconds."""
    return round((dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)).timestamp() * 1000) - zone.ahead_ms


def shown(at_ms: int, zone: Zone) -> str:
    return f"{dt.datetime.fromtimestamp((at_ms + zone.ahead_ms) / 1000, dt.UTC):%Y-%m-%d %H:%M:%S}"


def test_every_province_keeps_exactly_one_zone() -> None:
    provinces = [code for code in REGIONS.by_code if len(code) == 2]
    assert len(provinces) == 38
    assert sorted(code for codes in PROVINCES.values() for code in codes) == sorted(provinces)


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("13.06", Zone.WIB),  # Agam
        ("13.06.01", Zone.WIB),
        ("35.09", Zone.WIB),
        ("61", Zone.WIB),  # Kalimantan Barat: in WITA until 1987
        ("62.71", Zone.WIB),
        ("63.72", Zone.WITA),
        ("65", Zone.WITA),
        ("51.03", Zone.WITA),
        ("76", Zone.WITA),
        ("81", Zone.WIT),
        ("91.71", Zone.WIT),
        ("96.71", Zone.WIT),  # Sorong, since 2022 in Papua Barat Daya
        (None, Zone.WIB),
        ("", Zone.WIB),
        ("99.99", Zone.WIB),
        ("nasional", Zone.WIB),
    ],
)
def test_a_region_keeps_the_zone_of_its_province(code: str | None, zone: Zone) -> None:
    assert zone_of(code) is zone


def test_one_moment_is_another_day_in_the_east() -> None:
    at_ms = ms("2026-11-28 22:30", Zone.WIB)
    assert [str(day_of(at_ms, zone)) for zone in Zone] == ["2026-11-28", "2026-11-28", "2026-11-29"]
    assert str(day_of(-1, Zone.WIB)) == "1970-01-01"


@pytest.mark.parametrize("zone", Zone)
def test_a_day_begins_at_its_midnight(zone: Zone) -> None:
    day = dt.date(2026, 11, 29)
    assert day_of(midnight_ms(day, zone), zone) == day
    assert day_of(midnight_ms(day, zone) - 1, zone) == day - dt.timedelta(days=1)


@pytest.mark.parametrize("zone", Zone)
@pytest.mark.parametrize(
    ("at", "first"),
    [
        ("2026-11-28 05:59:59", "2026-11-28 06:00:00"),
        ("2026-11-28 06:00:00", "2026-11-28 06:00:00"),
        ("2026-11-28 20:59:59", "2026-11-28 20:59:59"),
        ("2026-11-28 21:00:00", "2026-11-29 06:00:00"),
        ("2026-12-31 23:59:59", "2027-01-01 06:00:00"),
        ("2026-11-28 00:00:00", "2026-11-28 06:00:00"),
    ],
)
def test_nobody_is_woken(zone: Zone, at: str, first: str) -> None:
    assert shown(next_waking(ms(at, zone), zone), zone) == first


@pytest.mark.parametrize("zone", Zone)
@pytest.mark.parametrize(
    ("at", "hours", "over"),
    [
        ("2026-11-28 08:00:00", 2, "2026-11-28 10:00:00"),
        ("2026-11-28 20:00:00", 2, "2026-11-29 07:00:00"),
        ("2026-11-28 20:00:00", 1, "2026-11-28 21:00:00"),  # with the day, not on the next morning
        ("2026-11-28 23:00:00", 2, "2026-11-29 08:00:00"),
        ("2026-11-28 02:00:00", 15, "2026-11-28 21:00:00"),
        ("2026-11-28 02:00:00", 16, "2026-11-29 07:00:00"),
        ("2026-11-28 23:00:00", 0, "2026-11-28 23:00:00"),
        ("2026-11-28 06:00:00", 45, "2026-11-30 21:00:00"),
    ],
)
def test_a_span_is_counted_in_waking_hours(zone: Zone, at: str, hours: int, over: str) -> None:
    assert shown(waking_after(ms(at, zone), hours * HOUR_MS, zone), zone) == over


def test_other_hours_may_be_given() -> None:
    at_ms = ms("2026-11-28 12:00", Zone.WIT)
    assert shown(waking_after(at_ms, HOUR_MS, Zone.WIT, opens=8 * 60, closes=12 * 60), Zone.WIT) == "2026-11-29 09:00:00"
    assert next_waking(at_ms, Zone.WIT, opens=0, closes=24 * 60) == at_ms


@pytest.mark.parametrize(("opens", "closes"), [(600, 600), (700, 600), (-1, 600), (600, 1441)])
def test_hours_in_which_nobody_is_awake_are_refused(opens: int, closes: int) -> None:
    with pytest.raises(ValueError, match="0 <= opens < closes <= 1440"):
        next_waking(0, Zone.WIB, opens=opens, closes=closes)
    with pytest.raises(ValueError, match="0 <= opens < closes <= 1440"):
        waking_after(0, 0, Zone.WIB, opens=opens, closes=closes)


def test_no_span_goes_back() -> None:
    with pytest.raises(ValueError, match="never negative"):
        waking_after(0, -1, Zone.WIB)
