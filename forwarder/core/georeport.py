"""A core that speaks Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2): requests by form, answers in JSON or XML.

The standard has no field for most of what we know, so the description is the header line and the text, as addstream's `isi` is. It has none
for rahasia either, and what it takes is public: without a field of the core for it, a rahasia complaint is parked and never sent.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote, urlencode, urlsplit

from forwarder.core.answers import (
    ISO,
    ZONES,
    OddAnswerError,
    child_texts,
    filed_as,
    local_name,
    moment,
    plain,
    read_json,
    read_xml,
    word_at,
)
from forwarder.core.contract import (
    Absent,
    CallbackError,
    Course,
    CourseStatus,
    Filed,
    Meaning,
    Outcome,
    Refused,
    Supplement,
    Unknown,
    answer_table,
)
from forwarder.core.fields import Record, record_of, record_of_supplement
from forwarder.core.header import Header, HeaderError, fields_in
from forwarder.core.settings import NUMBER_FIELD, TRACKING_ID_FIELD, CoreSettings
from forwarder.core.transport import Body, Request, Transport
from parsers.complaint import Disclosure
from parsers.model import Complaint

CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"
TOKEN = re.compile(r"[A-Za-z0-9._-]{1,128}")
GONE = {404: Meaning.REFUSED, 410: Meaning.REFUSED}
"""Of an addition: the request that it adds to is not there; a person looks."""
NO_RAHASIA = "this core has no field for rahasia, and publishes what it takes: set core.georeport.rahasia_field, or file it by hand"
Rows = list[dict[str, str]]


class GeoReport:
    """Fulfils contract.CoreClient."""

    def __init__(self, settings: CoreSettings, transport: Transport, policy: Disclosure) -> None:
        if not settings.token:
            raise ValueError("the core's token is missing from the secrets")
        self._settings = settings
        self._own = settings.georeport
        self._transport = transport
        self._policy = policy
        self._base = settings.url.rstrip("/")
        self._tracking_id = re.compile(settings.tracking_id)
        self._answers = answer_table(settings.answers)
        self._append_answers = answer_table(GONE, settings.answers)
        self._probe_url = settings.probe_url or "{0.scheme}://{0.netloc}/".format(urlsplit(settings.url))

    @property
    def can_look_up(self) -> bool:
        """Whether a look-up address is set: the standard has none for a number of ours."""
        return self._settings.lookup_url is not None

    @property
    def can_append(self) -> bool:
        """Whether the core has an extension for it."""
        return bool(self._own.append_path)

    @property
    def can_follow(self) -> bool:
        """Always: the standard has it."""
        return True

    @property
    def can_hear(self) -> bool:
        """Never: the standard has no callback."""
        return False

    async def file(self, complaint: Complaint, attempt: int) -> Outcome:  # noqa: ARG002 - every attempt sends the same octets
        """One POST; what we cannot write down, or may not publish, is parked: certainly no byte of it went."""
        return await self._request(lambda: record_of(complaint, self._policy), f"{self._base}/requests.{self._own.format}")

    async def supplement(self, supplement: Supplement, attempt: int) -> Outcome:  # noqa: ARG002 - as in `file`
        """By the core's extension where it has one, else a request of its own that names the first."""

        def write() -> Record:
            return record_of_supplement(supplement, self._policy)

        if not self._own.append_path:
            return await self._request(write, f"{self._base}/requests.{self._own.format}")
        path = self._own.append_path.replace(TRACKING_ID_FIELD, quote(supplement.tracking_id, safe=""))
        outcome = await self._request(write, self._base + path, appended=True)
        if isinstance(outcome, Filed) and outcome.tracking_id != supplement.tracking_id:
            return Unknown("an addition that the core says stands elsewhere")
        return outcome

    async def look_up(self, number: str) -> Filed | Absent | Unknown:
        """Ask by our number; it must stand at the head of a description. Records that only mention it, such as additions, do not count."""
        appended = "-" in number and bool(self._own.append_path)
        address = self._own.append_lookup_url if appended else self._settings.lookup_url
        if not address:
            return Unknown("the core has no look-up for this")
        answer = await self._transport.get(address.replace(NUMBER_FIELD, quote(number, safe="")))
        if isinstance(answer, Unknown):
            return answer
        if answer.status != 200:
            return Unknown(f"HTTP {answer.status}")
        rows = self._rows(answer.octets)
        return rows if isinstance(rows, Unknown) else looked_up(rows, number, self._tracking_id)

    async def course(self, tracking_ids: Sequence[str]) -> Sequence[Course] | Unknown:
        """Many at once, or one by one; one that the core does not have is left out."""
        courses: dict[str, Course] = {}
        step = self._own.at_once
        for at in range(0, len(tracking_ids), step):
            asked = tracking_ids[at : at + step]
            rows = await self._standing(asked)
            if isinstance(rows, Unknown):
                return rows
            for row in rows:
                if (course := self._course(row)) is not None and course.tracking_id in asked:
                    courses[course.tracking_id] = course
        return list(courses.values())

    def read_callback(self, headers: Mapping[str, str], octets: bytes) -> Sequence[Course]:  # noqa: ARG002 - nobody calls
        """CallbackError, always."""
        raise CallbackError("this core does not call", signed=False)

    async def services(self) -> Mapping[str, str] | Unknown:
        """The core's service codes and their names; for `check --core`."""
        answer = await self._transport.get(self._page(f"/services.{self._own.format}"))
        if isinstance(answer, Unknown):
            return answer
        if answer.status != 200:
            return Unknown(f"HTTP {answer.status}")
        rows = self._rows(answer.octets)
        return (
            rows
            if isinstance(rows, Unknown)
            else {row["service_code"]: row.get("service_name", "") for row in rows if "service_code" in row}
        )

    async def probe(self) -> bool:
        """GET a harmless page: below 500 somebody is at home; 429 asks us to wait."""
        status = await self._transport.status(self._probe_url)
        return status is not None and status < 500 and status != 429

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.close()

    def form(self, record: Record, *, appended: bool = False) -> list[tuple[str, str]]:
        """The fields of a POST. ValueError for one that this core would publish against its flags."""
        own, header, values = self._own, record.header, record.values
        isi = f"{header.line()}\n\n{record.text}"
        if values["rahasia"] and not own.rahasia_field:
            raise ValueError(NO_RAHASIA)
        fields = [("api_key", self._settings.token)]
        fields += [("jurisdiction_id", own.jurisdiction_id)] if own.jurisdiction_id else []
        if appended:
            fields.append((own.append_field, isi))
        else:
            place = ", ".join([*header.places, header.instansi])
            fields += [("service_code", self._service(header)), ("description", isi), ("address_string", place)]
            fields += [("media_url", header.attachments[0])] if header.attachments else []
        if values["reporter"] and (own.anonim_field or not values["anonim"]):
            fields.append(("phone", str(values["reporter"])))
        fields += [(own.number_field, header.number)] if own.number_field else []
        fields += [(own.rahasia_field, "1")] if values["rahasia"] else []
        fields += [(own.anonim_field, "1")] if values["anonim"] and own.anonim_field else []
        return fields

    def _service(self, header: Header) -> str:
        topic, region, table = header.topic or "", header.region or "", self._own.services
        return table.get(f"{region}/{topic}") or table.get(topic) or table.get(region) or self._own.service_code

    async def _request(self, write: Callable[[], Record], url: str, *, appended: bool = False) -> Outcome:
        try:
            record = write()
            fields = self.form(record, appended=appended)
            isi = max(len(value) for _, value in fields)
            if isi > self._settings.isi_characters_max:
                return Refused(f"isi is longer than {self._settings.isi_characters_max} characters")
            octets = urlencode(fields).encode()
        except UnicodeEncodeError:
            return Refused("the complaint cannot be written as a form: UnicodeEncodeError")
        except ValueError as error:
            return Refused(str(error) if str(error) == NO_RAHASIA else f"the complaint cannot be written as a form: {type(error).__name__}")
        except (TypeError, LookupError, OverflowError, AttributeError) as error:
            return Refused(f"the complaint cannot be written as a form: {type(error).__name__}")
        answers = self._append_answers if appended else self._answers
        answer = await self._transport.send(Request("POST", url, octets, {"Content-Type": CONTENT_TYPE}, answers))
        if not isinstance(answer, Body):
            return answer
        rows = self._rows(answer.octets)
        return rows if isinstance(rows, Unknown) else await self._filed(rows)

    async def _filed(self, rows: Rows) -> Outcome:
        """One row with an id is a yes. One with a token is a yes whose id is asked for a while. Errors and nothing are a no."""
        rows = [row for row in rows if row.get("service_request_id") or row.get("token")]
        if len(rows) > 1:
            return Unknown("an answer with more than one request")
        row = rows[0] if rows else {}
        tracking_id = row.get("service_request_id", "")
        token = row.get("token", "")
        if tracking_id or not token:
            return filed_as(tracking_id, self._tracking_id)
        if TOKEN.fullmatch(token) is None:
            return Unknown("an answer with an odd token")
        return await self._redeemed(token)

    async def _redeemed(self, token: str) -> Filed | Unknown:
        """The id behind a token (GeoReport v2, GET service_request_id from a token)."""
        for _ in range(max(1, round(self._own.redeem_seconds / self._own.redeem_every_seconds))):
            answer = await self._transport.get(self._page(f"/tokens/{quote(token, safe='')}.{self._own.format}"))
            rows = self._rows(answer.octets) if isinstance(answer, Body) and answer.status == 200 else []
            found = [row["service_request_id"] for row in rows if row.get("service_request_id")] if isinstance(rows, list) else []
            if len(found) == 1:
                outcome = filed_as(found[0], self._tracking_id, token)
                return outcome if isinstance(outcome, Filed) else Unknown("a token with an odd id")
            await asyncio.sleep(self._own.redeem_every_seconds)
        return Unknown("the core took it under a token, and gives no id yet")

    async def _standing(self, asked: Sequence[str]) -> Rows | Unknown:
        ids = ",".join(quote(one, safe="") for one in asked)
        if self._own.at_once == 1:
            url = self._page(f"/requests/{ids}.{self._own.format}")
        else:
            url = self._page(f"/requests.{self._own.format}", f"service_request_id={ids}")
        answer = await self._transport.get(url)
        if isinstance(answer, Unknown):
            return answer
        if answer.status == 404 and self._own.at_once == 1:
            return []
        return Unknown(f"HTTP {answer.status}") if answer.status != 200 else self._rows(answer.octets)

    def _course(self, row: Mapping[str, str]) -> Course | None:
        """None for a row without id, or with a status that nobody has explained."""
        words = row.get("status", "")
        status = self._own.statuses.get(words.lower())
        tracking_id = row.get("service_request_id", "")
        if status is None or not tracking_id:
            return None
        done = status is CourseStatus.DONE
        if status is CourseStatus.UNVERIFIED and row.get("agency_responsible"):
            status = CourseStatus.DISPOSED
        finished = moment(row.get("updated_datetime"), ISO, ZONES[self._own.zone]) if done else None
        return Course(tracking_id, status, words[:100], finished_ms=finished, answer=plain(row.get("status_notes", "")))

    def _page(self, path: str, query: str = "") -> str:
        whole = [query] if query else []
        whole += [f"jurisdiction_id={quote(self._own.jurisdiction_id, safe='')}"] if self._own.jurisdiction_id else []
        return f"{self._base}{path}" + ("?" + "&".join(whole) if whole else "")

    def _rows(self, octets: bytes) -> Rows | Unknown:
        return rows_in_json(octets) if self._own.format == "json" else rows_in_xml(octets)


