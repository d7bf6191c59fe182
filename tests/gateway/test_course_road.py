"""From the core's word to the citizen's phone: asked for, called in, replayed, and told by STATUS."""

from __future__ import annotations

import asyncio
import hmac
import json
import re
from pathlib import Path

import aiohttp
import pytest

from forwarder.core.contract import Course, CourseStatus
from forwarder.core.simulator import CoreSimulator, settings_for
from gateway import simulate
from gateway.app import Gateway
from tests.gateway.road import SECRETS, Road

SARI, KEY = "6281266010001", "k" * 32
DONE = json.dumps({"perubahan": [{"tracking_id": "7000001", "status": "Terdisposisi Selesai"}]}).encode()
BACK = json.dumps({"perubahan": [{"tracking_id": "7000001", "status": "Belum Terverifikasi"}]}).encode()


def speak_json(folder: Path) -> None:
    """The gateway's core speaks JSON by the shipped example of a mapping."""
    path = folder / "gateway.toml"
    toml = path.read_text(encoding="utf-8")
    base = re.search(r'url = "(http://[^/]+)', toml)
    assert base is not None
    head, *own = "\n".join(simulate.core_table(settings_for("mapped", base[1]))).split("\n[")
    toml = re.sub(r"\[core\]\nurl = .*\nlookup_url = .*", lambda _: head, toml)
    path.write_text(toml + "".join(f"\n[{table}\n" for table in own), encoding="utf-8")


async def call(gateway: Gateway, body: bytes, key: str = KEY) -> int:
    headers = {"X-Lapor-Signature": "sha256=" + hmac.new(key.encode(), body, "sha256").hexdigest()}
    url = f"http://127.0.0.1:{gateway._http_port}/core/callback"
    async with aiohttp.ClientSession() as client, client.post(url, data=body, headers=headers) as answer:
        return answer.status


async def told(road: Road, words: str) -> None:
    """Ask by STATUS until these words come."""
    phone = road.operator.phones[SARI]
    await road.operator.send_mo(SARI, "STATUS")
    await road.until(lambda: any(words in bubble.text for bubble in phone.bubbles), 20)


def test_what_the_core_says_of_a_complaint_is_what_the_citizen_hears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SECRETS, "LAPOR_CORE_CALLBACK_KEY", KEY)

    async def run() -> None:
        road = Road(tmp_path, wait=0.0)
        road.core = CoreSimulator(dialect="mapped")
        async with road.peers():
            speak_json(tmp_path)
            async with road.running() as gateway:
                road.core.stand(Course("7000001", CourseStatus.IN_PROCESS, "Terdisposisi Sedang Diproses"))
                await road.operator.send_mo(SARI, "AGAM jalan rusak di Lubuk Basung")
                await road.until(lambda: gateway.journal.courses.tally.get("in_process") == 1, 20)
                await told(road, "sedang diproses instansi")
                assert await call(gateway, DONE, "another key of nobody at all....") == 401
                assert gateway.journal.courses.tally == {"in_process": 1}
                assert await call(gateway, DONE) == 200
                assert gateway.journal.courses.tally == {"done": 1}
                assert [await call(gateway, BACK), await call(gateway, DONE)] == [200, 200]
                assert gateway.journal.courses.tally == {"unverified": 1}, "the call that was heard before changed nothing"
                await told(road, "menunggu verifikasi")
                assert gateway.after_filing.callbacks.counts == {"unsigned": 1, "heard": 2, "replayed": 1}

    asyncio.run(run())
