"""SIGKILL while posts of X are read, filed and answered: each one complaint, each answered once.

`python -m tests.faults x_storm`; environment: KILLS (20 a night, 6 when a person waits), POSTS (4 a life), SEED (1708). X allows 100
answers in 15 minutes: more posts than that are filed, too, and answered after the storm is judged.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import asdict, dataclass
from random import Random

from gateway.demo.stage import Stage
from tests.faults.length import pick
from tests.faults.record import record

BUDGET_SECONDS = 90
LIFE_SECONDS = (0.2, 2.5)
SETTLE_SECONDS = 120.0
TROUBLES = ("jalan rusak parah", "lampu jalan mati", "air pdam mati 3 hari", "sampah menumpuk", "irigasi jebol", "sekolah bocor")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was posted, and what came of it; the promise is that all four agree."""

    kills: int
    posted: int
    filed: int
    doubled: int
    answered: int
    answered_twice: int

    @property
    def good(self) -> bool:
        """Nothing lost, nothing doubled, each answered and none twice."""
        return self.filed == self.answered == self.posted and not self.doubled and not self.answered_twice

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.posted} posts: filed {self.filed}, doubled {self.doubled}, "
            f"answered {self.answered}, twice {self.answered_twice}"
        )


async def storm(*, kills: int, posts: int, seed: int) -> Outcome:
    """Post, kill in the middle of it and start again, `kills` times; then wait until nothing moves any more."""
    random = Random(seed)
    written: list[str] = []
    async with Stage.set_up() as stage:
        x, core = stage.peers.x, stage.peers.core
        for life in range(kills):
            for _ in range(posts):
                written.append(await x.write(f"warga{len(written)}", _complaint(random, len(written))))
            await asyncio.sleep(random.uniform(*LIFE_SECONDS))
            await (core.fail("hang-after") if life % 2 else core.well())  # in every second life the core answers nothing that it files
            await stage.kill_gateway()
            await stage.start_gateway()
        await core.well()
        await _settled(stage, written)
        answers = [len(await x.answers(post)) for post in written]
        twice = sum(count > 1 for count in answers)
        filed, doubled = await core.filed(), await core.doubled()
        return Outcome(kills, len(written), filed, doubled, sum(count > 0 for count in answers), twice + await x.answered_twice())


def _complaint(random: Random, number: int) -> str:
    said = f"{random.choice(TROUBLES)} di jorong {number}"
    return random.choice((f"@lapor1708 {said}", f"@lapor1708 #aduanagam {said}", f"{said} #AduanAgam @LAPOR1708"))


async def _settled(stage: Stage, written: list[str]) -> None:
    """Until every post is filed and answered, or the time for it is over."""
    for _ in range(int(SETTLE_SECONDS * 2)):
        if await stage.peers.core.filed() >= len(written) and all([await stage.peers.x.answers(post) for post in written]):
            break
        await asyncio.sleep(0.5)
    await asyncio.sleep(3.0)  # a second answer would come about now


def main() -> bool:
    """The storm; prints its figures and says whether the promise held."""
    seed = int(os.environ.get("SEED", "1708"))
    outcome = asyncio.run(storm(kills=int(os.environ.get("KILLS", pick(6, 20))), posts=int(os.environ.get("POSTS", "4")), seed=seed))
    print(outcome)
    record("x_storm", seed=seed, **asdict(outcome))
    return outcome.good
