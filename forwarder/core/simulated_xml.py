"""The simulated core's addstream."""

from __future__ import annotations

import contextlib

from aiohttp import web
from lxml import etree

from forwarder.core.header import Header, HeaderError, parse
from forwarder.core.menu import UNNUMBERED, Fault, Stored
from forwarder.core.speech import Fixed, Shelf, plain_statuses

STREAM = "/api/stream/addstream"
LOOK_UP = "/api/stream/lookup"
XML = {"Content-Type": "text/xml; charset=UTF-8"}
JSON = {"Content-Type": "application/json"}


class XmlSpeech:
    """Fulfils speech.Speech."""

    content = XML
    cut = b"<lapor><trackingid>70"
    answers = plain_statuses(b"<lapor><pesan>Format salah</pesan></lapor>", XML, STREAM) | {
        Fault.BAD_XML: Fixed(200, XML, b"<lapor><trackingid>7000001</lapor>"),
        Fault.CHARSET: Fixed(
            200, XML, b'<?xml version="1.0" encoding="UTF-8"?><lapor nama="\xe9"><trackingid>7000001</trackingid></lapor>'
        ),
        Fault.JSON: Fixed(200, JSON, b'{"trackingid": NaN}'),
    }

    def __init__(self, token: str) -> None:
        self.token = token

    def takes(self, request: web.BaseRequest) -> bool:
        """POST addstream."""
        return (request.method, request.path) == ("POST", STREAM)

    def read(self, request: web.BaseRequest, octets: bytes, tracking_id: str) -> Stored:  # noqa: ARG002 - all is in the octets
        """What a request says."""
        try:
            root = etree.fromstring(octets, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError:
            raise ValueError("no XML") from None
        if root.get("token") != self.token:
            raise PermissionError
        pelapor, laporan = root.find("pelapor"), root.find("laporan")
        if pelapor is None or laporan is None:
            raise ValueError("pelapor or laporan is missing")
        header, text = said_in(laporan.findtext("isi") or "")
        return Stored(
            tracking_id=tracking_id,
            number=header.number if header else UNNUMBERED,
            header=header,
            text=text,
            telpon=pelapor.findtext("telpon") or "",
            names=(pelapor.findtext("email") or "", pelapor.findtext("namadepan") or "", pelapor.findtext("namabelakang") or ""),
            anonim=laporan.get("anonim") == "1",
            rahasia=laporan.get("rahasia") == "1",
        )

    def yes(self, request: web.BaseRequest, stored: Stored, tracking_id: str) -> bytes:  # noqa: ARG002 - the id is all it says
        """As the bot of 2018 was answered."""
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<lapor><trackingid>{tracking_id}</trackingid><transaksiid>TRX{tracking_id}</transaksiid></lapor>"
        ).encode()

    def asked(self, request: web.BaseRequest, shelf: Shelf) -> web.Response | None:
        """The look-up by our number."""
        if (request.method, request.path) != ("GET", LOOK_UP):
            return None
        root = etree.Element("lapor")
        number = etree.SubElement(root, "nomor")
        number.text = request.query.get("nomor", "")
        for entry in shelf.stored.get(number.text, ()):
            etree.SubElement(root, "trackingid").text = entry.tracking_id
        return web.Response(body=etree.tostring(root, encoding="utf-8"), headers=XML)


def said_in(isi: str) -> tuple[Header | None, str]:
    """(header, text) of an `isi`; all is text where its first line is no header of ours."""
    with contextlib.suppress(HeaderError):
        return parse(isi)
    return None, isi
