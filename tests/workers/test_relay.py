"""What a gateway grants, to whom, and what it makes of everything a worker may say: late, twice, wrongly, or not at all."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rq import Queue
from rq.serializers import JSONSerializer

from forwarder import handover
from forwarder.core.contract import Filed, NotFiled, Refused, Unknown
from forwarder.core.settings import DispatchSettings
from forwarder.doorbell import BasketJob, payload_octets
from forwarder.handover import QUEUE, Ask, Basket, Leave, NeverSent, Outcome, Parcelled, Query, Word, Words
from forwarder.journal import Grant, Hand
from forwarder.shared import Shared
from tests.valkey import KEY, Valkey, valkey
from tests.workers.site import DISPATCH, GatewayHalf, Site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

WAIT_SECONDS = 60.0


class Ghost:
    """A worker that does and says what the test wants."""

    def __init__(self, server: Valkey, name: str = "ghost-1") -> None:
        self.name = name
        self.shared = Shared(server.settings())
        self.parcels = Parcelled(bytes.fromhex(KEY))
        self._queue = Queue(QUEUE, connection=server.client(), serializer=JSONSerializer, job_class=BasketJob)

    async def take(self) -> Basket:
        """The next basket that rings."""

        def ring() -> Basket | None:
            found = Queue.dequeue_any(
                [self._queue], None, connection=self._queue.connection, job_class=BasketJob, serializer=JSONSerializer
            )
            return None if found is None else self.parcels.basket.open(payload_octets(found[0].args[0]))

        deadline = time.monotonic() + WAIT_SECONDS
        while (basket := await asyncio.to_thread(ring)) is None:
            assert time.monotonic() < deadline, "nobody rang"
            await asyncio.sleep(0.02)
        return basket

    def grant(self, basket: Basket) -> Grant:
        return Grant(self.name, basket.batch)

    async def ask(self, basket: Basket, nonce: str = "n1", window: int = 16) -> Leave:
        """Ask, and wait for the answer to this very ask."""
        await self.send(Ask(self.grant(basket), nonce, window))
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            assert time.monotonic() < deadline, "no answer"
            found = await self.shared.do("BLPOP", handover.leaves(self.name), 1)
            if found is not None and (leave := self.parcels.leave.open(found[1])).nonce == nonce:
                return leave

    async def send(self, said: Ask | Words) -> None:
        await self.shared.do("XADD", handover.inbound("A"), "*", "b", self.parcels.inbound.seal(said))

    async def say(self, basket: Basket, *outcomes: Outcome, rows: Sequence[int] | None = None, over: bool = True) -> None:
        """One outcome per complaint of the basket, in its order."""
        chosen = basket.rows if rows is None else [basket.rows[place] for place in rows]
        words = tuple(Word(row.complaint_id, row.attempt, outcome) for row, outcome in zip(chosen, outcomes, strict=True))
        await self.send(Words(self.grant(basket), words, over))

    async def queried(self) -> Query:
        """What the gateway asks this worker's record."""
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            assert time.monotonic() < deadline, "nobody asks"
            found = await self.shared.do("BLPOP", handover.queries(self.name), 1)
            if found is not None:
                return self.parcels.query.open(found[1])


@dataclass
class Scene:
    """One gateway and one ghost."""

    site: Site
    gateway: GatewayHalf
    ghost: Ghost
    server: Valkey

    async def until(self, **states: int) -> None:
        """Until exactly these complaints are in these states."""
        deadline = time.monotonic() + WAIT_SECONDS
        while self.gateway.states() != states:
            assert time.monotonic() < deadline, f"{self.gateway.states()} instead of {states}"
            await asyncio.sleep(0.02)

    async def remains(self, seconds: float = 0.6, **states: int) -> None:
        """They are so, and stay so for a while."""
        await self.until(**states)
        await asyncio.sleep(seconds)
        assert self.gateway.states() == states


