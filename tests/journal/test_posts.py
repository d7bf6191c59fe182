"""Posts in the journal: new, known, edited, added, repeated, flooding, withdrawn; their cursor with them; and one answer to each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import apsw
import pytest

from forwarder.journal import Hand, Journal, JournalSettings, ReplyResult, Settlement
from forwarder.journal.replies import LOOK_UP_MS
from forwarder.journal.standing import LOOK_AFTER_MS, WITHDRAWN
from forwarder.journal.thread import FROM_ANOTHER
from forwarder.lifecycle import AdditionState, ComplaintMove, ComplaintState, HeldReason, ReplyMove, ReplyState
from forwarder.records import Arrival, Composed, Kind, ReplyDraft, Verdict
from forwarder.talk import Heard, Said
from parsers.errors import JournalError
from parsers.model import Address, Answering, Classification, Complaint, Hints, Message, Post, Reporter, ReporterKind, Trigger
from tests.journal.people import EPOCH_MS, NUMBERS, Composer, House, decision, opens
from tests.journal.test_arrivals import crash
from tests.journal.test_housekeeping import damage

SETTINGS = JournalSettings(heartbeat_seconds=60)
ACCOUNT, SARI, BUDI = "@lapor1708", "x:100", "x:200"
DAY = 86_400
STATE, KIND, MOVE = ComplaintState, Kind, ReplyMove
CURSOR = ("x/@lapor1708/mentions", "17")


@dataclass
class Reader(Composer):
    """Understands a post by its first word; fails where it says BUG."""

    composed: list[int] = field(default_factory=list)

    def post(self, message_id: int, complaint_id: int, post: Post, *, amends: bool = False) -> Composed:  # noqa: ARG002 - the composer is asked so
        self.composed.append(message_id)
        text = post.text
        if "BUG" in text:
            raise RuntimeError("our own mistake")
        message = Message(
            id=message_id,
            channel=post.channel,
            operator=post.account,
            bind=post.source,
            reporter=post.author,
            destination=post.account,
            received_ms=post.received_ms,
            sent_ms=post.posted_ms,
            text=text,
            alphabet="unicode",
            data_coding=0,
            links=post.links,
            quoted=post.quoted,
        )
        heard = post.answering is not Answering.NEVER
        if text in ("STOP", "MULAI"):
            return Composed(message, None, said=Said(Heard.START if text == "MULAI" else Heard.STOP, mute=not heard))
        if text.startswith("STATUS"):
            return Composed(message, None, said=Said(Heard.STATUS, mute=not heard))
        complaint = Complaint(
            self.numbers.number_of(complaint_id),
            message,
            decision("34.04" if "SLEMAN" in text else "13.06"),
            Hints(("13.06",), ("Lubuk Kenari",), ("Senin Kenari",), (), ("kebakaran Kenari",), "jalan", Classification.PENGADUAN),
            "Kab. Agam",
            anonim=False,
            rahasia="RAHASIA" in text,
            fingerprint=b"\1",
        )
        draft = ReplyDraft("receipt", post.received_ms + 10_000) if heard else None
        return Composed(message, complaint, self.state, HeldReason.REVIEW if self.state is STATE.HELD else None, draft, complaint_id)


def post(number: int, text: str = "jalan rusak", author: str = SARI, **changes: Any) -> Post:
    """One of Sari's that calls us; each has words and a conversation of its own unless told otherwise."""
    whole = Post(
        channel=f"X {ACCOUNT}",
        account=ACCOUNT,
        source="mentions",
        id=str(number),
        key=str(number),
        author=Reporter(ReporterKind.ACCOUNT, author, Address(0, 0, str(number))),
        text=f"{text} {number}" if text == "jalan rusak" else text,
        raw=b'{"id":"%d","text":"%s"}' % (number, text.encode()),
        posted_ms=EPOCH_MS,
        received_ms=EPOCH_MS,
        trigger=Trigger.MENTION,
        answering=Answering.ONCE,
        thread=str(number),
    )
    return replace(whole, **changes)


