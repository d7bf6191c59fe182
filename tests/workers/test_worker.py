"""What a worker does with what a gateway, the core and its own disk do to it."""

from __future__ import annotations

import asyncio
import signal
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from forwarder import handover
from forwarder.core.contract import Filed, Refused, Unknown
from forwarder.core.simulator import Fault, scripted
from forwarder.doorbell import Doorbell
from forwarder.handover import Ask, Basket, Leave, NeverSent, Parcelled, Query, Word, Words
from forwarder.journal.record import Record
from forwarder.records import Filing
from forwarder.shared import Shared
from tests.core.samples import complaint
from tests.valkey import KEY, Valkey, valkey
from tests.workers.site import Site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

WAIT_SECONDS = 60.0


@dataclass
class Scene:
    """A gateway that the test plays, and one real worker."""

    site: Site
    server: Valkey
    shared: Shared
    bell: Doorbell
    parcels: Parcelled
    numbers: int = 0
    reached: int = 0
    """Complaints that have arrived at the core."""

    def basket(self, count: int, batch: str = "") -> Basket:
        rows, batch = [], batch or handover.batch_name("A", "life", time.time_ns() // 1_000_000, self.numbers)
        for _ in range(count):
            self.numbers += 1
            rows.append(Filing(self.numbers, 1, complaint(f"GA{self.numbers:04}".replace("0", "B").replace("1", "C"))))
        return Basket("A", batch, tuple(rows))

    async def ring(self, basket: Basket) -> Ask:
        """Offer it; the worker's ask."""
        await asyncio.to_thread(self.bell.ring, [(basket.batch, self.parcels.basket.seal(basket))])
        ask = await self.hear()
        assert isinstance(ask, Ask)
        assert ask.grant.batch == basket.batch
        return ask

    async def leave(self, ask: Ask, basket: Basket, slots: int = 16) -> None:
        leave = Leave(ask.nonce, tuple(row.complaint_id for row in basket.rows), slots)
        await self.shared.do("RPUSH", handover.leaves(ask.grant.worker), self.parcels.leave.seal(leave))

    async def hear(self) -> Ask | Words:
        """The next thing a worker says."""
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            assert time.monotonic() < deadline, "the worker says nothing"
            for entry in await self.shared.read(handover.inbound("A"), "0", most=1, seconds=1):
                await self.shared.do("XDEL", handover.inbound("A"), entry.id)
                return self.parcels.inbound.open(entry.body)

    async def words(self) -> dict[int, Word]:
        """All words of one batch, until the worker says that it is over."""
        found: dict[int, Word] = {}
        while True:
            said = await self.hear()
            assert isinstance(said, Words)
            found |= {word.complaint_id: word for word in said.words}
            if said.over:
                return found

    async def ask_record(self, worker: str, *items: tuple[str, int, int]) -> dict[int, Word]:
        """Asked again and again, as a gateway does: of a batch that a worker has in its hands it says nothing."""

        async def ask() -> None:
            while True:
                await self.shared.do("RPUSH", handover.queries(worker), self.parcels.query.seal(Query("A", items)))
                await asyncio.sleep(2.0)

        asking = asyncio.create_task(ask())
        try:
            while True:  # an earlier question, asked twice, may be answered twice
                if {complaint for _, complaint, _ in items} <= (found := await self.words()).keys():
                    return found
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)


@asynccontextmanager
async def scene(choose: Callable[[], Fault] | None = None, *, core_seconds: float = 0.0, planted: str = "") -> AsyncIterator[Scene]:
    with valkey() as server, tempfile.TemporaryDirectory(prefix="lapor-worker-") as folder:
        scenes: list[Scene] = []

        def thinks() -> float:
            scenes[0].reached += 1
            return core_seconds

        async with Site(Path(folder), server, choose=choose, core_seconds=thinks) as site:
            settings = server.settings()
            one = Scene(site, server, Shared(settings), Doorbell(settings), Parcelled(bytes.fromhex(KEY)))
            scenes.append(one)
            await site.worker("w1", planted=planted)
            try:
                yield one
            finally:
                await one.shared.close()


