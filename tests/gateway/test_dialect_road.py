"""The whole road to a core of another dialect, and `check --core` as a person calls it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from forwarder.core.simulator import CoreSimulator, settings_for
from gateway import settings, simulate, work
from gateway.secrets import Secrets
from tests.gateway.road import SECRETS, Road
from tests.gateway.test_cli import alapor, house, lapor

CALLBACK = {"LAPOR_CORE_CALLBACK_KEY": "k" * 32}
MAPPED = '[core]\ndialect = "mapped"\nurl = "http://127.0.0.1:9"\n'


@pytest.mark.parametrize("dialect", ["mapped", "georeport", "georeport-xml"])
def test_an_sms_becomes_a_complaint_in_every_dialect_and_the_citizen_hears_its_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dialect: str
) -> None:
    monkeypatch.setitem(SECRETS, *next(iter(CALLBACK.items())))

    async def run() -> tuple[CoreSimulator, list[str]]:
        road = Road(tmp_path)
        road.core = CoreSimulator(dialect=dialect)
        async with road.peers():
            path = tmp_path / "gateway.toml"
            toml = path.read_text(encoding="utf-8")
            base = re.search(r'url = "(http://[^/]+)', toml)
            assert base is not None
            head, *own = "\n".join(simulate.core_table(settings_for(dialect, base[1]))).split("\n[")
            toml = re.sub(r"\[core\]\nurl = .*\nlookup_url = .*", lambda _: head, toml)
            path.write_text(toml + "".join(f"\n[{table}\n" for table in own), encoding="utf-8")
            async with road.running():
                await road.operator.send_mo("6281266010001", "AGAM jalan rusak di Lubuk Basung")
                phone = road.operator.phones["6281266010001"]
                await road.until(lambda: any("7000001" in bubble.text for bubble in phone.bubbles))
                return road.core, [bubble.text for bubble in phone.bubbles]

    core, _ = asyncio.run(run())
    [[stored]] = core.stored.values()
    assert stored.text == "AGAM jalan rusak di Lubuk Basung"


def test_check_says_every_mistake_of_the_mapping_with_the_others(tmp_path: Path) -> None:
    path = house(tmp_path, gateway_toml=MAPPED + 'mapping = "m.toml"\n[http]\nprt = 1\n', m_toml='[file]\npath = "x"\n')
    done = lapor("check", "--config", path)
    assert done.returncode == 78
    path = house(tmp_path, gateway_toml=MAPPED + 'mapping = "m.toml"\n', m_toml='[file]\npath = "x"\n')
    for done in (lapor("check", "--config", path), lapor("run", "--config", path), lapor("worker", "--config", path)):
        assert done.returncode == 78
        assert "m.toml:2: file.path must begin with /" in done.stderr
        assert "m.toml:1: file.body is missing" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_worker_is_told_what_its_dialect_lacks(tmp_path: Path) -> None:
    house(tmp_path, gateway_toml='[core]\ndialect = "georeport"\n[queue]\nredis = "redis://127.0.0.1:1/0"\n')
    place = settings.workplace(tmp_path / "gateway.toml", Secrets(SECRETS), {})
    found = " ".join(work.problems(place))
    assert "core.georeport.service_code is empty" in found
    assert "core.url is addstream's" in found


def test_check_core_asks_before_it_files_and_its_exit_code_says_whether_it_went_well(tmp_path: Path) -> None:
    async def run() -> CoreSimulator:
        simulator = CoreSimulator()
        try:
            base = await simulator.start()
            path = house(tmp_path, gateway_toml="\n".join(simulate.core_table(settings_for("addstream", base))))
            unasked = await alapor("check", "--core", "--config", path)
            assert unasked.returncode == 1
            assert "say --yes" in unasked.stderr
            assert simulator.stored == {}
            done = await alapor("check", "--core", "--supplement", "--yes", "--config", path)
            assert done.returncode == 0, done.stdout + done.stderr
            assert "tracking id 7000001" in done.stdout
            assert len(simulator.stored) == 2
            return simulator
        finally:
            await simulator.stop()

    simulator = asyncio.run(run())
    away = lapor("check", "--core", "--yes", "--config", str(tmp_path / "gateway.toml"))
    assert away.returncode == 1
    assert "Connection refused" in away.stdout
    assert simulator.doubled == []
