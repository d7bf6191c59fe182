"""The outbox against a real journal and a channel of ours: every result, a failing journal, operators that come and go, a stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from adapters.channel import Caps, Reply, Sending, SendResult
from forwarder.journal import ReplyResult
from forwarder.lifecycle import ReplyState
from forwarder.records import ReplyJob
from gateway.app import Gateway
from gateway.outbox import Outbox
from gateway.watch import Watch
from parsers.errors import JournalError
from parsers.model import Address, Answering
from tests import virtual
from tests.gateway.road import Road

SARI = "6281266010001"
NOW_MS = 1_795_000_000_000


def job(reply_id: int = 1, **changes: Any) -> ReplyJob:
    """A reply that is due."""
    fields: dict[str, Any] = {
        "reply_id": reply_id,
        "kind": "receipt",
        "channel": "SMS 1708",
        "operator": "satu",
        "reporter_value": "+6281266010001",
        "reporter_kind": "msisdn",
        "ton": 1,
        "npi": 1,
        "address": SARI,
        "number": "G7K2QP",
        "instansi_name": "Kab. Agam",
        "tracking_id": None,
        "language": "id",
        "rahasia": False,
        "attempt": 1,
        "again": False,
        "received_ms": NOW_MS,
    }
    return ReplyJob(**(fields | changes))


class Rows:
    """The part of the journal that the outbox knows; it fails as often as it is told to."""

    def __init__(self, *jobs: ReplyJob) -> None:
        self.due = list(jobs)
        self.results: list[ReplyResult] = []
        self.start_failures: list[Exception] = []
        self.settle_failures: list[Exception] = []

    async def start_replies(self, limit: int, *_: object) -> list[ReplyJob]:
        if self.start_failures:
            raise self.start_failures.pop()
        started, self.due = self.due[:limit], self.due[limit:]
        return started

    async def settle_replies(self, results: Sequence[ReplyResult]) -> None:
        if self.settle_failures:
            raise self.settle_failures.pop()
        self.results += results


class Channel:
    """An operator that gives these answers in turn, the last for ever."""

    caps = Caps(160, Answering.ALWAYS, links=False, can_find=False)

    def __init__(self, *answers: Sending | Exception) -> None:
        self.answers = list(answers)
        self.sent: list[tuple[Address, str]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def send(self, reply: Reply) -> Sending:
        self.sent.append((reply.to, reply.text))
        await self.open.wait()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Echo:
    """Texts that show what was rendered."""

    def render(self, one: ReplyJob) -> str:
        if one.kind == "broken":
            raise KeyError(one.kind)
        return f"{one.kind} {one.number}"


def outbox(rows: Rows, **channels: Channel) -> Outbox:
    return Outbox(rows, Echo(), channels, lambda: NOW_MS, Watch())  # type: ignore[arg-type]


async def worked_off(box: Outbox, rows: Rows, count: int) -> None:
    """Run until so many results are stored, then stop in order."""
    running = asyncio.create_task(box.run())
    async with asyncio.timeout(20):
        while len(rows.results) < count:
            await asyncio.sleep(0.005)
        box.stop()
        await running
    assert box.in_flight == 0


RESULTS = [
    (Sending(SendResult.SENT, ("a1", "a2")), 1, "sent", None),
    (Sending(SendResult.REFUSED, detail="ESME_RINVDSTADR"), 1, "refused", None),
    (Sending(SendResult.UNKNOWN, detail="no answer"), 1, "lost_answer", None),
    (Sending(SendResult.LATER), 1, "postponed", 5),
    (Sending(SendResult.LATER), 2, "postponed", 15),
    (Sending(SendResult.LATER), 5, "postponed", 900),
    (Sending(SendResult.LATER), 500, "postponed", 900),
    (Sending(SendResult.LATER, retry_after_s=7200.0), 1, "postponed", 7200),
    (RuntimeError("a bug in the channel"), 1, "lost_answer", None),
]


@pytest.mark.parametrize(("answer", "attempt", "move", "wait"), RESULTS, ids=[f"{row[2]} {row[1]} {row[3]}" for row in RESULTS])
def test_each_result_becomes_its_move(answer: Sending | Exception, attempt: int, move: str, wait: int | None) -> None:
    async def story() -> None:
        rows = Rows(job(attempt=attempt))
        await worked_off(outbox(rows, satu=Channel(answer)), rows, 1)
        [result] = rows.results
        assert result.move == move
        assert result.next_ms == (None if wait is None else NOW_MS + wait * 1000)
        assert result.message_ids == (answer.message_ids if isinstance(answer, Sending) else ())

    asyncio.run(story())


def test_one_that_cannot_be_rendered_or_has_no_operator_harms_no_other() -> None:
    async def story() -> None:
        rows = Rows(job(1, kind="broken"), job(2, operator="gone"), job(3))
        channel = Channel(Sending(SendResult.SENT))
        await worked_off(outbox(rows, satu=channel), rows, 3)
        assert {result.reply_id: str(result.move) for result in rows.results} == {1: "lost_answer", 2: "postponed", 3: "sent"}
        assert channel.sent == [(Address(1, 1, SARI), "receipt G7K2QP")]

    asyncio.run(story())


def test_a_journal_that_fails_for_a_while_gets_every_result_once() -> None:
    async def story() -> None:
        rows = Rows(*(job(number) for number in range(1, 40)))
        rows.start_failures = [JournalError("full"), JournalError("full")]
        rows.settle_failures = [JournalError("full")]
        channel = Channel(Sending(SendResult.SENT))
        await worked_off(outbox(rows, satu=channel), rows, 39)
        assert sorted(result.reply_id for result in rows.results) == list(range(1, 40))
        assert len(channel.sent) == 39

    asyncio.run(story())


def test_no_more_of_one_operator_are_out_than_a_crash_may_repeat() -> None:
    async def story() -> None:
        rows, satu, dua = (
            Rows(*(job(number) for number in range(1, 6))),
            Channel(Sending(SendResult.SENT)),
            Channel(Sending(SendResult.SENT)),
        )
        rows.due.append(job(6, operator="dua"))
        satu.open.clear()
        box = Outbox(rows, Echo(), {"satu": satu, "dua": dua}, lambda: NOW_MS, Watch(), unsettled_max=2)  # type: ignore[arg-type, dict-item]
        running = asyncio.create_task(box.run())
        await asyncio.sleep(1.0)
        assert (len(satu.sent), len(dua.sent)) == (2, 1)
        rows.settle_failures = [JournalError("full")] * 4
        satu.open.set()
        await asyncio.sleep(1.0)
        assert len(satu.sent) == 2  # answered, but not on the disk
        await asyncio.sleep(4.0)
        assert [len(satu.sent), len(rows.results)] == [5, 6]
        box.stop()
        await running

    virtual.run(story())


def test_a_result_is_offered_again_soon_however_seldom_the_outbox_looks() -> None:
    async def story() -> None:
        rows, channel = Rows(job(1)), Channel(Sending(SendResult.SENT))
        rows.settle_failures = [JournalError("full"), JournalError("full")]
        box = Outbox(rows, Echo(), {"satu": channel}, lambda: NOW_MS, Watch(), look_seconds=60.0)  # type: ignore[arg-type, dict-item]
        running = asyncio.create_task(box.run())
        await asyncio.sleep(2.0)
        assert [result.reply_id for result in rows.results] == [1]
        box.stop()
        await running

    virtual.run(story())


def test_a_stop_waits_for_what_is_in_flight_and_starts_nothing_more() -> None:
    async def story() -> None:
        rows, channel = Rows(job(1)), Channel(Sending(SendResult.SENT))
        channel.open.clear()
        box = outbox(rows, satu=channel)
        running = asyncio.create_task(box.run())
        async with asyncio.timeout(20):
            while not channel.sent:
                await asyncio.sleep(0.005)
            box.stop()
            rows.due.append(job(2))
            done, _ = await asyncio.wait([running], timeout=0.1)
            assert not done
            channel.open.set()
            await running
        assert [result.reply_id for result in rows.results] == [1]
        assert [one.reply_id for one in rows.due] == [2]

    asyncio.run(story())


def test_what_was_being_taken_from_the_journal_at_a_stop_is_settled() -> None:
    async def story() -> None:
        rows, channel = Rows(), Channel(Sending(SendResult.SENT))
        start_replies, asked, answer = rows.start_replies, asyncio.Event(), asyncio.Event()

        async def slow(limit: int, now_ms: int, *_: object) -> list[ReplyJob]:
            asked.set()
            await answer.wait()
            return await start_replies(limit, now_ms)

        rows.start_replies = slow  # type: ignore[method-assign]
        rows.due.append(job(1))
        box = outbox(rows, satu=channel)
        running = asyncio.create_task(box.run())
        await asked.wait()
        box.stop()
        await asyncio.sleep(5.0)
        answer.set()
        await running
        assert ([result.reply_id for result in rows.results], len(channel.sent)) == ([1], 1)

    virtual.run(story())


def test_an_outbox_that_fails_and_starts_again_leaves_nothing_in_flight() -> None:
    async def story() -> None:
        rows, channel = Rows(job(1)), Channel(Sending(SendResult.SENT))
        channel.open.clear()
        box = outbox(rows, satu=channel)
        failing = asyncio.create_task(box.run())
        async with asyncio.timeout(20):
            while not channel.sent:
                await asyncio.sleep(0.005)
            rows.start_failures = [RuntimeError("a bug of ours")]
            box.wake()
            with pytest.raises(ExceptionGroup):
                await failing
            assert box.in_flight == 0
            channel.open.set()
            rows.due.append(job(2))
            await worked_off(box, rows, 2)
        assert {result.reply_id: str(result.move) for result in rows.results} == {1: "lost_answer", 2: "sent"}

    asyncio.run(story())


# ── on the road ──


def walk(folder: Path, story: Callable[[Road, Gateway], Awaitable[None]], **journal: int) -> Road:
    road = Road(folder, wait=0.0)

    async def main() -> None:
        async with road.peers():
            if journal:
                toml = folder / "gateway.toml"
                keys = "".join(f"\n{key} = {value}" for key, value in journal.items())
                toml.write_text(toml.read_text(encoding="utf-8").replace("[journal]", f"[journal]{keys}"), encoding="utf-8")
            async with road.running() as gateway:
                await story(road, gateway)

    asyncio.run(main())
    return road


async def replies(gateway: Gateway) -> dict[ReplyState, int]:
    counts = await gateway.journal.counts()
    return {state: count for state, count in counts.replies.items() if count}


def test_replies_wait_for_an_operator_that_is_away_and_none_is_lost(tmp_path: Path) -> None:
    async def story(road: Road, gateway: Gateway) -> None:
        gateway.dispatcher.pause("the test")
        road.operator.faults.refuse_bind = 0x0D
        await road.operator.send_mo(SARI, "AGAM jalan rusak")
        for bind in road.operator.bound:
            bind.drop()
        await road.until(lambda: gateway.outbox.counts["later"] > 0)
        road.operator.faults.clear()
        await road.operator.expect_replies(SARI, 1, 30)

    assert len(walk(tmp_path, story).operator.phone(SARI).received) == 1


def test_above_the_daily_cap_a_number_hears_nothing_and_the_row_says_why(tmp_path: Path) -> None:
    async def story(road: Road, gateway: Gateway) -> None:
        gateway.dispatcher.pause("the test")
        for number, trouble in enumerate(("jalan rusak", "air pdam mati", "sampah menumpuk", "guru tidak datang", "lampu mati")):
            await road.operator.send_mo(SARI, f"AGAM {trouble}")
            await road.operator.expect_replies(SARI, min(number + 1, 3))
        async with asyncio.timeout(10):
            while (await replies(gateway)).get(ReplyState.NONE, 0) < 2:
                await asyncio.sleep(0.02)
        await road.operator.send_mo("6281266010002", "AGAM lampu mati")
        await road.operator.expect_replies("6281266010002")
        numbers = {bubble.text.split("No. ")[1][:6] for bubble in road.operator.phone(SARI).received}
        reasons = [
            reply.detail
            for row in await gateway.journal.by_reporter("+" + SARI)
            if row.number not in numbers
            for reply in (await gateway.journal.case(row.number)).replies  # type: ignore[union-attr]
        ]
        assert reasons == ["daily cap of this number"] * 2

    assert len(walk(tmp_path, story, replies_per_day_max=3).operator.phone(SARI).received) == 3


def test_a_refused_reply_is_refused_once_and_for_all(tmp_path: Path) -> None:
    async def story(road: Road, gateway: Gateway) -> None:
        road.operator.faults.submit_status = 0x0B
        await road.operator.send_mo(SARI, "AGAM jalan rusak")
        async with asyncio.timeout(10):
            while not (await replies(gateway)).get(ReplyState.REFUSED):
                await asyncio.sleep(0.02)
        assert gateway.outbox.counts["refused"] == sum((await replies(gateway)).values())

    assert not walk(tmp_path, story).operator.phone(SARI).received


def test_a_rahasia_citizen_reads_no_instansi_on_the_screen_of_the_phone(tmp_path: Path) -> None:
    async def story(road: Road, gateway: Gateway) -> None:
        gateway.dispatcher.pause("the test")
        await road.operator.send_mo(SARI, "AGAM rahasia, camat minta uang")
        await road.operator.expect_replies(SARI, 1)
        gateway.dispatcher.resume()
        for bubble in await road.operator.expect_replies(SARI, 2):
            assert "Agam" not in bubble.text
            assert "camat" not in bubble.text

    walk(tmp_path, story)


def test_a_stop_in_mid_flight_sends_nothing_twice(tmp_path: Path) -> None:
    road = Road(tmp_path, wait=0.0)
    road.operator.faults.submit_answer_seconds = 0.3

    async def main() -> None:
        async with road.peers():
            async with road.running():
                await road.operator.send_mo(SARI, "AGAM jalan rusak")
                await road.until(lambda: bool(road.operator.phone(SARI).received))
            async with road.running() as gateway:
                assert ReplyState.SENDING not in await replies(gateway)
                assert gateway.journal.opening.clean

    asyncio.run(main())
    texts = [bubble.text for bubble in road.operator.phone(SARI).received]
    assert len(texts) == len(set(texts))
