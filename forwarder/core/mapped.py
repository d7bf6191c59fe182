"""A core that speaks JSON by a mapping file (config/core-mapping.example.toml): another API is another file, no code.

Every complaint goes out whole: what the mapping gives a field of its own is there, all else stands in the header line above the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from forwarder.core import standing
from forwarder.core.answers import ID_CHARACTERS_MAX, OddAnswerError, filed_as, read_json, records_at, word_at
from forwarder.core.contract import (
    Absent,
    CallbackError,
    Course,
    Filed,
    Meaning,
    NotFiled,
    Outcome,
    Refused,
    Supplement,
    Unknown,
    answer_table,
    outcome_of,
)
from forwarder.core.fields import Record, Values, record_of, record_of_supplement
from forwarder.core.mapping import TOKEN_FIELD, Call, CoreMapping, Follow, LookUp, Proof, Template, body_of
from forwarder.core.settings import CoreSettings
from forwarder.core.transport import Body, Request, Transport
from parsers.complaint import Disclosure
from parsers.model import Complaint

CONTENT_TYPE = "application/json"
PAGES_MAX = 50  # Ours: a list without an end is a mistake of the mapping.
GONE = {404: Meaning.REFUSED, 410: Meaning.REFUSED}
"""Of an addition: the record that it adds to is not there, which is no fault of ours; a person looks."""


class Mapped:
    """Fulfils contract.CoreClient."""

    def __init__(self, settings: CoreSettings, transport: Transport, policy: Disclosure, mapping: CoreMapping) -> None:
        if not settings.token:
            raise ValueError("the core's token is missing from the secrets")
        self._settings = settings
        self._transport = transport
        self._policy = policy
        self._mapping = mapping
        self._base = settings.url.rstrip("/")
        self._tracking_id = re.compile(settings.tracking_id)
        self._file_answers = answer_table(mapping.file.answers, settings.answers)
        supplement = mapping.supplement
        self._supplement_answers = answer_table(GONE, supplement.call.answers if supplement else {}, settings.answers)
        self._probe_url = settings.probe_url or "{0.scheme}://{0.netloc}/".format(urlsplit(settings.url))

    @property
    def can_look_up(self) -> bool:
        """Whether the mapping says how."""
        return self._mapping.look_up is not None

    @property
    def can_append(self) -> bool:
        """Whether the mapping says how."""
        return self._mapping.supplement is not None

    @property
    def can_follow(self) -> bool:
        """Whether the mapping says how."""
        return self._mapping.follow is not None

    @property
    def can_hear(self) -> bool:
        """Whether the mapping says how, and the key of the signature is there."""
        return self._mapping.callback is not None and bool(self._settings.callback_key)

    async def file(self, complaint: Complaint, attempt: int) -> Outcome:  # noqa: ARG002 - every attempt sends the same octets
        """One request; what we cannot write down is parked: certainly no byte of it went."""
        mapping = self._mapping
        return await self._send(lambda: record_of(complaint, self._policy), mapping.file, self._file_answers, mapping.proof)

    async def supplement(self, supplement: Supplement, attempt: int) -> Outcome:  # noqa: ARG002 - as in `file`
        """Appended where the mapping says how, else a record of its own that names the first."""

        def write() -> Record:
            return record_of_supplement(supplement, self._policy)

        appending = self._mapping.supplement
        if appending is None:
            return await self._send(write, self._mapping.file, self._file_answers, self._mapping.proof)
        return await self._send(write, appending.call, self._supplement_answers, appending.proof, first=supplement.tracking_id)

    async def look_up(self, number: str) -> Filed | Absent | Unknown:
        """Ask by our number; every record in the answer must repeat it. An addition may be kept elsewhere, and is asked for there."""
        first, dash, _ = number.partition("-")
        asking = self._mapping.look_up
        if dash and self._mapping.supplement is not None:
            asking = self._mapping.supplement.look_up
        if asking is None:
            return Unknown("the core has no look-up")
        values: Values = {"number": number, "first_number": first}
        answer = await self._transport.get(self._base + asking.path.address(values), self._headers(asking.headers, {}))
        if isinstance(answer, Unknown):
            return answer
        if answer.status in asking.absent:
            return Absent()
        if answer.status != 200:
            return Unknown(f"HTTP {answer.status}")
        return read_look_up(answer.octets, asking, number, self._tracking_id)

    async def course(self, tracking_ids: Sequence[str]) -> Sequence[Course] | Unknown:
        """Ask in turns of as many as the mapping allows; Unknown as soon as one answer is none."""
        follow = self._mapping.follow
        if follow is None:
            return Unknown("the core cannot be asked how a complaint stands")
        found_courses: dict[str, Course] = {}
        for at in range(0, len(tracking_ids), follow.at_once):
            asked = tracking_ids[at : at + follow.at_once]
            courses = await self._turn(follow, asked)
            if isinstance(courses, Unknown):
                return courses
            found_courses |= {one.tracking_id: one for one in courses if one.tracking_id in asked}
        return list(found_courses.values())

    def read_callback(self, headers: Mapping[str, str], octets: bytes) -> Sequence[Course]:
        """What the core tells us by itself; CallbackError."""
        if self._mapping.callback is None or not self._settings.callback_key:
            raise CallbackError("this core does not call, or its key is missing from the secrets", signed=False)
        return standing.read_callback(self._mapping.callback, self._settings.callback_key, headers, octets)

    async def probe(self) -> bool:
        """GET a harmless page: below 500 somebody is at home; 429 asks us to wait."""
        status = await self._transport.status(self._probe_url)
        return status is not None and status < 500 and status != 429

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.close()

    async def _send(
        self, write: Callable[[], Record], call: Call, answers: tuple[Meaning, ...], proof: Proof, first: str | None = None
    ) -> Outcome:
        """`first` is the tracking id to which an addition is appended."""
        try:
            record = write()
            body, isi = body_of(call, record, self._settings.token, appended=first is not None)
            if len(isi) > self._settings.isi_characters_max:
                return Refused(f"isi is longer than {self._settings.isi_characters_max} characters")
            octets = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
            headers = self._headers(call.headers, record.values) | {"Content-Type": CONTENT_TYPE}
            request = Request(call.method, self._base + call.path.address(record.values), octets, headers, answers)
        except (ValueError, TypeError, LookupError, OverflowError, AttributeError) as error:
            return Refused(f"the complaint cannot be written as JSON: {type(error).__name__}")
        answer = await self._transport.send(request)
        if not isinstance(answer, Body):
            return answer
        return read_answer(answer, proof, record.header.number, self._tracking_id, first)

    def _headers(self, headers: Mapping[str, Template], values: Values) -> dict[str, str]:
        return {name: text.filled({**values, TOKEN_FIELD: self._settings.token}) for name, text in headers.items()}

    async def _turn(self, follow: Follow, asked: Sequence[str]) -> list[Course] | Unknown:
        """One question, with all its pages."""
        courses: list[Course] = []
        url = self._page(follow, asked, follow.page_first)
        for page in range(follow.page_first + 1, follow.page_first + 1 + PAGES_MAX):
            read = await self._ask(follow, asked, url)
            if isinstance(read, Unknown):
                return read
            more, following = read
            courses += more
            if following:
                url = self._following(following)
                if not url:
                    return Unknown("a next page at another address")
            elif "page" in follow.path.names and more and not {one.tracking_id for one in courses}.issuperset(asked):
                url = self._page(follow, asked, page)
            else:
                return courses
        return Unknown(f"more than {PAGES_MAX} pages")

    async def _ask(self, follow: Follow, asked: Sequence[str], url: str) -> tuple[list[Course], str] | Unknown:
        """One page: its courses, and where the next one is."""
        answer = await self._transport.get(url, self._headers(follow.headers, {}))
        if isinstance(answer, Unknown):
            return answer
        if answer.status in follow.absent:
            return [], ""
        return Unknown(f"HTTP {answer.status}") if answer.status != 200 else read_page(answer.octets, follow, asked)

    def _page(self, follow: Follow, asked: Sequence[str], page: int) -> str:
        joined = follow.join.join(asked)
        return self._base + follow.path.address({"tracking_id": asked[0], "tracking_ids": joined, "page": page})

    def _following(self, following: str) -> str:
        """The whole address of the next page; empty for one that would take the token elsewhere."""
        ours = urlsplit(self._base)
        if following.startswith("/") and not following.startswith("//"):
            return f"{ours.scheme}://{ours.netloc}{following}"
        theirs = urlsplit(following)
        return following if (theirs.scheme, theirs.netloc) == (ours.scheme, ours.netloc) else ""


def read_answer(answer: Body, proof: Proof, number: str, tracking_id: re.Pattern[str], first: str | None = None) -> Outcome:
    """What a whole answer means. Another shape than the mapping's is unknown."""
    value = read_json(answer.octets)
    if isinstance(value, Unknown):
        return value
    if not isinstance(value, dict | list):
        return Unknown("an answer that is no object")
    try:
        return _said_otherwise(value, proof, answer.status, number) or _proven(value, proof, tracking_id, first)
    except OddAnswerError as error:
        return Unknown(f"an odd answer: {error}")


