"""The dialogue as a table: each stand and each text has its turn, and the turn does what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forwarder.lifecycle import ComplaintState, HeldReason
from forwarder.records import Composed, ReplyDraft
from forwarder.talk import (
    Ask,
    Asked,
    Choice,
    Heard,
    Hide,
    Join,
    Listen,
    Move,
    Question,
    Release,
    Request,
    Said,
    Talk,
    TalkCase,
    Wish,
    Withdraw,
)
from gateway.dialogue import Manners, converse
from gateway.turns import TURNS, Stand, Turn, stand
from parsers.model import Address, Certainty, Complaint, Decision, Hints, Message, Reporter, ReporterKind

NOW = 1_795_000_000_000
DAY = 86_400_000
MANNERS = Manners(reply_ms=DAY, receipt_wait_ms=10_000)
AGAM = Choice("13.06", "Pemkab Agam", "AGAM", "Kab. Agam")
BADUNG = Choice("51.03", "Pemkab Badung", "BADUNG", "Kab. Badung")
S = ComplaintState


def case(state: ComplaintState = S.FILED, **changes: object) -> TalkCase:
    """A case of the sender's own, spoken of a minute ago."""
    plain = TalkCase(
        7,
        "GA7K2Q",
        state,
        "7841120" if state is S.FILED else None,
        rahasia=False,
        anonim=False,
        oversight=False,
        certainty=Certainty.EXPLICIT,
        region="13.06",
        topic="jalan",
        said_ms=NOW - 60_000,
        told_ms=NOW - 50_000,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def talk(*recent: TalkCase, question: Question | None = None, named: TalkCase | None = None, silent: bool = False) -> Talk:
    return Talk(NOW, named, recent, question, silent)


def asked(what: Asked, *choices: Choice, times: int = 1) -> Talk:
    """One open question about a case of his."""
    one = case(S.HELD, certainty=Certainty.AMBIGUOUS, region=None, asked=times)
    return talk(one, question=Question(one, what, choices))


TALKS = {
    Stand.NEW: talk(),
    Stand.KNOWN: talk(case(said_ms=NOW - 2 * DAY, told_ms=NOW - 2 * DAY)),
    Stand.TALKING: talk(case()),
    Stand.SETTLED: talk(case(settled_ms=NOW - DAY)),
    Stand.ASKED_REGION: asked(Asked.REGION, AGAM, BADUNG),
    Stand.ASKED_PLACE: asked(Asked.PLACE),
    Stand.ASKED_MATTER: asked(Asked.MATTER),
}


def text(heard: Heard = Heard.TEXT, *, kind: ReporterKind = ReporterKind.MSISDN, region: str | None = None, **said: object) -> Composed:
    """What the front desk hands in for a text."""
    reporter = Reporter(kind, "+6281234567789", Address(1, 1, "6281234567789"))
    message = Message(99, "SMS 1708", "telkomsel", "a", reporter, "1708", NOW, None, "kata warga", "gsm7", 0)
    certainty = Certainty.EXPLICIT if region else Certainty.NATIONAL
    decision = Decision(certainty, region, "Pemkab Agam", None, "AGAM" if region else None, "r", "v", (0, 10), "why")
    complaint = Complaint("GA9999", message, decision, Hints(), "Kab. Agam", anonim=True, rahasia=False, fingerprint=b"")
    short = heard in (Heard.STATUS, Heard.INFO, Heard.STOP, Heard.START, Heard.CHOICE, Heard.YES, Heard.NO, Heard.THANKS)
    draft = None if short else ReplyDraft("receipt", NOW + 10_000)
    return Composed(message, None if short else complaint, reply=draft, complaint_id=42, said=Said(heard, **said))  # type: ignore[arg-type]


def kinds(composed: Composed) -> list[type[Move]]:
    return [type(move) for move in composed.moves]


@pytest.mark.parametrize("heard", Heard)
@pytest.mark.parametrize("where", Stand)
def test_each_stand_and_each_text_have_their_turn_and_lose_nothing(where: Stand, heard: Heard) -> None:
    assert stand(TALKS[where], MANNERS.reply_ms) is where
    said = text(heard, choice=1 if heard is Heard.CHOICE else None)
    decided = converse(said, TALKS[where], MANNERS)
    kept = decided.complaint is not None or any(isinstance(move, Join | Request) for move in decided.moves)
    spoken = decided.reply is not None
    assert kept or spoken
    words = heard in (Heard.REPORT, Heard.TEXT, Heard.KEYWORD, Heard.ADD)
    assert kept or not words, "a citizen's words would be lost"
    assert sum(isinstance(move, Ask) for move in decided.moves) <= (where in (Stand.NEW, Stand.KNOWN) or TALKS[where].question is not None)


def test_the_table_is_whole() -> None:
    assert {where: set(turns) for where, turns in TURNS.items()} == {where: set(Heard) for where in Stand}
    assert {turn for turns in TURNS.values() for turn in turns.values()} == set(Turn)


@pytest.mark.parametrize(
    ("said", "named", "reply", "moves"),
    [
        (text(Heard.STATUS), None, "status_filed", []),
        (text(Heard.STATUS, number="GA7K2Q"), case(), "status_filed", []),
        (text(Heard.STATUS, number="GB2222"), None, "status_unknown", []),
        (text(Heard.RAHASIA), None, "wish_rahasia", [Hide, Request]),
        (text(Heard.ANONIM), None, "wish_anonim", [Hide, Request]),
        (text(Heard.CANCEL), None, "wish_batal", [Request]),
        (text(Heard.ADD, holds_words=False), None, "add_how", []),
        (text(Heard.ADD), None, "added", [Join]),
        (text(Heard.TEXT), None, "added", [Join]),
        (text(Heard.STOP), None, "stopped", [Listen]),
        (text(Heard.START), None, "started", [Listen]),
        (text(Heard.INFO), None, "info", []),
    ],
    ids=range(12),
)
def test_what_is_said_about_a_filed_case(said: Composed, named: TalkCase | None, reply: str, moves: list[type[Move]]) -> None:
    decided = converse(said, talk(case(), named=named), MANNERS)
    assert decided.reply is not None
    assert (decided.reply.kind, kinds(decided), decided.complaint) == (reply, moves, None)


@pytest.mark.parametrize("state", [S.HELD, S.READY, S.PARKED])
def test_what_the_core_does_not_have_is_hidden_and_withdrawn_at_once(state: ComplaintState) -> None:
    hidden = converse(text(Heard.RAHASIA), talk(case(state)), MANNERS)
    assert (hidden.moves, hidden.reply and hidden.reply.kind) == ((Hide(7, Wish.RAHASIA),), "now_rahasia")
    withdrawn = converse(text(Heard.CANCEL), talk(case(state)), MANNERS)
    assert (withdrawn.moves, withdrawn.reply and withdrawn.reply.kind) == ((Withdraw(7),), "withdrawn")


@pytest.mark.parametrize("state", [S.HELD, S.READY, S.FILED, S.SENDING, S.UNKNOWN, S.PARKED])
@pytest.mark.parametrize("flag", ["rahasia", "oversight"])
def test_a_delicate_case_is_withdrawn_by_a_person_alone(state: ComplaintState, flag: str) -> None:
    decided = converse(text(Heard.CANCEL), talk(case(state, **{flag: True})), MANNERS)
    (move,) = decided.moves
    assert isinstance(move, Withdraw | Request)
    assert move.why
    assert decided.reply is not None
    assert decided.reply.kind == "withdraw_desk"


@pytest.mark.parametrize("heard", [Heard.RAHASIA, Heard.ANONIM, Heard.CANCEL, Heard.STATUS])
def test_a_stranger_hears_the_same_whether_there_is_a_case_or_none(heard: Heard) -> None:
    decided = converse(text(heard, number="GA7K2Q"), talk(), MANNERS)
    assert decided.reply is not None
    assert (decided.reply.kind, decided.reply.about, decided.moves) == ("status_unknown", None, ())


@pytest.mark.parametrize("heard", [Heard.RAHASIA, Heard.ANONIM, Heard.CANCEL])
def test_where_another_gateway_may_have_the_case_a_person_sees_the_request_and_its_sender_learns_nothing(heard: Heard) -> None:
    decided = converse(text(heard, number="GA7K2Q"), talk(), replace(MANNERS, elsewhere_wait_ms=5_000))
    assert decided.reply is not None
    assert (decided.state, decided.reason, decided.reply.kind) == (S.HELD, HeldReason.REVIEW, "status_unknown")


def test_words_for_a_case_that_is_not_his_are_kept_for_a_person_and_tell_nothing() -> None:
    decided = converse(text(Heard.ADD, number="GA7K2Q"), talk(), MANNERS)
    assert decided.reply is not None
    assert (decided.state, decided.reason, decided.reply.kind) == (S.HELD, HeldReason.REVIEW, "status_unknown")


def test_on_x_nothing_is_told_of_a_rahasia_case() -> None:
    decided = converse(text(Heard.STATUS, kind=ReporterKind.ACCOUNT), talk(case(rahasia=True)), MANNERS)
    assert decided.reply is not None
    assert (decided.reply.kind, decided.reply.about) == ("status_unknown", None)


@pytest.mark.parametrize(
    ("digit", "reply", "moves"),
    [
        (1, "receipt", (Release(7, choice=AGAM),)),
        (2, "receipt", (Release(7, choice=BADUNG),)),
        (0, "receipt", (Release(7, "daerah tidak dipilih pelapor"),)),
        (3, "ask_region", (Ask(7, Asked.REGION, (AGAM, BADUNG)),)),
    ],
)
def test_a_number_chooses_a_region_and_a_wrong_one_is_asked_once_more(digit: int, reply: str, moves: tuple[Move, ...]) -> None:
    decided = converse(text(Heard.CHOICE, choice=digit), asked(Asked.REGION, AGAM, BADUNG), MANNERS)
    assert (decided.reply and decided.reply.kind, decided.moves) == (reply, moves)


def test_nobody_is_asked_a_third_time() -> None:
    decided = converse(text(Heard.CHOICE, choice=5), asked(Asked.REGION, AGAM, BADUNG, times=2), MANNERS)
    assert decided.reply is not None
    assert (decided.reply.withheld is not None, decided.moves) == (True, ())


@pytest.mark.parametrize(("heard", "choice"), [(Heard.YES, AGAM), (Heard.NO, None)])
def test_yes_and_no_settle_a_question_of_one_region(heard: Heard, choice: Choice | None) -> None:
    decided = converse(text(heard), asked(Asked.REGION, AGAM), MANNERS)
    assert decided.moves == (Release(7, None if choice else "daerah tidak dipilih pelapor", choice),)


def test_a_keyword_answers_which_region() -> None:
    decided = converse(text(Heard.KEYWORD, region="13.06"), asked(Asked.REGION, AGAM, BADUNG), MANNERS)
    assert decided.moves == (Join(7, answers=True), Release(7, choice=AGAM))


def test_words_that_name_no_region_are_kept_and_the_question_stays() -> None:
    decided = converse(text(), asked(Asked.REGION, AGAM, BADUNG), MANNERS)
    assert (decided.moves, decided.reply and decided.reply.kind) == ((Join(7, answers=True),), "added")


def test_a_place_lets_the_complaint_go_with_it() -> None:
    decided = converse(text(), asked(Asked.PLACE), MANNERS)
    assert (decided.moves, decided.reply and decided.reply.kind) == ((Join(7, answers=True), Release(7)), "receipt")


def test_the_matter_may_lead_to_the_question_where_and_then_no_more() -> None:
    first = converse(text(ask=Asked.PLACE), asked(Asked.MATTER), MANNERS)
    assert (first.moves, first.reply and first.reply.kind) == ((Join(7, answers=True), Ask(7, Asked.PLACE)), "ask_place")
    second = converse(text(ask=Asked.PLACE), asked(Asked.MATTER, times=2), MANNERS)
    assert second.moves == (Join(7, answers=True), Release(7))


def test_danger_is_never_asked_about() -> None:
    fresh = converse(text(Heard.TEXT, ask=Asked.PLACE, danger=True), talk(), MANNERS)
    assert (fresh.state, fresh.moves) == (S.READY, ())
    later = converse(text(Heard.TEXT, ask=Asked.PLACE, danger=True), asked(Asked.MATTER), MANNERS)
    assert later.reply is not None
    assert (later.reply.kind, later.reply.due_ms) == ("receipt_danger", NOW)


def test_a_complaint_without_a_place_is_kept_back_and_asked_about() -> None:
    decided = converse(text(Heard.TEXT, ask=Asked.PLACE), talk(), MANNERS)
    assert decided.reply is not None
    assert (decided.state, decided.reason, decided.reply.kind) == (S.HELD, HeldReason.QUESTION, "ask_place")
    assert decided.moves == (Ask(42, Asked.PLACE, ()),)


def test_a_keyword_alone_is_asked_for_its_matter_and_goes_on_without_an_answer() -> None:
    empty = replace(text(Heard.KEYWORD, region="13.06", ask=Asked.MATTER), state=S.HELD, reason=HeldReason.REVIEW)
    decided = converse(empty, talk(), MANNERS)
    assert decided.reply is not None
    assert (decided.state, decided.reason, decided.reply.kind) == (S.HELD, HeldReason.QUESTION, "empty")
    assert decided.moves == (Ask(42, Asked.MATTER, ()),)
    silent = converse(empty, talk(silent=True), MANNERS)
    assert (silent.reason, silent.moves) == (HeldReason.REVIEW, ())


@pytest.mark.parametrize("why", ["question open", "silent", "cannot be asked"])
def test_who_is_asked_already_or_wants_no_messages_is_not_asked(why: str) -> None:
    view = {"question open": asked(Asked.REGION, AGAM), "silent": talk(silent=True), "cannot be asked": talk()}[why]
    decided = converse(text(Heard.REPORT, region="13.06", ask=Asked.PLACE, at_once=why == "cannot be asked"), view, MANNERS)
    assert (decided.state, decided.moves) == (S.READY, ())


def test_two_troubles_of_an_hour_are_two_complaints() -> None:
    other = text()
    assert other.complaint is not None
    other = replace(other, complaint=replace(other.complaint, hints=Hints(topic="air")))
    assert converse(other, talk(case()), MANNERS).complaint is not None
    goes_on = replace(other, complaint=replace(other.complaint, message=replace(other.message, text="sudah ada korban")))
    assert converse(goes_on, talk(case()), MANNERS).moves == (Join(7),)
    same = replace(other, complaint=replace(other.complaint, hints=Hints(topic="jalan")))
    assert converse(same, talk(case()), MANNERS).moves == (Join(7),)


def test_nearly_the_same_words_again_add_to_the_first_case() -> None:
    print_ = b"\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00\x04"
    again = text(Heard.REPORT, region="13.06")
    assert again.complaint is not None
    again = replace(again, complaint=replace(again.complaint, fingerprint=print_[:12] + b"\x00\x00\x00\x09"))
    view = talk(case(fingerprint=print_, said_ms=NOW - 3 * DAY, told_ms=NOW - 3 * DAY))
    assert converse(again, view, MANNERS).moves == (Join(7),)
    elsewhere = replace(view, recent=(replace(view.recent[0], region="51.03"),))
    assert converse(again, elsewhere, MANNERS).complaint is not None
    old = replace(view, recent=(replace(view.recent[0], said_ms=NOW - 8 * DAY),))
    assert converse(again, old, MANNERS).complaint is not None


def test_stop_lets_a_waiting_complaint_go_and_says_so_once() -> None:
    decided = converse(text(Heard.STOP), asked(Asked.PLACE), MANNERS)
    assert decided.moves == (Listen(wanted=False), Release(7, "tempat tidak disebut pelapor"))
    again = converse(text(Heard.STOP), talk(silent=True), MANNERS)
    assert again.reply is not None
    assert again.reply.withheld


def test_no_to_a_case_called_done_is_an_objection() -> None:
    decided = converse(text(Heard.NO), TALKS[Stand.SETTLED], MANNERS)
    assert decided.moves == (Request(7, Wish.OBJECTION),)
    late = converse(text(Heard.NO), talk(case(settled_ms=NOW - 11 * DAY)), MANNERS)
    assert late.moves == ()


def test_what_has_nothing_to_say_to_a_dialogue_stays_as_it_is() -> None:
    plain = replace(text(), said=None)
    assert converse(plain, talk(case()), MANNERS) is plain


@pytest.mark.parametrize("news", [{"settled_ms": NOW - 1_000}, {"asks": True}], ids=["done", "asks"])
def test_words_answer_the_case_whose_news_asked_for_a_reply_though_another_is_newer(news: dict[str, object]) -> None:
    older = case(said_ms=NOW - 9 * DAY, told_ms=NOW - 1_000, **news)
    newer = replace(case(said_ms=NOW - DAY, told_ms=NOW - DAY), complaint_id=8, number="GB7K2Q")
    assert converse(text(), talk(newer, older), MANNERS).moves == (Join(7),)
    assert converse(text(Heard.CANCEL), talk(newer, older), MANNERS).moves == (Request(8, Wish.CANCEL),)
    since = replace(newer, said_ms=NOW)
    assert converse(text(), talk(since, older), MANNERS).moves == (Join(8),), "he has spoken of the newer one since"


def test_a_no_to_what_is_called_done_is_an_objection_to_that_case() -> None:
    older = case(said_ms=NOW - 9 * DAY, told_ms=NOW - 1_000, settled_ms=NOW - 1_000)
    newer = replace(case(said_ms=NOW - DAY, told_ms=NOW - DAY), complaint_id=8)
    assert converse(text(Heard.NO), talk(newer, older), MANNERS).moves == (Request(7, Wish.OBJECTION),)


def test_danger_in_an_answer_waits_for_no_region() -> None:
    decided = converse(text(danger=True), asked(Asked.REGION, AGAM, BADUNG), MANNERS)
    assert (kinds(decided), decided.reply and decided.reply.kind) == ([Join, Release], "receipt_danger")


def test_danger_in_what_is_added_is_answered_as_such() -> None:
    decided = converse(text(danger=True), talk(case()), MANNERS)
    assert (kinds(decided), decided.reply and decided.reply.kind) == ([Join], "receipt_danger")


@pytest.mark.parametrize("where", [case(S.CLOSED), case(S.CLOSED, rahasia=True)], ids=["closed", "closed and rahasia"])
def test_what_is_added_to_a_closed_case_is_not_said_to_go_to_the_core(where: TalkCase) -> None:
    decided = converse(text(Heard.ADD, number="GA7K2Q"), talk(where, named=where), MANNERS)
    assert (kinds(decided), decided.reply and decided.reply.kind) == ([Join], "request")


def test_what_the_core_refused_is_never_said_to_be_so_and_may_be_asked_again() -> None:
    refused = case(rahasia=True, denied=frozenset({Wish.RAHASIA}))
    decided = converse(text(Heard.RAHASIA), talk(refused), MANNERS)
    assert (kinds(decided), decided.reply and decided.reply.kind) == ([Hide, Request], "wish_rahasia")


@pytest.mark.parametrize("heard", [Heard.STATUS, Heard.CANCEL, Heard.RAHASIA])
def test_what_he_took_back_himself_was_settled_by_no_officer(heard: Heard) -> None:
    decided = converse(text(heard), talk(case(S.CLOSED, taken_back=True)), MANNERS)
    assert (decided.moves, decided.reply and decided.reply.kind) == ((), "withdrawn")
    settled = converse(text(heard), talk(case(S.CLOSED)), MANNERS)
    assert settled.reply is not None
    assert settled.reply.kind == "status_closed"
