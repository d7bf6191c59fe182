"""The desk over the control socket of a running gateway: every verb, single and in bulk; reasons, names, masks, garbage."""

from __future__ import annotations

import asyncio
import os
import pwd
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.smpp.pdu import Outgoing
from forwarder.core.simulator import Fault, scripted
from forwarder.lifecycle import ComplaintState
from gateway import control, desk_page
from gateway.app import Gateway
from gateway.control import ControlError
from parsers.model import Address
from tests.gateway.road import Road

SARI, BUDI = "6281266010001", "6281266010002"
LOGIN = pwd.getpwuid(os.getuid()).pw_name  # as the kernel knows us, whatever $USER says
NIK, PHONE = "3507123456789012", "081234567890"


class Officer:
    """Somebody at the desk of a running gateway."""

    def __init__(self, road: Road, gateway: Gateway) -> None:
        self.road, self.gateway = road, gateway

    async def ask(self, verb: str, **args: Any) -> Any:
        return await control.call(self.gateway.site.socket_path, f"desk {verb}", **args)

    async def waiting(self, **args: Any) -> list[dict[str, Any]]:
        found = (await self.ask("list", **args))["waiting"]
        assert isinstance(found, list)
        return found

    async def show(self, number: str) -> dict[str, Any]:
        found = await self.ask("show", number=number)
        assert isinstance(found, dict)
        return found

    async def move(self, move: str, *numbers: str, **args: Any) -> list[dict[str, Any]]:
        moved = (await self.ask("settle", move=move, numbers=list(numbers), **({"reason": "checked"} | args)))["moved"]
        assert isinstance(moved, list)
        return moved

    async def write(self, text: str = "AGAM jalan rusak", sender: str = SARI) -> str:
        """A citizen writes; the number of the complaint."""
        known = {row["number"] for state in ComplaintState for row in await self.waiting(state=state.value)}
        await self.road.operator.send_mo(sender, text)
        [number] = {row["number"] for state in ComplaintState for row in await self.waiting(state=state.value)} - known
        return str(number)

    async def until(self, number: str, state: str) -> None:
        async with asyncio.timeout(20):
            while (await self.show(number))["state"] != state:
                await asyncio.sleep(0.02)

    @property
    def tally(self) -> Any:
        return self.gateway.journal.tally


Story = Callable[[Officer], Awaitable[None]]


def at_the_desk(folder: Path, story: Story, *, paused: bool = True, faults: list[Fault] | None = None) -> Road:
    """One story at a desk; filing waits unless told otherwise."""
    road = Road(folder)
    road.core.choose = scripted(faults or [])

    async def main() -> None:
        async with road.peers(), road.running() as gateway:
            if paused:
                gateway.dispatcher.pause("the test")
            await story(Officer(road, gateway))

    asyncio.run(main())
    return road


def test_held_then_released_goes_its_way(tmp_path: Path) -> None:
    async def story(officer: Officer) -> None:
        number = await officer.write()
        assert await officer.move("hold", number, reason="look first") == [{"number": number, "state": "held", "error": None}]
        [row] = await officer.waiting()
        assert (row["number"], row["state"], row["reason"]) == (number, "held", "review")
        officer.gateway.dispatcher.resume()
        assert not officer.road.core.stored
        assert await officer.move("release", number) == [{"number": number, "state": "ready", "error": None}]
        await officer.until(number, "filed")
        assert list(officer.road.core.stored) == [number]

    at_the_desk(tmp_path, story)


def test_a_held_one_is_not_filed_from_memory(tmp_path: Path) -> None:
    async def story(officer: Officer) -> None:
        number = await officer.write()
        other = await officer.write("AGAM lampu mati", BUDI)
        await officer.move("hold", number)
        officer.gateway.dispatcher.resume()
        await officer.until(other, "filed")
        assert list(officer.road.core.stored) == [other]
        assert (await officer.show(number))["state"] == "held"

    at_the_desk(tmp_path, story)


@pytest.mark.parametrize(("region", "instansi"), [("32.73", "Kota Bandung"), ("national", "Admin Nasional")])
def test_rerouted_the_core_gets_the_persons_choice(tmp_path: Path, region: str, instansi: str) -> None:
    async def story(officer: Officer) -> None:
        number = await officer.write()
        await officer.move("hold", number)
        assert (await officer.move("reroute", number, region=region))[0]["error"] is None
        officer.gateway.dispatcher.resume()
        await officer.until(number, "filed")
        [entry] = officer.road.core.stored[number]
        assert entry.header is not None
        assert entry.header.instansi == instansi
        shown = await officer.show(number)
        assert shown["instansi"] == instansi
        assert shown["rule"] == "desk"

    at_the_desk(tmp_path, story)


