"""What goes wrong on this day, and when: drawn once, from the seed. Each fault begins, and most of them end by themselves.

Swizzle-clogging is FoundationDB's: peers are clogged one by one, and unclogged in another order (documentation/testing.rst).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from tests.sim.house import House
from tests.sim.road import Road
from tests.sim.smsc import Smsc
from tests.sim.world import World

HOUR_MS = 3_600_000
FAULTS = (6, 12)
KILLS = (1, 4)
STEPS: Mapping[str, int] = {"-1 h": -HOUR_MS, "+1 h": HOUR_MS, "+1 day": 24 * HOUR_MS, "-1 day": -24 * HOUR_MS, "-2 s": -2_000}
MENUS = ("losing answers", "broken", "busy", "locked", "lying", "flapping")
MOODS = ("silent", "busy", "late", "falling")
REFUSALS = (0x05, 0x0D, 0x08)
FUSES: Mapping[str, int] = {"commit": 30, "wire": 40, "core": 15, "disk": 150}  # up to so many of these before the kill


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens `at` seconds of active time into the day."""

    at: float
    name: str
    do: Callable[[], None]


class Weather:
    """Draws the faults of a day and carries them out."""

    def __init__(self, world: World, house: House, active: float) -> None:
        self.world = world
        self.house = house
        self.random: Random = world.random("weather")
        self._active = active
        self._calm = False

    def draw(self) -> list[Event]:
        """All of them, in the order of time."""
        random = self.random
        kinds = (self._smsc, self._smsc, self._core, self._core, self._x, self._disk, self._clock, self._swizzle, self._restart)
        events = [self._event("fault", random.choice(kinds)) for _ in range(random.randrange(FAULTS[0], FAULTS[1] + 1))]
        events += [self._event("kill", self._kill) for _ in range(random.randrange(KILLS[0], KILLS[1] + 1))]
        return sorted(events, key=lambda event: event.at)

    def clear(self) -> None:
        """The faults stop: everything works from now on, and the clock is right."""
        self._calm = True
        house = self.house
        house.fuses.clear()
        house.disk.fuse = None
        house.disk.heal()
        house.peers.heal()
        if house.life is not None:
            house.life.hands.slow = (0.0005, 0.004)
        self._set_clock(0)
        self.world.note("weather", "clears up")

    def _event(self, name: str, do: Callable[[], None]) -> Event:
        return Event(self.random.uniform(5.0, self._active - 5.0), name, do)

    def _until(self, low: float, high: float, end: Callable[[], None]) -> None:
        """It ends by itself, after a while."""
        self.world.later(self.random.uniform(low, high), self._end, end)

    def _end(self, end: Callable[[], None]) -> None:
        if not self._calm:
            end()

    # ── peers ──

    def _smsc(self) -> None:
        smsc = self.random.choice(tuple(self.house.peers.smscs.values()))
        what = self.random.choice(("drop", "down", "mood", "mood", "refuse"))
        match what:
            case "drop":
                self.world.fault("smsc drops", smsc.name)
                smsc.drop()
            case "down":
                self.world.fault("smsc is down", smsc.name)
                smsc.go_down()
                self._until(20, 900, lambda: _up(smsc))
            case "mood":
                smsc.mood = self.random.choice(MOODS)
                self.world.fault(f"smsc is {smsc.mood}", smsc.name)
                self._until(10, 150, lambda: _well(smsc))
            case _:
                smsc.refuses = self.random.choice(REFUSALS)
                self.world.fault("smsc refuses binds", f"{smsc.name} 0x{smsc.refuses:02x}")
                smsc.drop()
                self._until(10, 120, lambda: _welcome(smsc))

    def _core(self) -> None:
        core = self.house.peers.core
        if self.random.random() < 0.25:
            self.world.fault("core is gone")
            core.road.down = True
            self._until(30, 3_600, lambda: _up(core))
            return
        core.menu = self.random.choice(MENUS)
        self.world.fault(f"core is {core.menu}")
        self._until(15, 240, lambda: _good(core))

    def _x(self) -> None:
        timeline = self.house.peers.timeline
        timeline.mood = self.random.choice(("silent", "busy"))
        self.world.fault(f"x is {timeline.mood}")
        self._until(30, 300, lambda: _well(timeline))

    def _swizzle(self) -> None:
        """Clog one by one, unclog in another order."""
        roads = self.house.peers.roads
        chosen = self.random.sample(roads, self.random.randrange(1, len(roads) + 1))
        self.world.fault("swizzle", ",".join(road.name for road in chosen))
        for road in chosen:
            self.world.later(self.random.uniform(0, 20), self._clog, road)
        for road in self.random.sample(chosen, len(chosen)):
            self._until(25, 150, road.unclog)

    def _clog(self, road: Road) -> None:
        if not self._calm:
            road.clog()

    # ── the host ──

    def _disk(self) -> None:
        disk = self.house.disk
        what = self.random.choice(("full", "floor", "write", "sync", "sync", "slow"))
        self.world.fault(f"disk: {what}")
        if what == "slow":
            life = self.house.life
            if life is not None:
                life.hands.slow = self.random.choice(((0.5, 2.0), (5.0, 40.0)))
                self._until(20, 90, lambda: _quick(self.house))
            return
        if what == "full":
            disk.full = True
        elif what == "floor":
            disk.free = 0
        else:
            disk.failing = what
        self._until(0.01 if self.random.random() < 0.5 else 3, 40, disk.heal)

    def _clock(self) -> None:
        name = self.random.choice(tuple(STEPS))
        self.world.fault(f"clock steps {name}")
        self._set_clock(self.world.step_ms + STEPS[name])
        if self.random.random() < 0.6:
            self._until(5, 300, self._right_clock)

    def _right_clock(self) -> None:
        self.world.note("clock", "is set right")
        self._set_clock(0)

    def _set_clock(self, step_ms: int) -> None:
        """A step that no process sees, because none runs, cannot be told from a long absence."""
        day, self.world.step_ms = abs(step_ms - self.world.step_ms) > HOUR_MS, step_ms
        if day:
            self.house.clock_stepped()

    def _kill(self) -> None:
        """Now, or at one of the next commits, answers, records at the core, or writes of the disk."""
        house, random = self.house, self.random
        house.power_cut = random.random() < 0.4
        house.down_seconds = random.choice((0.5, 2.0, 10.0, random.uniform(30.0, 900.0)))
        how = random.choice(("now", *FUSES))
        if how == "now":
            if house.life is not None:
                self.world.fault("kill: now")
                house.kill()
        elif how == "disk":
            house.disk.fuse = random.randrange(1, FUSES[how])
        else:
            house.fuses[how] = random.randrange(1, FUSES[how])

    def _restart(self) -> None:
        """Somebody stops it in order and starts it again."""
        life = self.house.life
        if life is not None:
            self.world.fault("restart")
            self.house.restart()


def _up(peer: object) -> None:
    peer.road.down = False  # type: ignore[attr-defined]


def _well(peer: object) -> None:
    peer.mood = "well"  # type: ignore[attr-defined]


def _good(core: object) -> None:
    core.menu = "well"  # type: ignore[attr-defined]


def _welcome(smsc: Smsc) -> None:
    smsc.refuses = 0


def _quick(house: House) -> None:
    if house.life is not None:
        house.life.hands.slow = (0.0005, 0.004)
