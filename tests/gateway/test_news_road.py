"""From what the core says of a case to the citizen's phone, each once, and from his words back to the core."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from forwarder.core.contract import Course, CourseStatus
from forwarder.core.simulated_json import WORDS
from forwarder.core.simulator import CoreSimulator
from forwarder.journal.trail import Wanted
from gateway import control
from gateway.app import Gateway
from gateway.cli import main
from gateway.control import ControlError
from tests.gateway.road import SECRETS, Road
from tests.gateway.test_audit import LOGIN
from tests.gateway.test_course_road import KEY, SARI, call, speak_json

STATUS = CourseStatus
STATUSES = {words: status for status, words in WORDS.items()}
ID = "7000001"
REPORT = "AGAM lampu jalan mati di Lubuk Basung"
NEWS = """
news_settle_minutes = {settle}
quiet_from = "00:00"
quiet_to = "00:00"
"""
WAIT = 20.0
QUIET_SECONDS = 1.5  # several looks of the outbox: what would come has come


def called(status: str, of: str = ID, **more: Any) -> bytes:
    return json.dumps({"perubahan": [{"tracking_id": of, "status": status, **more}]}).encode()


class Citizen:
    """Ibu Sari's phone, at a running gateway whose core speaks JSON."""

    def __init__(self, road: Road, gateway: Gateway) -> None:
        self.road, self.gateway = road, gateway

    @property
    def texts(self) -> list[str]:
        return [bubble.text for bubble in self.road.operator.phones[SARI].bubbles]

    def said(self, words: str) -> int:
        return sum(words in text for text in self.texts)

    async def hears(self, words: str) -> str:
        await self.road.until(lambda: bool(self.said(words)), WAIT)
        return next(text for text in self.texts if words in text)

    async def files(self) -> str:
        """Her complaint is filed and she has its number."""
        await self.road.operator.send_mo(SARI, REPORT)
        await self.hears(ID)
        [number] = self.road.core.stored
        return number

    async def writes(self, text: str) -> None:
        await self.road.operator.send_mo(SARI, text)

    async def told(self, body: bytes) -> int:
        """The core calls, and says the same when it is asked."""
        [said] = json.loads(body)["perubahan"]
        answer, asks, rahasia = (said.get(name) for name in ("jawaban", "minta_data", "rahasia"))
        course = Course(ID, STATUSES[said["status"]], "", answer=answer if isinstance(answer, str) else None)
        self.road.core.stand(replace(course, asks=asks if isinstance(asks, bool) else None, rahasia=rahasia))
        return await call(self.gateway, body)

    async def reaches(self, key: str) -> Any:
        """An addition of hers stands at the core."""
        await self.road.until(lambda: key in self.road.core.stored, WAIT)
        [stored] = self.road.core.stored[key]
        return stored


Story = Callable[[Citizen], Awaitable[None]]


def play(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *stories: Callable[[Citizen], Awaitable[None]],
    settle: float = 0.0,
    follow: float = 600.0,
) -> Road:
    """Each story in a life of its own of the same gateway."""
    monkeypatch.setitem(SECRETS, "LAPOR_CORE_CALLBACK_KEY", KEY)
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    road = Road(folder, wait=0.0)
    road.core = CoreSimulator(dialect="mapped")

    async def run() -> None:
        async with road.peers():
            speak_json(folder)
            path = folder / "gateway.toml"
            toml = path.read_text(encoding="utf-8")
            toml = toml.replace("free_octets_min = 0\n", "free_octets_min = 0" + NEWS.format(settle=settle))
            toml = toml.replace('dialect = "mapped"\n', f'dialect = "mapped"\nfollow_minutes = {follow}\n')
            path.write_text(toml, encoding="utf-8")
            for story in stories:
                async with road.running() as gateway:
                    await story(Citizen(road, gateway))

    asyncio.run(run())
    return road


def test_a_change_that_is_polled_comes_as_one_sms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(sari: Citizen) -> None:
        number = await sari.files()
        sari.road.core.stand(Course(ID, STATUS.IN_PROCESS, ""))
        text = await sari.hears("Kabar laporan No.")
        assert number in text
        assert "diproses" in text
        await asyncio.sleep(QUIET_SECONDS)
        assert sari.said("Kabar laporan No.") == 1

    play(tmp_path, monkeypatch, story, follow=0.01)


def test_a_change_that_is_called_in_comes_once_and_the_same_call_again_is_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(sari: Citizen) -> None:
        number = await sari.files()
        body = called("Terdisposisi Selesai", jawaban="Sudah kami ganti lampunya, terima kasih. Foto di https://contoh.go.id/x")
        assert [await sari.told(body) for _ in range(3)] == [200, 200, 200]
        text = await sari.hears("Jawaban instansi")
        assert number in text
        assert "Sudah kami ganti lampunya" in text
        assert "contoh.go.id" not in text
        assert await sari.told(body + b" ") == 200, "another call that says the same"
        await asyncio.sleep(QUIET_SECONDS)
        assert sari.said("Jawaban instansi") == 1
        assert sari.said("dinyatakan selesai") == 0, "one message for both"

    play(tmp_path, monkeypatch, story)


def test_what_the_agency_asks_is_answered_through_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(sari: Citizen) -> None:
        number = await sari.files()
        await sari.told(called("Terdisposisi Sedang Diproses", jawaban="Di RT berapa?", minta_data=True))
        assert "Di RT berapa?" in await sari.hears("Instansi bertanya")
        await sari.writes("di RT 3, depan mushala")
        stored = await sari.reaches(f"{number}-2")
        assert stored.text == "di RT 3, depan mushala"
        assert stored.tracking_id == ID

    play(tmp_path, monkeypatch, story)


