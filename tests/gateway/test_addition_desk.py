"""Additions over the control socket of a running gateway: tied to their case, sent, refused, sent again, settled; and garbage."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from forwarder.core.simulator import Fault
from gateway import desk_page
from gateway.control import ControlError
from tests.gateway.test_desk import BUDI, Officer, at_the_desk

WHY = {"reason": "read it"}


async def tied(officer: Officer, text: str = "TAMBAH {number} lampunya juga mati") -> str:
    """A filed complaint, and a message that an officer ties to it; the number."""
    officer.gateway.dispatcher.pause("the number is read off the list")
    number = await officer.write()
    officer.gateway.dispatcher.resume()
    await officer.until(number, "filed")
    await officer.road.operator.send_mo(BUDI, text.format(number=number))
    [row] = await officer.waiting()
    [moved] = (await officer.ask("add", deed="tie", number=row["number"], to=number, **WHY))["moved"]
    assert (moved["state"], moved["error"]) == ("closed", None)
    return number


async def until(officer: Officer, number: str, state: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            [addition] = (await officer.show(number))["additions"]
            if addition["state"] == state:
                return dict(addition)
            await asyncio.sleep(0.02)


def test_what_is_tied_to_a_case_reaches_the_core_behind_it(tmp_path: Path) -> None:
    async def story(officer: Officer) -> None:
        number = await tied(officer)
        addition = await until(officer, number, "added")
        [stored] = officer.road.core.stored[f"{number}-2"]
        assert stored.text == f"TAMBAH {number} lampunya juga mati"
        assert stored.header is not None
        assert stored.header.adds_to == ((await officer.show(number))["tracking_id"], number)
        assert addition["tracking_id"] == stored.tracking_id
        assert f"{number}-2: added, record {stored.tracking_id}" in desk_page.case(await officer.show(number))
        page = officer.gateway.metrics.page().decode()
        assert 'lapor_additions{state="added"} 1.0' in page

    at_the_desk(tmp_path, story, paused=False)


def test_a_refused_one_is_on_the_list_and_goes_again_by_a_persons_word(tmp_path: Path) -> None:
    async def story(officer: Officer) -> None:
        number = await tied(officer)
        await until(officer, number, "parked")
        found = await officer.ask("list")
        [row] = found["additions"]
        assert (row["key"], row["state"], row["reason"]) == (f"{number}-2", "parked", "HTTP 400")
        assert f"{number}-2" in desk_page.listing(found)
        assert [one["key"] for one in (await officer.ask("list", state="parked"))["additions"]] == [f"{number}-2"]
        assert (await officer.ask("list", state="desk")) == {"waiting": [], "additions": []}
        assert (await officer.ask("list", state="held"))["additions"] == []
        [moved] = (await officer.ask("add", deed="resend", move="resend", key=f" #{number.lower()}-2 ", **WHY))["moved"]
        assert (moved["state"], moved["error"]) == ("ready", None)
        await until(officer, number, "added")
        assert len(officer.road.core.stored[f"{number}-2"]) == 1

    at_the_desk(tmp_path, story, paused=False, faults=[Fault.OK, Fault.BAD_REQUEST])


@pytest.mark.parametrize(("args", "state"), [({"move": "added", "tracking_id": "7654321"}, "added"), ({"move": "close"}, "closed")])
def test_a_person_may_settle_one_without_sending_it(tmp_path: Path, args: dict[str, str], state: str) -> None:
    async def story(officer: Officer) -> None:
        number = await tied(officer)
        await until(officer, number, "parked")
        [moved] = (await officer.ask("add", deed="settle", key=f"{number}-2", **args, **WHY))["moved"]
        assert (moved["state"], moved["error"]) == (state, None)
        assert (await officer.ask("list"))["additions"] == []
        assert f"{number}-2" not in officer.road.core.stored
        history = (await officer.show(number))["history"]
        assert [one["reason"] for one in history] == ["read it", "read it"]

    at_the_desk(tmp_path, story, paused=False, faults=[Fault.OK, Fault.BAD_REQUEST])


def test_garbage_moves_nothing_and_says_what_would(tmp_path: Path) -> None:
    async def story(officer: Officer) -> None:
        number = await tied(officer)
        await until(officer, number, "parked")
        for args in (
            {"deed": "burn", "key": f"{number}-2"},
            {"deed": "settle", "key": f"{number}-2"},
            {"deed": "settle", "move": "added", "key": f"{number}-2"},
            {"deed": "settle", "move": "added", "key": f"{number}-2", "tracking_id": "<script>"},
            {"deed": "settle", "move": "close", "key": number},
            {"deed": "settle", "move": "close", "key": "'; --"},
            {"deed": "settle", "move": "close", "key": ["x"]},
            {"deed": "settle", "move": "close", "key": f"{number}-{'9' * 400}"},
            {"deed": "tie", "number": None, "to": number},
            {"deed": "tie", "number": number, "to": {}},
        ):
            with pytest.raises(ControlError):
                await officer.ask("add", **args, **WHY)
        with pytest.raises(ControlError):
            await officer.ask("add", deed="settle", move="close", key=f"{number}-2", reason=" ")
        [moved] = (await officer.ask("add", deed="settle", move="close", key=f"{number}-9", **WHY))["moved"]
        assert "no such addition" in moved["error"]
        assert (await officer.show(number))["additions"][0]["state"] == "parked"

    at_the_desk(tmp_path, story, paused=False, faults=[Fault.OK, Fault.BAD_REQUEST])
