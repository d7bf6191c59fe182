"""What a simulator hears over its control socket: each verb with what it takes, for trainers, tests and `make cluster`.

Everything that comes in is looked at before anything is done: a wrong argument changes nothing, and the answer says what would be right.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from adapters.smpp.phone import Bubble
from adapters.smpp.simulator import Mo, Simulator
from adapters.x.faults import well as well_behaved
from adapters.x.simulated_post import Post
from adapters.x.simulator import XSimulator
from forwarder.core.simulator import CoreSimulator, Fault, Stored, scripted
from gateway.control import Args, ControlError, Handler, Json

SECONDS_MAX = 300.0  # Ours: a client that wants to wait longer asks again.
CHARACTERS_MAX = 10_000  # Ours: an SMS of 255 parts has 39,000, and nobody ever sent one.
WORD_CHARACTERS_MAX = 100
COUNT_MAX = 1_000_000
LOOK_SECONDS = 0.02
NUMBER = re.compile(r"[0-9]{1,20}")  # an SMPP address has 20 characters (SMPP 3.4 §4.1.1)
HANDLE = re.compile(r"@?[A-Za-z0-9_]{1,15}")


class Verb(NamedTuple):
    """One thing a simulator can be asked for: in a few words, with which arguments, and what does it."""

    does: str
    takes: tuple[str, ...]
    run: Callable[[Args], Awaitable[Json]]

    async def ask(self, args: Args) -> Json:
        """Do it. ControlError or ValueError, with a sentence, for arguments that are wrong; nothing is done then."""
        for name in args:
            if name not in self.takes:
                raise ControlError(f"{name[:40]!r} is no argument of this verb; it takes {', '.join(self.takes) or 'none'}")
        return await self.run(args)


Verbs = Mapping[str, Verb]


def handlers(verbs: Verbs) -> dict[str, Handler]:
    """The same for a ControlServer, and `help`, which lists them."""

    def handler(verb: Verb) -> Handler:
        return lambda args, _: verb.ask(args)

    async def listed(_: Args) -> Json:
        return {name: {"does": verb.does, "takes": list(verb.takes)} for name, verb in verbs.items()}

    return {name: handler(verb) for name, verb in verbs.items()} | {"help": handler(Verb("list the verbs", (), listed))}


class OperatorVerbs:
    """Of a simulated operator: write from its phones, see what came to them."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def verbs(self) -> Verbs:
        """All of them."""
        return {
            "status": Verb("the binds, and what was sent and kept; waits until `binds` are bound", ("binds", "seconds"), self.status),
            "send": Verb(
                "send a text and wait for the gateway's yes; a long one in any order of its parts, each over a bind of its own",
                ("number", "text", "order", "binds", "gap_seconds", "seconds"),
                self.send,
            ),
            "phone": Verb("what a phone sent and received; waits until it has `replies`", ("number", "replies", "seconds"), self.phone),
            "fault": Verb("misbehave", ("name", "value"), self.fault),
            "well": Verb("behave again", (), self.well),
        }

    async def status(self, args: Args) -> Json:
        """How it stands: once exactly `binds` are bound, or after `seconds`."""
        simulator = self._simulator
        binds = _whole(args, "binds", -1)
        await _until(lambda: binds in (-1, len(simulator.bound)), _seconds(args, "seconds", 0.0))
        sent = [bubble for phone in simulator.phones.values() for bubble in phone.sent]
        return {
            "name": simulator.settings.name,
            "address": simulator.address,
            "bound": [bind.name for bind in simulator.bound],
            "sent": len(sent),
            "kept": sum(bubble.kept for bubble in sent),
            "replies": simulator.submitted,
        }

    async def send(self, args: Args) -> Json:
        """Each part's status: 0 is the gateway's yes, null none after `seconds`; the operator goes on delivering all the same."""
        simulator = self._simulator
        number, text = _number(args), _text(args)
        order, gap = [_positive(each) for each in _listed(args, "order")], _seconds(args, "gap_seconds", 0.0)
        seconds = _seconds(args, "seconds", 30.0)
        bound, binds = [bind.name for bind in simulator.bound], [str(each) for each in _listed(args, "binds")]
        if strange := [name for name in binds if name not in bound]:
            raise ControlError(f"there is no bind {strange[0][:40]!r}; bound are {', '.join(bound) or 'none'}")
        mos = await simulator.post_long(number, text, order=order, binds=binds, gap=gap)
        await asyncio.wait([mo.done for mo in mos], timeout=seconds)
        return {"parts": len(mos), "statuses": [_status(mo) for mo in mos]}

    async def phone(self, args: Args) -> Json:
        """Its texts, oldest first: once it has so many `replies`, or after `seconds`."""
        number, replies = _number(args), _whole(args, "replies", 0)

        def received() -> list[Bubble]:
            phone = self._simulator.phones.get(number)
            return phone.received if phone is not None else []

        await _until(lambda: len(received()) >= replies, _seconds(args, "seconds", 0.0))
        sent = self._simulator.phones[number].sent if number in self._simulator.phones else []
        return {
            "sent": [{"text": bubble.text, "parts": bubble.parts, "kept": bubble.kept} for bubble in sent],
            "received": [{"text": bubble.text, "parts": bubble.parts, "bind": bubble.bind} for bubble in received()],
        }

    async def fault(self, args: Args) -> Json:
        """One of `simulate smsc --faults help`."""
        self._simulator.faults.apply(_word(args, "name"), str(args.get("value", 1)))
        return None

    async def well(self, _: Args) -> Json:
        """No fault any more."""
        self._simulator.faults.clear()
        return None


