"""Two thousand hostile texts on every path: to the core to the letter, and harmless wherever else they show (RELIABILITY §4 F).

Paths: one SMS, a long SMS, a post of X as its page gives it, a hand-over by webhook. What XML cannot carry becomes U+FFFD, as documented;
nothing else may change. The desk shows the same text in JSON, masked as for a screen, and the log, at its most talkative, shows none of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import html
import io
import json
import logging
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random

from adapters.smpp.simulator import Simulator, SimulatorSettings
from adapters.webhook.simulator import SimulatedPartner
from forwarder.core.simulator import CoreSimulator
from gateway import control, settings, tables
from gateway.app import Gateway
from gateway.logs import QUIET, Mask, Readable
from gateway.notify import Notifier
from gateway.privacy import masked_text
from gateway.secrets import Secrets
from parsers import charset, post
from parsers.model import Post
from tests import hostile
from tests.faults.length import pick
from tests.faults.record import record
from tests.gateway.road import GATEWAY, OPERATOR, SECRETS, clocks
from tests.quiet import quiet
from tests.webhook.peers import KEY, MESSAGE

BUDGET_SECONDS = 100
SEED = 20261128
PARTNER = '[[webhook.partner]]\nname = "agam"\ntitle = "Aplikasi Agam"\nrate_per_minute = 6000\n'
US = post.Us("170800", "lapor1708")
CANARY = "KNRY"
PATHS = ("sms", "long", "post", "webhook")
PADDING = " dan seterusnya sampai ke ujung jalan itu" * 4
ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
QUIET_SECONDS = 120.0
AT_ONCE = 50


@dataclass(slots=True)
class Found:
    """What became of the texts."""

    lines: int = 0
    sent: Counter[str] = field(default_factory=Counter)
    exact: Counter[str] = field(default_factory=Counter)
    """At the core, or before a person, to the letter."""
    changed: list[str] = field(default_factory=list)
    exceptions: int = 0
    shown: int = 0
    """Texts looked at through the desk's JSON."""
    shown_wrong: list[str] = field(default_factory=list)
    log_leaks: int = 0
    log_unsafe: int = 0

    @property
    def good(self) -> bool:
        clean = not (self.changed or self.exceptions or self.shown_wrong or self.log_leaks or self.log_unsafe)
        return clean and self.sent == self.exact and self.shown > 0