def test_a_parked_one_is_sent_again_and_filed_once(tmp_path: Path) -> None:
    async def story(officer: Officer) -> None:
        number = await officer.write()
        await officer.until(number, "parked")
        assert [row["number"] for row in await officer.waiting(state="parked")] == [number]
        assert (await officer.move("resend", number))[0]["state"] == "ready"
        await officer.until(number, "filed")

    road = at_the_desk(tmp_path, story, paused=False, faults=[Fault.UNPROCESSABLE])
    assert [len(entries) for entries in road.core.stored.values()] == [1]


def test_found_at_the_core_by_a_person_the_citizen_hears_the_tracking_id(tmp_path: Path) -> None:
    async def story(officer: Officer) -> None:
        number = await officer.write()
        await officer.until(number, "parked")
        assert (await officer.move("filed", number, tracking_id="7841120"))[0]["state"] == "filed"
        replies = officer.road.operator.phone(SARI)
        await officer.road.until(lambda: any("7841120" in bubble.text for bubble in replies.received))
        assert (await officer.show("7841120"))["number"] == number
        assert (await officer.show("#" + number.lower()))["tracking_id"] == "7841120"
        assert (await officer.move("note", "7841120", reason="by its tracking id"))[0] == {
            "number": number,
            "state": "filed",
            "error": None,
        }

    at_the_desk(tmp_path, story, paused=False, faults=[Fault.UNPROCESSABLE])


def test_closing_erases_nothing_and_can_be_undone(tmp_path: Path) -> None:
    async def story(officer: Officer) -> None:
        number = await officer.write()
        assert (await officer.move("close", number, reason="settled by telephone"))[0]["state"] == "closed"
        shown = await officer.show(number)
        assert shown["text"] == "AGAM jalan rusak"
        assert [(entry["move"], entry["reason"]) for entry in shown["history"]] == [("close", "settled by telephone")]
        assert not await officer.waiting()
        officer.gateway.dispatcher.resume()
        assert (await officer.move("resend", number))[0]["state"] == "ready"
        await officer.until(number, "filed")

    at_the_desk(tmp_path, story)


def test_every_move_keeps_who_why_and_when(tmp_path: Path) -> None:
    async def story(officer: Officer) -> None:
        number = await officer.write()
        before = officer.gateway.now_ms()
        for move in ("hold", "note", "release", "note", "close"):
            await officer.move(move, number, reason=f"why {move}", who="ani")
        shown = await officer.show(number)
        assert [(entry["who"], entry["reason"]) for entry in shown["history"]] == [
            (f"ani ({LOGIN})", f"why {move}") for move in ("hold", "note", "release", "note", "close")
        ]
        assert all(before <= entry["at_ms"] <= officer.gateway.now_ms() for entry in shown["history"])

    at_the_desk(tmp_path, story)


def test_who_it_was_says_the_kernel_too(tmp_path: Path) -> None:
    async def story(officer: Officer) -> None:
        number = await officer.write()
        for who in (None, "", 7, LOGIN):
            await officer.move("note", number, who=who)
        assert {entry["who"] for entry in (await officer.show(number))["history"]} == {LOGIN}

    at_the_desk(tmp_path, story)


def test_in_bulk_each_hears_its_own_answer(tmp_path: Path) -> None:
    async def story(officer: Officer) -> None:
        numbers = [await officer.write(f"AGAM jalan rusak nomor {place}", f"62812660100{place:02}") for place in range(12)]
        await officer.move("close", numbers[3])
        moved = await officer.move("hold", *numbers, "ZZZZZZ", numbers[0])
        errors = {row["number"]: row["error"] for row in moved}
        assert len(moved) == 14
        assert errors[numbers[3]] == "a closed complaint has no move hold"
        assert errors["ZZZZZZ"] == "no such number"
        assert {number for number, error in errors.items() if error is None} == set(numbers) - {numbers[3]}
        held = await officer.waiting(state="held", reason="review")
        assert [row["number"] for row in held] == [number for number in numbers if number != numbers[3]]
        assert len(await officer.waiting(limit=5)) == 5
        officer.gateway.dispatcher.resume()
        await officer.move("release", *(row["number"] for row in held))
        await officer.road.until(lambda: officer.tally[ComplaintState.FILED] == 11)

    road = at_the_desk(tmp_path, story)
    assert not road.core.doubled


