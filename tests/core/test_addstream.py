"""The XML dialect: what is written, what is read."""

from __future__ import annotations

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from forwarder.core import header
from forwarder.core.addstream import AddStream, read_answer, read_look_up
from forwarder.core.contract import Absent, Filed, NotFiled, Outcome, Refused, Unknown
from forwarder.core.header import Header
from forwarder.core.settings import CoreSettings
from forwarder.core.simulator import ENTITY, LAUGHS, MENU, STREAM, CoreSimulator, Fault, Stored
from parsers.complaint import Disclosure, Identity
from parsers.model import Candidate, Hints, ReporterKind
from tests.core.samples import client_of, complaint, core, supplement

ID = re.compile("[0-9]{4,12}")


def wrap(inner: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><lapor>{inner}</lapor>'.encode()


@pytest.mark.parametrize(
    ("octets", "expect"),
    [
        (wrap("<trackingid>7841120</trackingid><transaksiid>T1</transaksiid>"), Filed("7841120", "T1")),
        (wrap("<trackingid> 7841120\n</trackingid>"), Filed("7841120")),
        (wrap("<TrackingID>7841120</TrackingID>"), Filed("7841120")),
        (b'<r xmlns="urn:x"><trackingid>7841120</trackingid></r>', Filed("7841120")),
        (b'\xef\xbb\xbf<?xml version="1.0"?><r><trackingid>7841120</trackingid></r>', Filed("7841120")),
        (wrap("<trackingid>78<!-- x -->41120</trackingid>"), Filed("7841120")),
        (wrap(""), Refused),
        (wrap("<trackingid/>"), Refused),
        (wrap("<trackingid>  </trackingid>"), Refused),
        (wrap("<a><trackingid>7841120</trackingid></a>"), Refused),
        (wrap("<trackingid>NaN</trackingid>"), Unknown),
        (wrap("<trackingid>null</trackingid>"), Unknown),
        (wrap("<trackingid>-1</trackingid>"), Unknown),
        (wrap("<trackingid>٧٨٤١١٢٠</trackingid>"), Unknown),
        (wrap("<trackingid>7841120</trackingid><trackingid>7841121</trackingid>"), Unknown),
        (wrap("<trackingid>" + "7" * 4000 + "</trackingid>"), Unknown),
        (b"", Unknown),
        (b"OK", Unknown),
        (b"{}", Unknown),
        (b'{"trackingid": NaN}', Unknown),
        (b"\0" * 100, Unknown),
        (b"<lapor><trackingid>7841120</trackingid>", Unknown),
        (b"<html><body><trackingid>7841120</trackingid></body></html>", Unknown),
        (b'<HTML xmlns="http://www.w3.org/1999/xhtml"/>', Unknown),
        (b"<!DOCTYPE lapor><lapor><trackingid>7841120</trackingid></lapor>", Unknown),
        ("<?xml version='1.0' encoding='utf-16'?><!DOCTYPE l><l><trackingid>7841120</trackingid></l>".encode("utf-16"), Unknown),
        ("<?xml version='1.0' encoding='utf-16'?><!DOCTYPE l SYSTEM 'x'><l><trackingid>7841120</trackingid></l>".encode("utf-16"), Unknown),
        (wrap("<trackingid>&x;</trackingid>"), Unknown),
        (b'<?xml version="1.0" encoding="UTF-8"?><l a="\xe9"><trackingid>7841120</trackingid></l>', Unknown),
        (b'<?xml version="1.0" encoding="no-such"?><l><trackingid>7841120</trackingid></l>', Unknown),
        (ENTITY.encode(), Unknown),
        (LAUGHS.encode(), Unknown),
        (("<a>" * 100_000).encode(), Unknown),
    ],
)
def test_the_answer_is_read_without_surprises(octets: bytes, expect: object) -> None:
    outcome = read_answer(octets, ID)
    assert outcome == expect if isinstance(expect, Filed) else isinstance(outcome, expect)


@given(st.binary(max_size=300))
def test_any_octets_give_an_outcome(octets: bytes) -> None:
    assert isinstance(read_answer(octets, ID), Filed | Refused | Unknown)


@pytest.mark.parametrize(
    ("inner", "expect"),
    [
        ("<nomor>G7K2QP</nomor><trackingid>7841120</trackingid>", Filed("7841120")),
        ("<nomor>G7K2QP</nomor>", Absent()),
        ("<nomor>G7K2QP</nomor><trackingid/>", Absent()),
        ("<nomor>ZZZZZZ</nomor>", Unknown("a look-up that speaks of another number")),
        ("", Unknown("a look-up that speaks of another number")),
        ("<trackingid>7841120</trackingid>", Unknown("a look-up that speaks of another number")),
    ],
)
def test_a_look_up_is_believed_only_when_it_repeats_our_number(inner: str, expect: object) -> None:
    assert read_look_up(wrap(inner), "G7K2QP", ID) == expect


@pytest.mark.parametrize(
    ("anonim", "rahasia", "identity", "given_number"),
    [
        (False, False, Disclosure(), True),
        (True, False, Disclosure(), False),
        (False, True, Disclosure(), False),
        (True, True, Disclosure(anonim=Identity.NUMBER), False),
        (True, True, Disclosure(rahasia=Identity.NUMBER), False),
        (True, True, Disclosure(anonim=Identity.NUMBER, rahasia=Identity.NUMBER), True),
        (True, False, Disclosure(anonim=Identity.NUMBER, open=Identity.NOTHING), False),
        (False, False, Disclosure(open=Identity.NOTHING), False),
    ],
)
def test_the_number_leaves_us_only_where_every_flag_allows_it(
    *, anonim: bool, rahasia: bool, identity: Disclosure, given_number: bool
) -> None:
    async def run() -> Stored:
        async with core(policy=identity) as (client, simulator):
            await client.file(complaint(anonim=anonim, rahasia=rahasia), 1)
            return simulator.stored["G7K2QP"][0]

    stored = asyncio.run(run())
    assert stored.telpon == ("+6281234567890" if given_number else "")
    assert stored.names == ("", "", "")
    assert (stored.anonim, stored.rahasia) == (anonim, rahasia)


@pytest.mark.parametrize("kind", [kind for kind in ReporterKind if kind is not ReporterKind.MSISDN])
def test_what_is_no_telephone_number_is_never_given_as_one(kind: ReporterKind) -> None:
    async def run() -> Stored:
        async with core(empty="_") as (client, simulator):
            await client.file(complaint(kind=kind, anonim=False), 1)
            return simulator.stored["G7K2QP"][0]

    stored = asyncio.run(run())
    assert stored.telpon == "_"
    assert stored.names == ("_", "_", "_")


TEXTS = [
    "jln rusak & <b>tebal</b> ]]> \"kutip\" 'x' <!-- --> <?x?> &amp; &#13;",
    "baris satu\r\nbaris dua\rtiga\n\n\nempat\t ",
    "ﷺ 😀 👨\u200d👩\u200d👧 \u202eabc \uff21\uff27\uff21\uff2d \u0410gam e\u0301\u0301",
    " " * 50,
    "x",
    "a" * 39_000,
    "'; DROP TABLE x;-- ${jndi:ldap://x} {{7*7}} %s%n ../../ =HYPERLINK(1)",
]


@pytest.mark.parametrize("text", TEXTS)
def test_the_citizens_words_reach_the_core_unchanged(text: str) -> None:
    async def run() -> tuple[Outcome, Stored]:
        async with core() as (client, simulator):
            outcome = await client.file(complaint(text=text), 1)
            return outcome, simulator.stored["G7K2QP"][0]

    outcome, stored = asyncio.run(run())
    assert isinstance(outcome, Filed)
    assert stored.text == text


@given(st.text(max_size=200))
def test_any_text_survives_the_xml(text: str) -> None:
    client = AddStream(CoreSettings(token="{x}"), transport=None, policy=Disclosure())  # type: ignore[arg-type]
    record = complaint(text=text)
    root = etree.fromstring(client.body(record, header.build(record)))
    assert header.parse(root.findtext("laporan/isi"))[1] == header.legal(text)


def test_the_simulator_reads_every_field_of_the_record_from_the_header() -> None:
    record = complaint(
        hints=Hints(places=("Lubuk Basung", "Jl. A; B [no. 3]"), regions=("13.06",), dates=("sejak Senin",), topic="Jalan", oversight=True),
        marks=("tidak lengkap", "rusak sebagian"),
        candidates=(Candidate("63.03", "Kab. Banjar", "BANJAR"), Candidate(None, "Kemensos", "KEMSOS")),
    )

    async def run() -> Header | None:
        async with core() as (client, simulator):
            await client.file(record, 1)
            return simulator.stored["G7K2QP"][0].header

    read = asyncio.run(run())
    assert read.number == record.number
    assert read.channel == record.message.channel
    assert read.destination == record.message.destination
    assert read.received_ms == record.message.received_ms // 1000 * 1000
    assert read.instansi == record.instansi_name
    assert read.region == record.decision.region
    assert read.unit == record.decision.unit
    assert read.certainty == record.decision.certainty
    assert read.keyword == record.decision.keyword
    assert read.candidates == record.decision.candidates
    assert read.places == record.hints.places
    assert read.regions == record.hints.regions
    assert read.dates == record.hints.dates
    assert read.topic == record.hints.topic
    assert read.classification == record.hints.classification
    assert read.oversight == record.hints.oversight
    assert read.marks == record.marks


def test_the_token_is_escaped_and_never_shown() -> None:
    settings = CoreSettings(token='{C4N4RY-"<&>}')
    assert "C4N4RY" not in repr(settings)
    assert "C4N4RY" not in repr(AddStream(settings, transport=None, policy=Disclosure()))  # type: ignore[arg-type]
    record = complaint()
    body = AddStream(settings, transport=None, policy=Disclosure()).body(record, header.build(record))  # type: ignore[arg-type]
    assert etree.fromstring(body).get("token") == settings.token


def test_a_client_without_token_is_not_made() -> None:
    with pytest.raises(ValueError, match="token"):
        AddStream(CoreSettings(), transport=None, policy=Disclosure())  # type: ignore[arg-type]


def test_a_wrong_token_is_our_fault() -> None:
    async def run() -> Outcome:
        async with core() as (client, simulator):
            simulator._speech.token = "{another}"
            return await client.file(complaint(), 1)

    assert asyncio.run(run()) == NotFiled("HTTP 401", ours=True)


def test_a_text_beyond_the_limit_is_parked_and_never_cut() -> None:
    async def run() -> tuple[Outcome, dict[str, list[Stored]]]:
        async with core(isi_characters_max=1_000) as (client, simulator):
            return await client.file(complaint(text="x" * 1_001), 1), simulator.stored

    outcome, stored = asyncio.run(run())
    assert isinstance(outcome, Refused)
    assert stored == {}


def test_a_look_up_finds_what_was_stored_behind_a_lost_answer() -> None:
    async def run() -> tuple[Outcome, object, object, Stored]:
        async with core(lambda: Fault.RESET_AFTER) as (client, simulator):
            outcome = await client.file(complaint(), 1)
            return outcome, await client.look_up("G7K2QP"), await client.look_up("ZZZZZZ"), simulator.stored["G7K2QP"][0]

    outcome, found, missing, stored = asyncio.run(run())
    assert isinstance(outcome, Unknown)
    assert found == Filed(stored.tracking_id)
    assert missing == Absent()


def test_an_addition_is_a_stream_of_its_own_that_names_the_first() -> None:
    async def run() -> tuple[Outcome, Outcome, object, CoreSimulator]:
        async with core() as (client, simulator):
            first = await client.file(complaint(anonim=False, rahasia=True), 1)
            assert isinstance(first, Filed)
            added = supplement(tracking_id=first.tracking_id, anonim=False, rahasia=True)
            return first, await client.supplement(added, 1), await client.look_up(added.key), simulator

    first, second, found, simulator = asyncio.run(run())
    assert isinstance(first, Filed)
    assert isinstance(second, Filed)
    assert second.tracking_id != first.tracking_id
    assert found == Filed(second.tracking_id)
    [stored] = simulator.stored["G7K2QP-2"]
    assert stored.header is not None
    assert stored.header.adds_to == (first.tracking_id, "G7K2QP")
    assert (stored.text, stored.rahasia, stored.anonim) == ("sampai hari ini masih mati", True, False)
    assert simulator.doubled == []


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_means_the_same_for_an_addition(fault: Fault) -> None:
    async def run() -> Outcome:
        async with core(lambda: fault, hang_seconds=2.0, answer_seconds=0.6, connect_seconds=0.3) as (client, _):
            return await client.supplement(supplement(), 1)

    outcome = asyncio.run(run())
    assert ("OurFault" if isinstance(outcome, NotFiled) and outcome.ours else type(outcome).__name__) == MENU[fault].outcome


def test_addstream_neither_appends_nor_follows() -> None:
    async def run() -> tuple[bool, bool, object]:
        async with core() as (client, _):
            return client.can_append, client.can_follow, await client.course(["7841120"])

    assert asyncio.run(run()) == (False, False, Unknown("the core cannot be asked how a complaint stands"))


def test_an_addition_beyond_the_limit_is_parked_and_never_cut() -> None:
    async def run() -> tuple[Outcome, dict[str, list[Stored]]]:
        async with core(isi_characters_max=1_000) as (client, simulator):
            return await client.supplement(supplement(text="x" * 1_001), 1), simulator.stored

    assert asyncio.run(run()) == (Refused("isi is longer than 1000 characters"), {})


def test_without_a_look_up_address_nothing_is_known() -> None:
    async def run() -> tuple[bool, object]:
        async with core(lookup_url=None) as (client, _):
            return client.can_look_up, await client.look_up("G7K2QP")

    assert asyncio.run(run()) == (False, Unknown("the core has no look-up"))


def test_the_probe_files_nothing_and_sees_a_core_that_is_away() -> None:
    async def run() -> tuple[bool, bool, bool, CoreSimulator]:
        async with core() as (client, simulator):
            well = await client.probe()
            simulator.healthy = False
            ill = await client.probe()
            await simulator.stop()
            return well, ill, await client.probe(), simulator

    well, ill, away, simulator = asyncio.run(run())
    assert (well, ill, away) == (True, False, False)
    assert simulator.stored == {}


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"url": "ftp://x/"}, "url"),
        ({"url": "https://"}, "url"),
        ({"lookup_url": "https://x/look"}, "number"),
        ({"answers": {99: "read"}}, "status"),
        ({"tracking_id": "["}, "regular expression"),
        ({"connect_seconds": 30.0, "answer_seconds": 30.0}, "connect_seconds"),
        ({"key": "x"}, "certificate"),
    ],
)
def test_settings_that_cannot_work_are_refused(setting: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        CoreSettings(**setting)


def test_a_core_that_does_not_exist_took_nothing() -> None:
    async def run() -> Outcome:
        client = client_of(CoreSettings(url=f"http://127.0.0.1:9{STREAM}", token="{x}", connect_seconds=2.0, answer_seconds=5.0))
        try:
            return await client.file(complaint(), 1)
        finally:
            await client.close()

    outcome = asyncio.run(run())
    assert isinstance(outcome, NotFiled)
    assert not outcome.ours
