"""An SMS becomes one filed complaint, and the citizen hears its number: the whole road over real sockets and a real journal."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from forwarder.lifecycle import ComplaintState
from gateway.app import Gateway
from tests.gateway.road import Road

SARI = "6281266010001"
LONG = "TANGKAB " + "jalan berlubang di km 24 dekat pasar, mohon ditambal sebelum ada korban lagi. " * 4


def walk(folder: Path, story: Callable[[Road, Gateway], Awaitable[None]], **options: object) -> Road:
    """Run one story on a fresh road."""
    road = Road(folder, **options)  # type: ignore[arg-type]

    async def main() -> None:
        async with road.peers(), road.running() as gateway:
            await story(road, gateway)

    asyncio.run(main())
    return road


def stored(road: Road) -> list[object]:
    return [entry for entries in road.core.stored.values() for entry in entries]


def test_an_sms_is_filed_once_and_answered_with_both_numbers(tmp_path: Path) -> None:
    async def story(road: Road, _: Gateway) -> None:
        await road.operator.send_mo(SARI, "AGAM lampu jalan mati di Lubuk Basung")
        [bubble] = await road.operator.expect_replies(SARI)
        [(number, [entry])] = road.core.stored.items()
        assert number in bubble.text
        assert entry.tracking_id in bubble.text
        assert "Kab. Agam" in bubble.text
        assert entry.text == "AGAM lampu jalan mati di Lubuk Basung"
        assert (entry.anonim, entry.rahasia, entry.telpon, entry.names) == (True, False, "", ("", "", ""))

    walk(tmp_path, story)


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
def test_parts_over_two_binds_in_any_order_are_one_complaint(tmp_path: Path, order: tuple[int, ...]) -> None:
    async def story(road: Road, _: Gateway) -> None:
        one, two = (bind.name for bind in road.operator.bound)
        await road.operator.send_long(SARI, LONG, order=order, binds=(one, two, one))
        await road.operator.expect_replies(SARI)

    [entry] = stored(walk(tmp_path, story))
    assert entry.text == LONG  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "rahasia"),
    [
        ("AGAM jembatan putus", False),
        ("AGAM petugas minta pungli di kantor camat", True),
        ("AGAM ktp saya 3507123456789012 belum jadi", True),
        ("RAHASIA kepala desa minta uang utk surat", True),
        ("AGAM ada preman, jangan sebut nama saya", True),
    ],
)
def test_what_could_harm_the_citizen_is_filed_as_rahasia(tmp_path: Path, text: str, *, rahasia: bool) -> None:
    async def story(road: Road, _: Gateway) -> None:
        await road.operator.send_mo(SARI, text)
        [bubble] = await road.operator.expect_replies(SARI)
        assert ("Agam" in bubble.text) is not rahasia

    [entry] = stored(walk(tmp_path, story))
    assert entry.rahasia is rahasia  # type: ignore[attr-defined]
    assert entry.anonim  # type: ignore[attr-defined]


def test_without_a_keyword_it_is_a_complaint_all_the_same(tmp_path: Path) -> None:
    async def story(road: Road, _: Gateway) -> None:
        await road.operator.send_mo(SARI, "tolong pak air pdam mati 3 hari")
        await road.operator.expect_replies(SARI)

    [entry] = stored(walk(tmp_path, story))
    assert entry.header.certainty == "national"  # type: ignore[attr-defined]


def test_a_slow_core_means_a_receipt_first_and_the_tracking_id_later(tmp_path: Path) -> None:
    async def story(road: Road, gateway: Gateway) -> None:
        gateway.dispatcher.pause("the test")
        await road.operator.send_mo(SARI, "AGAM jalan rusak")
        [receipt] = await road.operator.expect_replies(SARI)
        assert not road.core.stored
        gateway.dispatcher.resume()
        _, news = await road.operator.expect_replies(SARI, 2)
        [(number, [entry])] = road.core.stored.items()
        assert number in receipt.text
        assert number in news.text
        assert entry.tracking_id in news.text

    walk(tmp_path, story, wait=0.2)


def test_the_same_words_again_get_the_same_number_and_no_second_complaint(tmp_path: Path) -> None:
    async def story(road: Road, _: Gateway) -> None:
        await road.operator.send_mo(SARI, "AGAM jalan rusak")
        await road.operator.expect_replies(SARI)
        await asyncio.sleep(0.05)
        await road.operator.send_mo(SARI, "AGAM jalan rusak")
        first, again = await road.operator.expect_replies(SARI, 2)
        [number] = road.core.stored
        assert number in first.text
        assert number in again.text

    assert len(stored(walk(tmp_path, story))) == 1


def test_a_restart_between_two_parts_joins_them(tmp_path: Path) -> None:
    road = Road(tmp_path)

    async def main() -> None:
        async with road.peers():
            async with road.running():
                one, *rest = road.operator._compose(SARI, LONG, None)
                road.operator._enqueue(one)
                await one.done
            async with road.running():
                for part in rest:
                    road.operator._enqueue(part)
                await road.operator.expect_replies(SARI)

    asyncio.run(main())
    [entry] = stored(road)
    assert entry.text == LONG  # type: ignore[attr-defined]


def test_status_is_answered_to_the_number_that_wrote_and_to_no_other(tmp_path: Path) -> None:
    async def story(road: Road, _: Gateway) -> None:
        await road.operator.send_mo(SARI, "AGAM jalan rusak")
        await road.operator.expect_replies(SARI)
        [(number, [entry])] = road.core.stored.items()
        await road.operator.send_mo(SARI, f"STATUS {number}")
        *_, answer = await road.operator.expect_replies(SARI, 2)
        assert entry.tracking_id in answer.text
        await road.operator.send_mo("6281266010099", f"STATUS {number}")
        [refusal] = await road.operator.expect_replies("6281266010099")
        assert number not in refusal.text
        assert entry.tracking_id not in refusal.text

    assert len(stored(walk(tmp_path, story))) == 1


@pytest.mark.parametrize("sender", ["1708", "777", "TELKOMSEL"])
def test_machines_are_never_answered_and_wait_for_a_person(tmp_path: Path, sender: str) -> None:
    async def story(road: Road, gateway: Gateway) -> None:
        await road.operator.send_mo(sender, "Sisa pulsa Anda Rp 5.000")
        await road.until(lambda: gateway.journal.tally[ComplaintState.HELD] == 1)
        await road.operator.send_mo(SARI, "AGAM jalan rusak")
        await road.operator.expect_replies(SARI)
        assert not road.operator.phone(sender).received

    assert len(stored(walk(tmp_path, story))) == 1


def test_the_header_the_core_reads_is_the_record_we_keep(tmp_path: Path) -> None:
    async def story(road: Road, gateway: Gateway) -> None:
        await road.operator.send_mo(SARI, "AGAM pungli di kantor camat Lubuk Basung, jangan sebut nama saya")
        await road.operator.expect_replies(SARI)
        [(number, [entry])] = road.core.stored.items()
        case = await gateway.journal.case(number)
        assert case is not None
        assert case.complaint is not None
        assert entry.header is not None
        assert entry.header.number == case.number
        assert entry.header.instansi == case.complaint.instansi_name
        assert entry.header.certainty == case.complaint.decision.certainty
        assert entry.header.oversight
        assert entry.header.overseer == case.complaint.decision.oversight == "Admin Nasional SP4N-LAPOR!"

    walk(tmp_path, story)