class Listener(logging.Handler):
    """Everything that is logged, as a person would read it, and how often something was raised."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.text = io.StringIO()
        self.exceptions = 0
        self.setFormatter(Readable(Mask([KEY])))

    def emit(self, record: logging.LogRecord) -> None:
        self.exceptions += record.exc_info is not None
        self.text.write(self.format(record) + "\n")


class Stage:
    """A gateway with all its doors, its peers, and who writes."""

    def __init__(self, folder: Path, *, planted: bool) -> None:
        self.folder = folder
        self.found = Found()
        self.expect: dict[str, tuple[str, str]] = {}
        """Path and line by the text that the core must have."""
        self._planted = planted
        self._nonces = count()

    async def run(self, texts: Sequence[str]) -> Found:
        async with self._doors() as (gateway, smsc, core, address, partner):
            for path in PATHS:
                for at in range(0, len(texts), AT_ONCE):
                    send = {"sms": self._sms, "long": self._long, "post": self._post, "webhook": self._webhook}[path]
                    works = [
                        send(number, texts[number], (gateway, smsc, address, partner))
                        for number in range(at, min(at + AT_ONCE, len(texts)))
                    ]
                    await asyncio.gather(*works)
            await self._quiet(gateway)
            await self._compare(core)
        self.found.lines = len(texts)
        return self.found

    @contextlib.asynccontextmanager
    async def _doors(self) -> AsyncIterator[tuple[Gateway, Simulator, CoreSimulator, str, SimulatedPartner]]:
        smsc, core = Simulator(SimulatorSettings(receipts=False), clocks(), Random(SEED)), CoreSimulator()
        await smsc.start()
        toml = GATEWAY.format(core=await core.start(), wait=0.0) + PARTNER
        toml = toml.replace("[replies]\n", "[replies]\nenabled = false\n")
        (self.folder / "gateway.toml").write_text(toml, encoding="utf-8")
        (self.folder / "operators.toml").write_text(OPERATOR.format(name="satu", address=smsc.address), encoding="utf-8")
        site = settings.load(self.folder / "gateway.toml", Secrets({**SECRETS, "LAPOR_WEBHOOK_PARTNER_AGAM_KEY": KEY}), {})
        gateway = Gateway(site, tables.load(site), Notifier({}))
        run = asyncio.create_task(gateway.run())
        try:
            await smsc.expect_binds(2)
            address = f"http://127.0.0.1:{gateway.http._server.sockets[0].getsockname()[1]}"  # type: ignore[union-attr]
            now, nonce = (lambda: time.time_ns() // 1_000_000), (lambda: f"nonce-{next(self._nonces):012d}")
            yield gateway, smsc, core, address, SimulatedPartner("agam", KEY, now_ms=now, nonce=nonce)
        finally:
            gateway.stop()
            await run
            await smsc.stop()
            await core.stop()

    def _expected(self, path: str, line: str, text: str) -> None:
        self.found.sent[path] += 1
        read = json.loads(json.dumps(text)) if path in ("post", "webhook") else text  # of two halves of a character JSON makes one
        self.expect[ILLEGAL.sub("\ufffd", read)] = (path, line)

    async def _sms(self, number: int, line: str, peers: tuple[Gateway, Simulator, str, SimulatedPartner]) -> None:
        """What fits into one SMS of it."""
        text = f"AGAM s{number} {CANARY} {line}"
        with contextlib.suppress(charset.CharsetError):
            alphabet = charset.GSM7 if charset.fits_gsm7(text) else charset.UCS2
            while len(charset.split(text, alphabet, octets_max=160 if alphabet == charset.GSM7 else 140)) > 1:
                text = text[:-1]
            mos = peers[1].post_mo(f"62812{number:07d}", text)
            assert len(mos) == 1
            self._expected("sms", line, text)
            await mos[0].done

    async def _long(self, number: int, line: str, peers: tuple[Gateway, Simulator, str, SimulatedPartner]) -> None:
        text = f"AGAM l{number} {CANARY} {line}{PADDING} {line}"
        with contextlib.suppress(charset.CharsetError):
            mos = peers[1].post_mo(f"62813{number:07d}", text)
            assert len(mos) > 1
            self._expected("long", line, text)
            await asyncio.gather(*(mo.done for mo in mos))

    async def _post(self, number: int, line: str, peers: tuple[Gateway, Simulator, str, SimulatedPartner]) -> None:
        """As X would give it: escaped, in a page of JSON."""
        text = f"@lapor1708 AGAM p{number} {CANARY} jalan rusak {line}"
        item = {
            "id": f"19{number:017d}",
            "author_id": f"{7_000_000 + number}",
            "created_at": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "text": html.escape(text, quote=False),
            "entities": {"mentions": [{"start": 0, "end": 10, "username": "lapor1708", "id": "170800"}]},
        }
        page = json.loads(json.dumps({"data": [item]}))
        for one in post.items_of(page):
            read = post.read(one, post.includes_of(page), US, source="mentions", received_ms=time.time_ns() // 1_000_000)
            assert isinstance(read, Post)
            self._expected("post", line, text)
            await peers[0].intake.accept_posts([read])

    async def _webhook(self, number: int, line: str, peers: tuple[Gateway, Simulator, str, SimulatedPartner]) -> None:
        text = f"AGAM w{number} {CANARY} {line}"
        at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        answered = await peers[3].hand_in(
            peers[2], {**MESSAGE, "id": f"h-{number}", "text": text, "author": {"id": f"u-{number}"}, "at": at}
        )
        self._expected("webhook", line, text)
        assert answered.status == 202, answered

    async def _quiet(self, gateway: Gateway) -> None:
        end = time.monotonic() + QUIET_SECONDS
        while time.monotonic() < end:
            held = (await control.call(gateway.site.socket_path, "status"))["holds"]["complaints"]
            if not any(held.get(state) for state in ("ready", "sending", "unknown")):
                return
            await asyncio.sleep(0.1)

    async def _compare(self, core: CoreSimulator) -> None:
        socket = settings.socket_of(self.folder / "gateway.toml", {})
        waiting = (await control.call(socket, "desk list", limit=10_000))["waiting"]
        found = {}
        for entries in core.stored.values():
            found[entries[0].text[:-1] if self._planted and entries[0].number.endswith("A") else entries[0].text] = entries[0].number
        desk = {(await control.call(socket, "desk show", number=row["number"]))["text"] for row in waiting}
        for text, (path, line) in self.expect.items():
            there = text in found or masked_text(text) in desk
            self.found.exact[path] += there
            if not there:
                self.found.changed.append(f"{path}: {line!r}")
        for text, number in list(found.items())[::7]:
            shown = (await control.call(socket, "desk show", number=number))["text"]
            self.found.shown += 1
            if ILLEGAL.sub("\ufffd", shown) != masked_text(text) and not self._planted:
                self.found.shown_wrong.append(f"{text!r} is shown as {shown!r}")


def run(folder: Path, texts: Sequence[str], *, planted: bool = False) -> Found:
    """These texts on every path."""
    listener, root = Listener(), logging.getLogger()
    root.addHandler(listener)
    try:
        with quiet({"": logging.DEBUG, **QUIET}):  # as the gateway's own log is set up
            found = asyncio.run(Stage(folder, planted=planted).run(texts))
    finally:
        root.removeHandler(listener)
    log = listener.text.getvalue()
    found.exceptions = listener.exceptions
    found.log_leaks = log.count(CANARY)
    found.log_unsafe = len(UNSAFE.findall(log.replace("\n", "")))
    return found


def main() -> bool:
    """All lines; prints the figures."""
    began, texts = time.monotonic(), (*hostile.lines()[:: pick(8, 1)], *hostile.LONG)
    with tempfile.TemporaryDirectory(prefix="lapor-hostile-") as folder:
        found = run(Path(folder), texts)
    for one in [*found.changed, *found.shown_wrong][:20]:
        print(f"changed: {one[:300]}")
    record(
        "hostile_texts",
        seed=SEED,
        lines=found.lines,
        **{path: found.sent[path] for path in PATHS},
        exact=found.exact.total(),
        changed=len(found.changed),
        exceptions=found.exceptions,
        desk_shown=found.shown,
        desk_wrong=len(found.shown_wrong),
        log_leaks=found.log_leaks,
        log_unsafe=found.log_unsafe,
        seconds=time.monotonic() - began,
    )
    return found.good and found.lines >= pick(200, 2_000)


if __name__ == "__main__":
    sys.exit(not main())