@dataclass
class Life:
    """A journal that takes posts, crashes and opens again."""

    directory: Path
    settings: JournalSettings = SETTINGS
    house: House = field(init=False)
    journal: Journal = field(init=False)

    def __post_init__(self) -> None:
        self.house = House(self.directory, settings=self.settings, composer=Reader())
        self.journal = self.house.open()

    def arrival(self, one: Post, *, readable: bool = True) -> Arrival:
        ids = self.journal.next_message_id(), self.journal.next_complaint_id()
        return Arrival(one, self.house.composer.post(*ids, one) if readable else None)  # type: ignore[attr-defined]

    async def take(self, *posts: Post, cursor: tuple[str, str] | None = None) -> list[Verdict]:
        now = self.house.time.ms
        fresh = [replace(one, received_ms=now) for one in posts]
        return await self.journal.feed.accept([self.arrival(one) for one in fresh], cursor)

    async def kinds(self, *posts: Post) -> list[Kind | None]:
        return [one.kind for one in await self.take(*posts)]

    async def died(self) -> None:
        """It dies and another gateway takes over."""
        await crash(self.journal)
        self.journal = self.house.open()

    async def case(self, of: Verdict | int) -> Any:
        found = await self.journal.case(self.journal.number_of(of if isinstance(of, int) else of.complaint_id or 0))
        assert found is not None
        return found

    async def start(self) -> list[Any]:
        return await self.journal.start_replies(50, self.house.time.ms)

    async def settle(self, reply_id: int, move: ReplyMove, *ids: str, next_ms: int | None = None) -> None:
        await self.journal.settle_replies([ReplyResult(reply_id, move, ids, "", next_ms)])

    async def file(self, *verdicts: Verdict) -> None:
        for one in verdicts:
            complaint = one.complaint_id or 0
            assert await self.journal.start_filing([(complaint, (await self.case(one)).attempts + 1)]) == {complaint}
            await self.journal.settle([Settlement(complaint, (await self.case(one)).attempts, ComplaintMove.FILED, f"78{complaint:05}")])

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the file says."""
        return await self.journal._read(lambda one: list(one.execute(sql)))

    async def replies(self) -> dict[str, str]:
        return dict(await self.rows("SELECT kind, state FROM reply"))


Story = Callable[[Life], Awaitable[None]]


def play(directory: Path, story: Story, **settings: Any) -> None:
    async def run() -> None:
        life = Life(directory, replace(SETTINGS, **settings))
        try:
            await story(life)
            await agrees(life)
        finally:
            await life.journal.close()

    asyncio.run(run())


async def agrees(life: Life) -> None:
    """The tallies agree with the rows, and every complaint can be opened."""
    rows = dict(await life.rows("SELECT state, count(*) FROM complaint GROUP BY state"))
    assert {state.value: count for state, count in life.journal.tally.items() if count} == rows
    replies = dict(await life.rows("SELECT state, count(*) FROM reply GROUP BY state"))
    assert {state: count for state, count in (await life.journal.counts()).replies.items() if count} == replies
    additions = dict(await life.rows("SELECT state, count(*) FROM addition WHERE state IS NOT NULL GROUP BY state"))
    assert {state.value: count for state, count in life.journal.additions.tally.items() if count} == additions
    opened = (
        "SELECT number FROM complaint AS c JOIN message AS m ON m.id = c.message WHERE number IS NOT NULL AND m.sealed_content IS NOT NULL"
    )
    for (number,) in await life.rows(opened):
        case = await life.journal.case(number)
        assert case is not None
        assert case.complaint is not None


# ── what each one is ──


def test_a_post_is_one_complaint_however_often_and_from_wherever_it_comes(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        [first] = await life.take(post(1))
        assert (first.kind, first.of) == (KIND.STORED, life.journal.number_of(first.complaint_id or 0))
        again = await life.take(post(1), post(1, source="search"), post(1, text="anders"))
        assert [(one.kind, one.of, one.complaint_id) for one in again] == [(KIND.REDELIVERY, first.of, first.complaint_id)] * 3
        await life.died()
        assert await life.kinds(post(1)) == [KIND.REDELIVERY]
        assert life.journal.tally[STATE.READY] == 1
        assert (await life.journal.case_of(SARI)).number == first.of  # type: ignore[union-attr]

    play(tmp_path, story)


def test_the_same_post_twice_in_a_page_is_one(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        assert await life.kinds(post(1), post(1), post(2)) == [KIND.STORED, KIND.REDELIVERY, KIND.STORED]

    play(tmp_path, story)


def test_posts_of_two_accounts_with_one_id_are_two(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        assert await life.kinds(post(1), post(1, account="@lain")) == [KIND.STORED, KIND.STORED]

    play(tmp_path, story)


@pytest.mark.parametrize("together", [True, False], ids=["in one page", "one after the other"])
def test_an_edit_takes_the_place_of_what_was_there_and_both_are_kept(tmp_path: Path, *, together: bool) -> None:
    async def story(life: Life) -> None:
        old, new = post(1, "jalan rusak di pasar"), post(1, "jalan rusak di SLEMAN", id="5", version=2, links=("https://a/b.jpg",))
        verdicts = await life.take(old, new) if together else [*await life.take(old), *await life.take(new)]
        assert [one.kind for one in verdicts] == [KIND.STORED, KIND.EDITED]
        assert verdicts[0].of == verdicts[1].of
        assert await life.kinds(old, new) == [KIND.REDELIVERY, KIND.REDELIVERY]
        case = await life.case(verdicts[0])
        assert case.state is STATE.READY
        assert case.complaint.message.text == "jalan rusak di SLEMAN"
        assert case.complaint.message.links == ("https://a/b.jpg",)
        assert (case.complaint.decision.region, case.number) == ("34.04", verdicts[0].of)
        assert await life.journal.raw(case.number) == [new.raw]
        [(message, version, sealed)] = await life.rows("SELECT message, version, sealed_content FROM earlier")
        assert version == 1
        assert life.journal._documents.open_text(message, sealed) == "jalan rusak di pasar"
        [filing] = await life.journal.ready(5, life.house.time.ms)
        assert filing.complaint.message.text == "jalan rusak di SLEMAN"
        assert len(await life.rows("SELECT id FROM reply")) == 1

    play(tmp_path, story)


def test_the_old_reading_in_memory_cannot_be_filed_after_an_edit(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        [one] = await life.take(post(1))
        await life.take(post(1, "lain", version=2))
        assert await life.journal.start_filing([(one.complaint_id or 0, 1)]) == set()
        assert await life.journal.start_filing([(one.complaint_id or 0, 2)]) == {one.complaint_id}

    play(tmp_path, story)


def test_an_edit_of_a_filed_one_is_laid_before_a_person_and_files_nothing(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        [one] = await life.take(post(1))
        await life.file(one)
        assert await life.kinds(post(1, "di SLEMAN", version=2)) == [KIND.EDITED]
        case = await life.case(one)
        assert (case.state, case.attention, case.complaint.decision.region) == (STATE.FILED, "edited by its author", "13.06")
        assert case.complaint.message.text == "di SLEMAN"
        assert [row.number for row in await life.journal.waiting()] == [case.number]
        assert not await life.journal.ready(5, life.house.time.ms)

    play(tmp_path, story)


def test_five_edits_in_any_order_leave_the_newest(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        verdicts = [(await life.take(post(1, f"kata {version}", id=str(version), version=version)))[0] for version in (1, 3, 2, 5, 4)]
        assert [one.kind for one in verdicts] == [KIND.STORED, KIND.EDITED, KIND.REDELIVERY, KIND.EDITED, KIND.REDELIVERY]
        assert (await life.case(verdicts[0])).complaint.message.text == "kata 5"
        assert await life.rows("SELECT version FROM earlier ORDER BY version") == [(1,), (3,)]

    play(tmp_path, story)


def test_a_version_that_came_first_though_it_is_not_the_first_is_the_same_post(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        assert await life.kinds(post(1, id="3", version=3)) == [KIND.STORED]
        assert await life.kinds(post(1, id="1", version=1), post(1, id="4", version=4)) == [KIND.REDELIVERY, KIND.EDITED]

    play(tmp_path, story)


def test_an_edit_of_a_question_stays_a_question(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        assert await life.kinds(post(1, "STATUS")) == [KIND.STORED]
        assert await life.kinds(post(1, "STATUS GA2345", version=2)) == [KIND.EDITED]
        assert sum(life.journal.tally.values()) == 0

    play(tmp_path, story)


# ── additions ──


@pytest.mark.parametrize("together", [True, False], ids=["in one page", "one after the other"])
@pytest.mark.parametrize("trigger", [Trigger.MENTION, Trigger.REPLY, Trigger.HASHTAG])
def test_what_the_author_says_further_in_the_conversation_belongs_to_the_case(tmp_path: Path, trigger: Trigger, *, together: bool) -> None:
    async def story(life: Life) -> None:
        first, more = post(1), post(2, "juga lampunya mati", thread="1", parent="1", trigger=trigger)
        verdicts = await life.take(first, more) if together else [*await life.take(first), *await life.take(more)]
        assert [one.kind for one in verdicts] == [KIND.STORED, KIND.ADDITION]
        assert (verdicts[1].complaint_id, verdicts[1].of) == (verdicts[0].complaint_id, verdicts[0].of)
        case = await life.case(verdicts[0])
        waits = ("juga lampunya mati", f"{case.number}-2", AdditionState.WAITING, "")
        assert [(one.text, one.key, one.state, one.reason) for one in case.additions] == [waits]
        assert case.attention is None, "it follows by itself"
        assert await life.kinds(more) == [KIND.REDELIVERY]
        assert sum(life.journal.tally.values()) == 1
        assert len(await life.rows("SELECT id FROM reply")) == 1, "an addition is not answered"

    play(tmp_path, story)


def test_somebody_else_in_the_conversation_has_a_complaint_of_his_own(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        await life.take(post(1))
        assert await life.kinds(post(2, "di tempat saya juga", BUDI, thread="1", parent="1")) == [KIND.STORED]

    play(tmp_path, story)


def test_whoever_answers_our_answer_adds_to_that_case_and_learns_nothing_of_it(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        [one] = await life.take(post(1))
        life.house.time.pass_(10)
        [job] = await life.start()
        await life.settle(job.reply_id, MOVE.SENT, "900")
        [own, stranger] = await life.take(
            post(3, "terima kasih", thread="77", parent="900", trigger=Trigger.REPLY),
            post(4, "saya juga", BUDI, thread="78", parent="900", trigger=Trigger.REPLY),
        )
        assert (own.kind, stranger.kind, own.of, stranger.of) == (KIND.ADDITION, KIND.ADDITION, one.of, one.of)
        assert [each.state for each in (await life.case(one)).additions] == [AdditionState.WAITING, AdditionState.DESK]
        assert (await life.journal.case_of(SARI)).number == one.of  # type: ignore[union-attr]
        assert await life.journal.case_of(BUDI) is None
        assert await life.journal.case_of(BUDI, one.of) is None

    play(tmp_path, story)


@pytest.mark.parametrize("together", [True, False], ids=["in one page", "one after the other"])
@pytest.mark.parametrize("trigger", [Trigger.MENTION, Trigger.REPLY])
def test_whoever_answers_us_in_a_known_conversation_adds_to_it_while_our_answer_is_unknown(
    tmp_path: Path, trigger: Trigger, *, together: bool
) -> None:
    async def story(life: Life) -> None:
        first = post(1)
        answer = post(4, "saya juga", BUDI, thread="1", parent="900", trigger=trigger, to_us=True)
        if together:
            one, more = await life.take(first, answer)
        else:
            [one] = await life.take(first)
            life.house.time.pass_(10)
            [job] = await life.start()
            await life.settle(job.reply_id, MOVE.LOST_ANSWER)
            [more] = await life.take(answer)
        assert (more.kind, more.complaint_id, more.of) == (KIND.ADDITION, one.complaint_id, one.of)
        case = await life.case(one)
        assert [(each.text, each.state, each.reason) for each in case.additions] == [("saya juga", AdditionState.DESK, FROM_ANOTHER)]
        assert [one.key for one in await life.journal.additions.waiting()] == [f"{case.number}-2"]
        assert await life.journal.case_of(BUDI) is None
        assert len(await life.rows("SELECT id FROM reply")) == 1
        to_another = post(5, "di sini juga", "x:300", thread="1", parent="901", trigger=trigger)
        elsewhere = post(6, "di sana juga", "x:300", thread="66", parent="901", trigger=trigger, to_us=True)
        assert await life.kinds(to_another, elsewhere) == [KIND.NOT_OURS if trigger is Trigger.REPLY else KIND.STORED] * 2

    play(tmp_path, story)


def test_what_answers_an_answer_of_ours_that_concerned_no_case_waits_for_a_person_and_is_not_answered(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        await life.take(post(1, "STATUS"))
        [job] = await life.start()
        assert (job.kind, job.number) == ("status_unknown", None)
        await life.settle(job.reply_id, MOVE.SENT, "900")
        to_it: dict[str, Any] = {"parent": "900", "trigger": Trigger.REPLY, "to_us": True}
        [one] = await life.take(post(2, "lampu mati sejak Senin", thread="1", **to_it))
        assert (one.kind, one.of) == (KIND.STORED, life.journal.number_of(one.complaint_id or 0))
        case = await life.case(one)
        assert (case.state, case.reason, case.complaint.message.text) == (STATE.HELD, HeldReason.REVIEW, "lampu mati sejak Senin")
        assert await life.kinds(post(2, "lampu mati sejak Senin", thread="1", **to_it)) == [KIND.REDELIVERY]
        assert await life.kinds(post(3, "STOP", BUDI, **to_it)) == [KIND.STORED]
        assert len(await life.rows("SELECT * FROM silence")) == 1
        [bad] = await life.journal.feed.accept([life.arrival(post(5, "BUG", **to_it), readable=False)], None)
        assert bad.kind is KIND.UNREADABLE
        assert (life.journal.tally[STATE.READY], life.journal.tally[STATE.HELD]) == (0, 2)
        assert await life.replies() == {"status_unknown": "sent"}
        assert len(await life.rows("SELECT id FROM reply")) == 1
        await life.journal.release([case.number], Hand("Ani", "jelas"))
        assert [each.complaint.number for each in await life.journal.ready(5, life.house.time.ms)] == [case.number]

    play(tmp_path, story)


def test_a_question_or_a_stop_in_a_known_conversation_is_heard_as_such(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        await life.take(post(1))
        assert await life.kinds(post(2, "STATUS", thread="1"), post(3, "STOP", thread="1", trigger=Trigger.REPLY)) == [KIND.STORED] * 2
        assert len(await life.rows("SELECT * FROM silence")) == 1
        assert await life.rows("SELECT * FROM addition") == []

    play(tmp_path, story)


def test_what_answers_nobody_we_know_is_none_of_ours_and_leaves_nothing(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        assert await life.kinds(post(1, trigger=Trigger.REPLY, parent="5"), post(2, "STOP", trigger=Trigger.REPLY)) == [KIND.NOT_OURS] * 2
        for table in ("message", "complaint", "post", "raw", "reply", "silence"):
            assert await life.rows(f"SELECT count(*) FROM {table}") == [(0,)], table  # noqa: S608

    play(tmp_path, story)


# ── repeats and floods ──


@pytest.mark.parametrize("together", [True, False], ids=["in one page", "one after the other"])
def test_the_same_words_of_the_same_author_are_tied_to_the_first(tmp_path: Path, *, together: bool) -> None:
    async def story(life: Life) -> None:
        posts = [post(1, "lampu mati @lapor1708"), post(2, "@lapor1708 #lapor LAMPU mati!")]
        verdicts = await life.take(*posts) if together else [*await life.take(posts[0]), *await life.take(posts[1])]
        assert [one.kind for one in verdicts] == [KIND.STORED, KIND.RESEND]
        assert verdicts[0].of == verdicts[1].of
        assert (life.journal.tally[STATE.READY], life.journal.tally[STATE.DUPLICATE]) == (1, 1)
        life.house.time.pass_(10)
        assert {(job.kind, job.number) for job in await life.start()} == {("receipt", verdicts[0].of), ("resend", verdicts[0].of)}

    play(tmp_path, story)


def test_the_same_words_a_week_later_are_a_new_complaint(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        await life.take(post(1, "lampu mati"))
        life.house.time.pass_(8 * DAY)
        assert await life.kinds(post(2, "lampu mati")) == [KIND.STORED]

    play(tmp_path, story)


def test_posts_of_names_and_tags_alone_are_not_the_same(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        assert await life.kinds(post(1, "@lapor1708"), post(2, "@lapor1708"), post(3, "@lapor1708", BUDI)) == [KIND.STORED] * 3

    play(tmp_path, story)


@pytest.mark.parametrize("size", [1, 3, 20])
def test_one_author_who_floods_is_held_from_the_limit_on_without_an_answer(tmp_path: Path, size: int) -> None:
    async def story(life: Life) -> None:
        posts = [post(number) for number in range(1, 21)]
        for at in range(0, 20, size):
            await life.take(*posts[at : at + size])
        assert (life.journal.tally[STATE.READY], life.journal.tally[STATE.HELD]) == (3, 17)
        assert {row.reason for row in await life.journal.waiting(state=STATE.HELD)} == {HeldReason.FLOOD}
        assert len(await life.rows("SELECT id FROM reply")) == 3
        assert await life.kinds(post(99, author=BUDI)) == [KIND.STORED]
        assert life.journal.tally[STATE.READY] == 4
        life.house.time.pass_(3601)
        await life.take(post(50))
        assert life.journal.tally[STATE.READY] == 5

    play(tmp_path, story, posts_per_author_hour_max=3)


@pytest.mark.parametrize("pictures", [False, True])
@pytest.mark.parametrize("size", [1, 4, 20])
def test_one_text_of_many_authors_is_held_from_the_limit_on(tmp_path: Path, size: int, *, pictures: bool) -> None:
    async def story(life: Life) -> None:
        shown = [(f"https://pbs.twimg.com/{number}.jpg",) if pictures else () for number in range(21)]
        posts = [post(number, f"@lapor1708 @teman{number} listrik padam!", f"x:{number}", links=shown[number]) for number in range(1, 21)]
        for at in range(0, 20, size):
            await life.take(*posts[at : at + size])
        assert (life.journal.tally[STATE.READY], life.journal.tally[STATE.HELD]) == (4, 16)
        life.house.time.pass_(DAY + 1)
        await life.take(post(50, "listrik padam", "x:50"))
        assert life.journal.tally[STATE.READY] == 5

    play(tmp_path, story, posts_same_words_max=4)


# ── who wants to hear from us ──


def test_who_says_stop_hears_nothing_until_mulai(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        await life.take(post(1), post(2, author=BUDI), post(3, "STOP"), post(4, "STOP"))
        life.house.time.pass_(10)
        assert [job.reporter_value for job in await life.start()] == [BUDI]
        assert (await life.rows("SELECT reason FROM reply WHERE state = 'none'")) == [("the citizen asked not to hear from us",)]
        await life.died()
        await life.take(post(5))
        life.house.time.pass_(10)
        assert await life.start() == []
        await life.take(post(6, "MULAI"), post(7))
        life.house.time.pass_(10)
        assert [job.address for job in await life.start()] == ["7"]
        assert life.journal.tally[STATE.READY] == 4

    play(tmp_path, story)


# ── taken back ──

CANARIES = [b"Kenari", b"kenari", b"lampu padam"]


def contents(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(directory.glob("journal.db*")) if path.suffix != ".lock")


@pytest.mark.parametrize("filed", [False, True], ids=["not filed yet", "filed"])
def test_what_its_author_took_back_is_blank_in_every_place_and_the_record_stays(tmp_path: Path, *, filed: bool) -> None:
    sealed: list[bytes] = []

    async def story(life: Life) -> None:
        [one] = await life.take(post(1, "kenari lampu padam", links=("https://kenari/a.jpg",), quoted="https://x.com/i/status/1"))
        await life.take(post(1, "kenari lampu padam lama", version=2, links=("https://kenari/a.jpg",)))
        if filed:
            await life.file(one)
        for table, column in (("message", "sealed_content"), ("earlier", "sealed_content"), ("raw", "sealed_pdu")):
            sealed.extend(row[0] for row in await life.rows(f"SELECT {column} FROM {table}"))  # noqa: S608
        assert len(sealed) == 3
        assert await life.journal.feed.note_standing(ACCOUNT, {"1": "deleted", "4711": "deleted"}) == 1
        case = await life.case(one)
        assert case.complaint.message.text == ""
        assert (case.complaint.message.links, case.complaint.message.quoted) == ((), None)
        assert "enari" not in repr((case.complaint.hints.places, case.complaint.hints.dates, case.complaint.hints.danger))
        assert case.complaint.decision.region == "13.06"
        if filed:
            assert (case.state, case.attention, case.tracking_id) == (STATE.FILED, WITHDRAWN, f"78{one.complaint_id:05}")
        else:
            assert (case.state, case.reason) == (STATE.HELD, HeldReason.WITHDRAWN)
            assert not await life.journal.ready(5, life.house.time.ms)
            assert await life.journal.start_filing([(one.complaint_id or 0, 1)]) == set()
            assert await life.journal.start_filing([(one.complaint_id or 0, 2)]) == set()
        assert await life.journal.raw(case.number) == []
        assert await life.rows("SELECT * FROM earlier") == []
        assert await life.kinds(post(1, "kenari lampu padam"), post(1, "kenari", version=3)) == [KIND.REDELIVERY] * 2
        assert await life.journal.feed.note_standing(ACCOUNT, {"1": "deleted"}) == 0
        assert (await life.case(one)).complaint.message.text == ""
        await life.journal.purge(life.house.time.ms)

    play(tmp_path, story)
    left = contents(tmp_path)
    assert not [canary for canary in CANARIES if canary in left]
    assert not [octets for octets in sealed if octets in left], "not even sealed"


def test_who_takes_a_post_back_and_writes_it_again_has_a_complaint(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        await life.take(post(1, "lampu mati"))
        await life.journal.feed.note_standing(ACCOUNT, {"1": "deleted"})
        [again] = await life.take(post(2, "lampu mati"))
        assert again.kind is KIND.STORED
        assert [one.complaint.number for one in await life.journal.ready(5, life.house.time.ms)] == [again.of]

    play(tmp_path, story)


def test_an_addition_that_is_taken_back_holds_nothing_and_tells_a_person(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        [one, _] = await life.take(post(1), post(2, "juga lampunya", thread="1"))
        await life.journal.feed.note_standing(ACCOUNT, {"2": "protected"})
        case = await life.case(one)
        assert (case.state, case.attention, [each.text for each in case.additions]) == (STATE.READY, WITHDRAWN, [""])
        assert case.complaint.message.text == "jalan rusak 1"

    play(tmp_path, story)


def test_one_that_is_on_its_way_to_the_core_is_not_called_back(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        [one] = await life.take(post(1))
        await life.journal.start_filing([(one.complaint_id or 0, 1)])
        await life.journal.feed.note_standing(ACCOUNT, {"1": "deleted"})
        case = await life.case(one)
        assert (case.state, case.attention) == (STATE.SENDING, WITHDRAWN)
        await life.journal.settle([Settlement(one.complaint_id or 0, 1, ComplaintMove.FILED, "7800001")])
        assert (await life.case(one)).state is STATE.FILED

    play(tmp_path, story)


def test_a_question_that_is_taken_back_is_blank_too(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        await life.take(post(1, "STATUS GA2345"))
        assert await life.journal.feed.note_standing(ACCOUNT, {"1": "deleted"}) == 1
        [(message, sealed)] = await life.rows("SELECT id, sealed_content FROM message")
        assert life.journal._documents.open_text(message, sealed) == ""

    play(tmp_path, story)


def test_a_withdrawn_one_may_be_closed_or_released_by_a_person(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        [one, two] = await life.take(post(1), post(2))
        await life.journal.feed.note_standing(ACCOUNT, {"1": "deleted", "2": "deleted"})
        await life.journal.close_cases([one.of or ""], Hand("Ani", "ditarik"))
        await life.journal.release([two.of or ""], Hand("Ani", "tetap"))
        assert [(await life.case(each)).state for each in (one, two)] == [STATE.CLOSED, STATE.READY]

    play(tmp_path, story)


def test_posts_are_looked_up_after_one_day_and_after_three(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        await life.take(
            post(1), post(2, "STATUS"), post(3, trigger=Trigger.DIRECT), post(4, account="@lain"), post(5, "x", version=2, id="55")
        )
        looks = []
        for day in range(12):
            due = await life.journal.feed.due(ACCOUNT, life.house.time.ms, 100)
            looks += [(day, one.key, one.newest) for one in due]
            assert not due or len(await life.journal.feed.due(ACCOUNT, life.house.time.ms, 1)) == 1
            await life.journal.feed.note_standing(ACCOUNT, dict.fromkeys([one.key for one in due]))
            assert await life.journal.feed.due(ACCOUNT, life.house.time.ms, 100) == []
            life.house.time.pass_(DAY)
        days = [span // (DAY * 1000) for span in LOOK_AFTER_MS]
        assert looks == [(day, key, newest) for day in days for key, newest in (("1", "1"), ("2", "2"), ("5", "55"))]

    play(tmp_path, story)


# ── all or nothing ──


def test_a_cursor_is_stored_with_its_page_or_not_at_all(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        await life.take(post(1))
        bad = Arrival(post(1, "BUG", version=2), life.house.composer.post(90, 90, post(1, "gut")))  # type: ignore[attr-defined]
        with pytest.raises(JournalError):
            await life.journal.feed.accept([life.arrival(post(2)), bad, life.arrival(post(3))], CURSOR)
        assert await life.journal.feed.cursor(CURSOR[0]) is None
        assert await life.rows("SELECT count(*) FROM message") == [(1,)]
        assert await life.kinds(post(2), post(3)) == [KIND.STORED, KIND.STORED]
        assert (await life.take(cursor=CURSOR)) == []
        assert await life.journal.feed.cursor(CURSOR[0]) == CURSOR[1]
        await life.journal.feed.keep_cursor(CURSOR[0], "18")
        await life.died()
        assert await life.journal.feed.cursor(CURSOR[0]) == "18"
        assert await life.journal.feed.cursor("x/other") is None

    play(tmp_path, story)


def test_a_page_that_fails_takes_no_neighbour_in_the_writers_queue_with_it(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        await life.take(post(1))
        bad = Arrival(post(1, "BUG", version=2), life.house.composer.post(90, 90, post(1, "gut")))  # type: ignore[attr-defined]
        results = await asyncio.gather(
            life.take(post(2)),
            life.journal.feed.accept([bad], CURSOR),
            life.take(post(3)),
            life.journal.feed.keep_cursor("a", "1"),
            return_exceptions=True,
        )
        assert [isinstance(one, JournalError) for one in results] == [False, True, False, False]
        assert await life.journal.feed.cursor(CURSOR[0]) is None
        assert await life.kinds(post(2), post(3)) == [KIND.REDELIVERY] * 2

    play(tmp_path, story)


def test_one_that_nobody_could_read_is_kept_raw_once_and_its_edit_is_read(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        bad = post(1, "BUG")
        [one] = await life.journal.feed.accept([life.arrival(bad, readable=False)], CURSOR)
        assert one.kind is KIND.UNREADABLE
        [again] = await life.journal.feed.accept([life.arrival(bad, readable=False)], CURSOR)
        assert again.kind is KIND.REDELIVERY
        case = await life.case(one)
        assert (case.state, case.reason, case.cause, case.complaint) == (STATE.HELD, "unreadable", "could not be read", None)
        assert await life.journal.raw(case.number) == [bad.raw]
        [stray] = await life.journal.feed.accept([life.arrival(post(2, "BUG", trigger=Trigger.REPLY), readable=False)], None)
        assert stray.kind is KIND.NOT_OURS
        assert await life.kinds(post(1, "jalan rusak di SLEMAN", version=2)) == [KIND.EDITED]
        case = await life.case(one)
        assert (case.state, case.complaint.message.text, case.complaint.decision.region) == (STATE.HELD, "jalan rusak di SLEMAN", "34.04")
        assert (await life.journal.case_of(SARI)).number == case.number  # type: ignore[union-attr]
        await life.journal.release([case.number], Hand("Ani", "jelas"))
        assert [each.complaint.number for each in await life.journal.ready(5, life.house.time.ms)] == [case.number]

    play(tmp_path, story)


def test_what_nobody_could_read_can_be_taken_back(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        [one] = await life.journal.feed.accept([life.arrival(post(1, "BUG"), readable=False)], None)
        await life.journal.feed.note_standing(ACCOUNT, {"1": "deleted"})
        assert await life.journal.raw((await life.case(one)).number) == []

    play(tmp_path, story)


# ── one answer ──


def test_the_tracking_id_is_no_second_answer(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        [one] = await life.take(post(1))
        life.house.time.pass_(10)
        [receipt] = await life.start()
        assert (receipt.kind, receipt.answering, receipt.address, receipt.number) == ("receipt", "once", "1", one.of)
        await life.settle(receipt.reply_id, MOVE.SENT, "900")
        await life.file(one)
        assert await life.start() == []
        assert await life.replies() == {"receipt": "sent", "filed": "none"}
        assert await life.rows("SELECT reason FROM reply WHERE kind = 'filed'") == [("this post has had its one answer",)]

    play(tmp_path, story)


def test_filed_before_the_receipt_went_is_one_answer_with_both_numbers(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        [one] = await life.take(post(1))
        await life.file(one)
        life.house.time.pass_(10)
        [job] = await life.start()
        assert (job.kind, job.tracking_id) == ("receipt_filed", f"78{one.complaint_id:05}")

    play(tmp_path, story)


@pytest.mark.parametrize("move", [MOVE.REFUSED, MOVE.LOST_ANSWER, MOVE.POSTPONED])
def test_whatever_became_of_the_receipt_filed_is_no_second_answer(tmp_path: Path, move: ReplyMove) -> None:
    async def story(life: Life) -> None:
        [one] = await life.take(post(1))
        life.house.time.pass_(10)
        [receipt] = await life.start()
        await life.settle(receipt.reply_id, move, next_ms=life.house.time.ms + 5000)
        await life.file(one)
        life.house.time.pass_(100)
        sent = await life.start()
        assert [job.kind for job in sent] == (["receipt"] if move is MOVE.POSTPONED else [])

    play(tmp_path, story)


def test_two_answers_to_one_post_that_are_due_at_once_are_one(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        [one] = await life.take(post(1, trigger=Trigger.HASHTAG, answering=Answering.NEVER))
        asks = life.arrival(post(2, "STATUS"))
        assert asks.composed is not None
        draft = ReplyDraft("status_waiting", life.house.time.ms, one.complaint_id)
        await life.journal.feed.accept([replace(asks, composed=replace(asks.composed, reply=draft))], None)
        await life.file(one)
        life.house.time.pass_(10)
        assert [job.kind for job in await life.start()] == ["status_waiting"]
        assert await life.replies() == {"status_waiting": "sending", "filed": "none"}

    play(tmp_path, story)


def test_who_may_be_answered_always_hears_both(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        [one] = await life.take(post(1, trigger=Trigger.DIRECT, answering=Answering.ALWAYS))
        life.house.time.pass_(10)
        [receipt] = await life.start()
        await life.settle(receipt.reply_id, MOVE.SENT)
        await life.file(one)
        [filed] = await life.start()
        assert (filed.kind, filed.answering) == ("filed", "always")

    play(tmp_path, story)


def test_a_post_that_may_not_be_answered_has_no_reply_at_all(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        [one] = await life.take(post(1, trigger=Trigger.HASHTAG, answering=Answering.NEVER))
        await life.file(one)
        life.house.time.pass_(10)
        assert await life.start() == []

    play(tmp_path, story)


LOOKED = [("it is there", MOVE.FOUND, "sent"), ("it is not", MOVE.ABSENT, "sending"), ("X is down", MOVE.POSTPONED, "unknown")]


@pytest.mark.parametrize(("label", "move", "state"), LOOKED, ids=[row[0] for row in LOOKED])
@pytest.mark.parametrize("how", ["crash", "lost"])
def test_what_may_have_been_posted_is_asked_for_before_anything_is_posted_again(
    tmp_path: Path, label: str, move: ReplyMove, state: str, how: str
) -> None:
    async def story(life: Life) -> None:
        await life.take(post(1))
        life.house.time.pass_(10)
        [job] = await life.start()
        if how == "crash":
            await life.died()
        else:
            await life.settle(job.reply_id, MOVE.LOST_ANSWER)
        assert await life.start() == [], label
        assert await life.replies() == {"receipt": "unknown"}
        life.house.time.pass_(LOOK_UP_MS / 1000)
        [asked] = await life.journal.feed.start_look_ups(20, life.house.time.ms)
        assert (asked.reply_id, asked.address) == (job.reply_id, "1")
        assert await life.journal.feed.start_look_ups(20, life.house.time.ms) == [], "asked once a minute"
        result = ReplyResult(job.reply_id, move, ("900",) if move is MOVE.FOUND else (), "", life.house.time.ms + 60_000)
        await life.journal.feed.resolve_replies([result, result])
        assert await life.start() == []
        life.house.time.pass_(60)
        again = await life.start()
        assert [one.reply_id for one in again] == ([job.reply_id] if move is MOVE.ABSENT else [])
        assert await life.replies() == {"receipt": state}
        if move is MOVE.FOUND:
            assert await life.kinds(post(5, parent="900", trigger=Trigger.REPLY)) == [KIND.ADDITION]

    play(tmp_path, story)


def test_a_crash_in_the_second_try_is_asked_for_again_and_nothing_is_sent_by_itself(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        await life.take(post(1))
        life.house.time.pass_(10)
        for _ in range(4):
            [job] = await life.start()
            await life.died()
            assert await life.start() == []
            life.house.time.pass_(60)
            [asked] = await life.journal.feed.start_look_ups(20, life.house.time.ms)
            await life.journal.feed.resolve_replies([ReplyResult(asked.reply_id, MOVE.ABSENT, (), "", life.house.time.ms)])
        [job] = await life.start()
        await life.settle(job.reply_id, MOVE.LOST_ANSWER)
        life.house.time.pass_(60)
        await life.journal.feed.start_look_ups(20, life.house.time.ms)
        await life.journal.feed.resolve_replies([ReplyResult(job.reply_id, MOVE.LOST_ANSWER)])
        life.house.time.pass_(100 * 60)
        assert await life.journal.feed.start_look_ups(20, life.house.time.ms) == []
        assert await life.replies() == {"receipt": "unknown"}

    play(tmp_path, story)


def test_a_lost_answer_of_a_channel_that_cannot_be_asked_stays_unknown(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        await life.take(post(1, trigger=Trigger.DIRECT, answering=Answering.ALWAYS))
        life.house.time.pass_(10)
        [job] = await life.start()
        await life.settle(job.reply_id, MOVE.LOST_ANSWER)
        life.house.time.pass_(DAY)
        assert await life.journal.feed.start_look_ups(20, life.house.time.ms) == []

    play(tmp_path, story)


def test_no_state_of_a_reply_leads_from_sent_back(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        await life.take(post(1))
        life.house.time.pass_(10)
        [job] = await life.start()
        await life.settle(job.reply_id, MOVE.SENT, "900")
        for move in (MOVE.ABSENT, MOVE.FOUND, MOVE.LOST_ANSWER, MOVE.POSTPONED):
            await life.journal.feed.resolve_replies([ReplyResult(job.reply_id, move), ReplyResult(4711, move)])
        assert await life.replies() == {"receipt": ReplyState.SENT}

    play(tmp_path, story)


@pytest.mark.parametrize("edited", [False, True], ids=["in a post", "in an edit"])
def test_a_pin_that_all_can_read_counts_no_more(tmp_path: Path, *, edited: bool) -> None:
    async def story(life: Life) -> None:
        await life.journal.accept(life.house.many(life.journal, 1))
        life.house.time.pass_(10)
        [receipt] = await life.start()
        assert await opens(life.house, life.journal, BUDI, receipt.number, receipt.pin)
        if edited:
            await life.take(post(1))
        await life.take(post(1, f"{receipt.number.lower()} pin {receipt.pin}", version=2))
        assert not await opens(life.house, life.journal, BUDI, receipt.number, receipt.pin)
        [told] = [job for job in await life.start() if job.kind == "pin"]
        assert (told.answering, told.number) == (None, receipt.number)
        assert await opens(life.house, life.journal, BUDI, receipt.number, str(told.pin))

    play(tmp_path, story)


# ── housekeeping ──


def test_old_posts_are_forgotten_like_old_messages_and_the_record_stays(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        [one, two] = await life.take(post(1), post(2))
        await life.take(post(1, "kenari", version=2))
        await life.file(one)
        life.house.time.pass_(400 * DAY)
        await life.journal.purge(life.house.time.ms)
        kept = {row[0]: row[1:] for row in await life.rows("SELECT message, thread_tag, sealed_ids, look_ms FROM post")}
        assert next(iter(kept.values())) == (None, None, None)
        assert list(kept.values())[1][1] is not None, "one that is not settled is kept whole"
        assert await life.rows("SELECT * FROM earlier") == []
        assert (await life.case(one)).tracking_id is not None
        assert await life.kinds(post(1, "kenari", version=3)) in ([KIND.EDITED], [KIND.REDELIVERY]), "and never a second complaint"
        assert (await life.case(two)).complaint.message.text == "jalan rusak 2"

    play(tmp_path, story)


def test_a_damaged_journal_gives_posts_cursors_and_wishes_back_and_answers_nothing_twice(tmp_path: Path) -> None:
    async def run() -> None:
        life = Life(tmp_path)
        [one, _, _] = await life.take(post(1), post(2, author=BUDI), post(3, "STOP", "x:300"), cursor=CURSOR)
        await life.take(post(4, "lampu juga", thread="1"), post(1, "jalan rusak sekali", version=2))
        life.house.time.pass_(10)
        jobs = await life.start()
        await life.settle(jobs[0].reply_id, MOVE.SENT, "900")
        await crash(life.journal)
        damage(life.house.path, "marked by an earlier run")
        life.journal = life.house.open()
        assert life.journal.opening.set_aside is not None
        await life.journal.salvage(tmp_path / life.journal.opening.set_aside)
        assert await life.journal.feed.cursor(CURSOR[0]) == CURSOR[1]
        assert (
            await life.kinds(post(1), post(1, version=2), post(2, author=BUDI), post(3, "STOP", "x:300"), post(4, thread="1"))
            == [KIND.REDELIVERY] * 5
        )
        assert (await life.case(one)).additions[0].text == "lampu juga"
        assert await life.rows("SELECT count(*) FROM earlier") == [(1,)]
        assert await life.rows("SELECT count(*) FROM silence") == [(1,)]
        life.house.time.pass_(3600)
        assert await life.start() == []
        assert await life.kinds(post(5, thread="1")) == [KIND.ADDITION]
        await agrees(life)
        await life.journal.close()

    asyncio.run(run())


def test_numbers_of_posts_are_like_all_numbers(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        verdicts = await life.take(*(post(number, author=f"x:{number}") for number in range(50)))
        assert [one.of for one in verdicts] == [NUMBERS.number_of(one.complaint_id or 0) for one in verdicts]
        assert len({one.of for one in verdicts}) == 50

    play(tmp_path, story)


def test_handles_and_words_stand_nowhere_in_the_file_unsealed(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        await life.take(post(1, "kenari lampu padam", "x:2244994945", thread="1900000000000000001", links=("https://kenari/a.jpg",)))
        left = contents(tmp_path)
        assert not [one for one in (*CANARIES, b"2244994945", b"1900000000000000001") if one in left]

    play(tmp_path, story)


def kill_points(directory: Path, steps: Sequence[Callable[[Life], Awaitable[Any]]]) -> None:
    """Die after each step in turn and begin anew with it: the end is the same."""
    for at in range(len(steps)):

        async def run(at: int = at) -> None:
            life = Life(directory / str(at))
            for number, step in enumerate(steps):
                await step(life)
                if number == at:
                    await life.died()
                    await step(life)
            assert (life.journal.tally[STATE.READY], life.journal.tally[STATE.HELD]) == (2, 0)
            assert await life.journal.feed.cursor("s") == "2"
            assert len(await life.rows("SELECT * FROM reply")) == 2
            assert len(await life.rows("SELECT * FROM addition")) == 1
            await agrees(life)
            await life.journal.close()

        asyncio.run(run())


def test_a_death_after_any_step_changes_nothing_in_the_end(tmp_path: Path) -> None:
    kill_points(
        tmp_path,
        [
            lambda life: life.take(post(1), cursor=("s", "1")),
            lambda life: life.take(post(1), post(2, author=BUDI), cursor=("s", "2")),
            lambda life: life.take(post(1, "lain sekali", version=2)),
            lambda life: life.take(post(3, thread="1", parent="1")),
            lambda life: life.journal.feed.note_standing(ACCOUNT, {"1": None, "2": None}),
        ],
    )


def test_an_sms_and_a_post_live_side_by_side(tmp_path: Path) -> None:
    async def story(life: Life) -> None:
        await life.journal.accept(life.house.many(life.journal, 2))
        await life.take(post(1))
        assert life.journal.tally[STATE.READY] == 3
        await life.died()
        await life.journal.accept(life.house.many(life.journal, 2, start=5))
        assert await life.kinds(post(1), post(2)) == [KIND.REDELIVERY, KIND.STORED]
        assert isinstance(apsw.sqlite_lib_version(), str)

    play(tmp_path, story)
