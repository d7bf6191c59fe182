"""Posts that become something else: edited into a command, out of one, away from us; wishes for secrecy that come later; PINs in public."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from forwarder.lifecycle import AdditionState, ComplaintState, HeldReason
from gateway.settings import Site
from gateway.tables import Tables
from parsers.model import Post
from parsers.post import Includes
from tests.gateway.test_posts import BUDI, HELD, OUR_ID, READY, SARI, Front, direct, house, play
from tests.journal.people import segment

__all__ = ["house"]

ROAD = "@lapor1708 #AduanAgam jembatan roboh di Lubuk Basung, ada korban"


def edited(front: Front, one: Post, text: str, **changes: Any) -> Post:
    """The next version of a post of X."""
    number = int(one.id) - int(front.post(0, "@lapor1708").id)
    newer = str(int(one.id) + 1)
    return front.post(number, text, one.author.value.removeprefix("x:"), id=newer, edit_history_tweet_ids=[one.id, newer], **changes)


async def ready(front: Front) -> list[str]:
    return [one.complaint.number for one in await front.journal.ready(50, front.time.ms)]


@pytest.mark.parametrize("command", ["status", "info", "berhenti", "status AB2345"])
def test_a_complaint_edited_into_a_command_waits_for_a_person_and_stops_nobody(
    tmp_path: Path, house: tuple[Site, Tables], command: str
) -> None:
    async def story(front: Front) -> None:
        one = front.post(1, ROAD)
        [first, other] = await front.take(one, front.post(2, "@lapor1708 sampah menumpuk", BUDI))
        [taken] = await front.take(edited(front, one, f"@lapor1708 {command}"))
        assert (taken.kind, taken.number) == ("edited", first.number)
        case = await front.case(first.number)
        assert (case.state, case.reason) == (HELD, HeldReason.REVIEW)
        assert case.complaint.message.text == f"@lapor1708 {command}"
        assert await ready(front) == [other.number]

    play(tmp_path, house, story)


def test_a_filed_complaint_edited_into_a_command_can_still_be_opened(tmp_path: Path, house: tuple[Site, Tables]) -> None:
    async def story(front: Front) -> None:
        [first] = await front.take(direct(front, 1, "AGAM lampu mati"))
        await front.file(first.number)
        await front.take(replace(direct(front, 1, "STATUS"), id="1b", version=2))
        case = await front.case(first.number)
        assert (case.state, case.attention) == (ComplaintState.FILED, "edited by its author")
        assert case.complaint is not None

    play(tmp_path, house, story)


@pytest.mark.parametrize("command", ["status", "info", "stop"])
def test_a_command_edited_into_a_complaint_is_one_and_is_not_answered_twice(
    tmp_path: Path, house: tuple[Site, Tables], command: str
) -> None:
    async def story(front: Front) -> None:
        one = front.post(1, f"@lapor1708 {command}")
        await front.take(one)
        await front.answers()
        [taken] = await front.take(edited(front, one, ROAD))
        case = await front.case(taken.number)
        assert (taken.kind, case.state, case.complaint.decision.region) == ("edited", READY, "13.06")
        assert await ready(front) == [taken.number]
        assert await front.answers() == []
        [again] = await front.take(edited(front, one, ROAD))
        assert (again.kind, again.number) == ("redelivery", taken.number)

    play(tmp_path, house, story)


def test_what_a_program_hands_in_as_a_question_and_then_as_a_complaint_gets_its_receipt(tmp_path: Path, house: tuple[Site, Tables]) -> None:
    async def story(front: Front) -> None:
        await front.take(direct(front, 1, "STATUS"))
        await front.answers()
        [taken] = await front.take(replace(direct(front, 1, "AGAM jembatan roboh"), id="1b", version=2))
        assert taken.number is not None
        assert [job.kind for job, _ in await front.answers()] == ["receipt_danger"]

    play(tmp_path, house, story)


def test_a_stop_that_comes_by_edit_is_heard(tmp_path: Path, house: tuple[Site, Tables]) -> None:
    async def story(front: Front) -> None:
        one = front.post(1, ROAD)
        await front.take(one)
        await front.take(edited(front, one, "@lapor1708 berhenti"))
        assert await front.answers() == []

    play(tmp_path, house, story)


def test_an_edit_that_takes_our_name_out_waits_for_a_person(tmp_path: Path, house: tuple[Site, Tables]) -> None:
    async def story(front: Front) -> None:
        one = front.post(1, ROAD)
        [first] = await front.take(one)
        [taken] = await front.take(edited(front, one, "maaf, saya cabut"))
        case = await front.case(first.number)
        assert (taken.kind, case.state, case.complaint.message.text) == ("edited", HELD, "maaf, saya cabut")

    play(tmp_path, house, story)


def test_a_strange_post_with_a_history_that_does_not_call_us_is_none_of_ours(tmp_path: Path, house: tuple[Site, Tables]) -> None:
    async def story(front: Front) -> None:
        strange = front.post(1, "selamat pagi", edit_history_tweet_ids=["1", "2"])
        assert [one.kind for one in await front.take(strange)] == ["not_ours"]

    play(tmp_path, house, story)


@pytest.mark.parametrize("by", ["edit", "addition"])
def test_a_later_wish_for_secrecy_ends_all_talk_in_public(tmp_path: Path, house: tuple[Site, Tables], by: str) -> None:
    async def story(front: Front) -> None:
        one = front.post(1, ROAD)
        [first] = await front.take(one)
        await front.file(first.number)
        wish = "@lapor1708 rahasiakan nama saya. jembatan roboh"
        more = front.post(2, wish, conversation_id=one.id) if by == "addition" else edited(front, one, wish)
        await front.take(more)
        await front.take(front.post(9, f"@lapor1708 status {first.number}"))
        said = [text for _, text in await front.answers()]
        assert said
        assert not any((first.number or "") in text or "7841120" in text for text in said), said

    play(tmp_path, house, story)


@pytest.mark.parametrize("by", ["itself", "addition"])
def test_an_edit_does_not_take_a_wish_for_secrecy_back(tmp_path: Path, house: tuple[Site, Tables], by: str) -> None:
    async def story(front: Front) -> None:
        wish = "@lapor1708 rahasiakan nama saya. jembatan roboh"
        one = front.post(1, wish if by == "itself" else ROAD)
        [first] = await front.take(one)
        if by == "addition":
            await front.take(front.post(2, wish, conversation_id=one.id))
        await front.take(edited(front, one, f"{ROAD}, segera"))
        case = await front.case(first.number)
        assert (case.state, case.complaint.rahasia) == (READY, True)
        said = [text for _, text in await front.answers()]
        assert said
        assert not any((first.number or "") in text for text in said)

    play(tmp_path, house, story)


@pytest.mark.parametrize(
    "text",
    [
        "@lapor1708 #AduanAgam jembatan roboh semalam, tiga hanyut. Dulu laporan 7123456 tidak ditindak",
        "#AduanAgam jembatan roboh semalam, laporan 7123456",
        "@lapor1708 Laporan: 20261125 banjir setinggi 2 meter, warga terjebak",
        "@lapor1708 rumah kami roboh. Status 08123456 bisa dihubungi",
        "@lapor1708 pengaduan no 0812345 ke polsek tak digubris, motor saya dicuri",
        "@lapor1708 #123456 rumah di jalan itu kebakaran",
    ],
)
def test_a_complaint_that_names_a_number_is_still_a_complaint(tmp_path: Path, house: tuple[Site, Tables], text: str) -> None:
    async def story(front: Front) -> None:
        [taken] = await front.take(front.post(1, text))
        assert (await front.case(taken.number)).state is READY

    play(tmp_path, house, story)


@pytest.mark.parametrize(
    "text",
    [
        "tracking ID #5943588 belum ada kabar",
        "#AduanAgam laporan 7123456 belum ada kabar",
        "Laporan: 20261125 belum",
        "laporan 7123456 sudah 3 minggu kok lama sekali min",
        "mohon update tiket 7123456",
    ],
)
def test_a_question_about_a_tracking_id_is_one(tmp_path: Path, house: tuple[Site, Tables], text: str) -> None:
    async def story(front: Front) -> None:
        [taken] = await front.take(front.post(1, f"@lapor1708 {text}"))
        assert taken.number is None
        assert [job.kind for job, _ in await front.answers()] == ["status_unknown"]

    play(tmp_path, house, story)


PICTURES = Includes(media={name: {"media_key": name, "url": f"https://pbs.twimg.com/{name}.jpg"} for name in ("m1", "m2")})


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [
        ("tolong ditindak", *({"referenced_tweets": [{"type": "quoted", "id": number}]} for number in ("111", "222"))),
        ("jalan rusak", *({"attachments": {"media_keys": [name]}} for name in ("m1", "m2"))),
    ],
    ids=["another post quoted", "another picture"],
)
def test_the_same_words_about_something_else_are_another_complaint(
    tmp_path: Path, house: tuple[Site, Tables], text: str, one: dict[str, Any], other: dict[str, Any]
) -> None:
    async def story(front: Front) -> None:
        first = front.post(1, f"@lapor1708 {text}", includes=PICTURES, **one)
        assert [each.kind for each in await front.take(first)] == ["stored"]
        assert [each.kind for each in await front.take(front.post(2, f"@lapor1708 {text}", includes=PICTURES, **other))] == ["stored"]
        assert [each.kind for each in await front.take(front.post(3, f"@lapor1708 {text}", includes=PICTURES, **other))] == ["resend"]

    play(tmp_path, house, story)


# ── PINs that all can read ──


async def _sms(front: Front, text: str, source: str) -> None:
    await front.desk.accept([segment(text, source)])


def _wide(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


FORMS = [
    "status {n} {p}", "{l} pin {p}", "{n}_{p}", "{n} PIN:{p}.", "{half} {p}", "{n}{p}", "{n} {wide_p}", "{wide_n} {p}", "{n} pin {spaced}",
    "{n} PIN {dashed}", "tracking id {t} pin {p}",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_pin_written_in_public_counts_no_more_however_it_is_written(tmp_path: Path, house: tuple[Site, Tables], form: str) -> None:
    async def story(front: Front) -> None:
        number, pin = await _told(front)
        text = form.format(
            n=number, l=number.lower(), p=pin, half=f"{number[:3]} {number[3:]}", wide_p=_wide(pin), wide_n=_wide(number),
            spaced=" ".join(pin), dashed=f"{pin[:2]}-{pin[2:]}", t="7841120",
        )  # fmt: skip
        await front.take(front.post(1, f"@lapor1708 {text}"))
        assert "pin" in [job.kind for job, _ in await front.answers()]
        for name in (number, "7841120"):
            await _sms(front, f"STATUS {name} {pin}", "628555000001")
        assert not any("7841120" in text for _, text in await front.answers())

    play(tmp_path, house, story)


def test_many_numbers_in_a_post_change_nobodys_pin(tmp_path: Path, house: tuple[Site, Tables]) -> None:
    async def story(front: Front) -> None:
        number, pin = await _told(front)
        others = " ".join(f"{other:04}" for other in range(1000, 1009))
        await front.take(front.post(1, f"@lapor1708 {number} {others} {pin}"))
        assert "pin" not in [job.kind for job, _ in await front.answers()]

    play(tmp_path, house, story)


async def _told(front: Front) -> tuple[str, str]:
    """A filed complaint by SMS: its number and PIN as its citizen was told."""
    await _sms(front, "AGAM lampu jalan mati di pasar", "6281234567789")
    [(_, receipt)] = await front.answers()
    found = re.search(r"No\. (\w{6}) PIN (\d{4})", receipt)
    assert found is not None
    await front.file(found[1])
    await front.answers()
    return found[1], found[2]


def below(front: Front, number: int, one: Post, text: str, author: str) -> Post:
    """What is said to us in the conversation of a post, whether or not our answer there is known by now."""
    told = {"in_reply_to_user_id": OUR_ID, "referenced_tweets": [{"type": "replied_to", "id": f"{one.id}9"}]}
    return front.post(number, text, author, conversation_id=one.id, **told)


def test_a_wish_below_an_old_post_is_for_its_case_and_not_for_the_newest(tmp_path: Path, house: tuple[Site, Tables]) -> None:
    async def story(front: Front) -> None:
        each = [
            front.post(number, f"@lapor1708 {text}") for number, text in enumerate(("jembatan roboh", "sampah", "lampu", "pungli", "air"))
        ]
        [first, *others] = await front.take(*each)
        await front.take(below(front, 20, each[0], "@lapor1708 BATAL", SARI))
        assert (await front.case(first.number)).state is ComplaintState.CLOSED
        assert sorted(await ready(front)) == sorted(str(one.number) for one in others)

    play(tmp_path, house, story)


@pytest.mark.parametrize("wish", ["BATAL", "RAHASIA", "ANONIM"])
def test_a_wish_below_anothers_post_changes_neither_case_and_waits_for_a_person(
    tmp_path: Path, house: tuple[Site, Tables], wish: str
) -> None:
    async def story(front: Front) -> None:
        one, other = front.post(1, "@lapor1708 jembatan roboh"), front.post(2, "@lapor1708 sampah menumpuk", BUDI)
        [hers, his] = await front.take(one, other)
        await front.take(below(front, 20, one, f"@lapor1708 {wish}", BUDI))
        assert sorted(await ready(front)) == sorted(str(taken.number) for taken in (hers, his))
        assert not (await front.case(his.number)).complaint.rahasia
        [said] = (await front.case(hers.number)).additions
        assert said.reason == "said by somebody else than the reporter"

    play(tmp_path, house, story)


def test_a_wish_in_other_words_is_not_passed_on_by_itself(tmp_path: Path, house: tuple[Site, Tables]) -> None:
    async def story(front: Front) -> None:
        [first] = await front.take(front.post(1, ROAD))
        await front.file(first.number)
        wish = front.post(2, "@lapor1708 BATAL")
        await front.take(wish)
        [said] = (await front.case(first.number)).additions
        assert said.state is AdditionState.READY
        await front.take(edited(front, wish, "@lapor1708 batalkan rencana pembongkaran itu, jembatan darurat juga roboh"))
        [said] = (await front.case(first.number)).additions
        assert (said.state, said.reason) == (AdditionState.DESK, "wish: batal (open), its author changed the words of a wish")

    play(tmp_path, house, story)
