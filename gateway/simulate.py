"""`lapor-gateway simulate smsc | core | ask`: a simulated operator or core alone, for trainers and for operators' engineers."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import stat
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from random import Random
from typing import TextIO

from adapters.smpp.faults import Faults
from adapters.smpp.phone import Way
from adapters.smpp.reception import Clocks
from adapters.smpp.simulator import Simulator, SimulatorSettings
from forwarder.core.dialects import EXAMPLE
from forwarder.core.simulator import TOKEN, CoreSimulator, Fault, Stored, seeded, settings_for
from gateway import control
from gateway.files import SHIPPED
from gateway.simulate_verbs import CoreVerbs, OperatorVerbs, Pause, Verbs, handlers
from parsers.errors import GatewayError

Say = Callable[[str], None]
FAULT_SHARE = 0.5  # of all calls, when faults are asked for
LOOK_SECONDS = 0.2
HELP = "Type `NUMBER TEXT` to send an SMS from a phone, for example: 6281266010001 AGAM jalan rusak"


async def smsc(options: argparse.Namespace, say: Say) -> int:
    """A simulated SMSC: anybody may bind; lines typed become SMS, replies are printed."""
    if options.faults == "help":
        say("faults: " + ", ".join(item.name for item in fields(Faults)) + "; each as NAME or NAME=VALUE")
        return 0
    settings = SimulatorSettings(name=options.name, listen=f"127.0.0.1:{options.port}", retry_seconds=options.retry)
    simulator = Simulator(settings, Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic), Random(options.seed))
    for fault in filter(None, options.faults.split(",")):
        name, _, value = fault.partition("=")
        try:
            simulator.faults.apply(name, value or "1")
        except ValueError as error:
            raise GatewayError(str(error)) from None
    await simulator.start()
    say(f"a simulated SMSC listens on {simulator.address}; any system_id and password may bind")
    say(HELP)
    try:
        async with controlled(options.control, OperatorVerbs(simulator).verbs(), say), asyncio.TaskGroup() as group:
            group.create_task(_report(simulator, say))
            group.create_task(_typed(simulator, say))
    finally:
        await simulator.stop()
    return 0


async def core(options: argparse.Namespace, say: Say) -> int:
    """A simulated core: one line per complaint."""
    if options.faults == "help":
        say("faults: " + ", ".join(fault for fault in Fault if fault is not Fault.OK))
        return 0
    names = [name for name in options.faults.split(",") if name]
    if unknown := [name for name in names if name not in set(Fault)]:
        raise GatewayError(f"{unknown[0]} is no fault; `--faults help` lists them")
    choose = seeded(Random(options.seed), FAULT_SHARE, [Fault(name) for name in names]) if names else None

    def told(stored: Stored | None, fault: Fault) -> None:
        say(stored.line(fault) if stored is not None else f"not stored; answered: {fault}")

    pause = Pause()
    simulator = CoreSimulator(choose, dialect=options.dialect, delay=pause, told=told)
    base = await simulator.start(port=options.port)
    reached = settings_for(options.dialect, base)
    say(f"a simulated core answers at {reached['url']}; its token is {TOKEN}")
    if options.dialect != "addstream":
        for line in core_table(reached):
            say(line)
    try:
        async with controlled(options.control, CoreVerbs(simulator, base, pause).verbs(), say):
            await asyncio.get_running_loop().create_future()
    finally:
        await simulator.stop()
    return 0


def core_table(reached: Mapping[str, object]) -> Iterator[str]:
    """The settings that file with a simulated core, as gateway.toml has them."""
    yield "[core]"
    for key, value in reached.items():
        if not isinstance(value, dict):
            yield f"{key} = {json.dumps(value)}"
    if reached["dialect"] == "mapped":
        yield f"mapping = {json.dumps(str(SHIPPED / EXAMPLE))}"
    for key, value in reached.items():
        if isinstance(value, dict):
            yield f"[core.{key}]"
            yield from (f"{inner} = {json.dumps(one)}" for inner, one in value.items())


async def ask(options: argparse.Namespace, say: Say) -> int:
    """Ask a simulator one thing over its control socket; its answer as JSON. GatewayError when it says no, or is not there."""
    try:
        say(json.dumps(await control.call(Path(options.path), options.asked, **arguments(options.arguments)), indent=2))
    except (control.NoGateway, control.Unanswered):
        raise GatewayError(f"no simulator answers at {options.path}; start it with --control {options.path}") from None
    return 0


def arguments(typed: Sequence[str]) -> dict[str, control.Json]:
    """`NAME=WORDS` gives a string, `NAME:=JSON` anything else: `order:=[2,1]`. GatewayError for other forms."""
    found: dict[str, control.Json] = {}
    for each in typed:
        sign, (name, _, value) = "=", each.partition("=")
        if name.endswith(":"):
            sign, name = ":=", name[:-1]
        if not name.isidentifier() or "=" not in each:
            raise GatewayError(f"{each[:40]!r} is neither NAME=WORDS nor NAME:=JSON")
        try:
            found[name] = json.loads(value) if sign == ":=" else value
        except (ValueError, RecursionError):
            raise GatewayError(f"what stands after {name}:= is no JSON") from None
    return found


@contextlib.asynccontextmanager
async def controlled(path: str | None, verbs: Verbs, say: Say) -> AsyncIterator[None]:
    """Hear commands at `path`, where one is given."""
    if path is None:
        yield
        return
    server = control.ControlServer(Path(path), handlers(verbs), owner="simulator", setting="--control")
    await server.start()
    try:
        say(f"it hears commands at {path}: lapor-gateway simulate ask {path} help")
        yield
    finally:
        await server.stop()


async def _report(simulator: Simulator, say: Say) -> None:
    """Print binds as they come and go, and what phones receive."""
    shown: dict[str, int] = {}
    bound: list[str] = []
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if (now := [bind.name for bind in simulator.bound]) != bound:
            bound = now
            say(f"bound: {', '.join(bound) or 'nobody'}")
        for number, phone in simulator.phones.items():
            received = [bubble for bubble in phone.bubbles if bubble.way is Way.RECEIVED]
            for bubble in received[shown.get(number, 0) :]:
                say(f"{number} <- {bubble.text}")
            shown[number] = len(received)


async def _typed(simulator: Simulator, say: Say) -> None:
    """Send what is typed."""
    async for line in typed_lines():
        number, _, text = line.partition(" ")
        if not number.isdecimal() or not text:
            say(HELP)
            continue
        with contextlib.suppress(TimeoutError):
            simulator.post_mo(number, text)


async def typed_lines() -> AsyncIterator[str]:
    """What is typed, line by line; at the end of the input the simulator goes on."""
    if not _typable(sys.stdin):  # uvloop aborts the process at a file that it cannot wait for
        return
    reader = asyncio.StreamReader()
    try:
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    except (ValueError, OSError):  # no pipe and no terminal: nothing can be typed
        return
    while line := await reader.readline():
        yield line.decode("utf-8", "replace").strip()


def _typable(stream: TextIO | None) -> bool:
    """Whether somebody can type there: a terminal, a pipe or a socket; not /dev/null, a file, or nothing at all."""
    if stream is None or stream.closed:
        return False
    mode = os.fstat(stream.fileno()).st_mode
    return stream.isatty() or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
