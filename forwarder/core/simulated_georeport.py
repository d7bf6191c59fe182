"""The simulated core's Open311 GeoReport v2, in JSON and XML; with a search, a field for rahasia and notes, which the standard lacks."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from aiohttp import web
from lxml import etree

from forwarder.core.contract import CourseStatus
from forwarder.core.menu import UNNUMBERED, Fault, Stored
from forwarder.core.simulated_json import iso
from forwarder.core.simulated_xml import said_in
from forwarder.core.speech import Fixed, Shelf, plain_statuses

BASE = "/open311/v2"
RAHASIA, ANONIM = "attribute[rahasia]", "attribute[anonim]"
NOTES = re.compile(rf"{BASE}/requests/([0-9]+)/notes\.(json|xml)")
ONE = re.compile(rf"{BASE}/requests/([0-9,]+)\.(json|xml)")
REDEEM = re.compile(rf"{BASE}/tokens/T([0-9]+)\.(json|xml)")
SERVICES: Mapping[str, str] = {"1": "Jalan dan jembatan", "2": "Kesehatan", "99": "Lain-lain"}
CONTENT = {"json": {"Content-Type": "application/json; charset=utf-8"}, "xml": {"Content-Type": "text/xml; charset=utf-8"}}
NO_JSON = b'[{"code":"400","description":"service_code salah"}]'
NO_XML = b"<errors><error><code>400</code><description>service_code salah</description></error></errors>"


class GeoReportSpeech:
    """Fulfils speech.Speech. `tokens`: a yes is a token first, and the id is asked for."""

    def __init__(self, token: str, form: str = "json", *, tokens: bool = False) -> None:
        self.token = token
        self.form = form
        self.tokens = tokens
        self.content = CONTENT[form]
        known = plain_statuses(NO_JSON if form == "json" else NO_XML, self.content, f"{BASE}/requests.{form}")
        if form == "json":
            self.cut = b'[{"service_request_id":"70'
            broken, charset = b'[{"service_request_id":"7000001"', b'[{"service_notice":"\xe9","service_request_id":"7000001"}]'
        else:
            self.cut = b"<service_requests><request><service_request_id>70"
            broken = b"<service_requests><request><service_request_id>7000001</request></service_requests>"
            charset = (
                b'<?xml version="1.0" encoding="UTF-8"?><r><request n="\xe9"><service_request_id>7000001</service_request_id></request></r>'
            )
        self.answers: Mapping[Fault, Fixed] = known | {
            Fault.BAD_XML: Fixed(200, self.content, broken),
            Fault.CHARSET: Fixed(200, self.content, charset),
            Fault.JSON: Fixed(200, CONTENT["json"], b'[{"service_request_id":NaN}]'),
        }

    def takes(self, request: web.BaseRequest) -> bool:
        """A request, or a note to one."""
        return request.method == "POST" and (request.path == f"{BASE}/requests.{self.form}" or NOTES.fullmatch(request.path) is not None)

    def read(self, request: web.BaseRequest, octets: bytes, tracking_id: str) -> Stored:
        """What a form says."""
        form = dict(parse_qsl(octets.decode(), keep_blank_values=True, strict_parsing=True))
        if form.get("api_key") != self.token:
            raise PermissionError
        noted = NOTES.fullmatch(request.path)
        isi = form.get("notes" if noted else "description")
        if not isi or (noted is None and (form.get("service_code") not in SERVICES or not form.get("address_string"))):
            raise ValueError("description, service_code or address_string is missing")
        header, text = said_in(isi)
        return Stored(
            tracking_id=noted[1] if noted else tracking_id,
            number=header.number if header else UNNUMBERED,
            header=header,
            text=text,
            telpon=form.get("phone", ""),
            names=(form.get("email", ""), form.get("first_name", ""), form.get("last_name", "")),
            anonim=form.get(ANONIM) == "1",
            rahasia=form.get(RAHASIA) == "1",
            fields=form,
        )

    def yes(self, request: web.BaseRequest, stored: Stored, tracking_id: str) -> bytes:
        """The id, or its token."""
        if NOTES.fullmatch(request.path):
            return self._rows([{"service_request_id": stored.tracking_id}])
        return self._rows([{"token": f"T{tracking_id}"} if self.tokens else {"service_request_id": tracking_id, "service_notice": ""}])

    def asked(self, request: web.BaseRequest, shelf: Shelf) -> web.Response | None:
        """Services, requests by id or by search, and the ids of tokens."""
        if request.method != "GET":
            return None
        if request.path == f"{BASE}/services.{self.form}":
            return self._said([{"service_code": code, "service_name": name} for code, name in SERVICES.items()])
        if redeemed := REDEEM.fullmatch(request.path):
            return self._said([{"token": f"T{redeemed[1]}", "service_request_id": redeemed[1]}])
        if "q" in request.query:
            return self._said([self._row(shelf, entry) for entry in shelf.records() if _mentions(entry, request.query["q"])])
        first: dict[str, Stored] = {}
        for entry in shelf.records():
            first.setdefault(entry.tracking_id, entry)  # a note stands under the id of its request, which came before it
        one = ONE.fullmatch(request.path)
        if one is None and request.path != f"{BASE}/requests.{self.form}":
            return None
        ids = (one[1] if one else request.query.get("service_request_id", "")).split(",")
        rows = [self._row(shelf, first[name]) for name in ids if name in first]
        return self._said(rows) if rows or not one else web.Response(status=404)

    def _row(self, shelf: Shelf, one: Stored) -> dict[str, str]:
        course = shelf.standing.get(one.tracking_id)
        status = course.status if course else CourseStatus.UNVERIFIED
        closed = status in (CourseStatus.DONE, CourseStatus.ARCHIVED)
        return {
            "service_request_id": one.tracking_id,
            "status": "closed" if closed else "open",
            "status_notes": (course.answer if course else None) or "",
            "service_code": str((one.fields or {}).get("service_code", "")),
            "description": f"{_head(one)}\n\n{one.text}",
            "agency_responsible": "" if status is CourseStatus.UNVERIFIED else "Dinas",
            "updated_datetime": (iso(course.finished_ms) if course else None) or "",
        }

    def _rows(self, rows: Sequence[Mapping[str, str]]) -> bytes:
        if self.form == "json":
            return json.dumps(rows).encode()
        root = etree.Element("service_requests")
        for row in rows:
            request = etree.SubElement(root, "request")
            for name, value in row.items():
                etree.SubElement(request, name).text = value
        return etree.tostring(root, encoding="utf-8")

    def _said(self, rows: Sequence[Mapping[str, str]]) -> web.Response:
        return web.Response(body=self._rows(rows), headers=self.content)


def _mentions(one: Stored, number: str) -> bool:
    """As a search over the text would find it: by its own number, or as an addition to that."""
    return number in (one.number, one.header.adds_to[1] if one.header and one.header.adds_to else "")


def _head(one: Stored) -> str:
    return one.header.line() if one.header else ""
