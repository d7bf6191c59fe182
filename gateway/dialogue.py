"""What we answer to a citizen's text: one table of how he stands with us and what he said, and a function for each turn of it. Pure.

    stand x heard → turn → the message as it is stored, its reply, and moves

The journal asks inside the transaction that stores the message, and carries the moves out there (docs/adr/0027). Nothing is lost by any
turn: what is no command for us is a complaint, an addition, an answer, or kept beside the case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from forwarder.lifecycle import ComplaintState, HeldReason
from forwarder.records import Composed, ReplyDraft
from forwarder.talk import (
    UNANSWERED,
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
from gateway.turns import TURNS, Turn, stand
from parsers.complaint import similar
from parsers.model import Certainty, Complaint, ReporterKind
from parsers.text import words
from parsers.zones import DAY_MS

QUESTIONS_MAX = 2  # of one case: each costs the citizen an SMS
ALIKE_MS = 7 * DAY_MS  # as long as an equal copy is known as a resend
COURTESY = "asks for no answer"
MUTE = "it has been answered often enough"
A_PERSON_SETTLES = "its reporter takes it back; rahasia or berkadar pengawasan, so a person settles it"

GOES_ON = frozenset(
    word
    for line in ("sudah sdh udah juga jg dan tapi tp lalu terus trus karena krn sampai masih belum blm malah ini itu di dekat dkt depan",
                 "tempatnya lokasinya alamatnya namanya nomornya pelakunya korbannya kejadiannya")
    for word in line.split()
)  # fmt: skip
"""Words with which a second text goes on with the first."""

S = ComplaintState
GONE = frozenset({S.SENDING, S.UNKNOWN, S.FILED})
"""The core has it, or may have it: what is to be changed there must be asked for."""


ASKING: Mapping[Asked, str] = {Asked.REGION: "ask_region", Asked.PLACE: "ask_place", Asked.MATTER: "empty"}
"""The reply that asks."""

STATUS_REPLY: Mapping[ComplaintState, str] = {
    S.HELD: "status_desk",
    S.PARKED: "status_desk",
    S.READY: "status_waiting",
    S.SENDING: "status_waiting",
    S.UNKNOWN: "status_waiting",
    S.FILED: "status_filed",
    S.CLOSED: "status_closed",
    S.DUPLICATE: "status_waiting",
}
"""What the citizen reads about a complaint in each state; a duplicate with its first, another gateway's once it is found."""

REPLIES = frozenset({Heard.TEXT, Heard.ADD, Heard.NO})
"""What may answer an SMS of ours that asked for a reply."""
WISHES: Mapping[Heard, Wish] = {Heard.RAHASIA: Wish.RAHASIA, Heard.ANONIM: Wish.ANONIM}
HIDDEN: Mapping[Wish, str] = {Wish.RAHASIA: "now_rahasia", Wish.ANONIM: "now_anonim"}
ASKED_OF_THE_CORE: Mapping[Wish, str] = {Wish.RAHASIA: "wish_rahasia", Wish.ANONIM: "wish_anonim", Wish.CANCEL: "wish_batal"}


@dataclass(frozen=True, slots=True)
class Manners:
    """What the site decides about the conversation, and how long a receipt waits for the core's number."""

    reply_ms: int = DAY_MS
    receipt_wait_ms: int = 0
    elsewhere_wait_ms: int = 0
    """How much later a STATUS is answered that another gateway may know better; 0 where there is one gateway."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One text, and what is known when it is stored."""

    composed: Composed
    said: Said
    talk: Talk
    manners: Manners

    @property
    def now_ms(self) -> int:
        """When the text came."""
        return self.composed.message.received_ms

    @property
    def public(self) -> bool:
        """Whether all the world reads the answer, or some of it."""
        return self.composed.message.reporter.kind is ReporterKind.ACCOUNT

    @property
    def case(self) -> TalkCase | None:
        """The case that a text is about: the one it names or answers, the one we asked about, or the newest."""
        if self.talk.named is not None or self.said.number is not None:
            return self.talk.named
        if self.talk.question is not None:
            return self.talk.question.case
        return self.talk.replied if self.said.heard in REPLIES else self.talk.newest

    def settle(self, kind: str, about: TalkCase | None, *moves: Move, wait_ms: int = 0) -> Composed:
        """The message is no complaint of its own, and is answered with this."""
        draft = ReplyDraft(kind, self.now_ms + wait_ms, None if about is None else about.complaint_id)
        return self._done(draft, moves)

    def keep_quiet(self, about: TalkCase | None, *moves: Move) -> Composed:
        """The same without a word; a row says why, but of a post, which speaks for itself."""
        if self.public:
            return replace(self._done(ReplyDraft("info", self.now_ms), moves), reply=None)
        draft = ReplyDraft("info", self.now_ms, None if about is None else about.complaint_id, withheld=COURTESY)
        return self._done(draft, moves)

    def _done(self, draft: ReplyDraft, moves: tuple[Move, ...]) -> Composed:
        return replace(self.composed, complaint=None, state=S.READY, reason=None, reply=draft, moves=moves)


