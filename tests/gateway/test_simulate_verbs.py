"""A simulator is driven from outside: every verb does what it says, and garbage is answered with a sentence and changes nothing."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from adapters.smpp.simulator import Simulator, SimulatorSettings
from adapters.x.simulator import XSimulator
from adapters.x.world import World
from forwarder.core.simulator import CoreSimulator, Fault
from gateway.control import ControlError, ControlServer, Json, call
from gateway.demo.peers import Ask, Core, Operator, X, apart, here
from gateway.simulate_verbs import CoreVerbs, OperatorVerbs, Pause, Verbs, XVerbs, handlers
from parsers.errors import GatewayError
from tests.gateway.road import Road, clocks

SARI = "6281266010001"
LONG = "TANGKAB " + "jalan berlubang di km 24 dekat pasar, mohon ditambal sebelum ada korban lagi. " * 4
WAIT_SECONDS = 20.0


class Three:
    """A simulated operator, core and X that nobody is bound to, and their verbs."""

    def __init__(self) -> None:
        self.operator = Simulator(SimulatorSettings(name="satu"), clocks(), Random(1))
        self.pause = Pause()
        self.core = CoreSimulator(delay=self.pause)
        self.x = XSimulator(World(lambda: time.time_ns() // 1_000_000, Random(1)))
        self.verbs: dict[str, Verbs] = {
            "operator": OperatorVerbs(self.operator).verbs(),
            "core": CoreVerbs(self.core, "http://127.0.0.1:1", self.pause).verbs(),
            "x": XVerbs(self.x).verbs(),
        }

    def truth(self) -> tuple[object, ...]:
        """Everything that a wrong request could have changed."""
        x = self.x.world
        faults = (str(self.operator.faults), self.core.choose(), list(self.x.faults.planned), self.pause.seconds)
        return (len(self.operator.phones), len(self.operator.sent), *faults, len(x.posts), len(x.users))


def story(of: Callable[[Three], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            await of(Three())

    asyncio.run(main())


GARBAGE: list[tuple[str, str, dict[str, Any], str]] = [
    ("operator", "send", {}, "number must be given"),
    ("operator", "send", {"number": 6281266010001, "text": "a"}, "number must be given, as a string"),
    ("operator", "send", {"number": "+62812", "text": "a"}, "number must be a phone's, digits only"),
    ("operator", "send", {"number": "٦٢٨١٢", "text": "a"}, "number must be a phone's, digits only"),
    ("operator", "send", {"number": "6" * 101, "text": "a"}, "at most 100 characters"),
    ("operator", "send", {"number": SARI}, "text must be a string"),
    ("operator", "send", {"number": SARI, "text": "x" * 10_001}, "at most 10000 characters"),
    ("operator", "send", {"number": SARI, "text": "\ud83d"}, "half a surrogate pair"),
    ("operator", "send", {"number": SARI, "text": "a", "order": "21"}, "order must be a list"),
    ("operator", "send", {"number": SARI, "text": "a", "order": [True]}, "order must be a whole number"),
    ("operator", "send", {"number": SARI, "text": "a", "order": [2]}, "order must name parts from 1 to 1"),
    ("operator", "send", {"number": SARI, "text": LONG, "order": [1, 1]}, "order must name parts from 1 to"),
    ("operator", "send", {"number": SARI, "text": LONG, "order": [0, 1]}, "order must name parts from 1 to"),
    ("operator", "send", {"number": SARI, "text": "a", "binds": ["z"]}, "there is no bind 'z'; bound are none"),
    ("operator", "send", {"number": SARI, "text": "a", "binds": [{"a": 1}]}, "there is no bind"),
    ("operator", "send", {"number": SARI, "text": "a", "seconds": math.nan}, "seconds must be seconds, from 0 to 300"),
    ("operator", "send", {"number": SARI, "text": "a", "gap_seconds": -1}, "gap_seconds must be seconds, from 0 to 300"),
    ("operator", "send", {"number": SARI, "text": "a", "nmber": 1}, "'nmber' is no argument of this verb; it takes number, text"),
    ("operator", "phone", {"number": None}, "number must be given"),
    ("operator", "phone", {"number": SARI, "replies": 1.5}, "replies must be a whole number"),
    ("operator", "status", {"binds": 10**30}, "binds must be a whole number"),
    ("operator", "status", {"seconds": "1"}, "seconds must be seconds"),
    ("operator", "fault", {"name": "moon"}, "no fault 'moon'; there are: silent"),
    ("operator", "fault", {"name": "submit_status", "value": "soon"}, "submit_status takes a number"),
    ("operator", "fault", {"name": "submit_status", "value": 2**40}, "submit_status takes a number from -1"),
    ("operator", "fault", {"name": "bind_answer_seconds", "value": math.nan}, "bind_answer_seconds takes a number from -1"),
    ("operator", "fault", {"name": "silent", "value": [1]}, "silent takes a number"),
    ("operator", "well", {"now": True}, "it takes none"),
    ("core", "status", {"filed": "1"}, "filed must be a whole number"),
    ("core", "stored", {"number": ""}, "number must be given"),
    ("core", "slow", {"seconds": math.inf}, "seconds must be seconds"),
    ("core", "slow", {"seconds": 1e9}, "seconds must be seconds"),
    ("core", "fault", {"name": "moon"}, "no fault 'moon'; there are: ok"),
    ("core", "fault", {"name": "503", "count": None}, "count must be a whole number"),
    ("x", "write", {"handle": "warga", "text": "  "}, "text must say something"),
    ("x", "write", {"handle": "two words", "text": "a"}, "handle must be up to 15 letters"),
    ("x", "write", {"handle": "warga", "text": "a", "reply_to": "7"}, "reply_to must be the id of a post that is there"),
    ("x", "write", {"handle": "warga", "text": "a", "reply_to": 7}, "reply_to must be given, as a string"),
    ("x", "edit", {"post": "x", "text": "a"}, "post must be the id of a post that is there"),
    ("x", "delete", {}, "post must be given"),
    ("x", "answers", {"post": "²"}, "post must be the id of a post that is there"),
    ("x", "fault", {"name": "402@moon"}, "no endpoint 'moon'"),
    ("x", "fault", {"name": "402", "count": 0}, "count must be 1 or more"),
]


@pytest.mark.parametrize(("whom", "verb", "args", "words"), GARBAGE)
def test_a_wrong_request_is_answered_with_a_sentence_and_changes_nothing(whom: str, verb: str, args: dict[str, Any], words: str) -> None:
    async def of(three: Three) -> None:
        before = three.truth()
        with pytest.raises((GatewayError, ValueError)) as caught:
            await three.verbs[whom][verb].ask(args)
        assert words in str(caught.value)
        assert len(str(caught.value)) < 2_000
        assert three.truth() == before

    story(of)


def test_over_the_socket_it_is_the_same_and_help_lists_what_there_is(tmp_path: Path) -> None:
    async def of(three: Three) -> None:
        server = ControlServer(tmp_path / "s", handlers(three.verbs["operator"]), owner="simulator", setting="--control")
        await server.start()
        try:
            with pytest.raises(ControlError, match="'dance' is no command of this simulator; it knows fault, help"):
                await call(tmp_path / "s", "dance")
            with pytest.raises(ControlError, match="digits only"):
                await call(tmp_path / "s", "send", number="a", text="a")
            listed: Any = await call(tmp_path / "s", "help")
            assert listed["phone"]["takes"] == ["number", "replies", "seconds"]
        finally:
            await server.stop()

    story(of)


def test_an_operator_without_a_bind_keeps_the_text_and_says_that_nobody_said_yes() -> None:
    async def of(three: Three) -> None:
        ask = here(three.verbs["operator"])
        assert await ask("send", number=SARI, text="", seconds=0.0) == {"parts": 1, "statuses": [None]}
        assert await ask("phone", number=SARI) == {"sent": [{"text": "", "parts": 1, "kept": False}], "received": []}
        assert await ask("phone", number="62") == {"sent": [], "received": []}
        operator = Operator(ask)
        with pytest.raises(TimeoutError):
            await operator.expect_binds(1, 0.01)
        with pytest.raises(TimeoutError):
            await operator.expect_replies(SARI, 1, 0.01)
        assert (await operator.bound(), await operator.kept()) == ([], 0)

    story(of)


def test_a_part_that_is_left_out_never_comes() -> None:
    async def of(three: Three) -> None:
        await here(three.verbs["operator"])("send", number=SARI, text=LONG, order=[3, 1], seconds=0.0)
        assert [mo.outgoing.octets[5] for mo in three.operator.sent] == [3, 1]

    story(of)


def test_the_whole_road_is_played_by_the_verbs_alone(tmp_path: Path) -> None:
    async def main() -> None:
        road = Road(tmp_path)
        async with road.peers(), road.running():
            pause = Pause()
            ask = here(OperatorVerbs(road.operator).verbs())
            operator, core = Operator(ask), Core(here(CoreVerbs(road.core, "http://core", pause).verbs()))
            await operator.expect_binds(2, WAIT_SECONDS)
            one, two = await operator.bound()
            sent = await ask("send", number=SARI, text=LONG, order=[3, 1, 2], binds=[two, one], gap_seconds=0.01)
            assert sent == {"parts": 3, "statuses": [0, 0, 0]}
            [text] = await operator.expect_replies(SARI, 1, WAIT_SECONDS)
            assert "Kab. Tangerang" in text
            await core.expect_filed(1, WAIT_SECONDS)
            [entry] = await here(CoreVerbs(road.core, "", pause).verbs())("stored")
            assert (entry["instansi"], entry["certainty"], entry["characters"]) == ("Kab. Tangerang", "explicit", len(LONG))
            assert LONG[:20] not in json.dumps(entry)
            assert (await operator.kept(), await core.filed(), await core.doubled()) == (1, 1, 0)

    asyncio.run(main())


def test_a_core_is_slow_and_ill_as_asked_and_well_again() -> None:
    async def of(three: Three) -> None:
        core, ask = Core(here(three.verbs["core"])), here(three.verbs["core"])
        await core.slow(2)
        assert (three.pause(), (await ask("status"))["slow_seconds"]) == (2, 2)
        await ask("fault", name="503", count=2)
        assert [three.core.choose() for _ in range(3)] == [Fault.BUSY, Fault.BUSY, Fault.OK]
        await core.fail("hang-after")
        assert [three.core.choose() for _ in range(3)] == [Fault.HANG_AFTER] * 3
        await core.well()
        assert (three.core.choose(), three.pause()) == (Fault.OK, 0.0)
        with pytest.raises(TimeoutError):
            await core.expect_filed(1, 0.01)

    story(of)


def test_posts_are_written_answered_changed_and_taken_away() -> None:
    async def of(three: Three) -> None:
        ask = here(three.verbs["x"])
        x, world = X(ask), three.x.world
        post_id = await x.write("@warga", "@lapor1708 jalan rusak #AduanAgam")
        post = world.posts[int(post_id)]
        assert (post.author.username, x.posted) == ("warga", 1)
        with pytest.raises(TimeoutError):
            await x.expect_answer(post_id, 0.01)
        world.answer("sudah kami terima", reply_to=post.id)
        assert await x.expect_answer(post_id, WAIT_SECONDS) == await x.answers(post_id) == [world.replies[0].text]
        added = await ask("write", handle="warga", text="masih rusak", reply_to=post_id)
        assert world.posts[int(added)].conversation_id == post.id
        edited = await ask("edit", post=post_id, text="@lapor1708 jalan rusak berat #AduanAgam")
        assert edited != post_id
        await ask("delete", post=edited)
        assert post.chain.deleted_ms is not None
        with pytest.raises(ValueError, match="cannot be edited"):
            await ask("edit", post=edited, text="a")
        world.answer("lagi", reply_to=post.id)
        assert (await ask("status"))["doubled"] == [post_id]
        assert await x.answered_twice() == 1

    story(of)


def test_a_peer_that_has_gone_or_is_silent_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.demo.peers.FATE_SECONDS", 0.0)
    monkeypatch.setattr("gateway.demo.peers.ANSWER_SECONDS", 0.05)

    async def silent(_: object, __: object) -> Json:
        await asyncio.sleep(WAIT_SECONDS)
        return None

    async def of(_: Three) -> None:
        ask: Ask = apart("telkomsel", tmp_path / "s")
        with pytest.raises(GatewayError, match="telkomsel has gone: nobody answers at "):
            await ask("status")
        server = ControlServer(tmp_path / "s", {"status": silent})
        await server.start()
        try:
            with pytest.raises(GatewayError, match="telkomsel does not answer at "):
                await ask("status")
            waiting = asyncio.create_task(ask("status", seconds=WAIT_SECONDS))
            await asyncio.sleep(0.05)
        finally:
            await server.stop()
        with pytest.raises(GatewayError, match="telkomsel has gone"):
            await waiting

    story(of)


def test_the_page_names_every_verb_and_what_it_takes() -> None:
    page = (Path(__file__).parents[2] / "docs" / "simulators.md").read_text(encoding="utf-8")

    async def of(three: Three) -> None:
        rows = {
            f"| `{name}` | {', '.join(f'`{each}`' for each in verb.takes)} | {verb.does} |"
            for verbs in three.verbs.values()
            for name, verb in verbs.items()
        }
        assert not [row for row in rows if row not in page]

    story(of)
