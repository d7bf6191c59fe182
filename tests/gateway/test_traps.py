"""The traps that other systems fell into and that belong to the whole road (PEERS §9), each by its number there."""

from __future__ import annotations

import asyncio
import io
import itertools
import logging
import signal
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from random import Random

import pytest

from adapters.smpp.parts import Cut
from adapters.smpp.pdu import Outgoing
from adapters.smpp.profile import LongForm
from adapters.smpp.simulator import Mo, Simulator, SimulatorSettings
from forwarder.core.simulator import CoreSimulator, Fault
from forwarder.lifecycle import ComplaintState
from gateway import control, desk_page, logs, status
from gateway.app import Gateway
from gateway.privacy import one_line
from parsers.model import Address
from tests.faults.gateway_process import GatewayProcess
from tests.gateway.road import Road, clocks

SARI, BUDI = "6281266010001", "6281266010002"
LONG = "AGAM jalan berlubang di km 24 dekat pasar, mohon ditambal sebelum ada korban lagi. "
Story = Callable[[Road, Gateway], Awaitable[None]]


def walk(folder: Path, story: Story, *, machine_seconds: float = 0.0, **toml: str) -> Road:
    """One story; `toml` adds keys at the top of a table of gateway.toml."""
    road = Road(folder, wait=0.0, machine_seconds=machine_seconds)

    async def main() -> None:
        async with road.peers():
            path = folder / "gateway.toml"
            text = path.read_text(encoding="utf-8")
            for table, keys in toml.items():
                text = text.replace(f"[{table}]\n", f"[{table}]\n{keys}\n")
            path.write_text(text, encoding="utf-8")
            async with road.running() as gateway:
                await story(road, gateway)

    asyncio.run(main())
    return road


def texts(core: CoreSimulator) -> list[str]:
    return sorted(entry.text for entries in core.stored.values() for entry in entries)


async def brought(smsc: Simulator, mos: Iterable[Mo], binds: Iterable[str | None] = itertools.repeat(None)) -> None:
    """Deliver these one after another, each when the one before is acknowledged."""
    for mo, bind in zip(mos, binds, strict=False):
        mo.bind = bind
        smsc._enqueue(mo)
        assert await asyncio.wait_for(mo.done, 10) == 0


def parts(smsc: Simulator, sender: str, text: str, reference: int | None = None, cut: Cut | None = None) -> list[Mo]:
    """A long text as its parts, with a reference of our choice."""
    if reference is not None:
        smsc._reference = reference - 1
    return smsc._compose(sender, text, cut)


# ── 1 ──

