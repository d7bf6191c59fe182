"""Every complaint of the labelled corpus, sent once by a citizen of its own: how many are filed with the one SMS that he paid for?

usage: python -m tests.gateway.corpus_road [--seed N] [--each N]

Twice: nobody answers what we ask back, and citizens answer as citizens do. A complaint that nobody was asked about is filed with one SMS;
one that was asked about is, too, when nobody answers: it waits, and goes on with a mark. What an answer costs is one SMS more.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import heapq
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from bench.machine import header
from forwarder.records import Composed
from tests.corpus import labelled
from tests.corpus.engine import TABLES
from tests.corpus.labelled import Labelled
from tests.gateway.street import MEMORY, Sms, Street, shipped, street

SEED = 2_611_281_708
MORNING_HOUR_UTC = 2  # 09:00 WIB
STEP_SECONDS = 300.0
OFTEN = 15  # messages, one a second, between two looks of the core's and the operator's
DAYS_MAX = 4  # a question of the evening, and one that nobody took, are over by then
GOAL_SHARE = 0.9
ANSWERING_SHARE = 0.6
ASKS = {"ask_region": "region", "ask_place": "place", "empty": "matter"}
WORDS: Mapping[str, Sequence[str]] = {
    "ask_region": ("1", "1", "2", "0", "ya", "nomor 1 pak", "kab agam"),
    "ask_place": ("di depan pasar, kab agam", "kota banjarbaru dekat masjid raya", "kecamatan matur", "rt 3 rw 1 desa sukamaju"),
    "empty": ("jalan rusak depan pasar", "lampu jalan mati di lubuk basung sudah 2 minggu", "air pdam tidak mengalir 3 hari"),
}
REPLY_MINUTES = (1, 2, 5, 20, 90, 300)


@dataclass(slots=True)
class Found:
    """What one run came to. `asked` are the citizens who were, by what they were asked first; `paid` how many SMS each wrote."""

    complaints: int = 0
    filed: int = 0
    held: Counter[str] = field(default_factory=Counter)
    """What was not filed, by where it lies; `command`: read as one, and answered."""
    asked: dict[str, str] = field(default_factory=dict)
    paid: Counter[str] = field(default_factory=Counter)
    waits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Seconds from the SMS to the core, by what was asked; `nothing` for the others."""
    breaks: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing was kept back; a greeting or a wish alone is labelled a complaint, and was answered as what it is."""
        return self.filed + self.held["command"] == self.complaints

    @property
    def unasked_share(self) -> float:
        """Of all, those who were not asked at all."""
        return 1 - len(self.asked) / self.complaints if self.complaints else 0.0

    def add(self, other: Found) -> None:
        """One more table's."""
        self.complaints += other.complaints
        self.filed += other.filed
        self.held += other.held
        self.asked |= other.asked
        self.paid += other.paid
        self.breaks += other.breaks
        for kind, waits in other.waits.items():
            self.waits[kind] += waits


class Walk:
    """One table's complaints, one citizen each; `random` draws who answers, None: nobody."""

    def __init__(self, it: Street, random: Random | None) -> None:
        self.it = it
        self.found = Found()
        self._random = random
        self._coming: list[tuple[int, str, str]] = []
        self._numbers: dict[str, tuple[str, int]] = {}
        it.shown = self._shown

    async def run(self, messages: Sequence[tuple[str, Labelled]]) -> Found:
        """All of them, and days afterwards."""
        for day, several in _by_day(messages):
            self._wait_until(day)
            for phone, message in several:
                await self._say(phone, message.text)
                self.found.complaints += 1
                self.it.house.time.pass_(1)
                if not self.found.complaints % OFTEN:
                    await self.it.turn()
            await self._rest()
        self._sum()
        return self.found

    def _wait_until(self, day: dt.date) -> None:
        began = dt.datetime.combine(day, dt.time(MORNING_HOUR_UTC), dt.UTC).timestamp() * 1000
        self.it.house.time.pass_(max(0.0, (began - self.it.now_ms) / 1000))

    async def _say(self, phone: str, text: str) -> None:
        verdict = await self.it.say(phone, text)
        self.found.paid[phone] += 1
        composed: Composed | None = verdict.composed
        if composed is not None and composed.complaint is not None and phone not in self._numbers:
            self._numbers[phone] = (composed.complaint.number, self.it.now_ms)

    def _shown(self, sms: Sms) -> None:
        if sms.kind not in ASKS:
            return
        self.found.asked.setdefault(sms.phone, ASKS[sms.kind])
        random = self._random
        if random is not None and random.random() < ANSWERING_SHARE:
            at_ms = sms.at_ms + random.choice(REPLY_MINUTES) * 60_000
            heapq.heappush(self._coming, (at_ms, sms.phone, random.choice(WORDS[sms.kind])))

    async def _rest(self) -> None:
        """Until nothing happens by itself any more."""
        until = self.it.now_ms + DAYS_MAX * 86_400_000
        while self.it.now_ms < until:
            await self.it.turn()
            while self._coming and self._coming[0][0] <= self.it.now_ms:
                _, phone, words = heapq.heappop(self._coming)
                await self._say(phone, words)
            if not self._coming and not self.it.busy():
                return
            self.it.house.time.pass_(STEP_SECONDS)

    def _sum(self) -> None:
        states = {
            str(number): (str(state), str(reason)) for number, state, reason in self.it.rows("SELECT number, state, reason FROM complaint")
        }
        for phone, (number, since_ms) in self._numbers.items():
            at_ms = self.it.filed_ms.get(number)
            if at_ms is None:
                self.found.held[" ".join(states[number])] += 1
                continue
            self.found.filed += 1
            self.found.waits[self.found.asked.get(phone, "nothing")].append((at_ms - since_ms) / 1000)
        commands = self.found.complaints - len(self._numbers)
        self.found.held += Counter(command=commands) if commands else Counter[str]()
        self.found.breaks += self.it.breaks()


