"""Ten thousand long messages whose parts come shuffled, repeated and over two binds, under kills (RELIABILITY §1 #14).

In each wave 256 citizens share one reference, as phones that count to 255 do; nothing but the sender tells their parts apart. What the
core has must be, to the letter, what each of them wrote.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from adapters.smpp.parts import Cut
from adapters.smpp.profile import LongForm
from adapters.smpp.simulator import Mo
from parsers import charset
from tests.faults import rest
from tests.faults.kill_storm import Storm
from tests.faults.ledger import Verdict, judge
from tests.faults.length import Time, pick
from tests.faults.record import record

BUDGET_SECONDS = 160
SEED = 20261128
MESSAGES = pick(2_000, 10_000)
SENDERS = 256
KILLS = 30
WAVE_SECONDS_MAX = 300.0
WORDS = (
    *("lampu", "jalan", "mati", "sejak", "Senin", "di", "Lubuk", "Basung", "dekat", "pasar", "lama", "warga", "sudah", "lapor", "ke"),
    *("nagari", "belum", "ada", "yang", "datang"),
)
ODD = ("“parah”", "é", "😀", "—", "…")
MIXED = """
from dataclasses import replace
from forwarder.journal import documents
from gateway import cli
from parsers.model import Address
kept = documents.set_key
documents.set_key = lambda sealer, segment, concat: kept(sealer, replace(segment, source=Address(1, 1, "62811")), concat)
raise SystemExit(cli.main())
"""
"""Planted: a set is known by its reference alone."""


@dataclass(slots=True)
class Found:
    """What the waves came to."""

    messages: int = 0
    parts: int = 0
    deliveries: int = 0
    """Of parts, repeats included."""
    kills: int = 0
    unknown: int = 0
    verdict: Verdict | None = None

    @property
    def exact(self) -> int:
        """Messages that the core has once, to the letter."""
        return self.verdict.filed if self.verdict is not None else 0

    @property
    def mixed(self) -> int:
        """Texts at the core that nobody wrote so."""
        return len(self.verdict.strange) if self.verdict is not None else 0

    @property
    def good(self) -> bool:
        return self.verdict is not None and self.verdict.good and self.exact == self.messages


class Waves(Storm):
    """The peers and the gateway of the kill storm, with writers of long texts."""

    async def run_waves(self, messages: int, *, senders: int, kills: int, planted: str = "") -> Found:
        """Wave after wave; each is over when every part has its yes."""
        await self.smsc.start()
        self.gateway.write(await self.core.start())
        found, sent, accepted, time_is = Found(), list[str](), list[str](), Time(BUDGET_SECONDS)
        try:
            await self.gateway.start(planted=planted)
            killing = asyncio.ensure_future(self._kill(found, kills, planted))
            for wave in range(-(-messages // senders)):
                if time_is.up:
                    break
                mos = self._wave(wave, min(senders, messages - len(sent)), sent)
                found.parts += len(mos)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(WAVE_SECONDS_MAX):
                        while not all(mo.done.done() for mo in mos):
                            self._deal(mos)
                            await asyncio.sleep(0.1)
                accepted += {mo.bubble.text for mo in mos if mo.bubble is not None and mo.bubble.kept}
                found.deliveries += sum(mo.deliveries for mo in mos)
            killing.cancel()
            await asyncio.gather(killing, return_exceptions=True)
            await self.smsc.expect_binds(2, rest.QUIET_SECONDS)
            found.messages = len(sent)
            found.unknown = await rest.settle_by_hand(self.gateway, self.core)
            core = [entry.text for entries in self.core.stored.values() for entry in entries]
            found.verdict = judge(sent, accepted, core, await rest.on_desk(self.gateway))
        finally:
            await self.gateway.end(signal.SIGTERM)
            await self.smsc.stop()
            await self.core.stop()
        return found

    def _wave(self, wave: int, senders: int, sent: list[str]) -> list[Mo]:
        """Everybody writes at once, with one reference; the parts of all are shuffled and dealt to both binds."""
        mos: list[Mo] = []
        for number in range(senders):
            text = self._text(len(sent))
            sent.append(text)
            alphabet = charset.GSM7 if charset.fits_gsm7(text) else charset.UCS2
            self.smsc._reference = wave  # _compose takes the next one
            form = LongForm.SAR if wave % 4 == 3 else LongForm.UDH
            mos += self.smsc._compose(f"62812{number:07d}", text, Cut(alphabet, form, wide=wave % 2 == 1))
        self.random.shuffle(mos)
        self.smsc.faults.redeliver_next += senders // 8
        self.smsc.faults.duplicate_next += senders // 8
        for mo in mos:
            mo.bind = self.random.choice([bind.name for bind in self.smsc.bound] or ["a"])
            self.smsc._enqueue(mo)
        return mos

    def _deal(self, mos: list[Mo]) -> None:
        """Deal what waits for a bind that came back under another name to those that are there."""
        names = [bind.name for bind in self.smsc.bound]
        for mo in mos if names else ():
            if mo.bind not in names and not mo.done.done():
                mo.bind = self.random.choice(names)
        self.smsc.pump()

    def _text(self, number: int) -> str:
        words = [self.random.choice(WORDS) for _ in range(self.random.randint(30, 90))]
        if self.random.random() < 0.3:
            words.insert(self.random.randrange(len(words)), self.random.choice(ODD))
        return f"AGAM laporan nomor {number}: {' '.join(words)}, sekian nomor {number}"

    async def _kill(self, found: Found, kills: int, planted: str) -> None:
        for _ in range(kills):
            await asyncio.sleep(self.random.uniform(1.0, 4.0))
            await self.gateway.end(signal.SIGKILL)
            found.kills += 1
            await self.gateway.start(planted=planted)


def run(folder: Path, messages: int, *, senders: int = SENDERS, kills: int = KILLS, planted: str = "") -> Found:
    """So many long messages."""

    async def story() -> Found:
        return await Waves(folder, SEED).run_waves(messages, senders=senders, kills=kills, planted=planted)

    return asyncio.run(story())


def main() -> bool:
    """10,000 long messages; prints the figures."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lapor-long-") as folder:
        found = run(Path(folder), MESSAGES)
    print(found.verdict)
    record(
        "long_messages",
        seed=SEED,
        messages=found.messages,
        senders_sharing_a_reference=SENDERS,
        parts=found.parts,
        deliveries=found.deliveries,
        kills=found.kills,
        unknown_settled=found.unknown,
        exact=found.exact,
        mixed=found.mixed,
        lost=len(found.verdict.lost) if found.verdict else -1,
        doubled=len(found.verdict.doubled) if found.verdict else -1,
        seconds=time.monotonic() - began,
    )
    return found.good


if __name__ == "__main__":
    sys.exit(not main())
