"""What the alarms fetch now and then: workers, certificates, habits; a source that cannot be asked takes nothing along."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.smpp.bearer import LinkState
from forwarder.core.settings import CoreSettings
from forwarder.shared import SharedDown
from gateway.alarms.habit import HOUR_MS, WEEK_HOURS
from gateway.alarms.rounds import Rounds, certificates_of, ends
from gateway.gauges import binds_down
from gateway.settings import GatewaySettings
from parsers.errors import JournalError
from tests import virtual
from tests.alarms.watched import EPOCH_MS

DAY_MS = 86_400_000


def pem(days: int) -> bytes:
    """A certificate that ends so many days after the test's present."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kenari")])
    now = dt.datetime.fromtimestamp(EPOCH_MS / 1000, dt.UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    built = built.not_valid_before(now - dt.timedelta(days=4_000)).not_valid_after(now + dt.timedelta(days=days))
    return built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


class House:
    """As much of a gateway as the rounds look at."""

    def __init__(self, **settings: Any) -> None:
        self.ms = EPOCH_MS
        self.site = SimpleNamespace(settings=GatewaySettings(**settings), smpp=SimpleNamespace(operator=(), listener=()))
        self.bind = SimpleNamespace(state=LinkState.BOUND, since_ms=0)
        self.operators = {"satu": SimpleNamespace(status=lambda: [self.bind])}
        self.kept: dict[str, str] = {}
        self.ill = False
        self.counted = 0
        self.journal = SimpleNamespace(feed=self, lookout=self)

    def now_ms(self) -> int:
        return self.ms

    async def cursor(self, name: str) -> str | None:
        if self.ill:
            raise JournalError("ill")
        return self.kept.get(name)

    async def keep_cursor(self, name: str, value: str) -> None:
        if self.ill:
            raise JournalError("ill")
        self.kept[name] = value

    async def count(self, _: int) -> int:
        self.counted += 1
        if self.ill:
            raise JournalError("ill")
        return 0 if self.counted % 3 == 0 else 2_000

    async def last(self) -> dict[str, int]:
        return {"satu": self.ms - 5 * HOUR_MS}

    async def heard(self, _: int) -> dict[str, dict[int, int]]:
        return {"satu": dict.fromkeys(range(self.ms // HOUR_MS - 9 * WEEK_HOURS, self.ms // HOUR_MS), 20)}

    async def happened(self, _: int) -> list[Any]:
        if self.ill:
            raise JournalError("ill")
        return [SimpleNamespace(what="a second id", count=2)]


@pytest.mark.parametrize("days", [-1, 0, 20, 400])
def test_when_a_certificate_ends(tmp_path: Path, days: int) -> None:
    (tmp_path / "c.pem").write_bytes(pem(days))
    assert abs(ends(tmp_path / "c.pem", EPOCH_MS) - (EPOCH_MS + days * DAY_MS)) < 1_000


def test_of_a_list_of_authorities_the_last_counts(tmp_path: Path) -> None:
    (tmp_path / "c.pem").write_bytes(b"a comment\n" + pem(-30) + pem(90) + pem(5))
    assert ends(tmp_path / "c.pem", EPOCH_MS) > EPOCH_MS + 89 * DAY_MS


@pytest.mark.parametrize(
    "content", [None, b"", b"\0" * 100, b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", pem(5)[:200]]
)
def test_a_file_that_is_no_certificate_has_ended_now(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "c.pem").write_bytes(content)
    assert ends(tmp_path / "c.pem", EPOCH_MS) == EPOCH_MS


def test_certificates_are_named_as_the_settings_name_them(tmp_path: Path) -> None:
    house = House(core=CoreSettings(ca=tmp_path / "ca.pem", certificate=tmp_path / "c.pem", key=tmp_path / "k.pem"))
    house.site.smpp.operator = (SimpleNamespace(name="satu", tls=SimpleNamespace(ca=None, certificate=tmp_path / "o.pem")),)
    house.site.smpp.listener = (SimpleNamespace(listen=":2775", tls=None),)
    assert dict(certificates_of(house)) == {  # type: ignore[arg-type]
        "core certificate": tmp_path / "c.pem",
        "core ca": tmp_path / "ca.pem",
        "operator satu certificate": tmp_path / "o.pem",
    }


def live(house: House, seconds: float, seen: Any = None) -> Rounds:
    """The rounds of a house, after so many seconds of virtual time."""

    async def main() -> Rounds:
        rounds = Rounds(house, seen)  # type: ignore[arg-type]
        running = asyncio.create_task(rounds.run())
        await asyncio.sleep(seconds)
        assert not running.done(), running
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return rounds

    return virtual.run(main())


def test_the_silence_of_a_bound_operator_is_counted_from_its_last_message() -> None:
    house = House()
    rounds = live(house, 5)
    rounds.began_ms = 0
    assert rounds.missed()[("satu",)] == pytest.approx(100)
    house.ms += HOUR_MS
    assert rounds.missed()[("satu",)] == pytest.approx(120)


@pytest.mark.parametrize(("began", "bound", "hours"), [(0, 2, 2), (3, 0, 3), (1, 2, 1)])
def test_while_no_gateway_ran_and_no_bind_was_up_nothing_is_missed(began: int, bound: int, hours: int) -> None:
    house = House()
    rounds = live(house, 5)
    rounds.began_ms = house.ms - began * HOUR_MS if began else 0
    house.bind.since_ms = house.ms - bound * HOUR_MS if bound else 0
    assert rounds.missed()[("satu",)] == pytest.approx(20 * hours)


def test_an_operator_that_is_cut_off_or_in_maintenance_is_not_silent() -> None:
    house = House()
    rounds = live(house, 5)
    rounds.began_ms = 0
    for state in (LinkState.WAITING, LinkState.MAINTENANCE, LinkState.STOPPED):
        house.bind.state = state
        assert rounds.missed() == {}


@pytest.mark.parametrize(
    ("states", "down"),
    [
        ([LinkState.BOUND, LinkState.WAITING], {("satu", "0"): 0, ("satu", "1"): 1}),
        ([LinkState.MAINTENANCE], {("satu", "0"): 0}),
        ([LinkState.CONNECTING, LinkState.STOPPED], {("satu", "0"): 1, ("satu", "1"): 1}),
        ([], {("satu", "any"): 1}),  # he binds to us, and does not
    ],
)
def test_a_bind_that_should_be_up_and_is_not_is_down(states: list[LinkState], down: dict[tuple[str, ...], float]) -> None:
    binds = [SimpleNamespace(bind=str(number), state=state) for number, state in enumerate(states)]
    assert binds_down({"satu": SimpleNamespace(status=lambda: binds)}) == down  # type: ignore[dict-item]


def test_workers_that_live_are_counted_and_a_redis_that_is_away_is_no_worker_that_died() -> None:
    house = House()
    answers: list[Any] = [[EPOCH_MS - 1_000, EPOCH_MS - 4_999, EPOCH_MS - 6_000, 0]]

    async def seen() -> list[int]:
        if not answers:
            raise SharedDown("away")
        found: list[int] = answers.pop()
        return found

    assert live(house, 5, seen).workers == 2
    answers.append([0])
    assert live(house, 5, seen).workers == 0
    answers.append([EPOCH_MS])
    assert live(house, 20, seen).workers is None
    assert live(house, 5).workers is None


def test_a_backup_is_remembered_by_the_next_process() -> None:
    house = House()
    first = live(house, 5)
    assert (first.made_ms, first.verified_ms) == (EPOCH_MS, EPOCH_MS), "a journal without a backup is watched from now on"
    house.ms += 5 * DAY_MS
    second = live(house, 5)
    assert second.made_ms == EPOCH_MS
    asyncio.run(second.note_backup(house.ms))
    asyncio.run(second.note_verified(house.ms - DAY_MS))
    house.ms += DAY_MS
    third = live(house, 5)
    assert (third.made_ms, third.verified_ms) == (EPOCH_MS + 5 * DAY_MS, EPOCH_MS + 5 * DAY_MS)


@pytest.mark.parametrize("garbage", ["", "x", "-5", "1e99", "\u0661", "9" * 40])
def test_garbage_in_what_was_remembered_stops_nobody(garbage: str) -> None:
    house = House()
    house.kept = {"alarms/began": garbage, "alarms/backup made": garbage, "alarms/backup good": garbage}
    assert live(house, 60).happened == {"a second id": 2}


def test_a_bug_of_ours_in_one_source_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    house = House()
    house.site.smpp.operator = (object(),)  # no such thing has a name
    with caplog.at_level(logging.CRITICAL):
        assert live(house, 7_200).happened == {"a second id": 2}


def test_a_journal_that_is_ill_leaves_what_was_known() -> None:
    house = House()
    house.ill = True
    rounds = live(house, 300)
    assert rounds.happened == {}
    house.ill = False
    assert live(house, 60).happened == {"a second id": 2}