@dataclass(slots=True)
class Pause:
    """How long the simulated core thinks before it answers: its `delay`."""

    seconds: float = 0.0

    def __call__(self) -> float:
        """The next answer's."""
        return self.seconds


class CoreVerbs:
    """Of a simulated core: see what it has; let it be slow, or ill. `base` is where it answers."""

    def __init__(self, simulator: CoreSimulator, base: str, pause: Pause) -> None:
        self._simulator = simulator
        self._base = base
        self._pause = pause

    def verbs(self) -> Verbs:
        """All of them."""
        return {
            "status": Verb("what is stored and what is doubled, in numbers; waits until `filed`", ("filed", "seconds"), self.status),
            "stored": Verb("what is stored, or only that of one complaint number, without the citizen's words", ("number",), self.stored),
            "slow": Verb("answer each complaint so much later; it is stored at once", ("seconds",), self.slow),
            "fault": Verb("misbehave at the next `count` complaints, or at all until `well`", ("name", "count"), self.fault),
            "well": Verb("behave again, and be quick", (), self.well),
        }

    async def status(self, args: Args) -> Json:
        """How it stands: once `filed` complaint numbers are stored, or after `seconds`. `doubled` must stay empty."""
        simulator, filed = self._simulator, _whole(args, "filed", 0)
        await _until(lambda: len(simulator.stored) >= filed, _seconds(args, "seconds", 0.0))
        doubled: list[Json] = list(simulator.doubled)
        return {"address": self._base, "filed": len(simulator.stored), "doubled": doubled, "slow_seconds": self._pause.seconds}

    async def stored(self, args: Args) -> Json:
        """Each entry, oldest first."""
        number = _word(args, "number") if "number" in args else None
        found = (entry for key, entries in self._simulator.stored.items() if number in (None, key) for entry in entries)
        return [_entry(stored) for stored in found]

    async def slow(self, args: Args) -> Json:
        """From the next complaint on."""
        self._pause.seconds = _seconds(args, "seconds", 0.0)
        return None

    async def fault(self, args: Args) -> Json:
        """One of `simulate core --faults help`."""
        name, count = _word(args, "name"), _whole(args, "count", -1)
        if name not in set(Fault):
            raise ControlError(f"no fault {name[:40]!r}; there are: {', '.join(Fault)}")
        fault = Fault(name)
        self._simulator.choose = scripted([fault] * count) if count >= 0 else lambda: fault
        return None

    async def well(self, _: Args) -> Json:
        """No fault and no pause any more."""
        self._simulator.choose = scripted(())
        self._pause.seconds = 0.0
        return None