@asynccontextmanager
async def scene(dispatch: DispatchSettings = DISPATCH, **queue: float) -> AsyncIterator[Scene]:
    with valkey() as server, tempfile.TemporaryDirectory(prefix="lapor-relay-") as folder:
        async with Site(Path(folder), server, dispatch=dispatch, queue=queue) as site:
            one = Scene(site, site.gateway(), Ghost(server), server)
            try:
                yield one
            finally:
                await one.ghost.shared.close()


def play(act: Callable[[Scene], Awaitable[None]], dispatch: DispatchSettings = DISPATCH, **queue: float) -> None:
    async def run() -> None:
        async with scene(dispatch, **queue) as one:
            await act(one)

    asyncio.run(run())


def test_nothing_is_sending_before_a_worker_asked() -> None:
    async def act(one: Scene) -> None:
        await one.gateway.send(3)
        basket = await one.ghost.take()
        assert one.gateway.states() == {"ready": 3}
        leave = await one.ghost.ask(basket)
        assert leave.complaint_ids == tuple(row.complaint_id for row in basket.rows)
        assert leave.slots == 16
        assert one.gateway.states() == {"sending": 3}
        await one.ghost.say(basket, Filed("7000001"), Refused("no"), Unknown("?"))
        await one.until(filed=1, parked=1, unknown=1)

    play(act)


def test_a_batch_is_granted_once() -> None:
    """RQ may run a job twice, at one worker or at two."""

    async def act(one: Scene) -> None:
        await one.gateway.send(2)
        basket = await one.ghost.take()
        other = Ghost(one.server, "ghost-2")
        leaves = await asyncio.gather(one.ghost.ask(basket, "a"), other.ask(basket, "b"))
        assert sorted(len(leave.complaint_ids) for leave in leaves) == [0, 2]
        assert (await one.ghost.ask(basket, "c")).complaint_ids == ()
        await other.shared.close()

    play(act)


def test_the_words_of_a_worker_that_was_not_granted_it_change_nothing() -> None:
    async def act(one: Scene) -> None:
        await one.gateway.send(2)
        basket = await one.ghost.take()
        await one.ghost.ask(basket)
        other = Ghost(one.server, "ghost-2")
        await other.say(basket, NeverSent("dropped"), Unknown("?"))
        await one.remains(sending=2)
        await one.ghost.say(basket, Filed("7000001"), Filed("7000002"))
        await one.until(filed=2)
        await other.shared.close()

    play(act, lost_seconds=600.0)


def test_what_was_never_sent_is_offered_again_under_another_name() -> None:
    async def act(one: Scene) -> None:
        await one.gateway.send(2)
        basket = await one.ghost.take()
        await one.ghost.ask(basket)
        await one.ghost.say(basket, NeverSent("too late"), NeverSent("too late"))
        again = await one.ghost.take()
        assert again.batch != basket.batch
        assert {row.complaint_id for row in again.rows} <= {row.complaint_id for row in basket.rows}
        assert (await one.ghost.ask(basket, "old")).complaint_ids == ()
        assert (await one.ghost.ask(again, "new")).complaint_ids != ()

    play(act)


def test_words_said_twice_or_late_count_once() -> None:
    async def act(one: Scene) -> None:
        await one.gateway.send(2)
        basket = await one.ghost.take()
        await one.ghost.ask(basket)
        for _ in range(3):
            await one.ghost.say(basket, Filed("7000001"), NotFiled("HTTP 503", 600.0))
        await one.until(filed=1, ready=1)
        await one.ghost.say(basket, Filed("7000001"), Unknown("?"))
        await one.ghost.say(basket, NeverSent("-"), NeverSent("-"))
        await one.remains(filed=1, ready=1)
        assert one.gateway.dispatcher.status().in_flight == 0
        assert one.gateway.dispatcher.status().unknown_open == 0

    play(act)


