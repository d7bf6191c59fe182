"""The cores that stand in for the core tell the truth about what they stored."""

from __future__ import annotations

import asyncio
from random import Random

import aiohttp
import pytest

from forwarder.core.barecore import BareCore
from forwarder.core.contract import Filed
from forwarder.core.settings import CoreSettings
from forwarder.core.simulator import MENU, STREAM, TOKEN, TOPICS, CoreSimulator, Fault, Stored, scripted, seeded
from tests.core.samples import client_of, complaint, core


def test_a_complaint_stored_twice_is_seen() -> None:
    async def story() -> list[str]:
        async with core() as (client, simulator):
            for number in ("AAAAAA", "BBBBBB", "AAAAAA"):
                await client.file(complaint(number), 1)
            return simulator.doubled

    assert asyncio.run(story()) == ["AAAAAA"]


def test_the_bare_core_files_counts_and_sees_doubles() -> None:
    async def story() -> tuple[list[object], BareCore, bool]:
        bare = BareCore(answer_after_seconds=0.01)
        base = await bare.start()
        client = client_of(CoreSettings(url=base + STREAM, token=TOKEN))
        outcomes = await asyncio.gather(*(client.file(complaint(f"A{n % 99:05}"), 1) for n in range(100)))
        alive = await client.probe()
        await client.close()
        await bare.stop()
        return list(outcomes), bare, alive

    outcomes, bare, alive = asyncio.run(story())
    assert len({outcome.tracking_id for outcome in outcomes if isinstance(outcome, Filed)}) == 100
    assert bare.counts[b"A00000"] == 2
    assert bare.doubled == 1
    assert alive


@pytest.mark.parametrize(("token", "status"), [(TOKEN, 200), ("{wrong}", 401)])
def test_topics_are_told_to_who_has_the_token(token: str, status: int) -> None:
    async def story() -> tuple[int, list[dict[str, str]]]:
        async with core() as (_, simulator), aiohttp.ClientSession() as session:
            base = simulator._runner.addresses[0]  # type: ignore[union-attr]
            async with session.post(f"http://{base[0]}:{base[1]}{TOPICS}", data={"KEYTOKEN": token}) as response:
                return response.status, await response.json() if response.status == 200 else []

    said, topics = asyncio.run(story())
    assert said == status
    assert all(set(topic) == {"id", "parent", "topic_name"} for topic in topics)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"<lapor", 400),
        (f'<lapor token="{TOKEN}"/>'.encode(), 400),
        (b"<lapor/>", 401),
        (f'<lapor token="{TOKEN}"><pelapor/><laporan rahasia="1"><isi>halo</isi></laporan></lapor>'.encode(), 200),
    ],
)
def test_what_is_no_complaint_is_refused_and_one_without_header_is_kept(body: bytes, status: int) -> None:
    async def story() -> tuple[int, CoreSimulator]:
        async with core() as (_, simulator), aiohttp.ClientSession() as session:
            base = simulator._runner.addresses[0]  # type: ignore[union-attr]
            async with session.post(f"http://{base[0]}:{base[1]}{STREAM}", data=body) as response:
                return response.status, simulator

    said, simulator = asyncio.run(story())
    assert said == status
    assert [entry.text for entries in simulator.stored.values() for entry in entries] == (["halo"] if status == 200 else [])
    assert simulator.doubled == []


def test_a_line_for_the_terminal_names_the_complaint_and_not_the_words() -> None:
    lines: list[str] = []

    def told(stored: Stored | None, fault: Fault) -> None:
        lines.append(stored.line(fault) if stored else f"nothing stored: {fault}")

    async def story() -> None:
        async with core(scripted([Fault.OK, Fault.GATEWAY, Fault.BUSY])) as (client, simulator):
            simulator._told = told
            for _ in range(3):
                await client.file(complaint(rahasia=True), 1)

    asyncio.run(story())
    assert lines == [
        "7000001  No. G7K2QP  Kab. Agam (explicit)  anonim rahasia  49 characters",
        "7000002  No. G7K2QP  Kab. Agam (explicit)  anonim rahasia  49 characters  answered: 502-html",
        "nothing stored: 503",
    ]


def test_faults_by_seed_repeat_and_cover_the_menu() -> None:
    first, second = seeded(Random(7), 0.5), seeded(Random(7), 0.5)
    drawn = [first() for _ in range(2_000)]
    assert drawn == [second() for _ in range(2_000)]
    assert set(drawn) == set(Fault) == set(MENU)
    assert 800 < drawn.count(Fault.OK) < 1_200
