"""Quiet hours: who is awake hears at once, who sleeps hears in the morning of his own zone, and a danger is told at any hour."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from forwarder.journal import Doors, Journal, JournalSettings, ReplyResult
from forwarder.journal.quiet import put_off
from forwarder.lifecycle import ReplyMove
from tests.journal.people import House, Time, segment
from tests.journal.test_arrivals import crash
from tests.journal.test_persons import alive, connection_of, file
from tests.journal.test_posts import SETTINGS as POSTS
from tests.journal.test_posts import Life, post
from tests.journal.test_posts import play as posts

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
MIDNIGHT = round(dt.datetime(2026, 11, 28, tzinfo=dt.UTC).timestamp() * 1000)
AGAM, BALI, PAPUA = "13.06", "51.03", "91.71"


def at(clock: str, ahead: int = 7, day: int = 0) -> int:
    """A time of that day in a zone, UTC ms."""
    hour, minute = map(int, clock.split(":"))
    return MIDNIGHT + day * DAY + (hour - ahead) * HOUR + minute * MINUTE


OLD = HOUR
CASES = [
    ("in the day", AGAM, "receipt", at("12:00"), OLD, None),
    ("a minute before nine", AGAM, "filed", at("20:59"), OLD, None),
    ("at nine", AGAM, "filed", at("21:00"), OLD, at("06:00", day=1)),
    ("at midnight", AGAM, "filed", at("00:00", day=1), OLD, at("06:00", day=1)),
    ("a minute before six", AGAM, "filed", at("05:59"), OLD, at("06:00")),
    ("at six", AGAM, "filed", at("06:00"), OLD, None),
    ("an answer within ten minutes", AGAM, "receipt", at("23:00"), 10 * MINUTE, None),
    ("an answer after ten minutes", AGAM, "receipt", at("23:00"), 10 * MINUTE + 1, at("06:00", day=1)),
    ("a danger", AGAM, "receipt_danger", at("03:00"), OLD, None),
    ("Bali is an hour ahead", BALI, "filed", at("20:30"), OLD, at("06:00", 8, day=1)),
    ("Bali wakes an hour earlier", BALI, "filed", at("05:00"), OLD, None),
    ("Papua is two hours ahead", PAPUA, "filed", at("19:30"), OLD, at("06:00", 9, day=1)),
    ("national is Jakarta's", None, "filed", at("20:30"), OLD, None),
    ("a region nobody knows is Jakarta's", "99.01", "filed", at("21:30"), OLD, at("06:00", day=1)),
    ("a clock that was set back", AGAM, "receipt", at("23:00"), -DAY, None),
]


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_when_a_reply_goes(case: tuple[str, str | None, str, int, int, int | None]) -> None:
    _, region, kind, now_ms, age_ms, expected = case
    assert put_off(JournalSettings(), kind, now_ms - age_ms, region, now_ms) == expected


def test_no_day_of_the_year_has_another_length() -> None:
    """There is no summer time."""
    for day in range(365):
        night = at("23:00", day=day)
        assert put_off(JournalSettings(), "filed", 0, AGAM, night) == night + 7 * HOUR


@pytest.mark.parametrize(
    ("quiet_from", "quiet_to", "problem"),
    [("22:30", "05:15", None), ("24:00", "00:00", None), ("06:00", "06:00", None), ("06:00", "21:00", "quiet_to must be earlier")],
)
def test_the_hours_may_be_set(quiet_from: str, quiet_to: str, problem: str | None) -> None:
    settings = JournalSettings(quiet_from=quiet_from, quiet_to=quiet_to)
    assert [one for one in settings.problems() if problem is None or problem not in one] == []
    if problem is None and quiet_from != "22:30":
        assert put_off(settings, "filed", 0, AGAM, at("03:00")) is None


@pytest.mark.parametrize("wrong", ["9 malam", "25:00", "21.00", "", "24:30", "\uff12\uff11:00"])
def test_a_time_of_day_that_is_none_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(ValueError, match="quiet_from must be a time of day"):
        JournalSettings(quiet_from=wrong)


async def written(house: House, clock: str) -> tuple[Journal, int]:
    """A complaint that came at a time of day, and whose receipt was sent."""
    house.time.ms = at(clock)
    journal = house.open()
    (verdict,) = await journal.accept([house.arrival(journal, segment(received_ms=house.time.ms))])
    house.time.pass_(15)
    (job,) = await journal.start_replies(10, house.time.ms)
    await journal.settle_replies([ReplyResult(job.reply_id, ReplyMove.SENT)])
    return journal, verdict.complaint_id or 0


def due_ms(journal: Journal) -> int:
    found: int = connection_of(journal).execute("SELECT due_ms FROM reply WHERE state IN ('due', 'later')").get
    return found


@alive
async def test_what_the_core_says_by_night_is_told_in_the_morning_and_waits_without_being_looked_at(house: House) -> None:
    journal, complaint = await written(house, "20:00")
    house.time.ms = at("22:00")
    await file(journal, complaint)
    assert await journal.start_replies(10, house.time.ms) == []
    assert due_ms(journal) == at("06:00", day=1)
    house.time.ms = at("05:59", day=1)
    assert await journal.start_replies(10, house.time.ms) == []
    house.time.ms = at("06:00", day=1)
    assert [job.kind for job in await journal.start_replies(10, house.time.ms)] == ["filed"]
    await journal.close()


@alive
async def test_what_was_on_its_way_at_a_crash_waits_too_where_it_would_wake_somebody(house: House) -> None:
    journal, complaint = await written(house, "20:30")
    house.time.ms = at("20:59")
    await file(journal, complaint)
    assert len(await journal.start_replies(10, house.time.ms)) == 1
    await crash(journal)
    house.time.ms = at("21:05")
    journal = house.open()
    assert await journal.start_replies(10, house.time.ms) == []
    house.time.ms = at("06:00", day=1)
    assert [job.again for job in await journal.start_replies(10, house.time.ms)] == [True]
    await journal.close()


@alive
async def test_what_an_operator_put_off_into_the_night_waits_too(house: House) -> None:
    journal, complaint = await written(house, "20:30")
    house.time.ms = at("20:58")
    await file(journal, complaint)
    (job,) = await journal.start_replies(10, house.time.ms)
    await journal.settle_replies([ReplyResult(job.reply_id, ReplyMove.POSTPONED, next_ms=at("21:10"))])
    house.time.ms = at("21:10")
    assert await journal.start_replies(10, house.time.ms) == []
    assert due_ms(journal) == at("06:00", day=1)
    await journal.close()


def test_a_post_wakes_nobody_and_is_answered_by_night(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        life.house.time.ms = at("23:00")
        verdicts = await life.take(post(1))
        life.house.time.pass_(3_600)
        await life.file(*verdicts)
        assert len(await life.start()) == 1

    assert POSTS.waking_minutes is not None
    posts(tmp_path, story)


@alive
async def test_what_an_operator_has_no_room_for_is_not_started(house: House) -> None:
    house.time = Time(at("12:00"))
    journal = house.open()
    for number in range(6):
        operator = "satu" if number < 5 else "dua"
        one = segment(f"AGAM nomor {number}", f"62812{number:08}", operator=operator, received_ms=house.time.ms)
        await journal.accept([house.arrival(journal, one)])
        house.time.pass_(1)
    house.time.pass_(20)
    first = await journal.start_replies(10, house.time.ms, Doors(2))
    assert [job.operator for job in first] == ["satu", "satu", "dua"]
    assert await journal.start_replies(10, house.time.ms, Doors(2, {"satu": 2, "dua": 1})) == []
    states = [row[0] for row in connection_of(journal).execute("SELECT state FROM reply ORDER BY id")]
    assert states == ["sending"] * 2 + ["due"] * 3 + ["sending"]
    assert len(await journal.start_replies(10, house.time.ms, Doors(2, {"satu": 1}))) == 1
    assert len(await journal.start_replies(10, house.time.ms)) == 2
    await journal.close()
