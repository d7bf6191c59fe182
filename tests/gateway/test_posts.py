"""Posts from X's JSON to the answer's words: the real composer, front desk and journal together, X and the core left out."""

from __future__ import annotations

import asyncio
import base64
import tomllib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from adapters.channel import Answer, Caps, Cursor, Reply, Sending, SendResult, Taken
from adapters.x.channel import World, XChannel
from adapters.x.settings import XSettings
from adapters.x.snowflake import first_of
from forwarder import replies
from forwarder.journal import Hand, Journal, JournalSettings, ReplyResult, Sealer, Settlement
from forwarder.lifecycle import ComplaintMove, ComplaintState, HeldReason, ReplyMove
from forwarder.records import Filing, ReplyJob
from forwarder.replies import POST_CHARACTERS_MAX, post_characters
from gateway import desk, desk_page, settings, status, tables
from gateway.composer import Composer
from gateway.intake import FrontDesk
from gateway.outbox import ASK_AGAIN_SECONDS, ASK_DAYS_MAX, Outbox
from gateway.secrets import Secrets
from gateway.settings import Site
from gateway.tables import Tables, desk_of, tags_in
from gateway.watch import Watch
from parsers import post as posts
from parsers.errors import JournalError, SettingsError
from parsers.model import Address, Answering, Certainty, Post, Reporter, ReporterKind, Trigger
from parsers.post import Includes, Us
from tests import virtual
from tests.journal.people import KEY, NUMBERS, Time
from tests.journal.test_arrivals import crash
from tests.x.scripted import Inbox

CONFIG = Path(__file__).parents[2] / "config"
GIVEN = {"LAPOR_MASTER_KEY": base64.b64encode(bytes(32)).decode(), "LAPOR_CORE_TOKEN": "x"}
SHIPPED = [(name, (CONFIG / name).read_text(encoding="utf-8")) for name in ("replies.id.toml", "replies.en.toml")]
SARI, BUDI, OUR_ID = "2244994945", "99", "170800"
READY, HELD = ComplaintState.READY, ComplaintState.HELD
HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, Tables]:
    folder: Path = tmp_path_factory.mktemp("site")
    (folder / "gateway.toml").touch()
    (folder / "operators.toml").touch()
    site = settings.load(folder / "gateway.toml", Secrets(GIVEN), {})
    return site, tables.load(site)


@dataclass
class Front:
    """A front desk on a real journal; what is ready for the core is kept in `filings`."""

    folder: Path
    site: Site
    tables: Tables
    time: Time = field(default_factory=Time)
    filings: list[Filing] = field(default_factory=list)
    woken: int = 0

    def open(self) -> None:
        self.composer = Composer(desk_of(self.site, self.tables), NUMBERS.number_of)
        self.journal = Journal.open(
            self.folder / "journal.db",
            sealer=Sealer(KEY),
            settings=JournalSettings(heartbeat_seconds=60),
            clock=self.time.clock,
            monotonic=self.time.monotonic,
            composer=self.composer,
            free=lambda _: 1 << 40,
        )
        self.desk = FrontDesk(self.journal, self.composer, self, Watch(), self._wake)
        self.us = Us(OUR_ID, "lapor1708", posts.tags_of(tags_in(self.tables.hashtags)))

    def offer(self, filings: Sequence[Filing]) -> None:
        self.filings += filings

    def _wake(self) -> None:
        self.woken += 1

    def post(
        self, number: int, text: str, author: str = SARI, *, ago_ms: int = 0, includes: Includes | None = None, **changes: Any
    ) -> Post:
        """What X's JSON is read as."""
        posted = self.time.ms - ago_ms
        at = text.lower().find("@lapor1708")
        own = str(first_of(posted) + number)
        item: dict[str, Any] = {
            "id": own,
            "author_id": author,
            "created_at": f"{_iso(posted)}",
            "text": text,
            "conversation_id": own,
            "entities": {"mentions": [{"start": at, "end": at + 10, "id": OUR_ID}] if at >= 0 else []},
        } | changes
        found = posts.read(item, includes or Includes(), self.us, source="mentions", received_ms=self.time.ms)
        assert isinstance(found, Post), found
        return found

    async def take(self, *given: Post, cursor: Cursor | None = None) -> list[Taken]:
        return await self.desk.accept_posts(given, cursor)

    async def answers(self) -> list[tuple[ReplyJob, str]]:
        """What is said now, as the outbox would say it; all of it arrives."""
        self.time.pass_(15)
        texts = replies.load(SHIPPED)
        jobs = await self.journal.start_replies(50, self.time.ms)
        await self.journal.settle_replies([ReplyResult(job.reply_id, ReplyMove.SENT, (f"9{job.reply_id}",)) for job in jobs])
        return [(job, texts.render(job)) for job in jobs]

    async def file(self, number: str | None, tracking_id: str = "7841120") -> None:
        case = await self.case(number)
        await self.journal.start_filing([(case.complaint_id, case.attempts + 1)])
        case = await self.case(number)
        await self.journal.settle([Settlement(case.complaint_id, case.attempts, ComplaintMove.FILED, tracking_id)])

    async def case(self, number: str | None) -> Any:
        found = await self.journal.case(number or "")
        assert found is not None
        return found


