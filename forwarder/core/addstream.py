"""The core's XML dialect: POST /api/stream/addstream, as the bot of 2018 spoke it (DOMAIN §3.1).

lxml escapes what we write; what we read may have no DOCTYPE, no entities and no surprises (OWASP: XML external entities). The dialect
knows no key against doubles, so an answer that got lost stays unknown until the look-up, or a person, finds our number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote
from xml.sax.saxutils import escape  # no parser of it is used: it only writes

from lxml import etree

from forwarder.core import header
from forwarder.core.answers import child_texts, filed_as, read_xml
from forwarder.core.contract import Absent, CallbackError, Course, Filed, Outcome, Refused, Supplement, Unknown
from forwarder.core.settings import NUMBER_FIELD, CoreSettings
from forwarder.core.transport import Body, Transport
from parsers.complaint import Disclosure
from parsers.model import Complaint

XML_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
CARRIAGE_RETURN = {"\r": "&#13;"}
MARK = "here-comes-a-value"


class AddStream:
    """Fulfils contract.CoreClient."""

    def __init__(self, settings: CoreSettings, transport: Transport, policy: Disclosure) -> None:
        if not settings.token:
            raise ValueError("the core's token is missing from the secrets")
        self._transport = transport
        self._settings = settings
        self._policy = policy
        self._tracking_id = re.compile(settings.tracking_id)
        self._frame = _frame(settings.token, settings.empty)
        self._probe_url = settings.probe_url or _root(settings.url)

    @property
    def can_look_up(self) -> bool:
        """Whether a look-up address is set."""
        return self._settings.lookup_url is not None

    @property
    def can_append(self) -> bool:
        """Never: an addition becomes a stream of its own."""
        return False

    @property
    def can_follow(self) -> bool:
        """Never: no call for it is known (DOMAIN §3.3)."""
        return False

    @property
    def can_hear(self) -> bool:
        """Never: no callback is known."""
        return False

    async def file(self, complaint: Complaint, attempt: int) -> Outcome:  # noqa: ARG002 - the dialect has no place for it
        """One POST; every attempt sends the same octets. What we cannot write down is parked: certainly no byte of it went."""
        return await self._send(complaint, lambda: header.build(complaint))

    async def supplement(self, supplement: Supplement, attempt: int) -> Outcome:  # noqa: ARG002 - as in `file`
        """A stream of its own, whose header line names the first one's tracking id and number."""
        return await self._send(supplement.complaint, lambda: header.build_supplement(supplement))

    async def _send(self, complaint: Complaint, write: Callable[[], str]) -> Outcome:
        try:
            isi = write()
            if len(isi) > self._settings.isi_characters_max:
                return Refused(f"isi is longer than {self._settings.isi_characters_max} characters")
            octets = self.body(complaint, isi)
        except (ValueError, TypeError, LookupError, OverflowError) as error:
            return Refused(f"the complaint cannot be written as XML: {type(error).__name__}")
        answer = await self._transport.post(octets)
        return read_answer(answer.octets, self._tracking_id) if isinstance(answer, Body) else answer

    async def look_up(self, number: str) -> Filed | Absent | Unknown:
        """Ask by our number. The answer must repeat it: else a wrong address that says yes to anything would be believed."""
        if self._settings.lookup_url is None:
            return Unknown("the core has no look-up")
        answer = await self._transport.get(self._settings.lookup_url.replace(NUMBER_FIELD, quote(number, safe="")))
        if isinstance(answer, Unknown):
            return answer
        if answer.status != 200:
            return Unknown(f"HTTP {answer.status}")
        return read_look_up(answer.octets, number, self._tracking_id)

    async def course(self, tracking_ids: Sequence[str]) -> Sequence[Course] | Unknown:  # noqa: ARG002 - nobody can be asked
        """Unknown, always: the dialect only takes."""
        return Unknown("the core cannot be asked how a complaint stands")

    def read_callback(self, headers: Mapping[str, str], octets: bytes) -> Sequence[Course]:  # noqa: ARG002 - nobody calls
        """CallbackError, always."""
        raise CallbackError("this core does not call", signed=False)

    async def probe(self) -> bool:
        """GET a harmless page: below 500 somebody is at home; 429 asks us to wait."""
        status = await self._transport.status(self._probe_url)
        return status is not None and status < 500 and status != 429

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.close()

    def body(self, complaint: Complaint, isi: str) -> bytes:
        """The request's octets: UTF-8, text escaped, CR kept as a character reference (XML 1.0 §2.11). ValueError for a lone surrogate.

        The frame around the five changing values is written by lxml once; a tree per complaint would cost three times as much.
        """
        telpon = escape(self._policy.identity(complaint) or self._settings.empty)
        laporan = (
            f'<laporan rahasia="{complaint.rahasia:d}" anonim="{complaint.anonim:d}"><isi>{escape(isi, CARRIAGE_RETURN)}</isi></laporan>'
        )
        before, between, after = self._frame
        return b"".join((before, telpon.encode(), between, laporan.encode(), after))


def read_answer(octets: bytes, tracking_id: re.Pattern[str]) -> Filed | Refused | Unknown:
    """Any well-formed root with one <trackingid>, and perhaps <transaksiid>. Well-formed without an id is a no; all else is unknown."""
    root = read_xml(octets)
    if isinstance(root, Unknown):
        return root
    found = child_texts(root, "trackingid")
    if len(found) > 1 and any(found):
        return Unknown("an answer with an odd tracking id")
    transaction = child_texts(root, "transaksiid")
    return filed_as(found[0] if found else "", tracking_id, transaction[0] if transaction else "")


def read_look_up(octets: bytes, number: str, tracking_id: re.Pattern[str]) -> Filed | Absent | Unknown:
    """<nomor> repeats our number; with one <trackingid> it is found, without any it is absent, with two a person must look."""
    root = read_xml(octets)
    if isinstance(root, Unknown):
        return root
    if child_texts(root, "nomor") != [number]:
        return Unknown("a look-up that speaks of another number")
    answer = read_answer(octets, tracking_id)
    return Absent() if isinstance(answer, Refused) else answer


def _frame(token: str, empty: str) -> tuple[bytes, bytes, bytes]:
    """What stands before, between and after the reporter's number and the report, made once."""
    lapor = etree.Element("lapor", token=token)
    pelapor = etree.SubElement(lapor, "pelapor")
    for name in ("email", "telpon", "namadepan", "namabelakang"):
        etree.SubElement(pelapor, name).text = MARK if name == "telpon" else empty
    etree.SubElement(lapor, MARK)
    before, between, after = etree.tostring(lapor, encoding="utf-8").replace(f"<{MARK}/>".encode(), MARK.encode()).split(MARK.encode())
    return XML_DECLARATION + before, between, after


def _root(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/"
