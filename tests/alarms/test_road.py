"""Alarms of a gateway that runs: in `status`, in `alarms`, on the page of metrics, over when all is well, and again after a restart."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from adapters.smpp.simulator import Simulator, SimulatorSettings
from gateway import control, settings, tables
from gateway.alarms.rules import rules
from gateway.app import Gateway
from gateway.notify import Notifier
from gateway.secrets import Secrets
from gateway.settings import GatewaySettings
from tests.gateway.road import SECRETS, Road, clocks
from tests.gateway.test_cli import alapor, lapor

LIMITS = """
[alarms]
bind_down_seconds = 0.5
clear_seconds = 1.0
look_seconds = 1.0
disk_low_octets = 0
"""


def with_limits(road: Road) -> str:
    path = road.folder / "gateway.toml"
    path.write_text(path.read_text(encoding="utf-8") + LIMITS, encoding="utf-8")
    return str(path)


@contextlib.asynccontextmanager
async def running(road: Road) -> AsyncIterator[Gateway]:
    """A gateway, bound or not."""
    site = settings.load(road.folder / "gateway.toml", Secrets(SECRETS), {})
    gateway = Gateway(site, tables.load(site), Notifier({}))
    task = asyncio.create_task(gateway.run())
    try:
        async with asyncio.timeout(20):
            while "started" in gateway.health.report().findings:
                await asyncio.sleep(0.05)
        yield gateway
    finally:
        gateway.stop()
        async with asyncio.timeout(20):
            await task


async def active(gateway: Gateway) -> list[dict[str, Any]]:
    found: Any = await control.call(gateway.site.socket_path, "alarms")
    return list(found["active"])


async def until(gateway: Gateway, *wanted: str) -> dict[str, str]:
    """Wait until exactly these codes stand; what each says."""
    async with asyncio.timeout(90):
        while True:
            found = {row["code"]: row["says"] for row in await active(gateway)}
            if set(found) == set(wanted):
                return found
            await asyncio.sleep(0.1)


async def looks_like_trouble(gateway: Gateway, config: str) -> None:
    """The operator is away: every place that shows alarms shows these."""
    page = gateway.metrics.page().decode()
    assert 'lapor_alarm{about="satu",code="A02"} 1.0' in page
    assert 'lapor_alarm{about="satu/trx1",code="A01"} 1.0' in page
    shown = await alapor("alarms", "--config", config)
    assert shown.returncode == 1, "one is critical"
    assert shown.stdout.startswith("  A02  critical  no bind of operator satu is up: ")
    assert "first: `lapor-gateway bind OPERATOR --once`" in shown.stdout
    machine = await alapor("alarms", "--json", "--config", config)
    assert [row["code"] for row in json.loads(machine.stdout)["active"]] == ["A02", "A01", "A01"]
    status = await alapor("status", "--config", config)
    assert status.returncode == 0
    assert status.stdout.startswith("ALARMS ")
    assert "  A02  critical  " in status.stdout.partition("\n\nBINDS")[0]
    listed = json.loads((await alapor("status", "--json", "--config", config)).stdout)["alarms"]
    assert [row["code"] for row in listed] == ["A02", "A01", "A01"]


def test_an_operator_that_goes_is_an_alarm_everywhere_and_over_when_it_is_back(tmp_path: Path) -> None:
    async def story() -> None:
        road = Road(tmp_path)
        async with road.peers():
            config = with_limits(road)
            port = int(road.operator.address.rpartition(":")[2])
            async with running(road) as gateway:
                assert set(gateway.metrics.unread) <= {"lapor_ledger_gap"}, "a metric that nobody reads"
                await road.operator.expect_binds(2)
                await until(gateway)
                calm = await alapor("alarms", "--config", config)
                assert (calm.returncode, calm.stdout) == (0, "No alarm stands.\n")
                await road.operator.stop()
                assert "connection refused" in (await until(gateway, "A01", "A02"))["A02"]
                await looks_like_trouble(gateway, config)
            async with running(road) as gateway:
                await until(gateway, "A01", "A02")  # the next process raises it anew
                back = Simulator(SimulatorSettings(name="satu", listen=f"127.0.0.1:{port}", retry_seconds=(0.1,)), clocks(), Random(1))
                await back.start()
                try:
                    await until(gateway)
                finally:
                    await back.stop()

    asyncio.run(story())


def test_a_backup_and_its_verification_are_noted_and_remembered(tmp_path: Path) -> None:
    async def story() -> None:
        road = Road(tmp_path)
        async with road.peers():
            config = with_limits(road)
            async with running(road) as gateway:
                made = await alapor("journal", "--config", config, "backup", str(tmp_path / "backups"))
                assert made.returncode == 0, made.stderr
                made_ms = gateway.rounds.made_ms
                assert made_ms == gateway.rounds.verified_ms == gateway.journal.vault.last_ms
                gateway.rounds.verified_ms = 0
                (backup,) = (tmp_path / "backups").glob("*.db")
                good = await asyncio.to_thread(lapor, "journal", "--config", config, "verify", str(backup), secrets=SECRETS)
                assert good.returncode == 0, good.stderr
                assert gateway.rounds.verified_ms == made_ms
                for garbage in ({}, {"letter": "A", "made_ms": "x"}, {"letter": "A", "made_ms": True}, {"letter": "A", "made_ms": -1}):
                    with pytest.raises(control.ControlError):
                        await control.call(gateway.site.socket_path, "journal verified", **garbage)  # type: ignore[arg-type]
                with pytest.raises(control.ControlError, match="another gateway's"):
                    await control.call(gateway.site.socket_path, "journal verified", letter="B", made_ms=made_ms)
                with pytest.raises(control.ControlError):
                    await control.call(gateway.site.socket_path, "journal verified", letter="A", made_ms=made_ms * 1_000)
            async with running(road) as gateway:
                async with asyncio.timeout(20):
                    while gateway.rounds.made_ms != made_ms:
                        await asyncio.sleep(0.05)
                assert gateway.rounds.verified_ms == made_ms

    asyncio.run(story())


def test_an_alarm_is_explained_without_a_gateway(tmp_path: Path) -> None:
    told = lapor("alarms", "--explain", "a07", "--config", str(tmp_path / "none.toml"))
    assert told.returncode == 0
    assert told.stdout.startswith("### A07 too many are unknown\n")
    wrong = lapor("alarms", "--explain", "A99")
    assert wrong.returncode == 1
    assert "'A99' is no alarm; they are A01, " in wrong.stderr


def test_a_site_gets_the_rules_with_its_own_limits(tmp_path: Path) -> None:
    (tmp_path / "gateway.toml").write_text("[alarms]\nbackup_hours = 48\n", encoding="utf-8")
    told = lapor("alarms", "--rules", "--config", str(tmp_path / "gateway.toml"))
    assert told.returncode == 0, told.stderr
    assert "(lapor_backup_seconds) > 172800" in told.stdout
    assert told.stdout != rules(GatewaySettings())


def test_without_a_gateway_there_is_no_calm(tmp_path: Path) -> None:
    (tmp_path / "gateway.toml").write_text("", encoding="utf-8")
    (tmp_path / "operators.toml").write_text("", encoding="utf-8")
    done = lapor("alarms", "--config", str(tmp_path / "gateway.toml"))
    assert done.returncode == 1
    assert "no gateway is running" in done.stderr