def test_a_silent_worker_is_asked_and_its_silence_makes_unknown_not_ready() -> None:
    async def act(one: Scene) -> None:
        await one.gateway.send(2)
        basket = await one.ghost.take()
        await one.ghost.ask(basket)
        query = await one.ghost.queried()
        assert query.gateway == "A"
        assert {item[0] for item in query.items} == {basket.batch}
        await one.until(unknown=2)
        await one.ghost.say(basket, NeverSent("the record does not have it"), Filed("7000001"))
        await one.until(ready=1, filed=1)

    play(act, batch_seconds=0.5, lost_seconds=1.0)


def test_a_gateway_that_died_asks_the_worker_and_believes_it() -> None:
    async def act(one: Scene) -> None:
        await one.gateway.send(3)
        basket = await one.ghost.take()
        await one.ghost.ask(basket)
        await one.gateway.crash()
        one.gateway.start()
        assert one.gateway.states() == {"unknown": 3}
        query = await one.ghost.queried()
        assert {item[1] for item in query.items} == {row.complaint_id for row in basket.rows}
        assert (await one.ghost.ask(basket, "old")).complaint_ids == (), "a batch of an earlier life"
        await one.ghost.say(basket, Filed("7000001"), Refused("no"), Unknown("died"))
        await one.remains(filed=1, parked=1, unknown=1)
        assert await one.gateway.journal.workers.unheard(10) == []

    play(act)


def test_a_queue_that_was_emptied_is_noticed_and_filled_again() -> None:
    async def act(one: Scene) -> None:
        await one.gateway.send(2)
        basket = await one.ghost.take()
        one.server.flush()
        again = await one.ghost.take()
        assert again.batch != basket.batch
        assert (await one.ghost.ask(basket, "old")).complaint_ids == ()
        assert len((await one.ghost.ask(again, "new")).complaint_ids) == len(again.rows)

    play(act, offer_seconds=600.0)


def test_a_batch_that_nobody_takes_is_offered_again() -> None:
    async def act(one: Scene) -> None:
        await one.gateway.send(1)
        first = await one.ghost.take()
        second = await one.ghost.take()
        assert first.batch != second.batch
        assert first.rows == second.rows

    play(act, offer_seconds=0.5)


def test_the_window_bounds_what_is_granted() -> None:
    async def act(one: Scene) -> None:
        await one.gateway.send(4)
        slots = []
        for number in range(3):
            basket = await one.ghost.take()
            slots.append((await one.ghost.ask(basket, f"n{number}", window=2)).slots)
            if len(slots) == 2:
                break
        assert sum(slots) <= 3
        assert slots[0] == 2

    play(act, replace(DISPATCH, window_start=3, window_max=3), batch_rows=2)


def test_an_open_breaker_grants_nothing() -> None:
    async def act(one: Scene) -> None:
        await one.gateway.send(3)
        basket = await one.ghost.take()
        await one.ghost.ask(basket)
        await one.ghost.say(basket, Unknown("a"), Unknown("b"), Unknown("c"))
        await one.until(unknown=3)
        one.gateway.dispatcher.pause("a person")
        await one.gateway.send(1)
        await one.remains(unknown=3, ready=1)
        assert one.gateway.dispatcher.status().stopped_by == "a person"
        one.gateway.dispatcher.resume()
        assert len((await one.ghost.take()).rows) == 1

    play(act)


def test_while_the_other_gateways_have_not_told_what_they_have_nothing_is_even_offered() -> None:
    async def act(one: Scene) -> None:
        one.site.hold = lambda: "the index waits for gateway B"
        await one.gateway.send(2)
        await one.remains(2.0, ready=2)
        assert one.gateway.dispatcher.status().stopped_by == "the index waits for gateway B"
        assert await one.ghost.shared.do("LLEN", f"rq:queue:{QUEUE}") == 0
        one.site.hold = lambda: None
        assert len((await one.ghost.take()).rows) > 0

    play(act)


def test_too_many_unknown_ones_stop_granting() -> None:
    async def act(one: Scene) -> None:
        await one.gateway.send(2)
        basket = await one.ghost.take()
        await one.ghost.ask(basket)
        await one.ghost.say(basket, Unknown("a"), Unknown("b"))
        await one.until(unknown=2)
        await one.gateway.send(1)
        assert (await one.ghost.ask(await one.ghost.take(), "n2")).complaint_ids == ()

    play(act, replace(DISPATCH, unknown_max=2, unknown_run=50))