def converse(composed: Composed, talk: Talk, manners: Manners) -> Composed:
    """What becomes of a text; `composed` is the complaint that it would be by itself, with what it says to a dialogue."""
    if composed.said is None:
        return composed
    scene = Scene(composed, composed.said, talk, manners)
    decided = _TAKE[TURNS[stand(talk, manners.reply_ms)][composed.said.heard]](scene)
    if not composed.said.mute or decided.reply is None:
        return decided
    return replace(decided, reply=None if scene.public else replace(decided.reply, withheld=MUTE))


def _begin(scene: Scene) -> Composed:
    """A complaint of its own, unless it is one of his again in other words; asked back where something is missing."""
    again = _same(scene)
    if again is not None:
        asked = scene.talk.question
        return _answer(scene) if asked is not None and asked.case is again else _join(scene, again)
    said, composed = scene.said, scene.composed
    free = composed.state is not S.HELD or said.ask is Asked.MATTER  # without a matter it is held until somebody says one
    may = said.ask is not None and free and not (said.at_once or said.danger or scene.talk.silent)
    if not may or scene.talk.question is not None or composed.complaint_id is None or said.ask is None:
        return composed
    draft = ReplyDraft(ASKING[said.ask], scene.now_ms)
    moves = (Ask(composed.complaint_id, said.ask, said.choices),)
    return replace(composed, state=S.HELD, reason=HeldReason.QUESTION, reply=draft, moves=moves)


def _same(scene: Scene) -> TalkCase | None:
    """A case of his that says nearly the same, with the same destination or none."""
    complaint = scene.composed.complaint
    if complaint is None or scene.said.heard is Heard.KEYWORD:
        return None
    for case in scene.talk.recent:
        near = scene.talk.now_ms - case.said_ms <= ALIKE_MS and case.state is not S.CLOSED
        place = complaint.decision.region
        if near and (place is None or case.region in (None, place)) and similar(case.fingerprint, complaint.fingerprint):
            return case
    return None


def _add(scene: Scene) -> Composed:
    """To the case that is named, or to the newest; what names one that is not his is kept for a person."""
    case = scene.case
    if scene.said.heard is Heard.ADD and not scene.said.holds_words:
        return scene.settle("add_how" if case is not None else "info", case)
    if case is None or _elsewhere(case):
        return _for_a_person(scene) if scene.said.heard is Heard.ADD else scene.composed
    if scene.said.heard is Heard.TEXT and _another_matter(scene, case):
        return _begin(scene)
    return _join(scene, case)


def _join(scene: Scene, case: TalkCase) -> Composed:
    """What follows no complaint to the core, a person reads; where there is danger, the answer says whom to call."""
    here = case.state is not S.CLOSED and not _elsewhere(case)
    kind = "receipt_danger" if scene.said.danger else "added" if here else "request"
    return scene.settle(kind, case, Join(case.complaint_id))


def _another_matter(scene: Scene, case: TalkCase) -> bool:
    """Both have a topic and they differ, and he does not go on with what he said: two troubles of one citizen, an hour apart."""
    complaint = scene.composed.complaint
    if complaint is None or None in (case.topic, complaint.hints.topic) or case.topic == complaint.hints.topic:
        return False
    return next(iter(words(complaint.message.text)), "") not in GOES_ON


