"""A long SMS whose parts come to two gateways: one complaint with the exact text, whatever dies between any two steps."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import pytest

from forwarder.records import Kind
from tests.cluster.places import HANDOVER_SECONDS, Killed, Place, part, place
from tests.cluster.test_index import everything
from tests.valkey import Valkey, valkey

TEXTS = ("AGAM jalan ", "rusak di ", "Lubuk Basung")
STEPS_MAX = 60
Deliveries = Sequence[tuple[str, int]]
"""Who gets which part, one after the other."""


@pytest.fixture(scope="module")
def server() -> Iterator[Valkey]:
    with valkey() as running:
        yield running


class House:
    """Gateways A and B, and what happens to them."""

    def __init__(self, folder: Path, server: Valkey) -> None:
        server.flush()
        self.server = server
        self.places = {letter: place(folder, letter, server) for letter in "AB"}
        self.filed: list[str] = []

    async def begin(self) -> None:
        for each in self.places.values():
            await each.begin()
        await self.settle()

    async def alive(self, one: Place, what: Callable[[], Awaitable[object]]) -> None:
        """Let a gateway do something; if it dies meanwhile, it is started again and everything goes on."""
        try:
            await what()
        except* Killed:
            await one.die()

    async def settle(self, rounds: int = 3) -> None:
        for _ in range(rounds):
            for one in self.places.values():
                await self.alive(one, one.settle)

    async def end(self) -> None:
        """Everything that waits for time or for another gateway comes to its end."""
        await self.settle()
        await asyncio.sleep(HANDOVER_SECONDS)
        await self.settle()
        for one in self.places.values():
            await self.alive(one, one.give_up)
        await self.settle()
        for _ in range(2):
            for one in self.places.values():

                async def file(one: Place = one) -> None:
                    self.filed += await one.file()

                await self.alive(one, file)

    async def close(self) -> None:
        for one in self.places.values():
            await one.close()


def story(folder: Path, server: Valkey, tell: Callable[[House], Awaitable[None]]) -> House:
    house = House(folder, server)

    async def run() -> None:
        await house.begin()
        try:
            await tell(house)
        finally:
            await house.close()

    asyncio.run(run())
    return house


async def deliver(house: House, deliveries: Deliveries, total: int) -> None:
    for letter, number in deliveries:
        one = house.places[letter]
        await one.take_parts(part(TEXTS[number - 1], number, total))
        await house.alive(one, one.settle)


def ways(total: int) -> list[Deliveries]:
    """Every order of the parts, over every way of parting them between two gateways."""
    numbers = range(1, total + 1)
    return [
        list(zip(letters, order, strict=True))
        for order in itertools.permutations(numbers)
        for letters in itertools.product("AB", repeat=total)
        if len(set(letters)) == 2
    ]


@pytest.mark.parametrize("deliveries", [*ways(2), *ways(3)], ids=str)
def test_parts_join_in_every_order_over_two_gateways(tmp_path: Path, server: Valkey, deliveries: Deliveries) -> None:
    total = len(deliveries)

    async def tell(house: House) -> None:
        await deliver(house, deliveries, total)
        assert sum([len(await one.ready()) for one in house.places.values()]) == 1, "joined at once, without any time-out"
        await house.end()

    house = story(tmp_path, server, tell)
    assert house.filed == ["".join(TEXTS[:total])]


@pytest.mark.parametrize("who", "AB")
@pytest.mark.parametrize("deliveries", ways(2)[:2], ids=str)
def test_a_gateway_killed_between_any_two_steps_loses_and_doubles_nothing(
    tmp_path: Path, server: Valkey, deliveries: Deliveries, who: str
) -> None:
    for at in range(STEPS_MAX):
        one: Place | None = None

        async def tell(house: House, at: int = at) -> None:
            nonlocal one
            one = house.places[who]
            one.shared.dies_at = one.shared.steps + at
            await deliver(house, deliveries, 2)
            await house.end()

        (tmp_path / str(at)).mkdir()
        house = story(tmp_path / str(at), server, tell)
        assert house.filed == ["AGAM jalan rusak di "], f"killed at step {at} of {who}"
        assert one is not None
        if one.shared.dies_at is not None:
            assert at > 8, "nothing was killed"
            return
    pytest.fail("a story without an end")


@pytest.mark.parametrize("deliveries", ways(2), ids=str)
@pytest.mark.parametrize("when", range(3))
def test_a_redis_that_is_emptied_between_any_two_parts_loses_and_doubles_nothing(
    tmp_path: Path, server: Valkey, deliveries: Deliveries, when: int
) -> None:
    async def tell(house: House) -> None:
        for at, (letter, number) in enumerate([*deliveries, ("", 0)]):
            if at == when:
                server.flush()
            if letter:
                await house.places[letter].take_parts(part(TEXTS[number - 1], number))
                await house.places[letter].settle()
        await house.end()

    assert story(tmp_path, server, tell).filed == ["AGAM jalan rusak di "]


def test_copies_of_the_parts_are_known_at_both_gateways_afterwards(tmp_path: Path, server: Valkey) -> None:
    async def tell(house: House) -> None:
        await deliver(house, [("A", 1), ("B", 2)], 2)
        await house.settle()
        for one in house.places.values():
            assert await one.take_parts(part(TEXTS[0], 1), part(TEXTS[1], 2)) == [Kind.REDELIVERY, Kind.REDELIVERY]
        await house.end()

    assert story(tmp_path, server, tell).filed == ["AGAM jalan rusak di "]


def test_a_copy_of_one_part_at_the_other_gateway_is_no_second_complaint(tmp_path: Path, server: Valkey) -> None:
    async def tell(house: House) -> None:
        await deliver(house, [("A", 1), ("A", 2)], 2)
        await deliver(house, [("B", 2)], 2)
        await house.settle()
        assert await house.places["B"].journal.sharing.open_sets() == 0
        await house.end()

    assert story(tmp_path, server, tell).filed == ["AGAM jalan rusak di "]


def test_the_same_long_message_whole_at_both_is_one_complaint(tmp_path: Path, server: Valkey) -> None:
    async def tell(house: House) -> None:
        for one in house.places.values():
            await one.take_parts(part(TEXTS[0], 1), part(TEXTS[1], 2))
        await house.end()

    assert story(tmp_path, server, tell).filed == ["AGAM jalan rusak di "]


def test_two_messages_under_one_reference_are_two_complaints(tmp_path: Path, server: Valkey) -> None:
    async def tell(house: House) -> None:
        await deliver(house, [("A", 1), ("B", 2)], 2)
        await house.settle()
        one, two = house.places["A"], house.places["B"]
        await one.take_parts(part("AGAM lampu ", 1))
        await one.settle()
        await two.take_parts(part("mati total", 2))
        await two.settle()
        await house.end()

    assert sorted(story(tmp_path, server, tell).filed) == ["AGAM jalan rusak di ", "AGAM lampu mati total"]


def test_a_late_part_at_the_other_gateway_amends_the_message_that_was_given_up(tmp_path: Path, server: Valkey) -> None:
    async def tell(house: House) -> None:
        one, two = house.places["A"], house.places["B"]
        await one.take_parts(part(TEXTS[0], 1))
        await one.settle()
        await one.give_up()
        assert len(await one.ready()) == 1
        two.time.pass_(2_002)
        await two.take_parts(part(TEXTS[1], 2))
        await house.settle()
        (filing,) = await one.ready()
        assert filing.complaint.message.text == "AGAM jalan rusak di "
        assert await two.journal.sharing.open_sets() == 0
        await house.end()

    assert story(tmp_path, server, tell).filed == ["AGAM jalan rusak di "]


@pytest.mark.parametrize("how", ["freeze", "kill"])
def test_nothing_incomplete_is_given_up_while_its_rest_may_lie_with_another_gateway(
    tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forwarder.shared.ANSWER_SECONDS", 0.2)
    with valkey() as server:

        async def tell(house: House) -> None:
            one, two = house.places["A"], house.places["B"]
            await one.take_parts(part(TEXTS[0], 1))
            await one.settle()
            getattr(server, how)()
            await two.take_parts(part(TEXTS[1], 2))
            for each in (one, two):
                each.time.pass_(3_600)
                assert not each.cluster.may_expire
            if how == "kill":
                server.start()
            server.thaw()
            await house.settle()
            await house.end()

        assert story(tmp_path, server, tell).filed == ["AGAM jalan rusak di "]


def test_a_gateway_that_has_not_replayed_keeps_the_others_from_giving_up(tmp_path: Path, server: Valkey) -> None:
    async def tell(house: House) -> None:
        one, two = house.places["A"], house.places["B"]
        await one.take_parts(part(TEXTS[0], 1))
        await two.take_parts(part(TEXTS[1], 2))
        server.flush()
        await one.settle()
        assert not one.cluster.may_expire
        assert one.cluster.waits_for == ("B",)
        await house.settle()
        assert one.cluster.may_expire
        await house.end()

    assert story(tmp_path, server, tell).filed == ["AGAM jalan rusak di "]


def test_no_word_and_no_number_of_a_half_message_can_be_read_in_redis(tmp_path: Path, server: Valkey) -> None:
    async def tell(house: House) -> None:
        one = house.places["A"]
        await one.take_parts(part("AGAM KENARI ", 1, source="6281277770001"))
        await one.settle()
        dump = everything(server)
        assert b"gw:set:" in dump
        for secret in (b"KENARI", b"81277770001", b"KENARI".hex().encode()):
            assert secret not in dump

    story(tmp_path, server, tell)