GARBAGE_MOVES: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "no such move"),
    "a move that is none": ({"move": "delete"}, "delete: no such move; there are filed"),
    "a move that is a list": ({"move": ["close"]}, "no such move"),
    "no reason": ({"move": "close", "reason": None}, "a reason is required"),
    "a blank reason": ({"move": "close", "reason": " \t\n "}, "a reason is required"),
    "a reason that is no text": ({"move": "close", "reason": {"a": 1}}, "a reason is required"),
    "no numbers": ({"move": "close", "numbers": []}, "name 1 to 10000 complaints"),
    "numbers that are no list": ({"move": "close", "numbers": "G7K2QP"}, "name 1 to 10000 complaints"),
    "too many numbers": ({"move": "close", "numbers": ["A"] * 10_001}, "name 1 to 10000 complaints"),
    "a number that is none": ({"move": "close", "numbers": ["'; DROP TABLE complaint"]}, "named by its number"),
    "a number that is an integer": ({"move": "close", "numbers": [7]}, "named by its number"),
    "no region": ({"move": "reroute"}, "--reroute takes a region code"),
    "no tracking id": ({"move": "filed"}, "--filed takes one complaint"),
    "one tracking id for two": (
        {"move": "filed", "numbers": ["AAAAAA", "BBBBBB"], "tracking_id": "7000001"},
        "--filed takes one complaint",
    ),
    "a tracking id with an escape": ({"move": "filed", "tracking_id": "\x1b[2J7000001"}, "no tracking id of the core"),
    "a tracking id that is words": ({"move": "filed", "tracking_id": "see www.evil.example"}, "no tracking id of the core"),
    "a tracking id without end": ({"move": "filed", "tracking_id": "7" * 500}, "no tracking id of the core"),
}
GARBAGE_LOOKS: dict[str, tuple[str, dict[str, Any], str]] = {
    "show nothing": ("show", {}, "named by its number"),
    "show an empty number": ("show", {"number": ""}, "named by its number"),
    "show a stranger": ("show", {"number": "ZZZZZZ"}, "ZZZZZZ: no such complaint"),
    "list a state that is none": ("list", {"state": "lost"}, "lost: no such state"),
    "list none": ("list", {"limit": 0}, "limit must be a whole number from 1 to 10000"),
    "list all there is": ("list", {"limit": 10**12}, "limit must be a whole number from 1 to 10000"),
    "list true": ("list", {"limit": True}, "limit must be a whole number from 1 to 10000"),
}


def test_garbage_gets_a_sentence_and_changes_nothing(tmp_path: Path) -> None:
    async def story(officer: Officer) -> None:
        number = await officer.write()
        for label, (args, sentence) in GARBAGE_MOVES.items():
            with pytest.raises(ControlError) as raised:
                await officer.ask("settle", **({"numbers": [number], "reason": "x"} | args))
            assert sentence in str(raised.value), label
        for label, (verb, args, sentence) in GARBAGE_LOOKS.items():
            with pytest.raises(ControlError) as raised:
                await officer.ask(verb, **args)
            assert sentence in str(raised.value), label
        shown = await officer.show(number)
        assert (shown["state"], shown["history"]) == ("ready", [])

    at_the_desk(tmp_path, story)


@pytest.mark.parametrize(
    ("move", "args", "error"),
    [
        ("resend", {}, "has no move resend"),
        ("release", {}, "has no move released"),
        ("reroute", {"region": "99.99"}, "99.99 is no region code"),
        ("redecode", {}, "only a held complaint"),
    ],
)
def test_a_move_that_the_table_does_not_know_is_an_answer(tmp_path: Path, move: str, args: dict[str, Any], error: str) -> None:
    async def story(officer: Officer) -> None:
        number = await officer.write()
        [moved] = await officer.move(move, number, **args)
        assert error in moved["error"]
        assert moved["state"] == "ready"

    at_the_desk(tmp_path, story)


def test_what_an_officer_sees_is_masked(tmp_path: Path) -> None:
    async def story(officer: Officer) -> None:
        number = await officer.write(f"AGAM KTP saya {NIK}, hubungi {PHONE}, rekening 123-456-789-012")
        page = desk_page.case(await officer.show(number))
        assert "KTP saya 35************12" in page
        assert not [secret for secret in (NIK, PHONE, SARI, SARI[2:], "123-456-789-012") if secret in page]
        assert "+62812***001" in page

    at_the_desk(tmp_path, story)


def broken(road: Road) -> None:
    road.operator.faults.broken_tlv_next = True