def _said_otherwise(value: object, proof: Proof, status: int, number: str) -> NotFiled | Refused | Unknown | None:
    """What the core's own code means where it means no yes, or that the answer speaks of another number; None else."""
    if proof.code is not None:
        code = word_at(value, proof.code)
        meaning = proof.codes.get(code, Meaning.READ)
        if meaning is not Meaning.READ:
            return _named(outcome_of(meaning, status, None), code)
    if proof.number is not None and word_at(value, proof.number) not in ("", number):
        return Unknown("an answer that speaks of another number")
    return None


def _proven(value: object, proof: Proof, tracking_id: re.Pattern[str], first: str | None) -> Filed | Refused | Unknown:
    """The yes, where its proof is there; a well-formed answer without it is a no."""
    entry = word_at(value, proof.entry) if proof.entry is not None else ""
    if proof.entry is not None and not entry:
        return Refused("an answer without the id of the addition")
    transaction = word_at(value, proof.transaction_id) if proof.transaction_id is not None else entry
    if proof.tracking_id is None:
        return Filed(first or "", transaction[:ID_CHARACTERS_MAX])
    return filed_as(word_at(value, proof.tracking_id), tracking_id, transaction)


def read_look_up(octets: bytes, asking: LookUp, number: str, tracking_id: re.Pattern[str]) -> Filed | Absent | Unknown:
    """One record with our number is found, none is absent, and of two a person must say which."""
    value = read_json(octets)
    if isinstance(value, Unknown):
        return value
    try:
        records = [value] if asking.records is None else records_at(value, asking.records)
        repeated = [word_at(record, asking.number) for record in records] + ([word_at(value, asking.echo)] if asking.echo else [])
        if any(one != number for one in repeated):
            return Unknown("a look-up that speaks of another number")
        if len(records) > 1:
            return Unknown("a look-up that finds more than one")
        outcome = filed_as(word_at(records[0], asking.tracking_id), tracking_id) if records else Absent()
    except OddAnswerError as error:
        return Unknown(f"an odd look-up: {error}")
    return Unknown("a record without a tracking id") if isinstance(outcome, Refused) else outcome


def read_page(octets: bytes, follow: Follow, asked: Sequence[str]) -> tuple[list[Course], str] | Unknown:
    """(courses, address of the next page or empty)."""
    value = read_json(octets)
    if isinstance(value, Unknown):
        return value
    try:
        following = word_at(value, follow.next) if follow.next is not None else ""
        return standing.courses_in(value, follow.standing, asked[0] if len(asked) == 1 else None), following
    except OddAnswerError as error:
        return Unknown(f"an odd answer: {error}")


def _named(outcome: NotFiled | Refused | Unknown, code: str) -> NotFiled | Refused | Unknown:
    """The same outcome with the core's own code as its reason, where that is a short word."""
    reason = f"the core's code {code}" if re.fullmatch(r"[\w.-]{1,32}", code, re.ASCII) else "a code of the core"
    match outcome:
        case NotFiled(_, wait, ours):
            return NotFiled(reason, wait, ours=ours)
        case Refused():
            return Refused(reason)
        case Unknown():
            return Unknown(reason)
