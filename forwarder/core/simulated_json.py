"""The simulated core's JSON, as config/core-mapping.example.toml maps it."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping

from aiohttp import web

from forwarder.core.answers import ZONES
from forwarder.core.contract import Course, CourseStatus
from forwarder.core.header import HeaderError, fields_in
from forwarder.core.menu import UNNUMBERED, Fault, Stored
from forwarder.core.speech import Fixed, Shelf, plain_statuses

BASE = "/api/v4"
JSON = {"Content-Type": "application/json; charset=utf-8"}
PAGE_ROWS = 20  # fewer than the gateway asks for at once, so that it must turn pages
APPEND = re.compile(rf"{BASE}/pengaduan/([0-9]+)/tambahan")
WORDS: Mapping[CourseStatus, str] = {
    CourseStatus.UNVERIFIED: "Belum Terverifikasi",
    CourseStatus.DISPOSED: "Terdisposisi Belum Ditindaklanjuti",
    CourseStatus.IN_PROCESS: "Terdisposisi Sedang Diproses",
    CourseStatus.DONE: "Terdisposisi Selesai",
    CourseStatus.POSTPONED: "Tertunda",
    CourseStatus.ARCHIVED: "Arsip",
}


class JsonSpeech:
    """Fulfils speech.Speech."""

    content = JSON
    cut = b'{"kode":"00","data":{"tracking_id":"70'
    answers = plain_statuses(b'{"kode":"10","pesan":"Format salah","data":null}', JSON, f"{BASE}/pengaduan") | {
        Fault.BAD_XML: Fixed(200, JSON, b'{"kode":"00","data":{"tracking_id":"7000001"}'),
        Fault.CHARSET: Fixed(200, JSON, b'{"pesan":"caf\xe9","data":{"tracking_id":"7000001"}}'),
        Fault.JSON: Fixed(200, JSON, b'{"kode":"00","data":{"tracking_id":NaN}}'),
    }

    def __init__(self, token: str) -> None:
        self.token = token

    def takes(self, request: web.BaseRequest) -> bool:
        """A complaint, or an addition to one."""
        return request.method == "POST" and (request.path == f"{BASE}/pengaduan" or APPEND.fullmatch(request.path) is not None)

    def read(self, request: web.BaseRequest, octets: bytes, tracking_id: str) -> Stored:
        """What a request says; an addition stands under the id that its address names."""
        self._known(request)
        body = json.loads(octets)
        if not isinstance(body, dict) or not isinstance(body.get("isi"), str):
            raise ValueError("isi is missing")  # noqa: TRY004 - what is wrong is the request
        try:
            text = fields_in(body["isi"])[1]
        except HeaderError:
            text = body["isi"]
        target, reporter = body.get("tujuan") or {}, body.get("pelapor") or {}
        appended = APPEND.fullmatch(request.path)
        return Stored(
            tracking_id=appended[1] if appended else tracking_id,
            number=body.get("nomor_asal") or UNNUMBERED,
            header=None,
            text=text,
            telpon=reporter.get("telepon", ""),
            names=("", "", ""),
            anonim=body.get("anonim") is True,
            rahasia=body.get("rahasia") is True,
            to="added to " + appended[1] if appended else str(target.get("nama", "")),
            fields=body,
        )

    def yes(self, request: web.BaseRequest, stored: Stored, tracking_id: str) -> bytes:
        """201 and the record, or the addition."""
        data = {"nomor_asal": stored.number, "transaksi_id": f"TRX{tracking_id}", "tracking_id": tracking_id}
        if APPEND.fullmatch(request.path):
            data = {"nomor_asal": stored.number, "tambahan_id": f"T{tracking_id}", "tracking_id": stored.tracking_id}
        return json.dumps({"kode": "00", "data": data}).encode()

    def asked(self, request: web.BaseRequest, shelf: Shelf) -> web.Response | None:
        """Look-ups by our number, and how complaints stand, page by page."""
        if request.method != "GET":
            return None
        try:
            self._known(request)
        except PermissionError:
            return web.Response(status=401)
        if request.path in (f"{BASE}/pengaduan", f"{BASE}/tambahan"):
            number = request.query.get("nomor_asal", "")
            records = [{"tracking_id": one.tracking_id, "nomor_asal": number} for one in shelf.stored.get(number, ())]
            return self._said({"data": records, "meta": {"nomor_asal": number}})
        if request.path != f"{BASE}/status":
            return None
        ids = request.query.get("tracking_id", "").split(",")
        known = {one.tracking_id for one in shelf.records()}
        start = int(request.query.get("dari", "0"))
        page = [one for one in ids if one in known][start : start + PAGE_ROWS]
        more = len(page) == PAGE_ROWS
        following = f"{BASE}/status?tracking_id={','.join(ids)}&dari={start + PAGE_ROWS}" if more else None
        return self._said({"data": [record_of(shelf, one) for one in page], "berikut": following})

    def _known(self, request: web.BaseRequest) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            raise PermissionError

    def _said(self, value: object) -> web.Response:
        return web.Response(body=json.dumps(value).encode(), headers=JSON)


def record_of(shelf: Shelf, tracking_id: str) -> dict[str, str | bool | None]:
    """How one complaint stands, as the status page and a callback say it."""
    course = shelf.standing.get(tracking_id) or Course(tracking_id, CourseStatus.UNVERIFIED, "")
    times = (("didisposisi", course.disposed_ms), ("dijawab", course.answered_ms), ("selesai", course.finished_ms))
    said = {"jawaban": course.answer, "minta_data": course.asks, "rahasia": course.rahasia, "anonim": course.anonim}
    return {"tracking_id": tracking_id, "status": WORDS[course.status], **{name: iso(at_ms) for name, at_ms in times}, **said}


def iso(at_ms: int | None) -> str | None:
    """A time as people in Jakarta write it for machines."""
    return None if at_ms is None else dt.datetime.fromtimestamp(at_ms / 1_000, ZONES["WIB"]).isoformat()
