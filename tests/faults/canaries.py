"""Canaries on every road: what nobody but the core and the citizen may see is looked for wherever it could have stayed (RELIABILITY §4 G).

Two gateways, two workers, a Redis, operators and X, each a process of its own, at log level DEBUG; secrets as files of a credentials
directory, as systemd gives them. Canary numbers, handles, texts and a NIK come by SMS, long SMS, X and webhook, are filed by workers,
looked at, noted, exported and backed up, and make our own code fail, with its traceback. Then logs, what commands printed, metrics,
command lines and environments of all processes, journals, backups, records of workers, Redis' dump and the wheel are searched.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime as dt
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import aiohttp

from adapters.smpp.pdu import Outgoing
from adapters.webhook.simulator import SimulatedPartner
from bench.machine import ROOT
from forwarder.queue_settings import QueueSettings
from forwarder.shared import Shared
from gateway import control
from gateway.demo.cluster_stage import LETTERS, ClusterStage
from parsers.errors import GatewayError
from parsers.model import Address
from tests.faults.flock import Canary, Flock, Found, word
from tests.faults.record import record
from tests.valkey import Valkey

BUDGET_SECONDS = 60
SEED = 17
WAIT_SECONDS = 45.0
STARTS = 3
PARTNER = '[[webhook.partner]]\nname = "agam"\ntitle = "Aplikasi Agam"\nphones = true\nrate_per_minute = 6000\n'
FILED = {"SMS": "jalan rusak", "long SMS": "jembatan putus", "X": "lampu mati", "webhook": "sampah menumpuk"}
"""By road, what is written on it."""
ROADS = {*FILED, "webhook answered", "uncovered", "crash with traceback", "log at DEBUG"}
PLACES = {"log", "output", "metrics", "process", "journal", "redis", "backup", "file", "wheel"}
PARTED = "-- canaries: the next command"
COMMANDS = f"""
import json, sys
from gateway.cli import main
for line in json.load(sys.stdin):
    print({PARTED!r}, flush=True)
    try:
        main(line)
    except SystemExit:
        pass
    sys.stdout.flush()
"""
"""Runs the commands that it is given."""
BROKEN = "pecah"
"""A text with this word makes our own code fail in the middle of its reading."""
ENDING = "\nraise SystemExit(cli.main())\n"
CRASHING = f"""
from gateway import cli, composer
whole = composer.Composer.whole
def failing(self, message_id, complaint_id, one):
    text = one.octets.decode("latin-1")
    return dict()[text] if {BROKEN!r} in text else whole(self, message_id, complaint_id, one)
composer.Composer.whole = failing
"""
"""A mistake of ours in reading a text, whose error says what it was given, as Python's own do."""
LEAKING = (
    CRASHING
    + """
import logging
from gateway import intake
kept = intake.FrontDesk.accept
async def accept(self, batch):
    for item in batch:
        logging.getLogger("gateway.intake").debug("came", extra={"octets": getattr(item, "octets", b"").decode("latin-1")})
    return await kept(self, batch)
intake.FrontDesk.accept = accept
"""
)
"""The same, and a developer's forgotten line: it logs what came."""