def _by_day(messages: Sequence[tuple[str, Labelled]]) -> Iterator[tuple[dt.date, list[tuple[str, Labelled]]]]:
    days: dict[dt.date, list[tuple[str, Labelled]]] = defaultdict(list)
    for phone, message in messages:
        days[message.day].append((phone, message))
    yield from sorted(days.items())


def complaints(each: int = 1) -> list[tuple[str, Labelled]]:
    """The complaints that came by SMS, each `each`th of them, with the phone of a citizen."""
    chosen = [
        one
        for path in (labelled.TUNING, labelled.HELD_OUT)
        for one in labelled.read(path)
        if one.channel == "sms" and one.kind != "command"
    ]
    return [(f"62813{number:08d}", one) for number, one in enumerate(chosen[::each])]


async def _walk(folder: Path, table: str, messages: Sequence[tuple[str, Labelled]], random: Random | None) -> Found:
    desk, _ = shipped(folder)
    it = street(folder, f"{table}{random is None}.db", desk=replace(desk, table=TABLES[table]))
    try:
        return await Walk(it, random).run(messages)
    finally:
        await it.journal.close()


def run(messages: Sequence[tuple[str, Labelled]], seed: int | None) -> Found:
    """All tables; without a seed nobody answers."""
    found = Found()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        for table in TABLES:
            mine = [one for one in messages if one[1].table == table]
            found.add(asyncio.run(_walk(Path(name), table, mine, None if seed is None else Random(f"{seed}/{table}"))))
    return found


def _say(label: str, found: Found) -> None:
    kinds = Counter(found.asked.values())
    one = sum(count == 1 for count in found.paid.values())
    filed, paid = found.filed / found.complaints, one / found.complaints
    print(f"{label}: {found.filed} of {found.complaints} filed ({filed:.2%}), with one SMS paid {paid:.1%}")
    print(f"  not asked at all: {found.unasked_share:.1%}; asked: " + ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))
    print(f"  SMS paid: {dict(sorted(Counter(found.paid.values()).items()))}; not filed: {dict(found.held) or 'none'}")
    for kind, waits in sorted(found.waits.items()):
        ordered = sorted(waits)
        middle, most = ordered[len(ordered) // 2] / 60, ordered[-1] / 60
        print(f"  asked {kind:<8} {len(ordered):>5} waited {middle:7.1f} min (median), {most:7.1f} min at most")


def main() -> None:
    """Print both runs."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, default=SEED)
    options.add_argument("--each", type=int, default=1, metavar="N", help="only each N-th complaint")
    given = options.parse_args()
    print(header("corpus road", given.seed), flush=True)
    messages = complaints(given.each)
    silent, talking = run(messages, None), run(messages, given.seed)
    _say("nobody answers", silent)
    _say(f"{ANSWERING_SHARE:.0%} answer", talking)
    print(f"goal: all filed, or answered as a command, {'held' if silent.whole else 'MISSED'}, not asked ≥ {GOAL_SHARE:.0%} ", end="")
    print("held" if silent.unasked_share >= GOAL_SHARE else "MISSED")
    for one in (*silent.breaks, *talking.breaks):
        print(f"the ledger does not add up: {one}")


if __name__ == "__main__":
    main()
