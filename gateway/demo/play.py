"""The play: six citizens and a post one after the other, a crash in mid-flight, then a prompt for your own SMS."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Mapping

from gateway.demo.citizens import IN_THE_CRASH, ON_X, STORIES, Citizen, Poster
from gateway.demo.peers import Operator
from gateway.demo.screen import Screen
from gateway.demo.stage import Stage
from parsers.errors import GatewayError

REPLY_SECONDS = 30.0  # for one answer, the restart after the crash included
STEP_SECONDS = 5.0
SLOW_SECONDS = 1.0  # the core stores, and answers so much later: time for a kill
LINE_OCTETS_MAX = 4_096  # what a terminal gives at once (termios(3), canonical mode)
YOURS = "6281266019999"
ALPHABETS = {"gsm7": "GSM-7", "ucs2": "UCS-2", "latin1": "Latin-1"}
TRY_NEXT = (
    ("lapor-gateway --help", "every verb, with examples"),
    ("lapor-gateway check", "what a site has to set"),
    ("lapor-gateway simulate smsc --port 2775", "an operator to bind to"),
)


async def demo(*, once: bool) -> int:
    """Play it. 0 when every citizen was answered and filed once; 1 otherwise. `once`: no prompt at the end."""
    screen = Screen(sys.stdout)
    began = time.monotonic()
    screen.line("lapor-gateway: an SMS to 1708 or a post becomes one filed complaint, and the citizen hears its number.")
    screen.remark(
        "Two simulated operators (real SMPP over TCP), a simulated core and X (real HTTP and TLS), and the gateway in a process of its own."
    )
    try:
        async with Stage.set_up() as stage:
            screen.remark(f"Up after {time.monotonic() - began:.1f} s: journal, 4 binds, core.")
            play = Play(stage, screen)
            for citizen in STORIES:
                await play.story(citizen)
            await play.post(ON_X)
            await play.crash()
            good = await play.verdict()
            if not once and screen.terminal and sys.stdin.isatty():
                good = await play.prompt()
            play.farewell()
            return 0 if good else 1
    except (GatewayError, TimeoutError, OSError) as error:
        screen.bad(f"The demo broke off: {str(error) or type(error).__name__}")
        return 1


class Play:
    """What is shown, and whether all went well so far."""

    asks = True
    """Whether citizens are asked back."""
    a_part = "the last part came first: on disk, and waits for the others"
    after_a_crash = "what it had sent is `unknown`, so it asks the core before it sends again"

    def __init__(self, stage: Stage, screen: Screen) -> None:
        self._stage = stage
        self._peers = stage.peers
        self._screen = screen
        self._unanswered = 0
        self._crashes = 0

    async def story(self, citizen: Citizen) -> None:
        """One citizen, from phone to phone."""
        screen, operator = self._screen, self._peers.operators[citizen.operator]
        screen.title(citizen.who)
        if citizen.point:
            screen.remark(citizen.point)
        screen.phone("to 1708", citizen.text, incoming=True)
        self._forget_events()
        before = len(await operator.received(citizen.msisdn))
        await self._send(operator, citizen)
        kept = await self._event("kept")
        if kept is not None and not kept.get("number"):
            screen.step("kept", "a command, or one that is known already: answered from our own record")
        elif kept is not None:
            self._explain(kept)
            filed = await self._event("filed", "found", number=kept["number"]) if kept["state"] == "ready" else None
            if filed is not None:
                screen.step("core", f"filed once, tracking id {filed['tracking_id']}" + _took(filed))
        await self._answer(operator, citizen.msisdn, before)
        if citizen.answer and self.asks:
            await self._converse(operator, citizen, before + 1)

    async def _converse(self, operator: Operator, citizen: Citizen, before: int) -> None:
        """The citizen answers our question, and the complaint goes on with it."""
        self._screen.phone("to 1708", citizen.answer, incoming=True)
        self._forget_events()
        await operator.send(citizen.msisdn, citizen.answer)
        filed = await self._event("filed", "found")
        if filed is not None:
            self._screen.step("core", f"filed once, tracking id {filed['tracking_id']}, her answer below her words" + _took(filed))
        await self._answer(operator, citizen.msisdn, before)

    async def post(self, poster: Poster) -> None:
        """One post, from X and back."""
        screen, x = self._screen, self._peers.x
        screen.title(poster.who)
        screen.remark(poster.point)
        screen.phone(f"@{poster.handle}", poster.text, incoming=True)
        self._forget_events()
        post_id = await x.write(poster.handle, poster.text)
        kept = await self._event("kept")
        if kept is not None:
            screen.step("X", f"found among the {kept['bind']}: {kept['characters']} characters")
            screen.step("kept", f"No. {kept['number']} is on disk, and with it how far X has been read")
            self._destination(kept)
            filed = await self._event("filed", "found", number=kept["number"])
            if filed is not None:
                screen.step("core", f"filed once, tracking id {filed['tracking_id']}" + _took(filed))
        try:
            for text in await x.expect_answer(post_id, REPLY_SECONDS):
                screen.phone("@lapor1708", text, incoming=False)
        except TimeoutError:
            self._unanswered += 1
            screen.bad("  no answer came")

    async def crash(self) -> None:
        """Three citizens write; the core has taken them, its answers are on the way, and the gateway dies."""
        screen, stage, core = self._screen, self._stage, self._peers.core
        operators = self._peers.operators
        screen.title("k: kill -9 in mid-flight")
        screen.remark("Three citizens write. The core has each complaint but has not answered yet, when the gateway gets SIGKILL.")
        await core.slow(SLOW_SECONDS)
        before = {citizen.msisdn: len(await operators[citizen.operator].received(citizen.msisdn)) for citizen in IN_THE_CRASH}
        filed = await core.filed()
        self._crashes += 1
        again = f" ({self._crashes})" if self._crashes > 1 else ""  # else it would be the same words, and no second complaint
        for citizen in IN_THE_CRASH:
            screen.phone(citizen.who, citizen.text + again, incoming=True)
            await operators[citizen.operator].send(citizen.msisdn, citizen.text + again, seconds=0.0)
        try:
            await core.expect_filed(filed + 2, REPLY_SECONDS)
        except TimeoutError:
            raise GatewayError(f"the core did not get two of the three complaints within {REPLY_SECONDS:.0f} s") from None
        await stage.kill_gateway()
        screen.bad("  killed.")
        await core.well()
        began = time.monotonic()
        await stage.start_gateway()
        screen.step("gateway", f"back after {time.monotonic() - began:.1f} s; {self.after_a_crash}")
        for citizen in IN_THE_CRASH:
            await self._answer(operators[citizen.operator], citizen.msisdn, before[citizen.msisdn])

    async def verdict(self) -> bool:
        """The line that counts."""
        until = time.monotonic() + STEP_SECONDS
        while True:  # what had a receipt first may still be on its way to the core
            elsewhere = {name: count for name, count in (await self._stage.elsewhere()).items() if count}
            sent, filed, doubled = await self._stage.sent(), await self._peers.core.filed(), await self._peers.core.doubled()
            known = filed + sum(elsewhere.values())
            if sent <= known or time.monotonic() > until:
                break
            await asyncio.sleep(0.2)
        sums = " + ".join([f"filed {filed}", *(f"{name} {count}" for name, count in elsewhere.items())])
        line = f"sent {sent} = {sums}, lost {max(0, sent - known)}, doubled {doubled}"
        good = sent == known and not doubled and not self._unanswered
        self._screen.line()
        (self._screen.good if good else self._screen.bad)(line)
        if self._unanswered:
            self._screen.bad(f"{self._unanswered} citizens got no answer")
        return good

    async def prompt(self) -> bool:
        """Your own SMS, until you have enough."""
        good = True
        self._screen.title("Now you")
        self._screen.remark("Type an SMS and press Enter. `k` kills the gateway in mid-flight, an empty line ends the demo.")
        while True:
            text = await _typed("SMS> ")
            if not text:
                return good
            if text.lower() == "k":
                await self.crash()
            else:
                await self.story(Citizen("You", YOURS, "telkomsel", text, "", swapped=len(text) > 160))
            good = await self.verdict()

    def farewell(self) -> None:
        """What to try next."""
        self._screen.line()
        self._screen.line("Try next (with .venv/bin in front, or in your PATH):")
        for command, why in TRY_NEXT:
            self._screen.line(f"  {command:<42} {why}")

    async def _send(self, operator: Operator, citizen: Citizen) -> None:
        binds = await operator.bound()
        if citizen.swapped and len(binds) > 1:
            await operator.send(citizen.msisdn, citizen.text, order=(2, 1), binds=binds[:2], gap_seconds=0.2)
        else:
            await operator.send(citizen.msisdn, citizen.text)

    def _explain(self, kept: Mapping[str, object]) -> None:
        screen = self._screen
        parts = f", {kept['parts']} parts joined" if kept["parts"] != 1 else ""
        alphabet = ALPHABETS.get(str(kept["alphabet"]), str(kept["alphabet"]))
        screen.step(
            "operator", f"{kept['operator']} over SMPP, last on bind {kept['bind']}: {alphabet}, {kept['characters']} characters{parts}"
        )
        screen.step("kept", f"No. {kept['number']} is on disk; only now the operator hears yes")
        self._destination(kept)

    def _destination(self, kept: Mapping[str, object]) -> None:
        rahasia = "; rahasia" if kept["rahasia"] else ""
        self._screen.step("goes to", f"{kept['instansi']} ({kept['certainty']}): {kept['why']}{rahasia}")

    async def _answer(self, operator: Operator, msisdn: str, before: int) -> None:
        try:
            texts = await operator.expect_replies(msisdn, before + 1, REPLY_SECONDS)
        except TimeoutError:
            self._unanswered += 1
            self._screen.bad("  no answer came")
            return
        for text in texts[before:]:
            self._screen.phone("1708", text, incoming=False)

    async def _event(self, *names: str, number: object = None) -> Mapping[str, object] | None:
        """The next event of one of these names, about this complaint where one is given; parts on the way are shown as they come."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STEP_SECONDS):
                while True:
                    event = await self._stage.events.get()
                    if event.get("kind") == "part":
                        self._screen.step("part", self.a_part)
                    elif event.get("event") in names and number in (None, event.get("number")):
                        return event
        return None

    def _forget_events(self) -> None:
        while not self._stage.events.empty():
            self._stage.events.get_nowait()


def _took(filed: Mapping[str, object]) -> str:
    return f" ({filed['milliseconds']} ms)" if "milliseconds" in filed else ""


async def _typed(question: str) -> str:
    """A line from the terminal; empty at its end. The play goes on meanwhile, and may end: no thread waits for a key, then."""
    sys.stdout.write(question)
    sys.stdout.flush()
    loop, terminal = asyncio.get_running_loop(), sys.stdin.fileno()
    typed: asyncio.Future[bytes] = loop.create_future()

    def read() -> None:
        loop.remove_reader(terminal)
        typed.set_result(os.read(terminal, LINE_OCTETS_MAX))

    loop.add_reader(terminal, read)
    try:
        return (await typed).decode("utf-8", "replace").strip()
    finally:
        loop.remove_reader(terminal)
