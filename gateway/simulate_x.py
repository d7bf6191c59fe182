"""`lapor-gateway simulate x`: a simulated X alone, for trainers: typed lines become posts, our replies and what X bills are printed."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import tempfile
import time
from pathlib import Path
from random import Random

from adapters.x.faults import Endpoint, Fault, Faults, seeded, well
from adapters.x.simulated_post import Post
from adapters.x.simulator import Served, XSimulator
from adapters.x.world import Denied, World
from gateway.simulate import FAULT_SHARE, Say, controlled, typed_lines
from gateway.simulate_verbs import XVerbs
from parsers.errors import GatewayError

HELP = "Type `@HANDLE TEXT` to post, `reply ID @HANDLE TEXT`, `edit ID TEXT`, `delete ID`, `fault NAME[@CALL] [COUNT]`, `well`"


async def x(options: argparse.Namespace, say: Say) -> int:
    """A simulated X: what is typed is posted, replies are printed."""
    if options.faults == "help":
        say("faults: " + ", ".join(fault for fault in Fault if fault is not Fault.OK))
        return 0
    names = [name for name in options.faults.split(",") if name]
    if unknown := [name for name in names if name not in set(Fault)]:
        raise GatewayError(f"{unknown[0]} is no fault; `--faults help` lists them")
    random = Random(options.seed)  # noqa: S311 - a play needs no secrets
    choose = seeded(random, FAULT_SHARE, [Fault(name) for name in names]) if names else well
    world = World(lambda: time.time_ns() // 1_000_000, random)

    def told(served: Served) -> None:
        if served.endpoint is Endpoint.CREATE and served.micros:
            made = world.replies[-1]
            say(f"{made.id}  reply to {made.reply_to or 'nobody'}: {made.text}")
        if served.micros or served.fault is not Fault.OK or served.status not in (200, 201):
            say(served.line())

    simulator = XSimulator(world, faults=Faults(choose), told=told)
    with contextlib.ExitStack() as stack:
        ca = Path(options.ca or stack.enter_context(tempfile.TemporaryDirectory(prefix="lapor-x-"))) / ("" if options.ca else "ca.pem")
        await simulator.start(port=options.port)
        try:
            await asyncio.to_thread(ca.write_bytes, simulator.ca_pem)
            introduce(simulator, ca, say)
            async with controlled(options.control, XVerbs(simulator).verbs(), say):
                await _typed(simulator, say)
                await asyncio.get_running_loop().create_future()
        finally:
            await simulator.stop()
    return 0


def introduce(simulator: XSimulator, ca: Path, say: Say) -> None:
    """Say where it is and what to set."""
    credentials = simulator.credentials
    say(f"a simulated X listens on 127.0.0.1:{simulator.port} in place of api.twitter.com and api.x.com")
    say("set in gateway.toml:")
    say("    [x]")
    say("    enabled = true")
    say(f'    user_id = "{simulator.world.account.id}"')
    say(f'    server = "127.0.0.1:{simulator.port}"')
    say(f'    ca = "{ca}"')
    say("and as secrets:")
    for name in ("bearer", "consumer_key", "consumer_secret", "access_token", "access_secret"):
        say(f"    LAPOR_X_{name.upper()}={getattr(credentials, name)}")
    say(HELP)


async def _typed(simulator: XSimulator, say: Say) -> None:
    async for line in typed_lines():
        try:
            act(simulator, line, say)
        except (Denied, ValueError) as error:
            say(str(error))


def act(simulator: XSimulator, line: str, say: Say) -> None:
    """Do what a typed line says. Denied or ValueError, with a sentence, for what cannot be done."""
    verb, _, rest = line.partition(" ")
    first, _, text = rest.strip().partition(" ")
    world = simulator.world
    if verb.startswith("@") and len(verb) > 1 and rest.strip():
        say(_posted(world.write(world.user(verb[1:]), rest.strip())))
    elif verb == "reply" and text.startswith("@"):
        handle, _, words = text.partition(" ")
        say(_posted(world.write(world.user(handle[1:]), words, reply_to=_post(world, first).id)))
    elif verb == "edit" and text:
        say(_posted(world.edit(_post(world, first), text)))
    elif verb == "delete" and first:
        world.delete(_post(world, first))
        say(f"{first}  deleted")
    elif verb == "fault" and first:
        simulator.faults.apply(first, int(text or 1))
    elif verb == "well":
        simulator.faults.clear()
        simulator.faults.choose = well
    else:
        say(HELP)


def _post(world: World, typed: str) -> Post:
    post = world.posts.get(int(typed)) if typed.isascii() and typed.isdigit() else None
    if post is None:
        raise Denied(f"there is no post {typed}")
    return post


def _posted(post: Post) -> str:
    return f"{post.id}  @{post.author.username}: {post.text}"