def test_who_is_told_that_it_is_done_may_say_that_it_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(sari: Citizen) -> None:
        number = await sari.files()
        await sari.told(called("Terdisposisi Selesai"))
        await sari.hears("dinyatakan selesai")
        await sari.writes("TIDAK")
        stored = await sari.reaches(f"{number}-2")
        assert "[Permintaan: keberatan]" in stored.fields["isi"]
        await sari.told(called("Terdisposisi Sedang Diproses"))
        await sari.hears("sudah disetujui")
        await sari.told(called("Terdisposisi Selesai", x=2))
        await sari.road.until(lambda: sari.said("dinyatakan selesai") == 2, WAIT)

    play(tmp_path, monkeypatch, story)


def test_rahasia_is_asked_of_the_core_and_true_when_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(sari: Citizen) -> None:
        number = await sari.files()
        await sari.writes(f"RAHASIA {number}")
        await sari.hears("sudah terlanjur diteruskan")
        stored = await sari.reaches(f"{number}-2")
        assert "[Permintaan: rahasia]" in stored.fields["isi"]
        found = await control.call(sari.gateway.site.socket_path, "desk list")
        assert [(one["key"], one["state"], one["reason"]) for one in found["additions"]] == [(f"{number}-2", "added", "wish: rahasia")]
        assert sari.said("sudah disetujui") == 0
        assert await sari.told(called("Terdisposisi Sedang Diproses", rahasia=True)) == 200
        assert number in await sari.hears("sudah disetujui")
        assert (await control.call(sari.gateway.site.socket_path, "desk list"))["additions"] == []
        await sari.told(called("Tertunda", jawaban="Lampu di Lubuk Basung menunggu anggaran."))
        await asyncio.sleep(QUIET_SECONDS)
        assert sari.said("Ada kabar baru") >= 1
        assert sari.said("menunggu anggaran") == 0
        assert not [text for text in sari.texts if "Kabar laporan" in text and number in text and "Lubuk" in text]

    play(tmp_path, monkeypatch, story)


@pytest.mark.parametrize(("decision", "words"), [("yes", "sudah disetujui"), ("no", "tidak disetujui")])
def test_an_officer_says_what_the_core_decided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decision: str, words: str) -> None:
    async def story(sari: Citizen) -> None:
        number = await sari.files()
        await sari.writes(f"BATAL {number}")
        await sari.reaches(f"{number}-2")
        line = ["desk", "wish", number, "batal", decision, "--reason", "their letter of today", "--config", str(tmp_path / "gateway.toml")]
        assert await asyncio.to_thread(main, line) == 0
        assert number in await sari.hears(words)
        rows = await sari.gateway.journal.audit.rows(Wanted(about=number))
        assert [(row.what, row.who) for row in rows] == [(f"settle wish batal {decision}", LOGIN)]
        assert await asyncio.to_thread(main, line) == 1, "it is settled"
        await asyncio.sleep(QUIET_SECONDS)
        assert sari.said(words) == 1
        for garbage in (
            {"number": number, "wish": "emas", "decision": "yes", "reason": "x"},
            {"number": number, "wish": "batal", "decision": "maybe", "reason": "x"},
            {"number": number, "wish": ["batal"], "decision": None, "reason": "x"},
            {"number": "'; --", "wish": "batal", "decision": "yes", "reason": "x"},
            {"number": number, "wish": "batal", "decision": "yes", "reason": " "},
        ):
            with pytest.raises(ControlError):
                await control.call(sari.gateway.site.socket_path, "desk wish", **garbage)

    play(tmp_path, monkeypatch, story)


def test_a_gateway_that_stops_between_hearing_and_telling_tells_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = called("Terdisposisi Selesai")

    async def before(sari: Citizen) -> None:
        await sari.files()
        assert await sari.told(body) == 200

    async def after(sari: Citizen) -> None:
        assert sari.said("dinyatakan selesai") == 0
        assert await sari.told(body) == 200
        await sari.hears("dinyatakan selesai")
        await asyncio.sleep(QUIET_SECONDS)
        assert sari.said("dinyatakan selesai") == 1

    play(tmp_path, monkeypatch, before, after, settle=0.1)


def test_what_goes_back_at_once_is_never_heard_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(sari: Citizen) -> None:
        await sari.files()
        for body in (called("Terdisposisi Selesai"), called("Belum Terverifikasi")):
            assert await sari.told(body) == 200
        await asyncio.sleep(4.0)
        assert sari.said("dinyatakan selesai") == sari.said("Kabar laporan") == 0

    play(tmp_path, monkeypatch, story, settle=0.05)


def test_garbage_of_a_core_is_told_to_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(sari: Citizen) -> None:
        await sari.files()
        for number, answer in enumerate(({"x": 1}, ["a"], 7, "\u0000\u001b[2J\u202e", " ", True)):
            assert await sari.told(called("Belum Terverifikasi", jawaban=answer, minta_data="mungkin", n=number)) == 200
        assert await sari.told(called("Belum Terverifikasi", jawaban="a" * 60_000)) == 200
        text = await sari.hears("Jawaban instansi")
        assert len(text) <= 160
        await asyncio.sleep(QUIET_SECONDS)

    play(tmp_path, monkeypatch, story)