ORDERS = {
    "one after the other": (0, 1, 2, 3),
    "turn about": (0, 2, 1, 3),
    "crossed": (0, 3, 2, 1),
    "backwards": (3, 1, 2, 0),
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_1_two_citizens_with_one_reference_never_meet(tmp_path: Path, order: tuple[int, ...]) -> None:
    mine, yours = (LONG * 2)[:200], ("BANDUNG lampu mati di depan sekolah, gelap sekali kalau malam. " * 4)[:200]

    async def story(road: Road, _: Gateway) -> None:
        smsc = road.operator
        four = parts(smsc, SARI, mine, 77) + parts(smsc, BUDI, yours, 77)
        assert len(four) == 4
        one, two = (bind.name for bind in smsc.bound)
        await brought(smsc, [four[place] for place in order], itertools.cycle((one, two)))
        await smsc.expect_replies(SARI)
        await smsc.expect_replies(BUDI)

    assert texts(walk(tmp_path, story).core) == sorted([mine, yours])


# ── 2 ──


def test_2_parts_come_twice_and_last_first_and_a_reference_is_used_again(tmp_path: Path) -> None:
    first, second = LONG * 2, "AGAM " + "sekolah kami kekurangan guru dan meja, mohon dibantu. " * 3

    async def story(road: Road, _: Gateway) -> None:
        smsc = road.operator
        a1, a2 = parts(smsc, SARI, first, 5)
        again1, again2 = parts(smsc, SARI, first, 5)
        b1, b2 = parts(smsc, SARI, second, 5)
        await brought(smsc, [a2, again2, a1, again1, b2, b1])
        await road.until(lambda: len(road.core.stored) == 2)

    assert texts(walk(tmp_path, story).core) == sorted([first, second])


def test_2_a_reference_used_again_while_the_first_is_incomplete_mixes_nothing(tmp_path: Path) -> None:
    first, second = LONG * 2, "AGAM " + "sekolah kami kekurangan guru dan meja, mohon dibantu. " * 3

    async def story(road: Road, gateway: Gateway) -> None:
        smsc = road.operator
        a1, _ = parts(smsc, SARI, first, 5)
        b1, b2 = parts(smsc, SARI, second, 5)
        await brought(smsc, [a1, b1, b2])
        await road.until(lambda: len(road.core.stored) == 1)
        assert (await gateway.journal.counts()).open_sets == 1

    assert texts(walk(tmp_path, story).core) == [second]


def udh(element: bytes, octets: bytes) -> Outgoing:
    return Outgoing(Address(1, 1, SARI), Address(0, 1, "1708"), bytes([len(element)]) + element + octets, esm_class=0x40)


NONSENSE = {
    "part 0 of 2": b"\x00\x03\x07\x02\x00",
    "part 3 of 2": b"\x00\x03\x07\x02\x03",
    "total 0": b"\x00\x03\x07\x00\x01",
    "1 of 1": b"\x00\x03\x07\x01\x01",
    "an element that is too long": b"\x00\x09\x07\x02\x01",
}


@pytest.mark.parametrize("element", NONSENSE.values(), ids=NONSENSE)
def test_2_a_part_that_cannot_be_one_is_a_whole_message(tmp_path: Path, element: bytes) -> None:
    async def story(road: Road, gateway: Gateway) -> None:
        assert await asyncio.wait_for(road.operator.post(udh(element, b"AGAM jalan rusak")).done, 10) == 0
        await road.until(lambda: sum(gateway.journal.tally.values()) == 1)

    walk(tmp_path, story)


# ── 3 ──

CUTS = {
    "16-bit reference": Cut("gsm7", wide=True),
    "SAR": Cut("gsm7", LongForm.SAR),
    "payload": Cut("gsm7", LongForm.PAYLOAD),
    "UCS-2": Cut("ucs2"),
    "UCS-2 in SAR": Cut("ucs2", LongForm.SAR),
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_3_however_a_phone_cuts_and_over_whichever_binds(tmp_path: Path, cut: Cut) -> None:
    async def story(road: Road, _: Gateway) -> None:
        smsc = road.operator
        mos = parts(smsc, SARI, LONG * 3, cut=cut)
        await brought(smsc, reversed(mos), itertools.cycle(bind.name for bind in smsc.bound))
        await smsc.expect_replies(SARI)

    assert texts(walk(tmp_path, story).core) == [LONG * 3]


def test_3_a_concatenation_element_behind_another_and_parts_of_two_codings(tmp_path: Path) -> None:
    async def story(road: Road, _: Gateway) -> None:
        smsc = road.operator
        port = b"\x05\x04\x0b\x84\x23\xf0"
        smsc.post(udh(port + b"\x00\x03\x09\x02\x01", b"AGAM jalan "))
        ucs2 = Outgoing(
            Address(1, 1, SARI),
            Address(0, 1, "1708"),
            b"\x05\x00\x03\x09\x02\x02" + "rusak".encode("utf-16-be"),
            esm_class=0x40,
            data_coding=8,
        )
        smsc.post(ucs2)
        await smsc.expect_replies(SARI)

    assert texts(walk(tmp_path, story).core) == ["AGAM jalan rusak"]


# ── 4 ──


def test_4_below_the_free_floor_the_operator_hears_later_and_all_mends_itself(tmp_path: Path) -> None:
    free = 10**12

    async def story(road: Road, gateway: Gateway) -> None:
        nonlocal free
        writer = gateway.journal._writer
        writer._free_octets = lambda: free
        free = -1
        await road.until(lambda: gateway.journal.health().cause is not None)
        [mo] = road.operator.post_mo(SARI, "AGAM jalan rusak")
        await road.until(lambda: len(mo.answers) >= 2)
        assert set(mo.answers) == {0x64}
        assert not gateway.health.report().ready
        assert not road.core.stored
        free = 10**12
        assert await asyncio.wait_for(mo.done, 20) == 0
        await road.operator.expect_replies(SARI)
        assert gateway.health.report().ready
        assert not gateway.restarts

    road = walk(tmp_path, story, journal="heartbeat_seconds = 0.1")
    assert [len(entries) for entries in road.core.stored.values()] == [1]


# ── 5 ──


@pytest.mark.parametrize("delay", [0.0, 0.05])
def test_5_killed_at_work_and_delivered_again_it_is_one_complaint(tmp_path: Path, delay: float) -> None:
    """The kill falls at a random instant, so that the acknowledgement of some is lost; the operator brings those again."""
    random = Random(7)
    smsc = Simulator(SimulatorSettings(receipts=False, retry_seconds=(0.1,), response_seconds=2.0), clocks(), random)
    core = CoreSimulator(delay=lambda: delay)
    gateway = GatewayProcess(tmp_path, smsc)

    async def main() -> None:
        base = await core.start()
        await smsc.start()
        gateway.write(base)
        try:
            await gateway.start()
            mos = [smsc.post_mo(f"62812660{number:05}", f"AGAM jalan rusak nomor {number}")[0] for number in range(150)]
            async with asyncio.timeout(30):
                while len(core.stored) < 20:
                    await asyncio.sleep(0.005)
            await gateway.end(signal.SIGKILL)
            await gateway.start()
            async with asyncio.timeout(40):
                await asyncio.gather(*(mo.done for mo in mos))
                held = {"ready": 1}
                while held.get("ready") or held.get("sending"):
                    await asyncio.sleep(0.05)
                    held = (await control.call(gateway.state / "control.sock", "status"))["holds"]["complaints"]  # type: ignore[index, call-overload, assignment]
            assert held.get("filed", 0) + held.get("unknown", 0) == 150
            assert held.get("unknown", 0) <= 2 * 16  # in flight, or answered and not yet committed
            assert not core.doubled
            assert len(core.stored) >= held.get("filed", 0)
        finally:
            await gateway.end()
            await smsc.stop()
            await core.stop()

    asyncio.run(main())


# ── 6 and 7 ──

RECEIPTS = {
    "decimal for hex, padded error": (
        "id:{decimal:020d} sub:001 dlvrd:001 submit date:2611220800 done date:2611220801 stat:DELIVRD err: 042 text:",
        {},
    ),
    "lower case": ("id:{hexadecimal} sub:001 dlvrd:001 stat:delivrd err:000", {}),
    "TLVs alone": ("", {"tlvs": True}),
}


@pytest.mark.parametrize(("text", "how"), RECEIPTS.values(), ids=RECEIPTS)
@pytest.mark.parametrize("first", [False, True], ids=["after its answer", "before its answer"])
def test_6_a_receipt_on_the_sibling_bind_finds_its_reply(tmp_path: Path, text: str, how: dict[str, bool], *, first: bool) -> None:
    async def story(road: Road, gateway: Gateway) -> None:
        smsc = road.operator
        smsc.settings = SimulatorSettings(name="satu", retry_seconds=(0.1,), receipts=False)
        number = smsc._next_id + 1
        one, two = (bind.name for bind in smsc.bound)
        octets = text.format(decimal=number, hexadecimal=f"{number:x}").encode()
        tlvs = ((0x001E, f"{number:08X}".encode() + b"\0"), (0x0427, b"\x02")) if how else ()
        outgoing = Outgoing(Address(0, 1, "1708"), Address(1, 1, SARI), octets, esm_class=4, tlvs=tlvs)
        if first:
            smsc.post(outgoing, bind=one)
            await road.until(lambda: gateway.intake.counts["report"] == 1)
        await smsc.send_mo(SARI, "AGAM jalan rusak")
        [bubble] = await smsc.expect_replies(SARI)
        if not first:
            smsc.post(outgoing, bind=two if bubble.bind == one else one)
        await road.until(lambda: bool(road.core.stored))
        [complaint] = road.core.stored
        async with asyncio.timeout(10):
            while not [reply for reply in (await gateway.journal.case(complaint)).replies if reply.delivery]:  # type: ignore[union-attr]
                await asyncio.sleep(0.02)
        case = await gateway.journal.case(complaint)
        assert case is not None
        assert [(reply.delivery or "").upper() for reply in case.replies] == ["DELIVRD"]

    assert len(walk(tmp_path, story).core.stored) == 1


def test_7_a_receipt_never_becomes_a_complaint_and_a_text_that_looks_like_one_does(tmp_path: Path) -> None:
    words = "id:0 sub:001 dlvrd:001 submit date:2611220800 done date:2611220801 stat:DELIVRD err:000 text:AGAM"

    async def story(road: Road, gateway: Gateway) -> None:
        road.operator.post(Outgoing(Address(0, 1, "1708"), Address(1, 1, SARI), words.encode(), esm_class=4))
        await road.operator.send_mo(SARI, words)
        await road.until(lambda: gateway.intake.counts["report"] >= 1)
        [waiting] = await gateway.journal.waiting()
        case = await gateway.journal.case(waiting.number)
        assert case is not None
        assert case.complaint is not None
        assert (waiting.reason, case.complaint.message.text) == ("notice", words), "a machine's text, kept and not answered"

    assert texts(walk(tmp_path, story).core) == []


# ── 8 ──

HEADS = {
    "a newline": ("AGAM\njalan rusak", "13.06"),
    "a tab": ("AGAM\tjalan rusak", "13.06"),
    "a no-break space": ("AGAM\u00a0jalan rusak", "13.06"),
    "the instruction copied": ("AGAM(spasi)jalan rusak", "13.06"),
    "another word": ("AGAMKU tenang", None),
    "UCS-2": ("AGAM jalan rusak \u2026 \U0001f6a7", "13.06"),
    "a Cyrillic A": ("\u0410GAM jalan rusak", None),
}


@pytest.mark.parametrize(("text", "region"), HEADS.values(), ids=HEADS)
def test_8_the_keyword_is_a_word_at_the_head(tmp_path: Path, text: str, region: str | None) -> None:
    async def story(road: Road, gateway: Gateway) -> None:
        await road.operator.send_mo(SARI, text)
        await road.operator.expect_replies(SARI)
        [number] = road.core.stored
        case = await gateway.journal.case(number)
        assert case is not None
        assert case.complaint is not None
        explicit = case.complaint.decision.certainty.value == "explicit"
        assert explicit is (region is not None)
        assert not explicit or case.complaint.decision.region == region

    assert texts(walk(tmp_path, story).core) == [text]


def test_8_a_keyword_alone_waits_for_its_words(tmp_path: Path) -> None:
    async def story(road: Road, gateway: Gateway) -> None:
        await road.operator.send_mo(SARI, "AGAM")
        await road.operator.expect_replies(SARI)
        assert gateway.journal.tally[ComplaintState.HELD] == 1

    assert not walk(tmp_path, story).core.stored


# ── 9 ──


def test_9_after_every_rudeness_the_next_message_is_kept(tmp_path: Path) -> None:
    rude = [
        b"\x00\x00\x00\x10\x00\x00\x00\x99\x00\x00\x00\x00\x00\x00\x00\x07",  # unknown command
        b"\x00\x00\x00\x10\x00\x00\x00\x15\x00\x00\x00\x00\x00\x00\x00\x08",  # enquire_link
        b"\x00\x00\x00\x10\x80\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x09",  # an answer to nothing
        b"\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x0a",  # length 0
        b"\xff\xff\xff\xff\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x0b",  # 4 GiB
        b"\x00\x00\x00\x02",
    ]

    async def story(road: Road, gateway: Gateway) -> None:
        for place, octets in enumerate(rude):
            await road.operator.expect_binds(2, 20)
            road.operator.bound[0].wire.write_raw(octets)
            await road.operator.send_mo(f"6281266020{place:03}", f"AGAM jalan rusak {place}")
        await road.until(lambda: len(road.core.stored) == len(rude), 20)
        assert not gateway.restarts

    assert not walk(tmp_path, story).core.doubled


# ── 12 ──

CONTROL = "AGAM x\x1b[2J\x1b]0;owned\x07\r\n12:00:00 gateway: filed complaint_id=1\x9b31m\u202e\u2066\u2028\x00 y"


def test_12_control_characters_forge_no_line_and_move_no_terminal(tmp_path: Path) -> None:
    stream = io.StringIO()
    handler = logs.handler("readable", stream=stream)
    root = logging.getLogger()
    root.addHandler(handler)
    level = root.level
    root.setLevel(logging.DEBUG)
    pages: list[str] = []

    async def story(road: Road, gateway: Gateway) -> None:
        path = gateway.site.socket_path
        events = control.stream(path, "watch")
        following = asyncio.ensure_future(anext(events))
        await road.until(lambda: gateway.watch.watched)
        await road.operator.send_mo(SARI, CONTROL)
        await road.operator.send_mo("\x1b[31mBANK", CONTROL + "2")
        stat = f"id:1 stat:{CONTROL} err:{CONTROL}".encode("utf-8", "replace")
        road.operator.post(Outgoing(Address(0, 1, "1708"), Address(1, 1, SARI), stat[:250], esm_class=4))
        [bubble] = await road.operator.expect_replies(SARI)
        [number] = road.core.stored
        first = await following
        assert isinstance(first, dict)
        pages.append(one_line("  ".join(f"{name}={value}" for name, value in first.items())))
        await events.aclose()
        pages.append(desk_page.case(await control.call(path, "desk show", number=number)))  # type: ignore[arg-type]
        pages.append(desk_page.listing(await control.call(path, "desk list")))  # type: ignore[arg-type]
        pages.append(status.render(await control.call(path, "status")))  # type: ignore[arg-type]
        pages.append(bubble.text)

    try:
        walk(tmp_path, story)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    log = stream.getvalue()
    assert "owned" not in log
    for page in [*pages, log]:
        assert not [character for character in page if character != "\n" and not character.isprintable()]
    assert not [line for page in [*pages, log] for line in page.split("\n") if line.startswith("12:00:00 gateway: filed complaint_id=1")]


# ── 14 ──


def test_14_a_last_part_alone_is_not_filed_before_its_time(tmp_path: Path) -> None:
    road = Road(tmp_path, wait=0.0)

    async def main() -> None:
        async with road.peers():
            async with road.running() as gateway:
                first, *_, last = parts(road.operator, SARI, LONG * 2)
                await brought(road.operator, [last])
                assert (await gateway.journal.counts()).open_sets == 1
                gateway.intake.take(await gateway.journal.expire_sets(gateway.now_ms()))
            async with road.running() as gateway:
                assert not road.core.stored
                await brought(road.operator, [first])
                await road.operator.expect_replies(SARI)

    asyncio.run(main())
    assert texts(road.core) == [LONG * 2]


# ── 15 ──

DOWN = {"busy": Fault.BUSY, "errors in HTML": Fault.GATEWAY, "cut off": Fault.RESET_BEFORE, "a wrong token": Fault.UNAUTHORIZED}


@pytest.mark.parametrize("fault", DOWN.values(), ids=DOWN)
def test_15_the_core_is_away_for_a_while_and_back(tmp_path: Path, fault: Fault) -> None:
    away = True
    count = 12

    async def story(road: Road, gateway: Gateway) -> None:
        nonlocal away
        road.core.choose = lambda: fault if away else Fault.OK
        road.core.healthy = False
        senders = [f"6281266010{number:03}" for number in range(count)]
        for sender in senders:
            await road.operator.send_mo(sender, f"AGAM jalan rusak {sender[-3:]}")
        for sender in senders:
            await road.operator.expect_replies(sender)
        assert sum(gateway.journal.tally.values()) == count
        away, road.core.healthy = False, True
        await road.until(lambda: gateway.journal.tally[ComplaintState.FILED] == count, 60)
        for sender in senders:
            for bubble in road.operator.phone(sender).received:
                assert bubble.text.startswith("LAPOR! Laporan")

    quick = {"retry_first": 0.1, "retry_most": 0.5, "probe_most": 0.5, "fault_first": 0.1, "fault_most": 0.5}
    road = walk(tmp_path, story, dispatch="\n".join(f"{key}_seconds = {value}" for key, value in quick.items()))
    assert len(road.core.stored) == count
    assert not road.core.doubled


# ── 16 ──


def test_16_the_same_line_five_times_is_one_complaint_with_one_tracking_id(tmp_path: Path) -> None:
    async def story(road: Road, gateway: Gateway) -> None:
        for turn in range(5):  # each as soon as the one before is answered, as no hand can
            await road.operator.send_mo(SARI, "AGAM jalan rusak")
            await road.operator.expect_replies(SARI, min(turn + 1, 2))
        [(number, [entry])] = road.core.stored.items()
        await road.until(lambda: gateway.journal.tally[ComplaintState.DUPLICATE] == 4)
        bubbles = road.operator.phone(SARI).received
        assert all(number in bubble.text for bubble in bubbles)
        assert entry.tracking_id in bubbles[0].text
        assert len(bubbles) == 2, "nobody talks to a machine; a hand is answered five times (test_guard.py)"

    road = walk(tmp_path, story, machine_seconds=8.0)
    assert texts(road.core) == ["AGAM jalan rusak"]
