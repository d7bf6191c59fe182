"""A worker is frozen at one exact step, Redis is emptied, another worker takes over, the core says 'absent': then the first one thaws.

Nothing may be filed twice. Without the rule that a worker's own record must speak first, it is: `hasty` plants that.
"""

from __future__ import annotations

import asyncio
import signal
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.valkey import valkey
from tests.workers.site import Site

STEPS = (
    "before _ask",
    "asked",
    "after _ask",
    "before _note",
    "after _note",
    "before _post",
    "after _post",
    "before _say",
    "after _say",
)
ROWS = 40
PLANTED_SECONDS_MAX = 120.0
PLANTED = """
import os, pathlib, signal
from forwarder import worker as product
STEP, MARK = os.environ["STEP"], pathlib.Path(os.environ["MARK"])

def freeze(step):
    if step == STEP and not MARK.exists():
        MARK.touch()
        os.kill(os.getpid(), signal.SIGSTOP)

def around(name):
    whole = getattr(product.Worker, name)
    async def frozen(self, *args, **more):
        freeze("before " + name)
        try:
            return await whole(self, *args, **more)
        finally:
            freeze("after " + name)
    setattr(product.Worker, name, frozen)

for one in ("_ask", "_note", "_post", "_say"):
    around(one)
do = product.Shared.do
async def asked(self, *command):
    answer = await do(self, *command)
    if command[0] == "XADD":
        freeze("asked")
    return answer
product.Shared.do = asked
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one freeze came to."""

    step: str
    accepted: int
    filed: int
    doubled: int
    states: dict[str, int]

    @property
    def good(self) -> bool:
        return self.doubled == 0 and self.filed == self.accepted and self.states == {"filed": self.accepted}

    def __str__(self) -> str:
        return f"frozen {self.step:<13} accepted {self.accepted} = filed {self.filed}, doubled {self.doubled}, {self.states}"


async def freeze(step: str, seconds: float, *, hasty: bool = False) -> Outcome:
    """Freeze a worker at `step` for so long. `hasty` plants a gateway that believes the core's 'absent' before the worker spoke."""
    queue = {"batch_seconds": 1.0, "lost_seconds": 1.5, "offer_seconds": 1.5}
    with valkey() as server, tempfile.TemporaryDirectory(prefix="lapor-frozen-") as folder:
        mark = Path(folder, "mark")
        async with Site(Path(folder), server, core_seconds=lambda: 0.2, answer_seconds=4.0, can_look_up=True, queue=queue) as site:
            gateway = site.gateway()
            first = await site.worker("w1", planted=PLANTED, STEP=step, MARK=str(mark))
            await asyncio.sleep(1.0)
            await gateway.send(ROWS)
            await _until(mark.exists, 90)
            await asyncio.sleep(0.3)
            server.flush()
            await site.worker("w2")
            until = time.monotonic() + (PLANTED_SECONDS_MAX if hasty else seconds)
            while time.monotonic() < until and not (hasty and len(site.core.stored) == ROWS):
                await asyncio.sleep(0.2)
                if hasty:
                    for one in await gateway.journal.workers.unheard(100):
                        await gateway.journal.workers.forget(one.grant.worker)
            first.send_signal(signal.SIGCONT)
            await site.quiet(seconds=60, also=("unknown",))
            await asyncio.sleep(1.0)  # what thawed may still send
            accepted, filed, _, doubled = site.judge()
            return Outcome(step, accepted, filed, doubled, gateway.states())


async def _until(true: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError("the step was never reached")
        await asyncio.sleep(0.05)
