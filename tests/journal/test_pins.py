"""PINs: the key to a case for whoever writes from another number; void as soon as all the world could read one."""

from __future__ import annotations

import asyncio
from pathlib import Path

from forwarder.journal import Journal, Sealer
from forwarder.journal.pins import NEW_PIN, WRONG_MAX, pin_of
from forwarder.records import Arrival
from parsers.model import Answering, Trigger
from tests.journal.people import KEY, House, opens, segment
from tests.journal.test_posts import Reader, post

STRANGER, OTHER = "+628999000111", "+628999000222"


async def filed(house: House, journal: Journal) -> tuple[str, str]:
    """A complaint by SMS: its number and its PIN."""
    (verdict,) = await journal.accept([house.arrival(journal, segment())])
    number = journal.number_of(verdict.complaint_id or 0)
    return number, pin_of(Sealer(KEY), verdict.complaint_id or 0, 0)


async def publish(journal: Journal, text: str, trigger: Trigger = Trigger.MENTION) -> None:
    """Somebody writes a post."""
    one = post(1, text, trigger=trigger, answering=Answering.NEVER)
    composed = Reader().post(journal.next_message_id(), journal.next_complaint_id(), one)
    await journal.feed.accept([Arrival(one, composed)], None)


def test_number_and_pin_open_a_case_to_any_phone_and_nothing_else_does(tmp_path: Path) -> None:
    house = House(tmp_path)

    async def run() -> None:
        journal = house.open()
        number, pin = await filed(house, journal)
        wrong = f"{(int(pin) + 1) % 10_000:04}"
        assert await opens(house, journal, STRANGER, number, pin)
        assert not await opens(house, journal, STRANGER, number, wrong)
        assert not await opens(house, journal, STRANGER, "GA2222", pin)
        await journal.close()

    asyncio.run(run())


def test_five_wrong_pins_in_an_hour_shut_the_door_for_a_day_to_that_number_alone(tmp_path: Path) -> None:
    house = House(tmp_path)

    async def run() -> None:
        journal = house.open()
        number, pin = await filed(house, journal)
        wrong = f"{(int(pin) + 1) % 10_000:04}"
        for _ in range(WRONG_MAX):
            assert not await opens(house, journal, STRANGER, number, wrong)
        assert not await opens(house, journal, STRANGER, number, pin)
        assert await opens(house, journal, OTHER, number, pin)
        house.time.pass_(23 * 3600)
        assert not await opens(house, journal, STRANGER, number, pin)
        house.time.pass_(2 * 3600)
        assert await opens(house, journal, STRANGER, number, pin)
        await journal.close()

    asyncio.run(run())


def test_wrong_pins_that_are_hours_apart_shut_nothing(tmp_path: Path) -> None:
    house = House(tmp_path)

    async def run() -> None:
        journal = house.open()
        number, pin = await filed(house, journal)
        wrong = f"{(int(pin) + 1) % 10_000:04}"
        for _ in range(2 * WRONG_MAX):
            assert not await opens(house, journal, STRANGER, number, wrong)
            house.time.pass_(3601)
        assert await opens(house, journal, STRANGER, number, pin)
        await journal.close()

    asyncio.run(run())


def test_a_pin_seen_in_a_public_post_is_void_and_the_citizen_gets_a_new_one_by_sms(tmp_path: Path) -> None:
    house = House(tmp_path)

    async def run() -> None:
        journal = house.open()
        number, pin = await filed(house, journal)
        await publish(journal, f"min tolong cek {number.lower()} pin {pin} ya")
        assert not await opens(house, journal, STRANGER, number, pin)
        jobs = [job for job in await journal.start_replies(10, house.time.ms + 60_000) if job.kind == NEW_PIN]
        assert [(job.number, job.answering, job.pin != pin) for job in jobs] == [(number, None, True)]
        assert await opens(house, journal, STRANGER, number, str(jobs[0].pin))
        await journal.close()

    asyncio.run(run())


def test_a_number_without_its_pin_or_what_a_partner_hands_in_voids_nothing(tmp_path: Path) -> None:
    house = House(tmp_path)

    async def run() -> None:
        journal = house.open()
        number, pin = await filed(house, journal)
        await publish(journal, f"nomor saya {number}, sudah 3 minggu")
        await publish(journal, f"{number} {pin}", Trigger.DIRECT)
        assert await opens(house, journal, STRANGER, number, pin)
        await journal.close()

    asyncio.run(run())
