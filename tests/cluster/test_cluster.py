"""What the gateways know of each other: cases, replays, who is forgotten, who reads X; and what breaks when a guard is missing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from forwarder.cluster import PENDING_MAX, Pending
from forwarder.journal import Hand
from forwarder.lease import Lease
from forwarder.lifecycle import ComplaintState
from forwarder.shared import Shared, SharedDown
from gateway.dialogue import STATUS_REPLY
from gateway.elsewhere import Elsewhere, Question
from parsers.model import Address, Reporter, ReporterKind
from tests.cluster.places import CLUSTER, SEALS, Place, place
from tests.valkey import Valkey, valkey

TEXT = "AGAM lampu jalan mati"
SARI = Reporter(ReporterKind.MSISDN, "+6281234567789", Address(1, 1, "6281234567789"))
STRANGER = replace(SARI, value="+6281299999999")
Story = Callable[[Place, Place], Awaitable[None]]


@pytest.fixture(scope="module")
def server() -> Iterator[Valkey]:
    with valkey() as running:
        yield running


def between(folder: Path, server: Valkey, story: Story) -> None:
    """Tell a story of gateways A and B, both whole."""
    server.flush()

    async def run() -> None:
        one, two = place(folder, "A", server), place(folder, "B", server)
        for each in (one, two):
            await each.begin()
        for each in (one, two, one):
            await each.settle()
        try:
            await story(one, two)
        finally:
            for each in (one, two):
                await each.close()

    asyncio.run(run())


async def number_of(one: Place, text: str = TEXT) -> str:
    verdict = await one.take(text)
    assert verdict.composed is not None
    assert verdict.composed.complaint is not None
    return verdict.composed.complaint.number


def test_a_case_of_one_gateway_is_known_at_the_other_as_it_stands_now(tmp_path: Path, server: Valkey) -> None:
    async def story(one: Place, two: Place) -> None:
        number = await number_of(one)
        await one.settle()
        found = await two.cluster.cases.find(SARI.value, number)
        assert found is not None
        assert (found.number, found.state, found.tracking_id) == (number, ComplaintState.READY, None)
        await one.file()
        await one.settle()
        for asked in (number, "A000002", None):
            found = await two.cluster.cases.find(SARI.value, asked)
            assert found is not None
            assert (found.number, found.state, found.tracking_id) == (number, ComplaintState.FILED, "A000002")
            assert await two.cluster.cases.find(STRANGER.value, asked) is None, "a stranger learns nothing"
        assert await one.cluster.cases.find(SARI.value, number) is None, "our own journal knows better"

    between(tmp_path, server, story)


def test_a_status_asked_elsewhere_is_answered_with_the_truth(tmp_path: Path, server: Valkey) -> None:
    async def story(one: Place, two: Place) -> None:
        number = await number_of(one)
        await one.file()
        await one.settle()
        asked = await two.take("STATUS")
        assert asked.reply_id is not None
        elsewhere = Elsewhere(two.journal, two.cluster.cases, STATUS_REPLY, lambda: None)
        assert not await elsewhere.answer(asked.reply_id, Question(STRANGER, number))
        assert await elsewhere.answer(asked.reply_id, Question(SARI, number))
        (job,) = await two.journal.start_replies(10, two.time.ms + 60_000)
        assert (job.kind, job.number, job.tracking_id, job.instansi_name) == ("status_filed", number, "A000002", "Kab. Agam")

    between(tmp_path, server, story)


def test_a_duplicate_is_answered_with_its_first_at_the_other_gateway(tmp_path: Path, server: Valkey) -> None:
    async def story(one: Place, two: Place) -> None:
        first, copy = await number_of(one), await number_of(two)
        await one.file()
        assert await two.file() == []
        await one.settle()
        await two.settle()
        case = await two.journal.case_of(SARI.value, copy)
        assert case is not None
        assert (case.state, case.elsewhere) == (ComplaintState.DUPLICATE, first)
        found = await two.cluster.cases.case(first)
        assert found is not None
        assert found.tracking_id == "A000002"

    between(tmp_path, server, story)


def test_an_emptied_redis_is_told_everything_again(tmp_path: Path, server: Valkey) -> None:
    async def story(one: Place, two: Place) -> None:
        numbers = [await number_of(one, f"{TEXT} {at}") for at in range(10)]
        await one.file()
        for at in range(10):
            await two.take(f"{TEXT} {at}")
        await one.settle()
        server.flush()
        with pytest.raises(SharedDown):
            await two.file()
        for each in (one, two, one):
            await each.settle()
        assert await two.file() == [], "the claims are back"
        for number in numbers:
            assert await two.cluster.cases.find(SARI.value, number) is not None
        assert one.cluster.replays == 2

    between(tmp_path, server, story)


def test_another_server_with_the_same_data_is_another_epoch(tmp_path: Path) -> None:
    """A restart or a promoted replica may lack the last second: what is there is not believed until all have told."""
    with valkey(appendonly="yes", appendfsync="always") as server:

        async def story(one: Place, two: Place) -> None:
            await number_of(one)
            server.kill()
            server.start()
            with pytest.raises(SharedDown, match="waits for gateway A, B"):
                await one.file()
            for each in (one, two, one):
                await each.settle()
            assert await one.file() == [TEXT]

        between(tmp_path, server, story)


def test_too_many_changes_to_remember_are_told_by_telling_everything() -> None:
    pending = Pending()
    pending.add(frozenset(range(PENDING_MAX)), frozenset())
    assert not pending.lost
    pending.add(frozenset({PENDING_MAX}), frozenset())
    assert pending.lost
    assert not pending.complaints


def test_a_gateway_that_never_comes_back_is_forgotten_and_what_was_left_to_it_is_on_the_desk(tmp_path: Path, server: Valkey) -> None:
    async def story(one: Place, two: Place) -> None:
        await number_of(one)
        await number_of(two)
        await number_of(two, "AGAM jalan rusak")
        await one.index.claim(await one.ready())  # claimed, and then the machine burns
        assert await two.file() == ["AGAM jalan rusak"]
        assert not await two.cluster.forget("A"), "it lives"
        (copy,) = [one.number for one in await two.journal.by_reporter(SARI.value) if one.state is ComplaintState.DUPLICATE]
        (moved,) = await two.journal.resend([copy], Hand("sari", "I think so"))
        assert moved.error is not None, "its first is not lost: it would be filed twice"
        client = server.client()
        client.hset("gw:seen", "A", 1)
        server.flush()
        client.close()
        await two.settle()
        assert two.cluster.waits_for == ("A",)
        assert await two.cluster.forget("A")
        await two.settle()
        assert two.cluster.waits_for == ()
        (waiting,) = await two.journal.waiting()
        assert waiting.reason == "its first is lost with gateway A"
        (moved,) = await two.journal.resend([waiting.number], Hand("sari", "the core does not have it"))
        assert moved.state is ComplaintState.READY
        assert await two.file() == [TEXT], "a person's word is enough"
        await two.die()
        await two.settle()
        assert two.cluster.forgotten == {"A"}, "also after a restart"
        server.flush()
        await two.settle()
        await two.settle()
        assert two.cluster.waits_for == (), "also after Redis was emptied"
        await one.settle()
        await two.settle()
        assert two.cluster.forgotten == frozenset(), "it came back all the same"

    between(tmp_path, server, story)


def test_one_gateway_reads_x_and_the_next_one_goes_on_where_it_stopped(server: Valkey) -> None:
    server.flush()

    async def run() -> None:
        shared = Shared(server.settings())
        one, two = (Lease(shared, SEALS, name=name, seconds=0.5, monotonic=time.monotonic) for name in ("A:1", "B:1"))
        assert [await one.hold(), await two.hold()] == [True, False]
        assert (one.held, two.held) == (True, False)
        assert await one.keep("mentions", "17")
        await asyncio.sleep(0.6)  # it was frozen
        assert not one.held
        assert await two.hold()
        assert await two.cursor("mentions") == "17"
        assert two.fence > one.fence
        assert not await one.check(), "its page is not stored"
        assert not await one.keep("mentions", "18")
        assert not await one.hold()
        client = server.client()
        assert b"17" not in b"".join(client.hvals("gw:x:cursors"))
        client.close()
        await shared.close()

    asyncio.run(run())


@pytest.mark.parametrize("how", ["freeze", "kill"])
def test_messages_are_taken_at_the_same_rate_while_redis_is_away(tmp_path: Path, how: str) -> None:
    """Nothing on the way to the ack asks Redis; counted by calls, not by a clock."""
    with valkey() as server:

        async def story(one: Place, _: Place) -> None:
            running = asyncio.create_task(one.cluster.run())
            await asyncio.sleep(0.2)
            getattr(server, how)()
            steps, began = one.shared.steps, time.monotonic()
            for at in range(200):
                await one.take(f"{TEXT} {at}")
            took = time.monotonic() - began
            assert one.shared.steps - steps <= 4, "only the beat and the feed may have asked"
            assert took < 60
            assert len(await one.ready()) == 200
            running.cancel()
            await asyncio.wait([running])
            server.thaw()

        between(tmp_path, server, story)


def test_a_site_that_claims_nothing_files_twice(tmp_path: Path, server: Valkey) -> None:
    """The planted fault: without the index the same SMS on two machines is two complaints, so the tests above can fail."""

    async def story(one: Place, two: Place) -> None:
        await number_of(one)
        await number_of(two)

        async def everything_is_ours(filings: object) -> dict[int, str | None]:
            return {filing.complaint_id: None for filing in filings}  # type: ignore[attr-defined]

        filed = []
        for each in (one, two):
            each.index.claim = everything_is_ours  # type: ignore[method-assign,assignment]
            filed += await each.file()
        assert filed == [TEXT, TEXT]

    between(tmp_path, server, story)


def test_a_site_that_forgets_to_replay_files_twice(tmp_path: Path, server: Valkey) -> None:
    """The planted fault: an emptied index that is believed at once."""

    async def story(one: Place, two: Place) -> None:
        await number_of(one)
        await number_of(two)
        filed = await one.file()
        server.flush()
        for each in (one, two):
            each.waits_for = ""
        filed += await two.file()
        assert filed == [TEXT, TEXT]

    between(tmp_path, server, story)


def test_the_settings_of_the_tests_are_those_of_two_gateways() -> None:
    assert CLUSTER.enabled
    assert not CLUSTER.problems("A", queue=True)