def _object(scene: Scene) -> Composed:
    """What the core calls done is not: his words go there as an objection."""
    case = scene.case
    return scene.composed if case is None else scene.settle("added", case, Request(case.complaint_id, Wish.OBJECTION))


def _answer(scene: Scene) -> Composed:
    """Words in answer to our question; a complaint that is named otherwise is added to instead."""
    question, said = scene.talk.question, scene.said
    if question is None or (said.number is not None and (scene.talk.named is None or scene.talk.named != question.case)):
        return _add(scene)
    if said.heard is Heard.ADD and not said.holds_words:
        return scene.settle("add_how", question.case)
    case, complaint = question.case, scene.composed.complaint
    join = Join(case.complaint_id, answers=True)
    if question.asked is Asked.MATTER:
        if said.heard is Heard.KEYWORD:
            return scene.settle(ASKING[Asked.MATTER], case, join) if case.asked < QUESTIONS_MAX else scene.keep_quiet(case, join)
        if said.ask is Asked.PLACE and case.region is None and case.asked < QUESTIONS_MAX and not said.danger:
            return scene.settle(ASKING[Asked.PLACE], case, join, Ask(case.complaint_id, Asked.PLACE))
    choice = _named_region(question, complaint)
    if question.asked is Asked.REGION and choice is None and not said.danger:
        return scene.settle("added", case, join)  # the question stays until its time is up
    return _receipt(scene, case, join, Release(case.complaint_id, choice=choice))


def _named_region(question: Question, complaint: Complaint | None) -> Choice | None:
    """The region that an answer names: a keyword, or the one of our choices that its words hint at."""
    if complaint is None:
        return None
    decision = complaint.decision
    offered = [one for one in question.choices if one.region in (decision.region, *complaint.hints.regions) and one.region is not None]
    if len(offered) == 1:
        return offered[0]
    if decision.certainty is not Certainty.EXPLICIT or decision.region is None:
        return None
    return Choice(decision.region, decision.instansi, decision.keyword or "", complaint.instansi_name)


def _choose(scene: Scene) -> Composed:
    """One of our numbers; yes counts where there is one. 0 is none of them."""
    question, number = scene.talk.question, scene.said.choice
    if question is None:
        return scene.keep_quiet(None)
    case, choices = question.case, question.choices
    if scene.said.heard is Heard.YES and len(choices) == 1:
        number = 1
    if number == 0:
        return _decline(scene)
    if number is not None and number <= len(choices):
        return _receipt(scene, case, Release(case.complaint_id, choice=choices[number - 1]))
    if case.asked < QUESTIONS_MAX:
        return scene.settle(ASKING[Asked.REGION], case, Ask(case.complaint_id, Asked.REGION, choices))
    return scene.keep_quiet(case)


def _decline(scene: Scene) -> Composed:
    """No answer to our question: it goes on as it is."""
    question = scene.talk.question
    if question is None:
        return scene.keep_quiet(None)
    return _receipt(scene, question.case, Release(question.case.complaint_id, UNANSWERED[question.asked]))


def _receipt(scene: Scene, case: TalkCase, *moves: Move) -> Composed:
    if scene.said.danger:
        return scene.settle("receipt_danger", case, *moves)
    return scene.settle("receipt", case, *moves, wait_ms=scene.manners.receipt_wait_ms)


def _tell(scene: Scene) -> Composed:
    """How it stands: to its reporter, or to whoever has its PIN; the public hears nothing of what is rahasia."""
    case, question = scene.case, scene.talk.question
    wait_ms = scene.manners.elsewhere_wait_ms if case is None or _elsewhere(case) else 0
    if case is None or (case.rahasia and scene.public):
        return scene.settle("status_unknown", None, wait_ms=wait_ms)
    asked = question is not None and question.case.complaint_id == case.complaint_id
    told = scene.settle("status_asked" if asked else _status(case), case, wait_ms=wait_ms)
    return replace(told, elsewhere=case.elsewhere)


