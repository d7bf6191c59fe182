"""What every dialect of the simulated core must be able to say; simulated_xml, simulated_json and simulated_georeport say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from aiohttp import web

from forwarder.core.contract import Course
from forwarder.core.menu import Fault, Stored

HTML = {"Content-Type": "text/html; charset=utf-8"}
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><lapor><trackingid>&j;</trackingid></lapor>"
)
ENTITY = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/hostname">]><lapor><trackingid>&x;</trackingid></lapor>'


class Fixed(NamedTuple):
    """One answer that is always the same."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Shelf:
    """What the core has: every record under its number, and how complaints stand by their tracking ids."""

    stored: dict[str, list[Stored]] = field(default_factory=dict)
    standing: dict[str, Course] = field(default_factory=dict)

    def records(self) -> Iterable[Stored]:
        """All of them, oldest number first."""
        return (entry for entries in self.stored.values() for entry in entries)


class Speech(Protocol):
    """One dialect."""

    token: str
    """What it lets in."""

    @property
    def content(self) -> Mapping[str, str]:
        """The header of a true answer."""

    @property
    def cut(self) -> bytes:
        """How an answer begins that breaks off."""

    @property
    def answers(self) -> Mapping[Fault, Fixed]:
        """Every fault that is one fixed answer."""

    def takes(self, request: web.BaseRequest) -> bool:
        """Whether a request hands something over."""

    def read(self, request: web.BaseRequest, octets: bytes, tracking_id: str) -> Stored:
        """What it hands over, to be kept under `tracking_id` or where it says; ValueError for garbage, PermissionError: a wrong token."""

    def yes(self, request: web.BaseRequest, stored: Stored, tracking_id: str) -> bytes:
        """The well-formed yes."""

    def asked(self, request: web.BaseRequest, shelf: Shelf) -> web.Response | None:
        """The answer to a question; None where there is no such page."""


def plain_statuses(no: bytes, content: Mapping[str, str], where: str) -> dict[Fault, Fixed]:
    """The answers that are the same in every dialect but for the form of a no."""
    return {
        Fault.BAD_REQUEST: Fixed(400, content, no),
        Fault.UNAUTHORIZED: Fixed(401, HTML, b"401"),
        Fault.FORBIDDEN: Fixed(403, HTML, b"403"),
        Fault.NOT_FOUND: Fixed(404, HTML, b"404"),
        Fault.CONFLICT: Fixed(409, content, no),
        Fault.TOO_LARGE: Fixed(413, HTML, b"413"),
        Fault.UNPROCESSABLE: Fixed(422, content, no),
        Fault.TOO_MANY: Fixed(429, {**content, "Retry-After": "1"}, b""),
        Fault.ERROR_BEFORE: Fixed(500, HTML, b"500"),
        Fault.ERROR_AFTER: Fixed(500, HTML, b"500"),
        Fault.BUSY: Fixed(503, HTML, b"503"),
        Fault.REDIRECT: Fixed(307, {"Location": where}, b""),
        Fault.GATEWAY: Fixed(502, HTML, b"<html><body><h1>502 Bad Gateway</h1></body></html>"),
        Fault.NO_ID: Fixed(200, content, no),
        Fault.XXE: Fixed(200, content, ENTITY.encode()),
        Fault.LAUGHS: Fixed(200, content, LAUGHS.encode()),
        Fault.HTML: Fixed(200, HTML, b"<html><body><p>Sedang pemeliharaan</p></body></html>"),
        Fault.EMPTY: Fixed(200, content, b""),
    }
