"""The body of a hand-over: JSON octets as a Post, or what is wrong with them and what would be right, for the partner's programmer.

What a program made must be as agreed, so a wrong field is refused, by its name and never with its value; what a citizen wrote may be
anything, half a character included. Unknown keys are passed over: a partner may have more to say than we have places for, and may be
newer than we are; they stay in `Post.raw`.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit

from adapters.webhook.settings import PartnerSettings
from parsers import sender
from parsers.model import Address, Answering, Post, Reporter, ReporterKind, Trigger

SOURCE = "webhook"
ID = re.compile(r"[!-~]{1,128}")  # no blanks and no letters that Unicode writes in two ways: ids are compared octet by octet
TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)  # RFC 3339 §5.6
TEXT_CHARACTERS_MAX = 25_000  # Ours, as for posts of X: nobody types more, and what is pasted is an attachment.
PLACE_CHARACTERS_MAX = 200
PHONE_CHARACTERS_MAX = 32  # E.164 has 15 digits; the rest is blanks and brackets
LINKS_MAX = 4
LINK_CHARACTERS_MAX = 500
VERSION_MAX = 1_000_000
WORDS: Mapping[type, str] = {str: "a text in quotes", dict: "an object in braces", list: "a list in brackets", int: "a whole number"}

Json = Mapping[str, object]
Kind = TypeVar("Kind")


class BodyWrong(ValueError):
    """A body that is no hand-over: the field (empty: the body as a whole) and the remedy."""

    def __init__(self, field: str, remedy: str) -> None:
        super().__init__(f"{field}: {remedy}" if field else remedy)
        self.field = field


def read(octets: bytes, partner: PartnerSettings, received_ms: int) -> Post:
    """Read one body; BodyWrong for the first thing that is not as agreed. A time in the future becomes the time it was received."""
    document = _document(octets)
    message_id = _id(document, "id")
    return Post(
        channel=partner.title,
        account=partner.account,
        source=SOURCE,
        id=message_id,
        key=message_id,
        author=_reporter(_need(document, "author", dict), message_id, partner),
        text=_text(document, "text", TEXT_CHARACTERS_MAX),
        raw=octets,
        posted_ms=max(0, min(_time(document), received_ms)),
        received_ms=received_ms,
        version=_version(document),
        trigger=Trigger.DIRECT,
        answering=Answering.ALWAYS if partner.callback_url else Answering.NEVER,
        thread=_id(document, "conversation") if _given(document, "conversation") else None,
        parent=_id(document, "reply_to") if _given(document, "reply_to") else None,
        links=_links(document),
        place=(_text(document, "place", PLACE_CHARACTERS_MAX).strip() or None) if _given(document, "place") else None,
    )


def _document(octets: bytes) -> Json:
    """Strict JSON (RFC 8259): UTF-8, no NaN, and no key twice, of which every parser would take another one."""
    try:
        document = json.loads(octets.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_number)
    except BodyWrong:
        raise
    except UnicodeDecodeError:
        raise BodyWrong("", "the body is not UTF-8") from None
    except (ValueError, RecursionError):
        raise BodyWrong("", "the body is not JSON") from None
    if not isinstance(document, dict):
        raise BodyWrong("", "the body must be one JSON object")
    return document


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BodyWrong("", "an object of the body has one key twice")
    return found


def _no_number(_: str) -> NoReturn:
    raise BodyWrong("", "NaN and Infinity are no numbers of JSON")


def _given(document: Json, name: str) -> bool:
    """Whether an optional field is there; null counts as left out."""
    return document.get(name) is not None


def _need(document: Json, name: str, kind: type[Kind], place: str = "") -> Kind:
    value = document.get(name)
    if value is None:
        raise BodyWrong(place + name, f"is missing; send {WORDS[kind]}")
    if not isinstance(value, kind) or isinstance(value, bool):  # True is an int to Python
        raise BodyWrong(place + name, f"must be {WORDS[kind]}")
    return value


def _text(document: Json, name: str, most: int, place: str = "") -> str:
    """Any text at all, half of a character included; only too long it may not be."""
    value = _need(document, name, str, place)
    if len(value) > most:
        raise BodyWrong(place + name, f"may have {most} characters, not {len(value)}; cut it, or send the rest as a message of its own")
    return value


def _id(document: Json, name: str, place: str = "") -> str:
    value = _need(document, name, str, place)
    if ID.fullmatch(value) is None:
        raise BodyWrong(place + name, "must be 1 to 128 visible ASCII characters without blanks")
    return value


def _version(document: Json) -> int:
    value = _need(document, "version", int) if _given(document, "version") else 1
    if not 1 <= value <= VERSION_MAX:
        raise BodyWrong("version", f"must be 1 to {VERSION_MAX}; count the edits of a message from 1")
    return value


def _time(document: Json) -> int:
    """`at` in UTC milliseconds, cut to the whole one."""
    value = _need(document, "at", str)
    remedy = "must be a time with its zone, such as 2026-11-22T08:15:30+07:00"
    if TIME.fullmatch(value) is None:
        raise BodyWrong("at", remedy)
    try:
        since = dt.datetime.fromisoformat(value.upper()) - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    except (ValueError, OverflowError):
        raise BodyWrong("at", remedy) from None
    return since // dt.timedelta(milliseconds=1)


def _reporter(author: Json, message_id: str, partner: PartnerSettings) -> Reporter:
    """By his telephone number where the partner may name one and it is one; else by the partner's own id of him."""
    own_id = _id(author, "id", "author.")
    address = Address(0, 0, message_id)
    if _given(author, "phone"):
        phone = _text(author, "phone", PHONE_CHARACTERS_MAX, "author.")
        found = sender.read(Address(0, 0, phone.strip()), ours=frozenset())
        if partner.phones and found.kind is ReporterKind.MSISDN:
            return Reporter(ReporterKind.MSISDN, found.value, address)
    return Reporter(ReporterKind.ACCOUNT, f"{partner.account}:{own_id}", address)


def _links(document: Json) -> tuple[str, ...]:
    """Addresses of pictures: https only, for people click on them."""
    links = _need(document, "links", list) if _given(document, "links") else []
    if len(links) > LINKS_MAX:
        raise BodyWrong("links", f"may have {LINKS_MAX} addresses")
    remedy = f"must be an https address of at most {LINK_CHARACTERS_MAX} ASCII characters, without name and password"
    for number, link in enumerate(links):
        if not isinstance(link, str) or not _is_address(link):
            raise BodyWrong(f"links[{number}]", remedy)
    return tuple(links)


def _is_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
        named = parts.username is None and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return named and parts.scheme == "https" and len(link) <= LINK_CHARACTERS_MAX and re.fullmatch(r"[!-~]+", link) is not None