def play(act: Callable[[Scene], Awaitable[None]], choose: Callable[[], Fault] | None = None, **more: object) -> None:
    async def run() -> None:
        async with scene(choose, **more) as one:  # type: ignore[arg-type]
            await act(one)

    asyncio.run(run())


def test_without_leave_nothing_is_sent_and_that_is_final() -> None:
    async def act(one: Scene) -> None:
        basket = one.basket(2)
        ask = await one.ring(basket)
        words = await one.words()  # the worker waits grant_seconds
        assert all(isinstance(word.outcome, NeverSent) for word in words.values())
        await one.leave(ask, basket)
        again = await one.ask_record(ask.grant.worker, (basket.batch, basket.rows[0].complaint_id, 1))
        assert isinstance(again[basket.rows[0].complaint_id].outcome, NeverSent)
        assert one.site.core.stored == {}

    play(act)


def test_a_no_is_obeyed() -> None:
    async def act(one: Scene) -> None:
        refused, granted = one.basket(2), one.basket(1)
        ask = await one.ring(refused)
        await one.shared.do("RPUSH", handover.leaves(ask.grant.worker), one.parcels.leave.seal(Leave(ask.nonce, (), 0)))
        await one.leave(await one.ring(granted), granted)
        assert set(await one.words()) == {row.complaint_id for row in granted.rows}
        assert set(one.site.core.stored) == {granted.rows[0].complaint.number}

    play(act)


def test_only_what_was_granted_is_sent() -> None:
    async def act(one: Scene) -> None:
        basket = one.basket(3)
        ask = await one.ring(basket)
        await one.leave(ask, replace(basket, rows=basket.rows[1:2]))
        words = await one.words()
        assert set(words) == {basket.rows[1].complaint_id}
        assert set(one.site.core.stored) == {basket.rows[1].complaint.number}

    play(act)


def test_an_old_leave_is_no_leave() -> None:
    """One that came too late lies in the list when the next batch asks."""

    async def act(one: Scene) -> None:
        first, second = one.basket(1), one.basket(1)
        ask = await one.ring(first)
        await one.words()
        await one.leave(ask, first)
        await one.leave(await one.ring(second), second)
        assert isinstance((await one.words())[second.rows[0].complaint_id].outcome, Filed)
        assert set(one.site.core.stored) == {second.rows[0].complaint.number}

    play(act)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [(Fault.BUSY, "NotFiled"), (Fault.ERROR_AFTER, "Unknown"), (Fault.FORBIDDEN, "NotFiled"), (Fault.CONFLICT, "Refused")],
)
def test_the_first_answer_that_is_neither_yes_nor_no_ends_the_batch(fault: Fault, expected: str) -> None:
    async def act(one: Scene) -> None:
        basket = one.basket(6)
        ask = await one.ring(basket)
        await one.leave(ask, basket, slots=2)
        outcomes = [type(word.outcome).__name__ for _, word in sorted((await one.words()).items())]
        assert outcomes.count(expected) == 1
        assert len(outcomes) == 6
        if expected == "Refused":
            assert outcomes.count("Filed") == 5
        else:
            assert "NeverSent" in outcomes
            assert len(one.site.core.stored) <= 3

    play(act, scripted([Fault.OK, fault]))


def test_its_record_says_what_was_begun_after_it_was_killed() -> None:
    async def act(one: Scene) -> None:
        basket = one.basket(4)
        ask = await one.ring(basket)
        await one.leave(ask, basket, slots=2)
        deadline = time.monotonic() + WAIT_SECONDS
        while one.reached < 2:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
        await one.site.end(one.site.workers[0], signal.SIGKILL)
        await one.site.worker("w1")
        items = [(basket.batch, row.complaint_id, 1) for row in basket.rows]
        said = [type(word.outcome) for _, word in sorted((await one.ask_record(ask.grant.worker, *items)).items())]
        assert said == [Unknown, Unknown, NeverSent, NeverSent]

    play(act, core_seconds=30.0)