def _status(case: TalkCase) -> str:
    """What he took back himself no officer has settled."""
    return "withdrawn" if case.taken_back else STATUS_REPLY[case.state]


def _hide(scene: Scene) -> Composed:
    """Rahasia or anonim: with us at once; with the core, once it has agreed, and until then we say that it has not."""
    case, wish = scene.case, WISHES[scene.said.heard]
    if case is None or _elsewhere(case):
        return _refuse(scene, case)
    if case.state is S.CLOSED:
        return scene.settle(_status(case), case)
    if wish in case.wishes:
        return scene.settle(ASKED_OF_THE_CORE[wish], case)
    if wish not in case.denied and (case.rahasia if wish is Wish.RAHASIA else case.anonim):
        return scene.settle(HIDDEN[wish], case)
    hide = Hide(case.complaint_id, wish)
    if case.state in GONE:
        return scene.settle(ASKED_OF_THE_CORE[wish], case, hide, Request(case.complaint_id, wish))
    return scene.settle(HIDDEN[wish], case, hide)


def _withdraw(scene: Scene) -> Composed:
    """Never deleted: closed while it is ours, asked of the core when it is there; what is delicate a person settles."""
    case = scene.case
    if case is None or _elsewhere(case):
        return _refuse(scene, case)
    if case.state is S.CLOSED:
        return scene.settle(_status(case), case)
    why = A_PERSON_SETTLES if case.rahasia or case.oversight else None
    if Wish.CANCEL in case.wishes and case.state in GONE:  # else it came back: the core did not take it
        return scene.settle("withdraw_desk" if why else ASKED_OF_THE_CORE[Wish.CANCEL], case)
    if case.state in GONE:
        return scene.settle("withdraw_desk" if why else ASKED_OF_THE_CORE[Wish.CANCEL], case, Request(case.complaint_id, Wish.CANCEL, why))
    return scene.settle("withdraw_desk" if why else "withdrawn", case, Withdraw(case.complaint_id, why))


def _refuse(scene: Scene, case: TalkCase | None) -> Composed:
    """Whose it is not hears the same as when there is none; what another gateway has, or may have, a person carries there."""
    alone = not scene.manners.elsewhere_wait_ms
    return scene.settle("status_unknown", None) if case is None and alone else _for_a_person(scene)


def _for_a_person(scene: Scene) -> Composed:
    """Kept as it came, with a number, before a person; a stranger's words must not be lost, and tell him nothing."""
    about = "status_unknown" if scene.case is None else "request"
    draft = ReplyDraft(about, scene.now_ms)
    return replace(scene.composed, state=S.HELD, reason=HeldReason.REVIEW, reply=draft)


def _silence(scene: Scene) -> Composed:
    """No more messages, and never a complaint less: what waits for an answer goes on."""
    question = scene.talk.question
    moves: list[Move] = [Listen(wanted=False)]
    if question is not None:
        moves.append(Release(question.case.complaint_id, UNANSWERED[question.asked]))
    return scene.keep_quiet(None, *moves) if scene.talk.silent or scene.public else scene.settle("stopped", None, *moves)


def _listen(scene: Scene) -> Composed:
    listen = Listen(wanted=True)
    return scene.keep_quiet(None, listen) if scene.public else scene.settle("started", None, listen)


def _help(scene: Scene) -> Composed:
    return scene.settle("info", None)


def _shrug(scene: Scene) -> Composed:
    return scene.keep_quiet(None)


def _elsewhere(case: TalkCase) -> bool:
    """Another gateway has it."""
    return case.elsewhere is not None


_TAKE: Mapping[Turn, Callable[[Scene], Composed]] = {
    Turn.BEGIN: _begin,
    Turn.ADD: _add,
    Turn.OBJECT: _object,
    Turn.ANSWER: _answer,
    Turn.CHOOSE: _choose,
    Turn.DECLINE: _decline,
    Turn.TELL: _tell,
    Turn.HIDE: _hide,
    Turn.WITHDRAW: _withdraw,
    Turn.HELP: _help,
    Turn.SILENCE: _silence,
    Turn.LISTEN: _listen,
    Turn.SHRUG: _shrug,
}