def _iso(at_ms: int) -> str:
    import datetime as dt  # noqa: PLC0415

    return f"{dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC):%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03}Z"


Story = Callable[[Front], Awaitable[None]]


def play(folder: Path, house: tuple[Site, Tables], story: Story) -> None:
    async def run() -> None:
        front = Front(folder, *house)
        front.open()
        try:
            await story(front)
        finally:
            await front.journal.close()

    asyncio.run(run())


# ── what becomes of each sort of post ──


@dataclass(frozen=True)
class Case:
    label: str
    text: str
    state: ComplaintState | None
    reason: HeldReason | None = None
    reply: str | None = None
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    region: str | None = None
    certainty: Certainty | None = None
    changes: dict[str, Any] = field(default_factory=dict)


MARK = "(R"
CASES = [
    Case("called", "@lapor1708 lampu jalan mati di pasar", READY, reply="receipt", says=("No. {number}", "STATUS {number}"), never=(MARK,)),
    Case(
        "called and tagged",
        "@lapor1708 #AduanAgam lampu mati",
        READY,
        reply="receipt",
        says=("Kab. Agam",),
        region="13.06",
        certainty=Certainty.EXPLICIT,
    ),
    Case("tagged in full width", "@lapor1708 \uff03aduanagam lampu mati", READY, reply="receipt", region="13.06"),
    Case("tagged only: X allows no answer", "#aduanagam lampu mati", READY, region="13.06"),
    Case(
        "two regions",
        "@lapor1708 #aduanagam #laporsleman lampu mati",
        READY,
        reply="receipt",
        certainty=Certainty.AMBIGUOUS,
        never=("Agam", "Sleman"),
    ),
    Case("a keyword of SMS counts for nothing here", "@lapor1708 AGAM lampu mati", READY, reply="receipt", region=None),
    Case("a name and nothing else", "@lapor1708", HELD, HeldReason.REVIEW, "empty", ("No. {number}",)),
    Case("a name and a tag and nothing else", "@lapor1708 #aduanagam", HELD, HeldReason.REVIEW, "empty"),
    Case(
        "a picture and nothing else",
        "@lapor1708 https://t.co/a",
        HELD,
        HeldReason.REVIEW,
        "empty",
        changes={
            "entities": {
                "mentions": [{"start": 0, "id": OUR_ID}],
                "urls": [{"url": "https://t.co/a", "expanded_url": "https://x.com/p", "media_key": "3_1"}],
            }
        },
    ),
    Case("a time that nobody can read", "@lapor1708 lampu mati", HELD, HeldReason.REVIEW, changes={"created_at": "kemarin"}),
    Case("an office's advert", "@lapor1708 Sobat, yuk manfaatkan kanal SP4N-LAPOR! #aduanagam", HELD, HeldReason.PUBLICITY),
    Case("a status without a case", "@lapor1708 STATUS", None, reply="status_unknown", says=("SMS 1708", MARK)),
    Case("a status with a number", "STATUS GA2345 @lapor1708 #lapor", None, reply="status_unknown", says=("SMS 1708",), never=("GA2345",)),
    Case(
        "a tracking id in a sentence",
        "@lapor1708 tracking ID #5943588 belum di verifikasi",
        None,
        reply="status_unknown",
        never=("5943588",),
    ),
    Case("info", "@lapor1708 INFO", None, reply="info", says=(MARK,)),
    Case("stop", "@lapor1708 STOP", None),
    Case(
        "stop, with the other at sign", "\uff20lapor1708 BERHENTI", None, changes={"entities": {"mentions": [{"start": 0, "id": OUR_ID}]}}
    ),
    Case("start", "@lapor1708 MULAI", None),
    Case("a command without a case", "@lapor1708 BATAL", None, reply="status_unknown", says=("SMS 1708", MARK)),
    Case(
        "rahasia",
        "@lapor1708 #aduanagam rahasia, camat minta uang",
        READY,
        reply="receipt",
        says=("SMS 1708", MARK),
        never=("{number}", "Agam", "camat", "rahasia"),
        region="13.06",
    ),
    Case("STOP as a word of a complaint", "@lapor1708 STOP pungli di pasar", READY, reply="receipt"),
    Case("an old one is filed and not answered", "@lapor1708 lampu mati", READY, changes={"ago_ms": 25 * HOUR_MS}),
    Case("one almost old", "@lapor1708 lampu mati", READY, reply="receipt", changes={"ago_ms": 23 * HOUR_MS}),
    Case("an old question", "@lapor1708 STATUS", None, changes={"ago_ms": 25 * HOUR_MS}),
    Case(
        "personal numbers never come back",
        "@lapor1708 KTP saya 1306010101900001 hp 081266010001 belum jadi",
        READY,
        reply="receipt",
        never=("1306010101900001", "081266010001"),
    ),
    Case("a lone surrogate and control characters", "@lapor1708 lampu \ud83d mati \0\x1b[2J", READY, reply="receipt"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_what_becomes_of_a_post(tmp_path: Path, house: tuple[Site, Tables], case: Case) -> None:
    async def story(front: Front) -> None:
        [taken] = await front.take(front.post(1, case.text, **case.changes))
        assert taken.answer is Answer.KEPT
        said = await front.answers()
        assert [job.kind for job, _ in said] == ([case.reply] if case.reply else [])
        number = taken.number or ""
        for _, text in said:
            assert not [one for one in case.says if one.format(number=number) not in text], text
            assert not [one for one in case.never if one.format(number=number or "-") in text], text
            assert post_characters(text) <= POST_CHARACTERS_MAX
            assert "http" not in text
        if case.state is None:
            assert not taken.number
            assert sum(front.journal.tally.values()) == 0
            return
        found = await front.case(taken.number)
        assert (found.state, found.reason or None) == (case.state, case.reason)
        assert found.complaint.message.channel == "X @lapor1708"
        if case.region:
            assert found.complaint.decision.region == case.region
        if case.certainty:
            assert found.complaint.decision.certainty is case.certainty
        assert [one.complaint.number for one in front.filings] == ([taken.number] if case.state is READY else [])

    play(tmp_path, house, story)


def test_pictures_places_and_quotes_travel_with_the_complaint_and_to_the_desk(tmp_path: Path, house: tuple[Site, Tables]) -> None:
    includes = Includes(media={"3_1": {"url": "https://pbs.twimg.com/a.jpg"}}, places={"p": {"full_name": "Lubuk Basung, Agam"}})

    async def story(front: Front) -> None:
        given = front.post(
            1,
            "@lapor1708 lihat ini",
            includes=includes,
            attachments={"media_keys": ["3_1"]},
            geo={"place_id": "p"},
            referenced_tweets=[{"type": "quoted", "id": "77"}],
        )
        [taken] = await front.take(given)
        found = await front.case(taken.number)
        assert found.complaint.message.links == ("https://pbs.twimg.com/a.jpg",)
        assert found.complaint.message.quoted == "https://x.com/i/status/77"
        assert found.complaint.hints.places[0] == "Lubuk Basung, Agam"
        await front.take(front.post(2, "@lapor1708 lampunya juga, hp 081266010001", conversation_id=given.thread))
        page = desk_page.case(desk._case(await front.case(taken.number), desk.masked_text, desk.mask))
        assert "https://pbs.twimg.com/a.jpg" in page
        assert "https://x.com/i/status/77" in page
        assert "lampunya juga" in page
        assert "081266010001" not in page
        assert SARI not in page

    play(tmp_path, house, story)


# ── who learns what ──


def test_an_own_case_is_told_by_its_state(tmp_path: Path, house: tuple[Site, Tables]) -> None:
    async def story(front: Front) -> None:
        [taken] = await front.take(front.post(1, "@lapor1708 #aduanagam lampu mati"))
        await front.answers()
        await front.take(front.post(2, "@lapor1708 STATUS"), front.post(3, f"@lapor1708 STATUS {taken.number}"))
        assert front.woken == 1
        said = await front.answers()
        assert [(job.kind, taken.number in text) for job, text in said] == [("status_waiting", True)] * 2
        await front.file(taken.number)
        await front.answers()
        await front.take(front.post(4, "@lapor1708 cek ID #7841120"))
        [(job, text)] = await front.answers()
        assert (job.kind, "7841120" in text) == ("status_filed", True)
        await front.take(front.post(5, "@lapor1708 STATUS saya", conversation_id=front.post(1, "@lapor1708").thread))
        assert [job.kind for job, _ in await front.answers()] == ["status_filed"]

    play(tmp_path, house, story)


def test_a_stranger_reads_the_same_whether_the_case_exists_or_not(tmp_path: Path, house: tuple[Site, Tables]) -> None:
    async def story(front: Front) -> None:
        [taken] = await front.take(front.post(1, "@lapor1708 #aduanagam lampu mati"))
        await front.file(taken.number)
        await front.answers()
        asked = [f"STATUS {taken.number}", "STATUS GA2345", "cek ID #7841120", "cek ID #7841121"]
        await front.take(*(front.post(10 + n, f"@lapor1708 {text}", BUDI) for n, text in enumerate(asked)))
        said = [text.replace(f"R{job.reply_id}", "R") for job, text in await front.answers()]
        assert len(said) == 4
        assert len(set(said)) == 1
        assert taken.number not in said[0]

    play(tmp_path, house, story)


def test_who_answers_our_answer_to_somebody_else_learns_nothing_by_it(tmp_path: Path, house: tuple[Site, Tables]) -> None:
    async def story(front: Front) -> None:
        [taken] = await front.take(front.post(1, "@lapor1708 #aduanagam lampu mati"))
        [(job, _)] = await front.answers()
        reply = [{"type": "replied_to", "id": f"9{job.reply_id}"}]
        [added] = await front.take(front.post(2, "@lapor1708 saya juga mengalami", BUDI, referenced_tweets=reply))
        assert added.kind == "addition"
        await front.take(front.post(3, "@lapor1708 STATUS", BUDI))
        [(job, text)] = await front.answers()
        assert (job.kind, taken.number in text) == ("status_unknown", False)

    play(tmp_path, house, story)


def test_of_a_rahasia_case_nothing_is_ever_said_in_public(tmp_path: Path, house: tuple[Site, Tables]) -> None:
    async def story(front: Front) -> None:
        text = "@lapor1708 #aduanagam rahasia, camat minta uang"
        [taken] = await front.take(front.post(1, text))
        said = await front.answers()
        await front.file(taken.number)
        said += await front.answers()
        await front.take(
            front.post(2, "@lapor1708 STATUS"), front.post(3, f"@lapor1708 STATUS {taken.number}"), front.post(4, "@lapor1708 cek #7841120")
        )
        said += await front.answers()
        await front.take(front.post(9, text))
        said += await front.answers()
        assert [job.kind for job, _ in said] == ["receipt", "status_unknown", "status_unknown", "status_unknown", "resend"]
        for _, shown in said:
            for secret in (taken.number or "", "7841120", "Agam", "camat", "rahasia"):
                assert secret not in shown, shown

    play(tmp_path, house, story)


def test_a_rahasia_case_released_by_a_person_is_filed_without_a_number_in_public(tmp_path: Path, house: tuple[Site, Tables]) -> None:
    async def story(front: Front) -> None:
        [taken] = await front.take(front.post(1, "@lapor1708 #aduanagam rahasia, camat minta uang"))
        await front.journal.hold([taken.number or ""], HeldReason.REVIEW, Hand("Ani", "periksa"))
        await front.journal.release([taken.number or ""], Hand("Ani", "benar"))
        await front.file(taken.number)
        [(job, text)] = await front.answers()
        assert job.rahasia
        assert taken.number not in text
        assert "7841120" not in text

    play(tmp_path, house, story)


@pytest.mark.parametrize("kind", sorted(replies.KINDS.keys() - replies.SMS_ONLY - {"receipt_rahasia", "receipt_filed_rahasia"}))
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_text_of_a_post_can_be_rendered_and_names_nothing_rahasia(kind: str, language: str) -> None:
    texts = replies.load(SHIPPED)
    shown = texts.render(lost(7, kind=kind, language=language, tracking_id="7841120"))
    assert "{" not in shown
    assert "None" not in shown
    assert "R7" in shown or "GA7K2Q" in shown
    hidden = texts.render(lost(7, kind=kind, language=language, tracking_id="7841120", rahasia=True))
    assert not [one for one in ("GA7K2Q", "7841120", "Agam") if one in hidden]


# ── handed in by a program ──


def direct(front: Front, number: int, text: str, **changes: Any) -> Post:
    """As a webhook hands it in."""
    one = Post(
        channel="Aplikasi Agam",
        account="agam-app",
        source="agam-app",
        id=str(number),
        key=str(number),
        author=Reporter(ReporterKind.ACCOUNT, "agam-app:55", Address(0, 0, str(number))),
        text=text,
        raw=b"{}",
        posted_ms=front.time.ms,
        received_ms=front.time.ms,
    )
    return replace(one, **changes)


DIRECT = [
    ("AGAM jalan rusak", READY, "13.06", "receipt"),
    ("jalan rusak #aduansleman", READY, None, "receipt"),
    ("STATUS", None, None, "status_unknown"),
    ("tracking ID #5943588 belum ada kabar", None, None, "status_unknown"),
]


@pytest.mark.parametrize("row", DIRECT, ids=[row[0] for row in DIRECT])
def test_what_a_program_hands_in_goes_like_an_sms(
    tmp_path: Path, house: tuple[Site, Tables], row: tuple[str, ComplaintState | None, str | None, str]
) -> None:
    text, state, region, reply = row

    async def story(front: Front) -> None:
        [taken] = await front.take(direct(front, 1, text))
        if state is not None:
            found = await front.case(taken.number)
            assert (found.state, found.complaint.decision.region) == (state, region)
        [(job, _)] = await front.answers()
        assert (job.kind, job.answering, job.operator) == (reply, "always", "agam-app")
        if state is READY:
            await front.file(taken.number)
            assert [each.kind for each, _ in await front.answers()] == ["filed"]

    play(tmp_path, house, story)


@pytest.mark.parametrize("text", ["AGAM", "", "  "])
def test_a_keyword_alone_from_a_program_has_no_body_and_says_so(tmp_path: Path, house: tuple[Site, Tables], text: str) -> None:
    async def story(front: Front) -> None:
        [taken] = await front.take(direct(front, 1, text))
        assert (await front.case(taken.number)).state is HELD
        assert [job.kind for job, _ in await front.answers()] == ["empty"]

    play(tmp_path, house, story)


# ── our own code, and the disk ──


class Stumbling:
    """A composer with a bug."""

    def __init__(self, sound: Composer) -> None:
        self.sound, self.asked = sound, 0

    def post(self, message_id: int, complaint_id: int, post: Post, *, amends: bool = False) -> object:
        self.asked += 1
        if "LUBANG" in post.text:
            raise ZeroDivisionError("a bug of ours")
        return self.sound.post(message_id, complaint_id, post, amends=amends)


def test_what_our_own_code_stumbles_over_is_kept_raw_once_and_its_neighbours_go_on(
    tmp_path: Path, house: tuple[Site, Tables], caplog: pytest.LogCaptureFixture
) -> None:
    async def story(front: Front) -> None:
        front.desk.composer = Stumbling(front.composer)  # type: ignore[assignment]
        page = [
            front.post(1, "@lapor1708 lampu mati"),
            front.post(2, "@lapor1708 LUBANG di jalan"),
            front.post(3, "@lapor1708 banjir", BUDI),
        ]
        assert [one.kind for one in await front.take(*page)] == ["stored", "unreadable", "stored"]
        for _ in range(3):
            assert [one.kind for one in await front.take(*page)] == ["redelivery"] * 3
        [row] = await front.journal.waiting(reason="unreadable")
        assert await front.journal.raw(row.number) == [page[1].raw]
        assert len(front.filings) == 2

    play(tmp_path, house, story)
    assert "LUBANG" not in caplog.text


def test_an_edit_that_the_journal_cannot_take_is_stored_alone_and_the_page_goes_on(tmp_path: Path, house: tuple[Site, Tables]) -> None:
    async def story(front: Front) -> None:
        first = front.post(1, "@lapor1708 lampu mati")
        await front.take(first)
        stumbling = Stumbling(front.composer)
        front.journal.composer = stumbling  # type: ignore[assignment]
        edit = replace(first, id="9", version=2, text="@lapor1708 LUBANG")
        cursor = Cursor("x/s", "5")
        taken = await front.take(front.post(2, "@lapor1708 banjir", BUDI), edit, front.post(3, "@lapor1708 longsor", "55"), cursor=cursor)
        assert [(one.answer, one.kind) for one in taken] == [(Answer.KEPT, "stored"), (Answer.KEPT, "edited"), (Answer.KEPT, "stored")]
        assert await front.desk.cursor("x/s") == "5"

    play(tmp_path, house, story)


class Broken:
    """A journal that takes nothing for a while."""

    def __init__(self, real: Any, times: int) -> None:
        self.real, self.times = real, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    async def accept(self, *given: Any) -> Any:
        if self.times:
            self.times -= 1
            raise JournalError("the disk is full")
        return await self.real.accept(*given)

    async def cursor(self, _: str) -> Any:
        raise JournalError("cannot be read")


def test_while_the_journal_fails_all_hear_later_and_the_cursor_stays(tmp_path: Path, house: tuple[Site, Tables]) -> None:
    async def story(front: Front) -> None:
        real, page, cursor = (
            front.journal.feed,
            [front.post(1, "@lapor1708 lampu mati"), front.post(2, "@lapor1708 banjir", BUDI)],
            Cursor("x/s", "5"),
        )
        front.journal.feed = Broken(real, 100)  # type: ignore[assignment]
        assert [one.answer for one in await front.take(*page, cursor=cursor)] == [Answer.LATER] * 2
        with pytest.raises(JournalError):
            await front.desk.cursor("x/s")
        front.journal.feed = real
        assert await front.desk.cursor("x/s") is None
        assert front.desk.counts["later"] == 2
        assert [one.kind for one in await front.take(*page, cursor=cursor)] == ["stored"] * 2
        assert await front.desk.cursor("x/s") == "5"

    play(tmp_path, house, story)


def test_while_a_damaged_journal_waits_for_its_salvage_nothing_is_taken(tmp_path: Path, house: tuple[Site, Tables]) -> None:
    async def story(front: Front) -> None:
        front.journal._books.filing_paused = True
        assert [one.answer for one in await front.take(front.post(1, "@lapor1708 lampu mati"))] == [Answer.LATER]
        front.journal._books.filing_paused = False
        assert [one.kind for one in await front.take(front.post(1, "@lapor1708 lampu mati"))] == ["stored"]

    play(tmp_path, house, story)


def test_another_gateway_takes_over_and_tells_and_files_nothing_twice(tmp_path: Path, house: tuple[Site, Tables]) -> None:
    async def story(front: Front) -> None:
        page = [front.post(1, "@lapor1708 lampu mati"), front.post(2, "@lapor1708 STATUS", BUDI)]
        first = await front.take(*page, cursor=Cursor("x/s", "5"))
        assert len(await front.answers()) == 2
        await crash(front.journal)
        front.open()
        assert [one.kind for one in await front.take(*page)] == ["redelivery"] * 2
        assert await front.desk.cursor("x/s") == "5"
        assert await front.answers() == []
        assert (await front.take(page[0]))[0].number == first[0].number
        assert len(front.filings) == 1

    play(tmp_path, house, story)


# ── lost answers ──


class Rows:
    """The part of the journal that asks about lost answers."""

    def __init__(self, *jobs: ReplyJob) -> None:
        self.jobs, self.results, self.failures = list(jobs), list[ReplyResult](), 0
        self.feed = self

    async def start_look_ups(self, limit: int, _: int) -> list[ReplyJob]:
        if self.failures:
            self.failures -= 1
            raise JournalError("full")
        found, self.jobs = self.jobs[:limit], self.jobs[limit:]
        return found

    async def resolve_replies(self, results: Sequence[ReplyResult]) -> None:
        self.results += results

    async def start_replies(self, *_: object) -> list[ReplyJob]:
        return []

    async def settle_replies(self, results: Sequence[ReplyResult]) -> None:
        assert not results


class Findable:
    """A channel that can be asked; it gives one answer."""

    caps = Caps(280, Answering.ONCE, links=False, can_find=True)

    def __init__(self, answer: Sending | Exception) -> None:
        self.answer, self.asked = answer, list[str]()

    async def find(self, reply: Reply) -> Sending:
        self.asked.append(reply.key)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def lost(reply_id: int = 1, **changes: Any) -> ReplyJob:
    """A reply on X."""
    facts: dict[str, Any] = {
        "kind": "receipt",
        "channel": "X @lapor1708",
        "operator": "@lapor1708",
        "reporter_value": "x:1",
        "reporter_kind": "account",
        "ton": 0,
        "npi": 0,
        "address": "5",
        "number": "GA7K2Q",
        "instansi_name": "Kab. Agam",
        "tracking_id": None,
        "language": "id",
        "rahasia": False,
        "attempt": 1,
        "again": False,
        "received_ms": NOW_MS,
        "answering": "once",
    }
    return ReplyJob(reply_id, **facts | changes)


NOW_MS = 1_795_000_000_000
OLD = NOW_MS - ASK_DAYS_MAX * 86_400_000 - 1
ASKED = [
    ("it is there", Sending(SendResult.SENT, ("900",)), NOW_MS, "found", None),
    ("it is not", Sending(SendResult.REFUSED), NOW_MS, "absent", None),
    ("X is down", Sending(SendResult.LATER), NOW_MS, "postponed", ASK_AGAIN_SECONDS),
    ("X names a time", Sending(SendResult.LATER, retry_after_s=700.0), NOW_MS, "postponed", 700),
    ("nobody can say", Sending(SendResult.UNKNOWN), NOW_MS, "lost_answer", None),
    ("a bug of ours", RuntimeError("a bug"), NOW_MS, "postponed", ASK_AGAIN_SECONDS),
    ("X is down for days", Sending(SendResult.LATER), OLD, "lost_answer", None),
    ("found after days", Sending(SendResult.SENT, ("900",)), OLD, "found", None),
]


@pytest.mark.parametrize(("label", "answer", "received_ms", "move", "wait"), ASKED, ids=[row[0] for row in ASKED])
def test_a_lost_answer_is_asked_for(label: str, answer: Any, received_ms: int, move: str, wait: float | None) -> None:
    async def story() -> None:
        rows, channel = Rows(lost(received_ms=received_ms)), Findable(answer)
        rows.failures = 2
        box = Outbox(rows, replies.load(SHIPPED), {"@lapor1708": channel}, lambda: NOW_MS, Watch())  # type: ignore[arg-type, dict-item]
        running = asyncio.create_task(box.run())
        while not rows.results:
            await asyncio.sleep(0.5)
        box.stop()
        await running
        [result] = rows.results
        assert (str(result.move), channel.asked) == (move, ["R1"]), label
        assert result.message_ids == (answer.message_ids if isinstance(answer, Sending) else ())
        if wait is not None:
            assert result.next_ms == NOW_MS + wait * 1000

    virtual.run(story())


def test_an_answer_of_an_account_that_is_gone_waits_and_then_stays_unknown() -> None:
    async def story() -> None:
        rows = Rows(lost(1, operator="@lama"), lost(2, operator="@lama", received_ms=OLD), lost(3))
        channel = Findable(Sending(SendResult.SENT, ("900",)))
        box = Outbox(rows, replies.load(SHIPPED), {"@lapor1708": channel}, lambda: NOW_MS, Watch())  # type: ignore[arg-type, dict-item]
        running = asyncio.create_task(box.run())
        while len(rows.results) < 3:
            await asyncio.sleep(0.5)
        box.stop()
        await running
        assert {one.reply_id: str(one.move) for one in rows.results} == {1: "postponed", 2: "lost_answer", 3: "found"}

    virtual.run(story())


# ── what people see ──


def test_status_shows_what_x_does_and_costs() -> None:
    x = XChannel(XSettings(enabled=True, user_id=OUR_ID), ["lapor"], Inbox(), World(lambda: NOW_MS, asyncio.sleep, lambda: 0.5))
    x.sources[0].last_ok_ms, x.sources[1].cause = NOW_MS - 5000, "outage: 503"
    x.poller.counts.update({"stored": 7, "redelivery": 3})
    x.poller.gaps = 1
    x.meter.purse.take(25_000_000, NOW_MS)
    shown = "\n".join(status._x_lines(status._x(x), NOW_MS))
    for part in (
        "@lapor1708",
        "$25.00 of $30.00 in 1 calls",
        "more than planned",
        "read 5 s ago",
        "not read yet; outage: 503",
        "stored 7",
        "1 gaps",
    ):
        assert part in shown, part


# ── the texts of posts at load ──

BAD = [
    ("Halo", "does not name {ref}: X refuses the same text twice"),
    ("Halo {number} lapor.go.id", "a link or a call"),
    ("Halo {number} HTTPS://A", "'http'"),
    ("Halo {number} hubungi @kami", "a link or a call"),
    ("Halo {number} #lapor", "a link or a call"),
    ("Halo {number} " + "x" * 280, "characters with its longest values; at most 280"),
    ("Halo {number} " + "\u2603" * 140, "characters with its longest values; at most 280"),
    ("Halo {number} {instansi} " + "x" * 231, "characters with its longest values"),
    ("Halo {number} gratis", "'gratis'"),
    ("Halo {nama} {ref}", "{nama}, which it cannot know"),
    ("Halo {number", "bracket"),
    ("Halo {number!r}", "conversion"),
]


def problems(kind: str, text: str) -> str:
    """What is said of a shipped file whose text of this kind is another one."""
    name, toml = SHIPPED[0]
    head, rest = toml.split("[posts]", 1)
    broken = rest.replace(f"\n{kind} = ", f'\n{kind} = "{text}"\nold = ', 1)
    with pytest.raises(SettingsError) as raised:
        replies.load([(name, f"{head}[posts]{broken}")])
    return "\n".join(raised.value.problems)


@pytest.mark.parametrize(("text", "problem"), BAD, ids=[row[0][:30] for row in BAD])
def test_a_bad_text_of_a_post_is_refused_with_its_rule(text: str, problem: str) -> None:
    said = problems("receipt", text)
    assert problem in said
    assert "posts.receipt" in said


@pytest.mark.parametrize("name", ["number", "instansi", "tracking_id", "pin"])
@pytest.mark.parametrize("kind", ["receipt_rahasia", "receipt_filed_rahasia"])
def test_a_public_text_about_a_rahasia_complaint_may_name_nothing(kind: str, name: str) -> None:
    assert "which it cannot know" in problems(kind, f"Halo {{{name}}} {{ref}}")


@pytest.mark.parametrize("kind", ["receipt", "filed", "status_filed"])
def test_no_public_text_may_carry_a_pin(kind: str) -> None:
    assert "{pin}, which it cannot know" in problems(kind, "Halo {number} {pin}")


@pytest.mark.parametrize(("name", "toml"), SHIPPED, ids=[row[0] for row in SHIPPED])
def test_no_two_answers_to_posts_are_the_same_text(name: str, toml: str) -> None:
    """Only a receipt is said once of each number; all others say which answer they are, for X refuses the same text twice."""
    texts = tomllib.loads(toml)["posts"]
    assert set(texts) == replies.KINDS.keys() - replies.SMS_ONLY, name
    assert {kind for kind, text in texts.items() if "{ref}" not in text} <= {"receipt", "receipt_filed"}
    assert all("{number}" in texts[kind] for kind in ("receipt", "receipt_filed"))


def test_the_texts_of_posts_may_not_be_left_out() -> None:
    name, toml = SHIPPED[0]
    with pytest.raises(SettingsError, match=r"\[posts\] is missing"):
        replies.load([(name, toml.split("[posts]")[0])])


def test_only_triggers_of_x_are_public() -> None:
    assert {one for one in Trigger if one is not Trigger.DIRECT} == {Trigger.MENTION, Trigger.HASHTAG, Trigger.REPLY}
