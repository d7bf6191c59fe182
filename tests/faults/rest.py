"""After the last fault: wait until the gateway is quiet, let an officer settle what is unknown, and read what lies on the desk."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from forwarder.core.simulator import CoreSimulator
from parsers.errors import GatewayError
from tests.faults.gateway_process import GatewayProcess

QUIET_SECONDS = 180.0  # Ours: a shared machine may be slow, a test must not fail for it.
FILING = {"complaints": ("ready", "sending")}
ANSWERING = {"replies": ("due", "sending", "later")}


async def settle_by_hand(gateway: GatewayProcess, core: CoreSimulator) -> int:
    """Wait until only unknown ones are left, then look each up in the core, as an officer would; how many there were."""
    await quiet(gateway)
    numbers = await unknown(gateway)
    for number in numbers:
        stored = core.stored.get(number)
        how = {"move": "filed", "tracking_id": stored[0].tracking_id} if stored else {"move": "resend"}
        await gateway.ask("desk settle", numbers=[number], reason="looked up in the core", **how)
    await quiet(gateway)
    return len(numbers)


async def quiet(gateway: GatewayProcess, seconds: float = QUIET_SECONDS) -> None:
    """Until nothing is on its way to the core or to a citizen any more; GatewayError with what still is."""
    moving = FILING | (ANSWERING if gateway.replies else {})
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        holds: Any = (await gateway.ask("status"))["holds"]
        if not any(holds[noun].get(state) for noun, states in moving.items() for state in states):
            return
        await asyncio.sleep(0.1)
    raise GatewayError(f"not quiet after {seconds:.0f} s: {holds['complaints']}, replies {holds['replies']}")


async def unknown(gateway: GatewayProcess) -> list[str]:
    """The numbers of what the core may have or not."""
    waiting: Any = (await gateway.ask("desk list", state="unknown", limit=10_000))["waiting"]
    return [row["number"] for row in waiting]


async def on_desk(gateway: GatewayProcess) -> list[str]:
    """The texts of what waits for a person."""
    waiting: Any = (await gateway.ask("desk list", limit=10_000))["waiting"]
    shown: list[Any] = [await gateway.ask("desk show", number=row["number"]) for row in waiting]
    return [one["text"] for one in shown]


async def given_up(gateway: GatewayProcess) -> int:
    """Answers to citizens that are unknown: two deaths caught them on their way, and they are not sent a third time."""
    holds: Any = (await gateway.ask("status"))["holds"]
    return int(holds["replies"].get("unknown", 0))