class XVerbs:
    """Of a simulated X: post, and see what our account answered. Ids are strings of digits."""

    def __init__(self, simulator: XSimulator) -> None:
        self._simulator = simulator
        self._world = simulator.world

    def verbs(self) -> Verbs:
        """All of them."""
        return {
            "status": Verb("what was posted, answered and doubled", (), self.status),
            "write": Verb("post a text, or answer a post", ("handle", "text", "reply_to"), self.write),
            "edit": Verb("change a post, as X allows it; the version's id", ("post", "text"), self.edit),
            "delete": Verb("take a post away", ("post",), self.delete),
            "answers": Verb("what our account answered a post; waits until there are `count`", ("post", "count", "seconds"), self.answers),
            "fault": Verb("misbehave at the next `count` calls, NAME or NAME@CALL; -1: until `well`", ("name", "count"), self.fault),
            "well": Verb("behave again", (), self.well),
        }

    async def status(self, _: Args) -> Json:
        """How it stands. `doubled` are posts that our account answered twice: it must stay empty."""
        world = self._world
        doubled: list[Json] = [str(post_id) for post_id in world.doubled]
        where: dict[str, Json] = {"address": f"127.0.0.1:{self._simulator.port}", "account": str(world.account.id)}
        return where | {"posts": len(world.posts) - len(world.replies), "answers": len(world.replies), "doubled": doubled}

    async def write(self, args: Args) -> Json:
        """The new post's id."""
        handle, text = _word(args, "handle"), _said(args)
        if HANDLE.fullmatch(handle) is None:
            raise ControlError("handle must be up to 15 letters, digits and _")
        parent = self._post(args, "reply_to").id if "reply_to" in args else None
        return str(self._world.write(self._world.user(handle.removeprefix("@")), text, reply_to=parent).id)

    async def edit(self, args: Args) -> Json:
        """The new version's id."""
        post, text = self._post(args, "post"), _said(args)
        return str(self._world.edit(post, text).id)

    async def delete(self, args: Args) -> Json:
        """With all its versions."""
        self._world.delete(self._post(args, "post"))
        return None

    async def answers(self, args: Args) -> Json:
        """Their texts, oldest first: once there are `count`, or after `seconds`."""
        post, count = self._post(args, "post"), _whole(args, "count", 0)

        def found() -> list[Json]:
            return [reply.text for reply in self._world.replies if reply.reply_to == post.id]

        await _until(lambda: len(found()) >= count, _seconds(args, "seconds", 0.0))
        return found()

    async def fault(self, args: Args) -> Json:
        """One of `simulate x --faults help`."""
        name, count = _word(args, "name"), _whole(args, "count", 1)
        if count == 0:
            raise ControlError("count must be 1 or more, or -1")
        self._simulator.faults.apply(name, count)
        return None

    async def well(self, _: Args) -> Json:
        """No fault any more."""
        self._simulator.faults.clear()
        self._simulator.faults.choose = well_behaved
        return None

    def _post(self, args: Args, name: str) -> Post:
        post_id = _word(args, name)
        post = self._world.posts.get(int(post_id)) if NUMBER.fullmatch(post_id) else None
        if post is None:
            raise ControlError(f"{name} must be the id of a post that is there, in digits")
        return post


def _status(mo: Mo) -> Json:
    return mo.done.result() if mo.done.done() else None


def _entry(stored: Stored) -> Json:
    return {
        "tracking_id": stored.tracking_id,
        "number": stored.number,
        "instansi": stored.header.instansi if stored.header else None,
        "certainty": str(stored.header.certainty) if stored.header else None,
        "anonim": stored.anonim,
        "rahasia": stored.rahasia,
        "characters": len(stored.text),
    }


async def _until(met: Callable[[], bool], seconds: float) -> None:
    """Wait until something is so, or for so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            while not met():  # noqa: ASYNC110 - three kinds of simulator, and only one tells of its changes
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        pass


# ── arguments ──


def _word(args: Args, name: str) -> str:
    given = args.get(name)
    if not isinstance(given, str) or not 0 < len(given) <= WORD_CHARACTERS_MAX:
        raise ControlError(f"{name} must be given, as a string of at most {WORD_CHARACTERS_MAX} characters")
    return given


def _number(args: Args) -> str:
    number = _word(args, "number")
    if NUMBER.fullmatch(number) is None:
        raise ControlError("number must be a phone's, digits only, such as 6281266010001")
    return number


def _text(args: Args) -> str:
    text = args.get("text")
    if not isinstance(text, str) or len(text) > CHARACTERS_MAX:
        raise ControlError(f"text must be a string of at most {CHARACTERS_MAX} characters")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ControlError("text has half a surrogate pair in it, which is no character")
    return text


def _said(args: Args) -> str:
    text = _text(args)
    if not text.strip():
        raise ControlError("text must say something: X takes no empty post")
    return text


def _whole(args: Args, name: str, default: int) -> int:
    given = args.get(name, default)
    if not isinstance(given, int) or isinstance(given, bool) or not -1 <= given <= COUNT_MAX:
        raise ControlError(f"{name} must be a whole number")
    return given


def _positive(given: Json) -> int:
    return _whole({"order": given}, "order", 1)


def _seconds(args: Args, name: str, default: float) -> float:
    given = args.get(name, default)
    if not isinstance(given, int | float) or isinstance(given, bool) or not 0 <= given <= SECONDS_MAX:
        raise ControlError(f"{name} must be seconds, from 0 to {SECONDS_MAX:.0f}")
    return given


def _listed(args: Args, name: str) -> Iterable[Json]:
    given = args.get(name, [])
    if not isinstance(given, list):
        raise ControlError(f"{name} must be a list")
    return given
