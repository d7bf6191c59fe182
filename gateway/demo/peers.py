"""The peers of a play, as the play speaks to them: operators, core and X, each here or in a process of its own. The sentences are the same.

A peer is asked by the verbs that its simulator hears (gateway/simulate_verbs.py): `here` calls them, `apart` says them over its socket.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from gateway import control
from gateway.control import Json
from gateway.simulate_verbs import Verbs
from parsers.errors import GatewayError

ANSWER_SECONDS = 10.0  # for what a peer knows at once
FATE_SECONDS = 2.0  # until the end of a process is known to whoever started it
YES_SECONDS = 30.0  # for the gateway's yes to a text


class Ask(Protocol):
    """How a peer is asked: a verb with its arguments, the answer in JSON. GatewayError when it says no, or has gone."""

    async def __call__(self, verb: str, /, **args: Json) -> Any:  # noqa: ANN401 - JSON, whose shape the verb tells
        """Ask it."""
        ...


def here(verbs: Verbs) -> Ask:
    """A peer in this process."""

    async def ask(verb: str, /, **args: Json) -> Json:
        return await verbs[verb].ask(args)

    return ask


def apart(name: str, path: Path) -> Ask:
    """A peer in a process of its own, whose simulator hears commands at `path`."""

    async def ask(verb: str, /, **args: Json) -> Json:
        seconds = args.get("seconds", 0.0)
        try:
            async with asyncio.timeout(ANSWER_SECONDS + (seconds if isinstance(seconds, int | float) else 0.0)):
                return await control.call(path, verb, **args)
        except (control.NoGateway, control.Unanswered):
            await asyncio.sleep(FATE_SECONDS)  # who started it knows its pid and its end, and ends the play with that
            raise GatewayError(f"{name} has gone: nobody answers at {path}") from None
        except TimeoutError:
            raise GatewayError(f"{name} does not answer at {path}") from None

    return ask


class Operator:
    """An operator, with the phones behind it."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def address(self) -> str:
        """`host:port` for operators.toml."""
        return str((await self._ask("status"))["address"])

    async def bound(self) -> list[str]:
        """The binds that are up, oldest first."""
        return list((await self._ask("status"))["bound"])

    async def expect_binds(self, count: int, seconds: float) -> None:
        """Wait for so many binds; TimeoutError when they are not so many in time."""
        found = await self._ask("status", binds=count, seconds=seconds)
        if len(found["bound"]) != count:
            raise TimeoutError

    async def send(  # noqa: PLR0913 - what a citizen's phone and its operator vary
        self,
        number: str,
        text: str,
        *,
        order: Sequence[int] = (),
        binds: Sequence[str] = (),
        gap_seconds: float = 0.0,
        seconds: float = YES_SECONDS,
    ) -> None:
        """Send a text, its parts in this order over these binds; returns with the gateway's yes or no, or after `seconds`."""
        await self._ask("send", number=number, text=text, order=[*order], binds=[*binds], gap_seconds=gap_seconds, seconds=seconds)

    async def received(self, number: str) -> list[str]:
        """The texts that a phone got, oldest first."""
        return [bubble["text"] for bubble in (await self._ask("phone", number=number))["received"]]

    async def expect_replies(self, number: str, count: int, seconds: float) -> list[str]:
        """The same when there are so many; TimeoutError when there are not in time."""
        found = (await self._ask("phone", number=number, replies=count, seconds=seconds))["received"]
        if len(found) < count:
            raise TimeoutError
        return [bubble["text"] for bubble in found]

    async def kept(self) -> int:
        """Texts that the gateway said yes to, long ones counted once."""
        return int((await self._ask("status"))["kept"])


class Core:
    """The core: what it has."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    async def address(self) -> str:
        """`http://host:port`."""
        return str((await self._ask("status"))["address"])

    async def filed(self) -> int:
        """Complaints it has, each counted once."""
        return int((await self._ask("status"))["filed"])

    async def expect_filed(self, count: int, seconds: float) -> None:
        """Wait until it has so many; TimeoutError when it has not in time."""
        if (await self._ask("status", filed=count, seconds=seconds))["filed"] < count:
            raise TimeoutError

    async def doubled(self) -> int:
        """Complaints it has twice."""
        return len((await self._ask("status"))["doubled"])

    async def slow(self, seconds: float) -> None:
        """Let it think so long before it answers what it has stored."""
        await self._ask("slow", seconds=seconds)

    async def fail(self, fault: str) -> None:
        """Let it answer everything like this, until `well`."""
        await self._ask("fault", name=fault)

    async def well(self) -> None:
        """Let it answer well, and at once."""
        await self._ask("well")


class X:
    """X: what is posted, and what our account answers."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self.posted = 0

    async def place(self) -> tuple[str, str]:
        """Where it is (`host:port`), and the id of our account there."""
        found = await self._ask("status")
        return str(found["address"]), str(found["account"])

    async def write(self, handle: str, text: str) -> str:
        """Somebody posts; the post's id."""
        post_id = str(await self._ask("write", handle=handle, text=text))
        self.posted += 1
        return post_id

    async def answers(self, post_id: str) -> list[str]:
        """What our account answered there."""
        return list(await self._ask("answers", post=post_id))

    async def expect_answer(self, post_id: str, seconds: float) -> list[str]:
        """The same when there is one; TimeoutError when there is none in time."""
        found = list(await self._ask("answers", post=post_id, count=1, seconds=seconds))
        if not found:
            raise TimeoutError
        return found

    async def answered_twice(self) -> int:
        """Posts that our account answered more than once."""
        return len((await self._ask("status"))["doubled"])


@dataclass(frozen=True, slots=True)
class Peers:
    """All of a play."""

    operators: dict[str, Operator]
    core: Core
    x: X