def test_sigterm_finishes_what_is_begun_and_hands_the_rest_back() -> None:
    async def act(one: Scene) -> None:
        basket = one.basket(4)
        ask = await one.ring(basket)
        await one.leave(ask, basket, slots=1)
        deadline = time.monotonic() + WAIT_SECONDS
        while one.reached < 1:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
        one.site.workers[0].send_signal(signal.SIGTERM)
        outcomes = [type(word.outcome) for _, word in sorted((await one.words()).items())]
        assert outcomes == [Filed, NeverSent, NeverSent, NeverSent]
        assert await asyncio.wait_for(one.site.workers[0].wait(), WAIT_SECONDS) == 0

    play(act, core_seconds=1.0)


def test_what_its_record_has_forgotten_was_perhaps_sent() -> None:
    """A gateway that was away for longer than record_days: "never sent" would file its complaints a second time."""

    async def act(one: Scene) -> None:
        now_ms = time.time_ns() // 1_000_000
        basket = one.basket(1, f"A-life-{now_ms:x}-1")
        ask = await one.ring(basket)
        await one.leave(ask, basket)
        await one.words()
        await one.site.end(one.site.workers[0], signal.SIGKILL)
        path = one.site.folder / "w1" / "record-1.db"
        Record.open(path, name=lambda: "", now_ms=now_ms + 40 * 86_400_000, days=30).close()
        await one.site.worker("w1")
        later = f"A-life-{now_ms + 50 * 86_400_000:x}-2"
        said = await one.ask_record(ask.grant.worker, (basket.batch, 1, 1))
        assert isinstance(said[1].outcome, Unknown)
        said = await one.ask_record(ask.grant.worker, (later, 2, 1))
        assert isinstance(said[2].outcome, NeverSent)

    play(act)


def test_an_entry_that_cannot_be_read_is_unknown_and_the_others_are_told() -> None:
    """After an upgrade the outcomes of the release before have another shape."""

    async def act(one: Scene) -> None:
        basket = one.basket(2)
        ask = await one.ring(basket)
        await one.leave(ask, basket)
        await one.words()
        await one.site.end(one.site.workers[0], signal.SIGKILL)
        record = Record.open(one.site.folder / "w1" / "record-1.db", name=lambda: "", now_ms=0, days=30)
        record.note(basket.batch, begun=[], ended={1: b"of another release"}, offered_ms=0)
        record.close()
        await one.site.worker("w1")
        said = await one.ask_record(ask.grant.worker, *[(basket.batch, number, 1) for number in (1, 2)])
        assert [type(said[number].outcome) for number in (1, 2)] == [Unknown, Filed]

    play(act)


def test_without_its_record_it_sends_nothing() -> None:
    planted = """
from forwarder.journal.record import Record
from parsers.errors import JournalError
def note(self, *args, **more):
    self.broken = True
    raise JournalError("the disk is full")
Record.note = note
"""

    async def act(one: Scene) -> None:
        basket = one.basket(2)
        await one.leave(await one.ring(basket), basket)
        assert [type(word.outcome) for word in (await one.words()).values()] == [NeverSent, NeverSent]
        assert one.site.core.stored == {}
        assert await asyncio.wait_for(one.site.workers[0].wait(), WAIT_SECONDS) == 1, "it ends, to be started with a record opened anew"

    play(act, planted=planted)


def test_a_basket_that_cannot_be_opened_is_left_and_the_next_is_taken() -> None:
    async def act(one: Scene) -> None:
        stranger = Parcelled(b"another key of thirty-two octets").basket.seal(one.basket(1))
        await asyncio.to_thread(one.bell.ring, [("A-0", b"garbage"), ("A-9", stranger)])
        basket = one.basket(1)
        await one.leave(await one.ring(basket), basket)
        (word,) = (await one.words()).values()
        assert isinstance(word.outcome, Filed)

    play(act)


def test_a_complaint_that_cannot_be_written_down_is_refused_and_takes_nobody_along() -> None:
    async def act(one: Scene) -> None:
        basket = one.basket(3)
        huge = replace(basket.rows[1].complaint, message=replace(basket.rows[1].complaint.message, text="x" * 200_000))
        basket = replace(basket, rows=(basket.rows[0], replace(basket.rows[1], complaint=huge), basket.rows[2]))
        await one.leave(await one.ring(basket), basket)
        assert [type(word.outcome) for _, word in sorted((await one.words()).items())] == [Filed, Refused, Filed]

    play(act)
