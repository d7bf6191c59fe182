"""What every dialect must do alike: the fault menu, the citizen's words, additions, look-ups, the course."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from forwarder.core import dialects
from forwarder.core.contract import Absent, CallbackError, Course, CourseStatus, Filed, NotFiled, Outcome, Refused, Unknown
from forwarder.core.header import legal
from forwarder.core.settings import SHIPPED_URL, CoreSettings, GeoReportSettings
from forwarder.core.simulator import DIALECTS, MENU, TOKEN, CoreSimulator, Fault, Stored, scripted
from parsers.complaint import Disclosure, Identity
from parsers.errors import SettingsError
from tests.core.samples import SHIPPED, complaint, reaching, spoken, supplement
from tests.core.test_addstream import TEXTS

every_dialect = pytest.mark.parametrize("dialect", list(DIALECTS))
QUICK = {"hang_seconds": 2.0, "answer_seconds": 0.6, "connect_seconds": 0.3}
FIRST = "7841120"


def kind(outcome: object) -> str:
    return "OurFault" if isinstance(outcome, NotFiled) and outcome.ours else type(outcome).__name__


@every_dialect
@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_of_the_menu_means_what_the_table_says(dialect: str, fault: Fault) -> None:
    async def run() -> tuple[Outcome, Outcome, CoreSimulator]:
        async with spoken(dialect, scripted([fault, fault]), **QUICK) as (client, simulator):
            return await client.file(complaint(), 1), await client.supplement(supplement(tracking_id="7000001"), 1), simulator

    filed, added, simulator = asyncio.run(run())
    assert kind(filed) == MENU[fault].outcome, filed
    nothing_there = fault is Fault.NOT_FOUND and dialect != "addstream"  # of what it adds to, which is no fault of ours
    assert kind(added) == ("Refused" if nothing_there else MENU[fault].outcome), added
    assert sorted(simulator.stored) == ["G7K2QP", "G7K2QP-2"][: 2 * MENU[fault].stores]
    assert simulator.calls == {fault: 2}


@every_dialect
def test_a_wrong_token_is_our_fault(dialect: str) -> None:
    async def run() -> tuple[Outcome, Outcome]:
        async with spoken(dialect) as (client, simulator):
            simulator._speech.token = "{another}"
            return await client.file(complaint(), 1), await client.supplement(supplement(), 1)

    assert [kind(one) for one in asyncio.run(run())] == ["OurFault", "OurFault"]


@every_dialect
@pytest.mark.parametrize(
    "text", [*TEXTS, "[No: X]\n\nfeigned", "\n\n\nempty lines first", "nul \0 esc \x1b[2J \ud800 lone", "{isi} {token} %s"]
)
def test_the_citizens_words_reach_the_core_unchanged(dialect: str, text: str) -> None:
    async def run() -> tuple[Outcome, Stored, Stored]:
        async with spoken(dialect) as (client, simulator):
            outcome = await client.file(complaint(text=text), 1)
            await client.supplement(supplement(text=text, tracking_id="7000001"), 1)
            return outcome, simulator.stored["G7K2QP"][0], simulator.stored["G7K2QP-2"][0]

    outcome, stored, added = asyncio.run(run())
    assert isinstance(outcome, Filed)
    assert (stored.text, added.text) == (legal(text), legal(text))


@every_dialect
def test_an_addition_is_found_by_its_key_and_the_first_by_its_number_and_each_says_where_it_stands(dialect: str) -> None:
    async def run() -> tuple[bool, list[object]]:
        async with spoken(dialect) as (client, _):
            first = await client.file(complaint(rahasia=True), 1)
            assert isinstance(first, Filed)
            nothing = await client.look_up("G7K2QP-2")
            added = await client.supplement(supplement(tracking_id=first.tracking_id, rahasia=True), 1)
            ask = [await client.look_up(one) for one in ("G7K2QP", "G7K2QP-2", "ZZZZZZ", "G7K2QP-3")]
            return client.can_append, [first.tracking_id, nothing, added, *ask]

    can_append, (first, nothing, added, *asked) = asyncio.run(run())
    assert isinstance(added, Filed)
    assert can_append is (added.tracking_id == first)
    assert nothing == Absent()
    assert asked == [Filed(str(first)), Filed(added.tracking_id), Absent(), Absent()]


@every_dialect
@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.ERROR_AFTER, Fault.HANG_AFTER, Fault.CUT, Fault.GATEWAY])
def test_a_look_up_finds_what_was_stored_behind_a_lost_answer(dialect: str, fault: Fault) -> None:
    async def run() -> tuple[Outcome, object, Stored]:
        async with spoken(dialect, scripted([fault]), **QUICK) as (client, simulator):
            outcome = await client.file(complaint(), 1)
            return outcome, await client.look_up("G7K2QP"), simulator.stored["G7K2QP"][0]

    outcome, found, stored = asyncio.run(run())
    assert isinstance(outcome, Unknown)
    assert found == Filed(stored.tracking_id)


@every_dialect
def test_a_record_that_stands_twice_is_nothing_a_look_up_may_settle(dialect: str) -> None:
    async def run() -> object:
        async with spoken(dialect) as (client, _):
            for _ in range(2):
                await client.file(complaint(), 1)
            return await client.look_up("G7K2QP")

    assert isinstance(asyncio.run(run()), Unknown)


@every_dialect
def test_the_course_is_told_where_it_can_be_asked(dialect: str) -> None:
    at = 1_795_340_000_000

    async def run() -> tuple[bool, object, list[str]]:
        async with spoken(dialect) as (client, simulator):
            ids = []
            for number in range(45):  # more than one page of the simulated core
                filed = await client.file(complaint(f"A{number:05}"), 1)
                assert isinstance(filed, Filed)
                ids.append(filed.tracking_id)
            simulator.stand(Course(ids[1], CourseStatus.IN_PROCESS, "", disposed_ms=at))
            simulator.stand(Course(ids[44], CourseStatus.DONE, "", at, at + 1_000, at + 2_000))
            simulator.stand(Course(ids[2], CourseStatus.DISPOSED, "", answer="Di RT mana?", asks=True, rahasia=True, anonim=False))
            return client.can_follow, await client.course([*ids, "9999999"]), ids

    can_follow, courses, ids = asyncio.run(run())
    if dialect == "addstream":
        assert (can_follow, type(courses)) == (False, Unknown)
        return
    assert can_follow
    assert isinstance(courses, Sequence)
    by_id = {one.tracking_id: one for one in courses}
    assert sorted(by_id) == sorted(ids), "what the core does not know is left out"
    assert by_id[ids[0]].status is CourseStatus.UNVERIFIED
    assert by_id[ids[2]].answer == "Di RT mana?"
    if dialect == "mapped":
        assert (by_id[ids[2]].asks, by_id[ids[2]].rahasia, by_id[ids[2]].anonim) == (True, True, False)
        assert by_id[ids[1]] == Course(ids[1], CourseStatus.IN_PROCESS, "Terdisposisi Sedang Diproses", disposed_ms=at)
        assert by_id[ids[44]] == Course(ids[44], CourseStatus.DONE, "Terdisposisi Selesai", at, at + 1_000, at + 2_000)
    else:
        assert by_id[ids[1]] == Course(ids[1], CourseStatus.DISPOSED, "open")
        assert by_id[ids[44]] == Course(ids[44], CourseStatus.DONE, "closed", finished_ms=at + 2_000)


@every_dialect
def test_a_core_that_is_away_says_nothing_of_any_complaint(dialect: str) -> None:
    async def run() -> list[object]:
        async with spoken(dialect) as (client, simulator):
            well = await client.probe()
            simulator.healthy = False
            said = [well, await client.probe(), await client.look_up("G7K2QP"), await client.course(["7000001"])]
            await simulator.stop()
            return [
                *said,
                await client.probe(),
                await client.look_up("G7K2QP"),
                await client.course(["7000001"]),
                await client.file(complaint(), 1),
            ]

    well, ill, looked, course, away, looked_away, course_away, filed = asyncio.run(run())
    assert (well, ill, away) == (True, False, False)
    assert all(isinstance(one, Unknown) for one in (looked, course, looked_away, course_away))
    assert isinstance(filed, NotFiled)
    assert not filed.ours


@every_dialect
@pytest.mark.parametrize(
    ("anonim", "rahasia", "policy", "given"),
    [
        (False, False, Disclosure(), True),
        (True, False, Disclosure(), False),
        (False, True, Disclosure(), False),
        (True, True, Disclosure(anonim=Identity.NUMBER, rahasia=Identity.NUMBER), True),
        (False, False, Disclosure(open=Identity.NOTHING), False),
    ],
)
def test_flags_and_number_leave_us_as_the_policy_says(
    dialect: str, *, anonim: bool, rahasia: bool, policy: Disclosure, given: bool
) -> None:
    async def run() -> Stored:
        async with spoken(dialect, policy=policy) as (client, simulator):
            await client.file(complaint(anonim=anonim, rahasia=rahasia), 1)
            return simulator.stored["G7K2QP"][0]

    stored = asyncio.run(run())
    assert (stored.anonim, stored.rahasia) == (anonim, rahasia)
    assert stored.telpon == ("+6281234567890" if given else "")


@every_dialect
def test_a_text_beyond_the_limit_is_parked_and_never_cut(dialect: str) -> None:
    async def run() -> tuple[Outcome, Outcome, dict[str, list[Stored]]]:
        async with spoken(dialect, isi_characters_max=1_000) as (client, simulator):
            long = "x" * 1_001
            return await client.file(complaint(text=long), 1), await client.supplement(supplement(text=long), 1), simulator.stored

    assert asyncio.run(run()) == (Refused("isi is longer than 1000 characters"), Refused("isi is longer than 1000 characters"), {})


@every_dialect
def test_what_cannot_be_written_down_is_parked(dialect: str) -> None:
    broken = complaint()
    broken = replace(broken, message=replace(broken.message, received_ms=10**18))

    async def run() -> Outcome:
        async with spoken(dialect) as (client, _):
            return await client.file(broken, 1)

    assert isinstance(asyncio.run(run()), Refused)


@every_dialect
def test_the_secrets_are_nowhere_in_what_may_be_shown(dialect: str) -> None:
    async def run() -> str:
        async with spoken(dialect) as (client, _):
            return repr(client) + repr(reaching(dialect, "http://x.example"))

    shown = asyncio.run(run())
    assert TOKEN not in shown
    assert "k" * 32 not in shown


@every_dialect
def test_callbacks_are_believed_only_of_a_core_that_signs(dialect: str) -> None:
    async def run() -> bool:
        async with spoken(dialect) as (client, _):
            with pytest.raises(CallbackError) as raised:
                client.read_callback({}, b"{}")
            assert not raised.value.signed
            return client.can_hear

    assert asyncio.run(run()) is (dialect == "mapped")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (CoreSettings(), None),
        (CoreSettings(dialect="mapped", url="http://x", mapping=dialects.EXAMPLE, callback_key="k"), None),
        (CoreSettings(dialect="georeport", url="http://x", georeport=GeoReportSettings(service_code="1")), None),
        (CoreSettings(dialect="mapped", url="http://x"), 'core.mapping is empty: the dialect "mapped" needs its file; copy '),
        (CoreSettings(dialect="mapped", url="http://x", mapping="no.toml"), "no.toml: cannot be read: No such file or directory"),
        (CoreSettings(dialect="mapped", url="http://x", mapping=dialects.EXAMPLE), "secret core_callback_key is missing"),
        (CoreSettings(dialect="georeport", url="http://x"), "gateway.toml: core.georeport.service_code is empty"),
        (CoreSettings(dialect="georeport", georeport=GeoReportSettings(service_code="1")), "gateway.toml: core.url is addstream's"),
        (CoreSettings(mapping="x.toml"), 'gateway.toml: core.mapping is for dialect = "mapped" alone'),
        (
            CoreSettings(dialect="mapped", url="http://x", mapping=dialects.EXAMPLE, callback_key="k", lookup_url="http://x/{number}"),
            "gateway.toml: core.lookup_url is not for mapped",
        ),
    ],
)
def test_what_a_dialect_lacks_is_said_with_its_remedy(settings: CoreSettings, sentence: str | None) -> None:
    found = list(dialects.problems(settings, SHIPPED / "gateway.toml"))
    assert [sentence in one for one in found] == [True] * (sentence is not None), found
    assert settings.url == SHIPPED_URL or settings.dialect != "addstream"


@pytest.mark.parametrize("octets", [b"\xff\xfe", b"x" * (dialects.MAPPING_OCTETS_MAX + 1), b"= ="])
def test_a_mapping_that_is_no_text_is_named(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / "m.toml").write_bytes(octets)
    with pytest.raises(SettingsError) as raised:
        dialects.mapping_of(CoreSettings(dialect="mapped", mapping="m.toml"), tmp_path)
    assert len(raised.value.problems) == 1
    assert "m.toml" in raised.value.problems[0]


def test_no_client_is_made_without_token() -> None:
    with pytest.raises(ValueError, match="token"):
        dialects.client_of(CoreSettings(), Disclosure(), SHIPPED, connections_max=1)