def test_what_is_lost_again_and_again_is_laid_before_a_person() -> None:
    """A complaint that kills whoever takes it must not go round for ever."""

    async def act(one: Scene) -> None:
        await one.gateway.send(1)
        for number in range(2):
            basket = await one.ghost.take()
            assert len((await one.ghost.ask(basket, f"n{number}")).complaint_ids) == 1
            await one.ghost.say(basket, Unknown("the worker died"))
            await one.until(unknown=1)
            await one.gateway.journal.resend([basket.rows[0].complaint.number], Hand("test", "not at the core"))
            one.gateway.dispatcher.wake()
        assert (await one.ghost.ask(await one.ghost.take(), "last")).complaint_ids == ()
        await one.until(parked=1)

    play(act, replace(DISPATCH, lost_max=2))


@pytest.mark.parametrize("garbage", [b"", b"\0" * 40, os.urandom(200), b"not sealed"], ids=["empty", "zeros", "chance", "words"])
def test_garbage_in_the_stream_is_dropped_and_what_follows_is_heard(garbage: bytes) -> None:
    async def act(one: Scene) -> None:
        await one.gateway.send(1)
        basket = await one.ghost.take()
        await one.ghost.shared.do("XADD", handover.inbound("A"), "*", "b", garbage)
        await one.ghost.send(Ask(Grant("ghost-1", "no such batch"), "x", 1))
        await one.ghost.send(Words(Grant("ghost-1", "no such batch"), (Word(999_999, 1, Unknown("?")),), over=True))
        await one.ghost.ask(basket)
        await one.ghost.say(basket, Filed("7000001"))
        await one.until(filed=1)
        assert await one.ghost.shared.do("XLEN", handover.inbound("A")) == 0

    play(act)


def test_one_tracking_id_for_two_is_an_alarm_and_the_second_is_unknown() -> None:
    async def act(one: Scene) -> None:
        await one.gateway.send(2)
        basket = await one.ghost.take()
        await one.ghost.ask(basket)
        await one.ghost.say(basket, Filed("7000001"), Filed("7000001"))
        await one.until(filed=1, unknown=1)
        assert (await one.gateway.journal.counts()).alarms == 1

    play(act)


def test_a_stop_waits_for_what_is_granted_and_the_next_start_hears_the_rest() -> None:
    async def act(one: Scene) -> None:
        await one.gateway.send(2)
        basket = await one.ghost.take()
        await one.ghost.ask(basket)
        stopping = asyncio.create_task(one.gateway.stop())
        await one.ghost.say(basket, Filed("7000001"), rows=[0], over=False)
        await stopping
        await one.ghost.say(basket, Filed("7000002"), rows=[1])
        one.gateway.start()
        await one.until(filed=2)

    play(act, replace(DISPATCH, settle_seconds_max=1.0))


def test_nothing_readable_lies_in_redis() -> None:
    """Numbers, words and the key of a citizen's complaint, in a dump of everything while all kinds of parcels lie there."""

    async def act(one: Scene) -> None:
        await one.gateway.send(2)
        basket = await one.ghost.take()
        await one.ghost.ask(basket)
        await one.gateway.send(2)
        await one.ghost.queried()
        await one.ghost.say(basket, Filed("7841120"), Refused("AGAM aduan nomor"))
        await one.ghost.shared.do("CONFIG", "SET", "rdbcompression", "no")
        await one.ghost.shared.do("SAVE")
        octets = (one.server.folder / "dump.rdb").read_bytes()
        assert b"gw:" in octets
        for canary in (b"AGAM", b"aduan", b"62812", b"7841120", b"Lubuk", b"+62", one.gateway.journal.number_of(1).encode()):
            assert canary not in octets, canary

    play(act)
