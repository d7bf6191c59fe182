"""Each alarm's condition, raised and over: a table of what the metrics show while it is so, and while it is not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from forwarder.journal.settings import JournalSettings
from gateway.alarms.keeper import JUMP_SECONDS
from gateway.alarms.settings import AlarmSettings
from gateway.alarms.table import ALARMS, BY_CODE, Severity
from gateway.metrics import ROWS
from tests import virtual
from tests.alarms.watched import Labels, Watched, settings

MB = 1_048_576
UNTOUCHED = "unknown for 24 hours, and nobody touched it"


@dataclass(frozen=True)
class Case:
    """What `metric` shows when it is wrong and when it is well; `near` is well, and not by the margin that ends an alarm."""

    code: str
    about: str
    metric: str
    wrong: dict[Labels, float]
    well: dict[Labels, float]
    near: dict[Labels, float] | None = None


CASES = (
    Case("A01", "satu/trx", "lapor_bind_down", {("satu", "trx"): 1, ("satu", "trx2"): 0}, {("satu", "trx"): 0, ("satu", "trx2"): 0}),
    Case("A02", "satu", "lapor_bind_down", {("satu", "a"): 1, ("satu", "b"): 1}, {("satu", "a"): 1, ("satu", "b"): 0}),
    Case("A03", "satu", "lapor_operator_missed_messages", {("satu",): 30}, {("satu",): 29}),
    Case("A04", "ready", "lapor_oldest_seconds", {("ready", ""): 1_801}, {("ready", ""): 1_600}, {("ready", ""): 1_700}),
    Case("A04", "unknown", "lapor_oldest_seconds", {("unknown", "HTTP 500"): 3_601}, {}, {("unknown", "HTTP 500"): 3_500}),
    Case("A04", "parked", "lapor_oldest_seconds", {("parked", "409"): 86_401, ("parked", "422"): 5}, {("parked", "422"): 5}),
    Case("A04", "held/review", "lapor_oldest_seconds", {("held", "review"): 86_401}, {("held", "question"): 5}),
    Case("A04", "filed/its author took it back", "lapor_oldest_seconds", {("filed", "its author took it back"): 86_401}, {}),
    Case("A05", "", "lapor_core_fault", {(): 1}, {(): 0}),
    Case("A06", "", "lapor_core_breaker_open", {(): 1}, {(): 0}),
    Case("A07", "", "lapor_unknown_open", {(): 100}, {(): 99}),
    Case("A08", "", "lapor_disk_free_octets", {(): 200 * MB}, {(): 300 * MB}, {(): 260 * MB}),
    Case("A09", "", "lapor_disk_free_octets", {(): 900 * MB}, {(): 1_200 * MB}, {(): 1_100 * MB}),
    Case("A10", "", "lapor_journal_up", {(): 0}, {(): 1}),
    Case("A11", "", "lapor_journal_filing_paused", {(): 1}, {(): 0}),
    Case("A12", "", "lapor_ledger_gap", {(): 1}, {(): 0}),
    Case("A14", "a second id", "lapor_journal_alarms", {("a second id",): 1}, {}),
    Case("A15", "", "lapor_redis_up", {(): 0}, {(): 1}),
    Case("A16", "", "lapor_workers", {(): 0}, {(): 1}),
    Case("A17", "", "lapor_cluster_waits_for", {(): 1}, {(): 0}),
    Case("A18", "", "lapor_mirror_up", {(): 0}, {(): 1}),
    Case("A18", "", "lapor_mirror_waiting", {(): 1_001}, {(): 10}, {(): 950}),
    Case("A19", "", "lapor_backup_seconds", {(): 30 * 3600 + 1}, {(): 60}),
    Case("A20", "", "lapor_backup_verified_seconds", {(): 54 * 3600 + 1}, {(): 60}),
    Case("A21", "mentions", "lapor_x_behind_seconds", {("mentions",): 1_801}, {("mentions",): 60}, {("mentions",): 1_700}),
    Case("A22", "", "lapor_x_spent_dollars", {(): 27}, {(): 26.9}),
    Case("A24", "core ca", "lapor_certificate_seconds", {("core ca",): 20 * 86_400}, {("core ca",): 22 * 86_400}),
    Case("A31", UNTOUCHED, "lapor_journal_alarms", {(UNTOUCHED,): 3}, {}),
    Case("A27", "", "lapor_journal_queue_rows", {(): 16_000}, {(): 100}, {(): 15_000}),
)
GROWN = {"A13", "A23", "A25", "A26", "A28", "A35"}
OUTSIDE = {"A29", "A30"}


def hold(code: str, watched: Watched) -> float:
    return BY_CODE[code].hold(watched.settings)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code} {case.about}")
def test_it_is_raised_when_it_lasts_and_over_when_all_is_well(case: Case) -> None:
    watched = Watched()
    watched.show(case.metric, case.well)
    watched.pass_(600)
    assert (case.code, case.about) not in watched.standing

    watched.show(case.metric, case.wrong)
    watched.look()
    if hold(case.code, watched):
        watched.pass_(hold(case.code, watched) - 5)
        assert (case.code, case.about) not in watched.standing
        watched.pass_(5)
    assert (case.code, case.about) in watched.standing

    if case.near is not None:
        watched.show(case.metric, case.near)
        watched.pass_(3_600)
        assert (case.code, case.about) in watched.standing, "near the limit is not well"
    watched.show(case.metric, case.well)
    watched.look()
    watched.pass_(115)
    assert (case.code, case.about) in watched.standing
    watched.pass_(5)
    assert (case.code, case.about) not in watched.standing

    about = [change.raised for change in watched.changes if (change.finding.code, change.finding.about) == (case.code, case.about)]
    assert about == [True, False]


def test_every_alarm_has_a_case() -> None:
    assert {case.code for case in CASES} | GROWN | OUTSIDE == set(BY_CODE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code} {case.about}")
def test_what_flaps_is_told_once(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    watched = Watched()
    watched.show(case.metric, case.wrong)
    watched.pass_(hold(case.code, watched) + 5)
    caplog.clear()
    with caplog.at_level(logging.INFO, "gateway.alarms.keeper"):
        for _ in range(20):
            watched.show(case.metric, case.well)
            watched.pass_(60)
            watched.show(case.metric, case.wrong)
            watched.pass_(60)
    told = [record for record in caplog.records if (record.__dict__["code"], record.__dict__["about"]) == (case.code, case.about)]
    assert not told
    assert (case.code, case.about) in watched.standing


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code} {case.about}")
def test_a_restart_raises_anew_what_is_still_so(case: Case) -> None:
    watched = Watched()
    watched.show(case.metric, case.wrong)
    watched.pass_(hold(case.code, watched) + 5)
    watched.keeper = watched.new_keeper()
    assert watched.standing == set()
    watched.look()
    watched.pass_(hold(case.code, watched) + 5)
    assert (case.code, case.about) in watched.standing


@pytest.mark.parametrize("broken", [lambda: 1 // 0, lambda: {("one", "label", "too", "many"): 1}])
def test_a_metric_that_cannot_be_read_ends_no_alarm_and_takes_no_other_along(
    broken: Callable[[], dict[Labels, float]], caplog: pytest.LogCaptureFixture
) -> None:
    watched = Watched()
    watched.show("lapor_unknown_open", {(): 100})
    watched.pass_(5)
    with caplog.at_level(logging.CRITICAL):
        watched.metrics.read("lapor_unknown_open", broken)
        watched.show("lapor_backup_seconds", {(): 1e9})
        watched.pass_(600)
        assert watched.codes == {"A07", "A19"}
        watched.show("lapor_unknown_open", {(): 0})
        watched.pass_(125)
    assert watched.codes == {"A19"}


@pytest.mark.parametrize(
    ("code", "about", "metric", "labels"),
    [("A23", "", "lapor_x_gaps_total", ()), ("A28", "outbox", "lapor_task_restarts_total", ("outbox",))],
)
def test_what_happens_at_a_moment_stands_for_an_hour(code: str, about: str, metric: str, labels: Labels) -> None:
    watched = Watched()
    watched.show(metric, {labels: 3})
    watched.pass_(600)
    assert code not in watched.codes, "what a counter had before the first look happened in no look"
    watched.show(metric, {labels: 4})
    watched.look()
    watched.pass_(3_500)
    assert (code, about) in watched.standing
    watched.pass_(100 + 120 + 65)
    assert code not in watched.codes


def test_a_counter_that_appears_later_has_grown_from_nothing() -> None:
    watched = Watched()
    watched.pass_(60)
    watched.show("lapor_refusals_total", {("satu", "ESME_RTHROTTLED"): 49, ("dua", "ESME_RTHROTTLED"): 3})
    watched.pass_(5)
    assert "A26" not in watched.codes
    watched.show("lapor_refusals_total", {("satu", "ESME_RTHROTTLED"): 49, ("satu", "ESME_RSYSERR"): 1, ("dua", "ESME_RTHROTTLED"): 3})
    watched.pass_(5)
    assert watched.standing == {("A26", "satu")}
    watched.pass_(900 + 120 + 15)
    assert watched.standing == set()


@pytest.mark.parametrize(
    ("sent", "refused", "raised"),
    [(15, 4, False), (16, 4, False), (16, 5, True), (0, 20, True), (0, 19, False), (80, 21, True), (81, 20, False)],
)
def test_refused_replies_count_by_their_share_and_not_by_a_few(sent: int, refused: int, raised: bool) -> None:  # noqa: FBT001
    watched = Watched()
    watched.show("lapor_reply_sendings_total", {("sent",): 1_000, ("refused",): 1_000, ("later",): 0, ("unknown",): 0})
    watched.pass_(60)
    watched.show("lapor_reply_sendings_total", {("sent",): 1_000 + sent, ("refused",): 1_000 + refused, ("later",): 0, ("unknown",): 0})
    watched.pass_(30)
    assert ("A25" in watched.codes) == raised


@pytest.mark.parametrize("by", [JUMP_SECONDS, -JUMP_SECONDS, 86_400.0, -86_400.0])
def test_a_clock_that_is_set_is_an_alarm_and_nothing_else_is(by: float) -> None:
    watched = Watched()
    watched.show("lapor_bind_down", {("satu", "trx"): 0})
    watched.metrics.read("lapor_clock_jumps_total", lambda: watched.keeper.jumps)
    watched.pass_(600)
    assert watched.keeper.jumps == 0
    watched.ms += round(by * 1000)
    watched.pass_(10)
    assert watched.keeper.jumps == 1
    assert watched.standing == {("A13", "")}
    watched.pass_(3_600 + 125 + 60)
    assert watched.standing == set()


def test_a_bug_of_ours_ends_no_task(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = Watched()
    monkeypatch.setattr(watched.keeper, "look", lambda: 1 // 0)

    async def main() -> None:
        running = asyncio.create_task(watched.keeper.run())
        await asyncio.sleep(60)
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    with caplog.at_level(logging.ERROR):
        virtual.run(main())
    assert {record.message for record in caplog.records} == {"the alarms could not be looked at"}
    watched.seconds += 61
    assert watched.keeper.looked_seconds == 61


def test_small_steps_of_a_disciplined_clock_are_none() -> None:
    watched = Watched()
    for _ in range(1_000):
        watched.ms += 100
        watched.pass_(5)
    assert watched.keeper.jumps == 0


def test_a_reason_with_a_limit_of_its_own_has_only_that() -> None:
    watched = Watched(wait_minutes={"question": 10.0, "held": 60.0})
    watched.show("lapor_oldest_seconds", {("held", "question"): 900, ("held", "review"): 900})
    watched.pass_(5)
    assert watched.standing == {("A04", "held/question")}
    watched.show("lapor_oldest_seconds", {("held", "question"): 4_000, ("held", "review"): 4_000, ("ready", ""): 1e9})
    watched.pass_(5)
    assert watched.standing == {("A04", "held/question"), ("A04", "held/review")}


@pytest.mark.parametrize(
    ("off", "metric", "series"),
    [
        ({"silent_messages": 0.0}, "lapor_operator_missed_messages", {("satu",): 1e6}),
        ({"backup_hours": 0.0}, "lapor_backup_seconds", {(): 1e9}),
        ({"verify_hours": 0.0}, "lapor_backup_verified_seconds", {(): 1e9}),
        ({"certificate_days": 0.0}, "lapor_certificate_seconds", {("core ca",): 0}),
        ({"disk_low_octets": 0}, "lapor_disk_free_octets", {(): 500 * MB}),
        ({"wait_minutes": {}}, "lapor_oldest_seconds", {("ready", ""): 1e9}),
    ],
)
def test_a_limit_of_nothing_switches_an_alarm_off(off: dict[str, object], metric: str, series: dict[Labels, float]) -> None:
    watched = Watched(**off)
    watched.show(metric, series)
    watched.pass_(60)
    assert watched.standing == set()


def test_a_floor_of_nothing_is_no_alarm() -> None:
    watched = Watched(settings(journal=JournalSettings(free_octets_min=0), alarms=AlarmSettings(disk_low_octets=0)))
    watched.show("lapor_disk_free_octets", {(): 0})
    watched.pass_(60)
    assert watched.standing == set()


def test_nothing_shown_is_no_alarm() -> None:
    """Where there is no Redis, no mirror, no X, their metrics show nothing."""
    watched = Watched()
    for name in ROWS:
        watched.show(name, {})
    watched.pass_(600)
    assert watched.standing == set()


def test_the_line_of_an_alarm_has_its_code_and_what_to_do(caplog: pytest.LogCaptureFixture) -> None:
    watched = Watched(bind_down_seconds=0.0, clear_seconds=0.0)
    watched.show("lapor_bind_down", {("satu", "trx"): 1})
    with caplog.at_level(logging.INFO, "gateway.alarms.keeper"):
        watched.pass_(5)
        watched.show("lapor_bind_down", {("satu", "trx"): 0})
        watched.pass_(10)
    lines = [(record.levelno, record.getMessage()) for record in caplog.records]
    assert lines == [
        (logging.WARNING, "A01 a bind is down"),
        (logging.CRITICAL, "A02 an operator is cut off"),
        (logging.INFO, "A01 a bind is down: over"),
        (logging.INFO, "A02 an operator is cut off: over"),
    ]
    assert caplog.records[0].__dict__["says"] == "bind satu/trx is down"
    assert caplog.records[0].__dict__["first"]
    assert caplog.records[2].__dict__["lasted_seconds"] == 5


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code} {case.about}")
def test_its_sentence_says_what_and_how_much(case: Case) -> None:
    watched = Watched()
    watched.show(case.metric, case.wrong)
    watched.pass_(hold(case.code, watched) + 5)
    (row,) = [row for row in watched.keeper.active() if (row["code"], row["about"]) == (case.code, case.about)]
    assert case.about in row["says"] or "{about}" not in BY_CODE[case.code].says
    assert "{" not in row["says"]
    assert row["since_ms"] <= watched.ms


def test_what_nobody_touches_pages_nobody() -> None:
    watched = Watched()
    watched.show("lapor_journal_alarms", {(UNTOUCHED,): 3})
    watched.pass_(5)
    assert watched.standing == {("A31", UNTOUCHED)}
    assert BY_CODE["A31"].severity is Severity.WARNING


def test_critical_ones_come_first() -> None:
    watched = Watched()
    watched.show("lapor_backup_seconds", {(): 1e9})
    watched.pass_(5)
    watched.show("lapor_unknown_open", {(): 1_000})
    watched.pass_(5)
    assert [row["code"] for row in watched.keeper.active()] == ["A07", "A19"]


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda alarm: alarm.code)
def test_a_row_of_the_table_is_whole(alarm: object) -> None:
    one = BY_CODE[alarm.code]  # type: ignore[attr-defined]
    assert one.code.startswith("A")
    assert one.code[1:].isdecimal()
    assert one.severity in Severity
    assert one.name == one.name.strip()
    assert one.first
    signs = one.signs(settings())
    assert bool(signs) != bool(one.promql)
    for sign in signs:
        labels = set(ROWS[sign.metric].labels)
        assert set(sign.by) | set(sign.where) | set(sign.but) <= labels
        assert (ROWS[sign.metric].kind == "counter") == bool(sign.grown_seconds)


def test_codes_are_given_once_and_in_order() -> None:
    codes = [one.code for one in ALARMS]
    assert codes == sorted(set(codes))