class CanaryStage(ClusterStage):
    """The stage of many machines, with secrets in files, logs kept, and a gateway in which our own code fails when told to."""

    def __init__(self, folder: Path, program: str = CRASHING) -> None:
        super().__init__(folder)
        random = Random()  # new canaries each time
        self._program = program
        self.server = Valkey(folder, rdbcompression="no")
        self.redis = self.server.url
        self.logs: list[Path] = []
        self.webhook_key = f"kenari-{random.randrange(10**26):026d}"
        self.password = f"kn{random.randrange(10**6):06d}"
        for name, operator in self.operators.items():
            operator.settings = replace(operator.settings, name=name, passwords={"lapor1708": self.password})
        secrets = {name.removeprefix("LAPOR_").lower(): value for name, value in self._environment.items() if name.startswith("LAPOR_")}
        secrets |= {f"operator_{name}_password": self.password for name in self.operators} | {"webhook_partner_agam_key": self.webhook_key}
        secrets["core_token"] = "{KENARI" + f"{random.randrange(10**12):012d}" + "}"
        self.core._token = secrets["core_token"]
        secrets.pop("queue_redis", None)
        self.given = secrets
        self.flock = Flock(random, secrets)
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("LAPOR_")}

    async def _build(self) -> None:
        await asyncio.to_thread(self.server.start)
        await super()._build()
        for letter in LETTERS:
            toml = self.folder / letter / "gateway.toml"
            text = toml.read_text(encoding="utf-8").replace('level = "ERROR"', 'level = "DEBUG"\nstyle = "json"')
            toml.write_text(text + PARTNER, encoding="utf-8")
            credentials = self.folder / "credentials" / letter
            credentials.mkdir(parents=True)
            for name, value in {**self.given, "master_key": self._master_keys[letter]}.items():
                (credentials / name).write_text(value, encoding="utf-8")
        self.flock.secrets += tuple(word(f"master key {letter}", key) for letter, key in self._master_keys.items())
        self.flock.secrets += tuple(
            Canary(f"master key {letter}, raw", (base64.b64decode(key),)) for letter, key in self._master_keys.items()
        )

    async def _take_down(self) -> None:
        await super()._take_down()
        self.server.kill()

    async def _start(self, verb: str, letter: str, **_: str) -> asyncio.subprocess.Process:
        """As systemd starts it: secrets in files, nothing of them in the environment."""
        environment = {**self._environment, "CREDENTIALS_DIRECTORY": str(self.folder / "credentials" / letter)}
        program = ("-c", self._program + "from gateway import cli" + ENDING) if verb == "run" else ("-m", "gateway.cli")
        self.logs.append(self.folder / f"{verb}-{letter}-{len(self.logs)}.log")
        with self.logs[-1].open("wb") as log:
            command = (sys.executable, *program, verb, "--config", str(self.folder / letter / "gateway.toml"))
            return await asyncio.create_subprocess_exec(*command, env=environment, stdout=log, stderr=log)

    async def commands(self, letter: str, lines: Sequence[Sequence[str]]) -> list[bytes]:
        """Commands as an officer gives them, one after another in one process: all that each printed."""
        config = ("--config", str(self.folder / letter / "gateway.toml"))
        environment = {**self._environment, "CREDENTIALS_DIRECTORY": str(self.folder / "credentials" / letter)}
        given = json.dumps([[*line, *config] for line in lines])
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", COMMANDS),
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(WAIT_SECONDS):
            said, _ = await process.communicate(given.encode())
        return said.split(PARTED.encode() + b"\n")[1:]

    def port(self, letter: str) -> int:
        """Where its HTTP server listens, from its own log."""
        log = next(path for path in self.logs if path.name.startswith(f"run-{letter}"))
        lines = (json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{"))
        return next(int(line["http"]) for line in lines if line["event"] == "the gateway runs")

    def processes(self) -> Iterator[tuple[int, str]]:
        """Every process of the stage, children too: pid and role."""
        parents: dict[int, int] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                with contextlib.suppress(OSError):
                    parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        roots = {process.pid: f"gateway {letter}" for letter, process in self.gateways.items()}
        if self.workers is not None:
            roots[self.workers.pid] = "workers"
        for pid in parents:
            at: int | None = pid
            while at is not None and at not in roots:
                at = parents.get(at)
            if at is not None:
                yield pid, roots[at] + ("" if at == pid else ", a child")


@contextlib.asynccontextmanager
async def stage(folder: Path, program: str) -> AsyncIterator[CanaryStage]:
    """Everything runs; and is taken down."""
    made = CanaryStage(folder, program)
    try:
        await made._build()
        for _ in range(STARTS):  # who runs already is only waited for: a shared machine may be slow
            with contextlib.suppress(GatewayError):
                await made.start_gateway()
                break
        yield made
    finally:
        await made._take_down()


async def run(folder: Path, program: str = CRASHING) -> Found:
    """All roads, then the search."""
    found = Found()
    async with stage(folder, program) as made:
        found.said("all run")
        await send(made, found)
        found.said(f"sent, {made.filed} filed")
        await asyncio.gather(officers(made, found), metrics(made, found))
        await running(made, found)
        found.said("looked through while all run")
    stopped(made, found)
    return found


async def send(made: CanaryStage, found: Found) -> None:
    """Everything that citizens write, on every road; until it is filed."""
    flock, operators = made.flock, list(made.operators.values())
    sender = f"62{flock.sms}"
    await operators[0].send_mo(sender, flock.text("jalan rusak"))
    await asyncio.gather(*(mo.done for mo in operators[1].post_mo(sender, flock.text("jembatan putus") + " dan seterusnya" * 12)))
    await operators[1].send_mo(sender, f"STATUS {flock.words}")
    await operators[0].send_mo(f"62{flock.sms}", flock.text(BROKEN))
    operators[0].faults.broken_tlv_next = True
    operators[0].post(Outgoing(Address(1, 1, sender), Address(0, 1, "1708"), flock.text("tidak terbaca").encode()[:140]))
    made.post(flock.handle, f"@lapor1708 #aduanagam lampu mati {flock.words} hub 0{flock.sms}")
    partner = SimulatedPartner(
        "agam", made.webhook_key, now_ms=lambda: time.time_ns() // 1_000_000, nonce=lambda: f"nonce-{os.urandom(8).hex()}"
    )
    answered = await partner.hand_in(
        f"http://127.0.0.1:{made.port('A')}",
        {
            "id": "m-1",
            "text": flock.text("sampah menumpuk"),
            "author": {"id": flock.account, "phone": f"+62{flock.author}"},
            "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        },
    )
    deadline = time.monotonic() + WAIT_SECONDS
    while len(gone(made)) < len(FILED) and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    found.roads += gone(made)
    found.roads += ["webhook answered"] if answered.status == 202 else []


def gone(made: CanaryStage) -> list[str]:
    """The roads by which a canary came to the core."""
    filed = [entry.text for entries in made.core.stored.values() for entry in entries]
    return [road for road, words in FILED.items() if any(words in text and made.flock.words in text for text in filed)]


async def officers(made: CanaryStage, found: Found) -> None:
    """What officers do, and what they see: everything but the uncovered page is searched."""
    listed: Any = await control.call(made._socket("A"), "desk list", limit=100)
    held = [row["number"] for row in listed["waiting"]][:1]
    ours = [number for number in made.core.stored if number[1:2] == "A"][:1]
    quoted = f"kata warga {made.flock.text('catatan')}"
    lines = [("desk", "settle", number, "--note", "--reason", quoted) for number in held]
    lines += [("desk", "show", number) for number in (*held, *ours)]
    lines += [("breach", "--since", "1h", "--csv"), ("audit", "show"), ("route", "unmatched", "--least", "1"), ("status",)]
    lines += [("journal", "backup", str(made.folder / "backups")), ("route", "rehearse", "file", "--since", "1d"), ("desk", "list")]
    uncovering = [("desk", "show", number, "--reveal", "--reason", "the canaries are counted") for number in ours]
    said = await made.commands("A", [*lines, *uncovering])
    found.roads += (
        ["uncovered"] if any(made.flock.words.encode() in one and b"wants_reason" not in one for one in said[len(lines) :]) else []
    )
    for line, printed in zip(lines, said, strict=False):
        # a desk shows the words, masked; and the officer's reason quotes them, in the audit too
        quoting = line[:2] in (("desk", "show"), ("audit", "show"))
        persons = [one for one in made.flock.persons if one.name != "text"] if quoting else made.flock.persons
        found.search("output", " ".join(line), printed, (*persons, *made.flock.secrets))


async def metrics(made: CanaryStage, found: Found) -> None:
    """The metrics page of each gateway, and both health pages."""
    async with aiohttp.ClientSession() as session:
        for letter in LETTERS:
            for path in ("metrics", "healthz", "readyz"):
                async with session.get(f"http://127.0.0.1:{made.port(letter)}/{path}") as answer:
                    found.search("metrics", f"{letter}/{path}", await answer.read(), made.flock.all)


async def running(made: CanaryStage, found: Found) -> None:
    """What can be looked at while all runs: processes, journals with their logs, Redis."""
    for pid, role in made.processes():
        for name in ("environ", "cmdline"):
            with contextlib.suppress(OSError):
                found.search("process", f"{role}: {name}", _octets(Path(f"/proc/{pid}/{name}")), made.flock.all)
    for path in sorted(made.folder.glob("*/state/*")):
        if path.is_file():
            found.search("journal", str(path.relative_to(made.folder)), _octets(path), made.flock.all)
    shared = Shared(QueueSettings(redis=made.redis))
    try:
        await shared.do("SAVE")
    finally:
        await shared.close()
    found.search("redis", "dump.rdb", _octets(made.folder / "dump.rdb"), made.flock.all)


def _octets(path: Path) -> bytes:
    return path.read_bytes()


def stopped(made: CanaryStage, found: Found) -> None:
    """What is left when all has ended: logs, every file but the credentials, and the wheel."""
    for path in sorted(made.folder.rglob("*")):
        if path.is_file() and "credentials" not in path.relative_to(made.folder).parts:
            kind = "log" if path.suffix == ".log" else "backup" if "backups" in path.parts else "file"
            found.search(kind, str(path.relative_to(made.folder)), path.read_bytes(), made.flock.all)
    logs = "".join(path.read_text(encoding="utf-8", errors="replace") for path in made.logs)
    found.tracebacks = len(re.findall(r"\"traceback\"", logs))
    found.roads += ["crash with traceback"] if "KeyError" in logs else []
    found.roads += ["log at DEBUG"] if '"level": "debug"' in logs else []
    wheel(made, found)


def wheel(made: CanaryStage, found: Found) -> None:
    """The wheel of this tree, unpacked: no canary, and no key of the tests."""
    import zipfile  # noqa: PLC0415 - here alone

    from tests.gateway.road import SECRETS  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="lapor-wheel-") as name:
        command = (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", name)
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
        ours = [one for one in made.flock.all if " x_" not in one.name]  # the simulated X ships with its logins
        keys = (*ours, word("master key of the tests", SECRETS["LAPOR_MASTER_KEY"]))
        for path in Path(name).glob("*.whl"):
            with zipfile.ZipFile(path) as packed:
                for member in packed.namelist():
                    found.search("wheel", member, packed.read(member), keys)
    if not found.places["wheel"]:
        print(f"no wheel was made: {done.stderr[-300:]}")


def main() -> bool:
    """One run; prints what was found."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lapor-canaries-") as folder:
        found = asyncio.run(run(Path(folder)))
    for hit in found.hits:
        print(f"found: {hit}")
    missed = ROADS - set(found.roads), PLACES - set(found.places)
    print(f"roads not gone {sorted(missed[0]) or 'none'}, places not searched {sorted(missed[1]) or 'none'}")
    record(
        "canaries",
        seed=SEED,
        hits=len(found.hits),
        roads=len(set(found.roads)),
        places=found.places.total(),
        megabytes=found.octets / 2**20,
        tracebacks=found.tracebacks,
        seconds=time.monotonic() - began,
    )
    return not found.hits and missed == (set(), set())


if __name__ == "__main__":
    sys.exit(not main())
