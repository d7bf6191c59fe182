"""`check --core`: one marked complaint, and every way in which a core can answer it, in words."""

from __future__ import annotations

import asyncio
import ssl
import tomllib
from pathlib import Path

import pytest

from forwarder.core.settings import CoreSettings
from forwarder.core.simulator import DIALECTS, TOKEN, CoreSimulator, Fault, scripted, settings_for
from gateway import simulate, trial
from gateway.settings import SHIPPED, GatewaySettings
from parsers.complaint import Disclosure
from tests.core.samples import peer, reaching
from tests.core.test_answer_table import OK, _Answers, _certificate

QUICK = {"connect_seconds": 1.0, "answer_seconds": 2.0}


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "LOOK_SECONDS", 0.0)


def tried(dialect: str, *faults: Fault, add: bool = True, **settings: object) -> tuple[bool, str, CoreSimulator]:
    """(whether it went well, the report in one line, the core)."""
    lines: list[str] = []

    async def run() -> tuple[bool, CoreSimulator]:
        simulator = CoreSimulator(scripted(faults), dialect=dialect, hang_seconds=3.0)
        try:
            core = reaching(dialect, await simulator.start(), **{**QUICK, **settings})
            return await trial.Trial(core, lines.append).run(Disclosure(), SHIPPED, add=add), simulator
        finally:
            await simulator.stop()

    good, simulator = asyncio.run(run())
    assert all(len(line) <= trial.COLUMNS for line in lines)
    report = " ".join(" ".join(lines).split())
    assert TOKEN not in report
    return good, report, simulator


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_a_core_that_works_is_explained_step_by_step(dialect: str) -> None:
    good, report, simulator = tried(dialect)
    assert good, report
    [first, *additions] = (entry for entries in simulator.stored.values() for entry in entries)
    assert first.text.startswith("UJI COBA: ini bukan aduan")
    assert (first.rahasia, first.telpon) == (True, "")
    assert first.number.startswith("UJI")
    assert [one.number for one in additions] == [f"{first.number}-2"]
    for words in (
        "127.0.0.1 is 127.0.0.1",
        "tls none",
        "HTTP 200: read: the body decides",
        "tracking id 7000001",
        "finds it by our number",
    ):
        assert words in report, report
    assert ("course" in report, "cannot be asked how" in report) == (True, dialect == "addstream")
    assert ("services 1 Jalan dan jembatan" in report) is dialect.startswith("georeport")
    assert ("appended to 7000001" in report) is (dialect != "addstream")
    assert "ask the core's people to archive 7000001" in report


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.UNAUTHORIZED, "HTTP 401: our_fault: something of ours is wrong; the gateway would stop filing and raise an alarm"),
        (Fault.UNAUTHORIZED, "Check the secret core_token"),
        (Fault.NOT_FOUND, "Nothing is at this address: check core.url"),
        (Fault.REDIRECT, "The address has moved"),
        (Fault.UNPROCESSABLE, "refused NO: HTTP 422"),
        (Fault.CONFLICT, "says that it has it already"),
        (Fault.BUSY, "certainly not taken"),
        (Fault.NO_ID, "an answer without a tracking id"),
        (Fault.GATEWAY, "unknown NO: HTTP 502. It may stand there all the same: look for its number"),
        (Fault.HTML, "a web page, not an answer"),
        (Fault.HANG_AFTER, "no answer in time"),
    ],
)
@pytest.mark.parametrize("dialect", ["addstream", "mapped", "georeport"])
def test_what_goes_wrong_is_named_with_its_remedy(dialect: str, fault: Fault, words: str) -> None:
    good, report, _ = tried(dialect, fault)
    assert not good
    assert words in report, report


def test_a_lost_answer_is_looked_for() -> None:
    good, report, _ = tried("mapped", Fault.GATEWAY)
    assert not good
    assert "look-up finds it by our number, as 7000001" in report


def test_a_look_up_that_finds_nothing_is_a_danger_and_said_so() -> None:
    good, report, _ = tried("addstream", add=False, lookup_url=None)
    assert good
    assert "look-up none is set" in report

    async def run() -> tuple[bool, list[str]]:
        lines: list[str] = []
        simulator, blind = CoreSimulator(), CoreSimulator()
        try:
            core = reaching(
                "addstream", await simulator.start(), **{**QUICK, "lookup_url": reaching("addstream", await blind.start()).lookup_url}
            )
            return await trial.Trial(core, lines.append).run(Disclosure(), SHIPPED, add=False), lines
        finally:
            await simulator.stop()
            await blind.stop()

    good, lines = asyncio.run(run())
    assert not good
    assert "So lost answers would be sent again and stand there twice" in " ".join(" ".join(lines).split())


def test_an_addition_that_is_not_taken_fails_the_trial() -> None:
    good, report, _ = tried("mapped", Fault.OK, Fault.UNPROCESSABLE)
    assert not good
    assert "addition NO: not taken" in report
    assert tried("mapped", Fault.OK, Fault.UNPROCESSABLE, add=False)[0], "nobody asked for one"


def test_services_that_the_core_does_not_have_are_named() -> None:
    _, report, _ = tried("georeport", georeport={"services": {"kesehatan": "77"}})
    assert "NO: not among them: 77; correct core.georeport.service_code and services" in report


def test_a_georeport_core_without_a_field_for_rahasia_gets_an_open_complaint() -> None:
    good, _, simulator = tried("georeport", georeport={"rahasia_field": ""}, add=False)
    assert good
    assert [entry.rahasia for entries in simulator.stored.values() for entry in entries] == [False]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://no-such-host.invalid", "1 name NO: no-such-host.invalid has no address here"),
        ("http://127.0.0.1:1", "2 connect NO: port 1: Connection refused"),
    ],
)
def test_a_core_that_cannot_be_reached_gets_nothing(url: str, words: str) -> None:
    lines: list[str] = []
    settings = CoreSettings(url=url, token="{x}", **QUICK)
    assert not asyncio.run(trial.Trial(settings, lines.append).run(Disclosure(), SHIPPED, add=False))
    assert words in " ".join(" ".join(lines).split())


@pytest.mark.parametrize(
    ("days", "trusted", "words"), [(1, True, "TLSv1.3, the certificate holds"), (1, False, "does not hold"), (-1, True, "does not hold")]
)
def test_the_certificate_is_looked_at_before_anything_is_sent(tmp_path: Path, days: int, *, trusted: bool, words: str) -> None:
    certificate, key = _certificate(tmp_path, days)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    serve, lines = _Answers(OK), []

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        async with peer(serve, context) as port:
            settings = CoreSettings(url=f"https://localhost:{port}/x", token="{x}", ca=certificate if trusted else None, **QUICK)
            await trial.Trial(settings, lines.append).run(Disclosure(), SHIPPED, add=False)

    asyncio.run(run())
    assert words in " ".join(" ".join(lines).split())
    assert serve.requests == (days > 0 and trusted)


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_what_the_simulator_tells_to_set_is_right(dialect: str) -> None:
    lines = simulate.core_table(settings_for(dialect, "http://127.0.0.1:1"))
    read = tomllib.loads("\n".join(lines))["core"]
    assert read["dialect"] == dialect.partition("-")[0]
    assert set(read) <= {entry.name for entry in GatewaySettings.__dataclass_fields__["core"].default_factory.__dataclass_fields__.values()}  # type: ignore[union-attr]