def test_an_unreadable_pdu_is_held_with_its_cause_and_may_stay_unreadable(tmp_path: Path) -> None:
    async def story(officer: Officer) -> None:
        broken(officer.road)
        officer.road.operator.post(Outgoing(Address(1, 1, SARI), Address(0, 1, "1708"), b"AGAM jalan rusak"))
        await officer.road.until(lambda: officer.tally[ComplaintState.HELD] == 1)
        [row] = await officer.waiting(reason="unreadable")
        number = row["number"]
        shown = await officer.show(number)
        assert shown["cause"]
        assert shown["cause"] in desk_page.case(shown)
        for move, error in (("release", "no readable text"), ("reroute", "redecode it first"), ("redecode", "still unreadable")):
            [moved] = await officer.move(move, number, region="13.06")
            assert error in moved["error"]
        assert (await officer.show(number))["state"] == "held"
        assert (await officer.move("close", number))[0]["state"] == "closed"
        assert "no readable text" in (await officer.move("resend", number))[0]["error"]

    at_the_desk(tmp_path, story)


def test_a_bug_of_ours_is_held_and_read_again_after_the_correction(tmp_path: Path) -> None:
    async def story(officer: Officer) -> None:
        sound = officer.gateway.intake.composer

        class Stumbling:
            def whole(self, *_: object) -> object:
                raise RuntimeError("a bug of ours")

        officer.gateway.intake.composer = Stumbling()  # type: ignore[assignment]
        await officer.road.operator.send_mo(SARI, "AGAM jalan rusak")
        officer.gateway.intake.composer = sound
        [row] = await officer.waiting(reason="unreadable")
        [moved] = await officer.move("redecode", row["number"], reason="corrected in this version")
        assert moved == {"number": row["number"], "state": "ready", "error": None}
        await officer.until(row["number"], "filed")
        [bubble] = await officer.road.operator.expect_replies(SARI)
        assert row["number"] in bubble.text

    road = at_the_desk(tmp_path, story, paused=False)
    [[entry]] = road.core.stored.values()
    assert entry.text == "AGAM jalan rusak"


def test_reading_again_gives_nobody_a_second_receipt(tmp_path: Path) -> None:
    async def story(officer: Officer) -> None:
        number = await officer.write()
        await officer.move("hold", number)
        assert (await officer.move("redecode", number))[0]["state"] == "ready"
        assert [reply["kind"] for reply in (await officer.show(number))["replies"]] == ["receipt"]

    at_the_desk(tmp_path, story)


def test_what_was_incomplete_stays_marked_when_it_is_read_again(tmp_path: Path) -> None:
    async def story(officer: Officer) -> None:
        smsc = officer.road.operator
        for _ in range(2):  # one sender may have one open long message here: the second files the first as it is
            first, *_ = smsc._compose(SARI, "AGAM " + "jalan berlubang di dekat pasar " * 12, None)
            smsc._enqueue(first)
            await first.done
        [row] = await officer.waiting(state="ready")
        assert (await officer.show(row["number"]))["incomplete"]
        await officer.move("hold", row["number"])
        assert (await officer.move("redecode", row["number"]))[0]["error"] is None
        assert (await officer.show(row["number"]))["incomplete"]

    road = Road(tmp_path)

    async def main() -> None:
        async with road.peers():
            toml = tmp_path / "gateway.toml"
            text = toml.read_text(encoding="utf-8")
            toml.write_text(text.replace("[journal]", "[journal]\nsets_per_sender_max = 1"), encoding="utf-8")
            async with road.running() as gateway:
                gateway.dispatcher.pause("the test")
                await story(Officer(road, gateway))

    asyncio.run(main())


HOSTILE = "x\x1b[2J\x9b31m\r\n2026-11-22  root: close (forged)\u202e\u2066"


def test_nothing_that_a_peer_or_a_person_wrote_moves_the_terminal_or_forges_a_line(tmp_path: Path) -> None:
    async def story(officer: Officer) -> None:
        number = await officer.write(f"AGAM {HOSTILE}")
        await officer.move("note", number, reason=f"{HOSTILE} \udcff")
        shown = await officer.show(number)
        page = desk_page.case(shown)
        assert not [character for character in page if character != "\n" and (not character.isprintable())]
        lines = [line for line in page.split("\n") if "forged" in line]
        assert len(lines) == 2
        assert lines[0].startswith("  | ")
        assert "note (x" in lines[1]
        assert page.encode()

    at_the_desk(tmp_path, story)
