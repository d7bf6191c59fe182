"""The national core: stores complaints, answers in every way of its menu, and keeps the truth of what it stored.

Between it and the real AddStream stands `CoreWay` in the place of the HTTP client: it knows, as that does, whether bytes went.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from lxml import etree

from forwarder.core.contract import NotFiled, Refused, Unknown, answer_table, outcome_of
from forwarder.core.settings import CoreSettings
from forwarder.core.transport import Body
from tests.sim.ledger import Ledger, Record, read
from tests.sim.road import Lane, Owner, Road
from tests.sim.world import World

LOOK_UP = "https://core.example/lookup?nomor={number}"
URL = "https://core.example/api/stream/addstream"
HANG_SECONDS = 70.0  # longer than we wait, shorter than we wait before we believe that nothing is there
MENUS: Mapping[str, Mapping[str, float]] = {
    "well": {"file": 1.0},
    "losing answers": {"file": 0.4, "hang before": 0.15, "hang after": 0.15, "reset before": 0.15, "reset after": 0.15},
    "broken": {"file": 0.3, "500 before": 0.25, "500 after": 0.25, "503": 0.2},
    "busy": {"file": 0.4, "429": 0.4, "503": 0.2},
    "locked": {"401": 1.0},
    "lying": {"file": 0.5, "another's id": 0.2, "no id": 0.1, "400 after": 0.1, "web page": 0.1},
    "flapping": {"file": 0.5, "503": 0.2, "refuse": 0.2, "500 before": 0.1},
}
_NUMBER = re.compile(r"nomor=(\w+)")


Answer = Body | NotFiled | Refused | Unknown


@dataclass(slots=True)
class Call:
    """One POST whose bytes went."""

    octets: bytes
    future: asyncio.Future[Answer]


def _filed(tracking_id: str) -> Body:
    return Body(200, f"<lapor><trackingid>{tracking_id}</trackingid><transaksiid>t{tracking_id}</transaksiid></lapor>".encode())


_SAID: Mapping[str, Answer | None] = {
    "no id": Body(200, b"<lapor><pesan>terima kasih</pesan></lapor>"),
    "web page": Body(200, b"<html><body>Sedang pemeliharaan</body></html>"),
    "refuse": NotFiled("no connection: ClientConnectorError"),
    "reset before": Unknown("the answer broke off: ServerDisconnectedError"),
    "reset after": Unknown("the answer broke off: ServerDisconnectedError"),
    "hang after": None,
}


def _arrive(call: Call, answer: Answer) -> None:
    if not call.future.done():
        call.future.set_result(answer)


class Core:
    """`menu` is how it does now; `hearers` hear of every record before the answer leaves."""

    def __init__(self, world: World, ledger: Ledger, filed: Callable[[], Collection[str]], *, can_look_up: bool) -> None:
        self.world = world
        self.road = Road(world, "core")
        self.random = world.random("core")
        self.menu = "well"
        self.can_look_up = can_look_up
        self.posts = 0
        self.hearers: list[Callable[[], None]] = []
        self._ledger = ledger
        self._filed = filed
        self._last = 7_000_000
        self._table = answer_table()

    def post(self, call: Call) -> None:
        """A request has arrived whole."""
        self.posts += 1
        menu = MENUS[self.menu]
        what = self.random.choices(list(menu), list(menu.values()))[0]
        if what != "file":
            self.world.faults[f"core: {what}"] += 1
        wait = self.random.uniform(0.02, 0.4)
        match what:
            case "hang before":
                self.world.later(self.random.uniform(31.0, HANG_SECONDS), self._file, call, "late")
            case "refuse" | "401" | "503" | "429" | "500 before" | "reset before" | "web page":
                self.world.later(wait, self._say, call, what)
            case _:
                self.world.later(wait, self._file, call, what)

    def _file(self, call: Call, how: str) -> None:
        root = etree.fromstring(call.octets)
        number, text = read(root.findtext("laporan/isi") or "")
        self._last += 1
        record = self._ledger.store(number, str(self._last), text, root.findtext("pelapor/telpon") or "")
        self.world.note("core", f"stores {number} as {record.tracking_id} ({record.token}), then: {how}")
        for hear in self.hearers:
            hear()
        self._say(call, how, record)

    def _say(self, call: Call, how: str, record: Record | None = None) -> None:
        """Answer, if anybody still listens."""
        if call.future.done():
            return
        answer = self._answers(how, record)
        if answer is not None:
            self.road.carry(Lane(), _arrive, call, answer)

    def _answers(self, how: str, record: Record | None) -> Answer | None:
        """What is said; None for a core that hangs."""
        own = record.tracking_id if record is not None else ""
        if how[:3].isdigit():
            return outcome_of(self._table[int(how[:3])], int(how[:3]), None)
        if how == "another's id":
            others = list(self._filed()) or [own]
            own = others[self.random.randrange(len(others))]
        return _SAID[how] if how in _SAID else _filed(own)

    def look_up(self, number: str) -> Body | Unknown:
        """What the core says of a number of ours."""
        if self.menu == "broken" and self.random.random() < 0.5:
            return Unknown("ServerDisconnectedError")
        under = self._ledger.records.get(number)
        found = f"<trackingid>{under[0].tracking_id}</trackingid>" if under else ""
        return Body(200, f"<lapor><nomor>{number}</nomor>{found}</lapor>".encode())

    def heal(self) -> None:
        self.menu, self.road.down = "well", False
        self.road.unclog()


class CoreWay:
    """forwarder.core.transport.Transport for one life of the gateway."""

    def __init__(self, core: Core, owner: Owner, settings: CoreSettings) -> None:
        self._core = core
        self._owner = owner
        self._settings = settings

    async def post(self, octets: bytes) -> Answer:
        if not await self._connect():
            return NotFiled("no connection: ConnectionTimeoutError")
        core = self._core
        call = Call(octets, core.world.loop.create_future())
        core.road.carry(Lane(), core.post, call)
        try:
            async with asyncio.timeout(self._settings.answer_seconds):
                return await call.future
        except TimeoutError:
            return Unknown("no answer in time")

    async def get(self, url: str) -> Body | Unknown:
        found = _NUMBER.search(url)
        if not await self._connect() or found is None:
            return Unknown("ConnectionTimeoutError")
        await asyncio.sleep(self._core.random.uniform(0.02, 0.2))
        return self._core.look_up(found[1])

    async def status(self, _url: str) -> int | None:
        if not await self._connect():
            return None
        await asyncio.sleep(0.05)
        return {"locked": 200, "broken": 500 if self._core.random.random() < 0.5 else 200}.get(self._core.menu, 200)

    async def close(self) -> None:
        """Nothing is pooled."""

    async def _connect(self) -> bool:
        road = self._core.road
        try:
            async with asyncio.timeout(self._settings.connect_seconds):
                await road.passable()
                await asyncio.sleep(road.random.uniform(0.001, 0.01))
        except TimeoutError:
            return False
        return self._owner.alive and not road.down