def rows_in_json(octets: bytes) -> Rows | Unknown:
    """Every object of a list with its texts; an object alone is a list of one. Anything else is no answer of this dialect."""
    value = read_json(octets)
    if isinstance(value, Unknown):
        return value
    listed = value if isinstance(value, list) else [value]
    try:
        rows = [{str(name): _word(one, name) for name in one} for one in listed if isinstance(one, dict)]
    except OddAnswerError as error:
        return Unknown(f"an odd answer: {error}")
    return rows if len(rows) == len(listed) else Unknown("an answer that is no list of objects")


def rows_in_xml(octets: bytes) -> Rows | Unknown:
    """Every child of the root with the texts of its children."""
    root = read_xml(octets)
    if isinstance(root, Unknown):
        return root
    rows = []
    for child in root:
        names = [local_name(one) for one in child]
        if len(set(names)) != len(names):
            return Unknown("an odd answer: an element stands twice")
        rows.append({name: child_texts(child, name)[0] for name in names})
    return rows


def looked_up(rows: Rows, number: str, tracking_id: re.Pattern[str]) -> Filed | Absent | Unknown:
    """One request whose description begins with our number is found; none at all is absent; others than asked for are no answer."""
    ours = []
    for row in rows:
        try:
            found = fields_in(row.get("description", "").replace("\r\n", "\n"))[0].get("No", ("",))[0]
        except HeaderError:
            found = ""
        if found == number:
            ours.append(row.get("service_request_id", ""))
        elif number not in row.get("description", ""):
            return Unknown("a look-up that speaks of another number")
    if not ours:
        return Absent()
    outcome = filed_as(ours[0], tracking_id) if len(ours) == 1 else Unknown("a look-up that finds more than one")
    return Unknown("a record without a tracking id") if isinstance(outcome, Refused) else outcome


def _word(row: Mapping[str, object], name: str) -> str:
    """A text; what is nested or a fraction is none that we read, but an id must never be one."""
    value = row[name]
    if name in ("service_request_id", "token", "status") or isinstance(value, str):
        return word_at({"at": value}, "at")
    return str(value) if isinstance(value, int) else ""
