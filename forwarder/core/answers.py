"""Octets of a core's answer to a value, without surprises: XML without a DOCTYPE or entities, JSON without NaN or double keys.

What comes back is a tree or Unknown with the reason; no reason ever quotes the answer. Paths such as `data.tracking_id` or `[0].id` say
where in a JSON answer something stands.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping

from lxml import etree

from forwarder.core.contract import Filed, Refused, Unknown

XML_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    dtd_validation=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)
ROOT = "."  # the path of the answer itself
ONLY = "[0]"  # the first and only element of a list: a longer one is no answer to one question
PATH = re.compile(r"\.|(?:[^.\[\]\s]+|\[0\])(?:\.[^.\[\]\s]+|\[0\]|\.\[0\])*")
STEP = re.compile(r"\[0\]|[^.\[\]]+")
ID_CHARACTERS_MAX = 64  # Ours: what is kept for the core's support, no more.
ZONES: Mapping[str, dt.tzinfo] = {
    "WIB": dt.timezone(dt.timedelta(hours=7), "WIB"),
    "WITA": dt.timezone(dt.timedelta(hours=8), "WITA"),
    "WIT": dt.timezone(dt.timedelta(hours=9), "WIT"),
    "UTC": dt.UTC,
}
"""The country's three zones have no summer time, so no table of zones is needed."""
ISO, EPOCH_S, EPOCH_MS = "iso", "epoch_s", "epoch_ms"
YEARS = range(2000, 2200)  # Ours: a time outside is a mistake of somebody's clock or unit.
PLAIN_CHARACTERS_MAX = 4_000  # Ours: an answer to a citizen is some paragraphs; a citizen reads an excerpt of it, an officer all of it.
FLAGS: Mapping[str, bool] = {"true": True, "1": True, "ya": True, "false": False, "0": False, "tidak": False}


class OddAnswerError(ValueError):
    """A well-formed answer whose shape is not the one it should have."""


def read_xml(octets: bytes) -> etree._Element | Unknown:
    """The root of a well-formed document without DOCTYPE that is no web page."""
    if b"<!DOCTYPE" in octets or b"<!ENTITY" in octets:
        return Unknown("an answer with a DOCTYPE")
    try:
        root = etree.fromstring(octets, XML_PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return Unknown("an answer that is not XML")
    if root.getroottree().docinfo.internalDTD is not None:  # written in UTF-16, past the check above
        return Unknown("an answer with a DOCTYPE")
    if local_name(root) == "html":
        return Unknown("a web page, not an answer")
    return root


def local_name(element: etree._Element) -> str:
    """The element's name in lower case, without its namespace."""
    return str(element.tag).rpartition("}")[2].lower()


def child_texts(element: etree._Element, name: str) -> list[str]:
    """The texts of all children of this name, in any case and namespace."""
    return [
        (child.text or "").strip() if not len(child) else "".join(map(str, child.itertext())).strip()
        for child in element
        if local_name(child) == name
    ]


def read_json(octets: bytes) -> object | Unknown:
    """The value of a JSON text in UTF-8 (RFC 8259). A key that stands twice, NaN, Infinity, or a depth beyond reason is no JSON here."""
    try:
        text = octets.decode("utf-8-sig")
        value: object = json.loads(text, object_pairs_hook=_once, parse_constant=_never)
    except (ValueError, RecursionError):
        return Unknown("a web page, not an answer" if octets.lstrip()[:1] == b"<" else "an answer that is not JSON")
    return value


def found(value: object, path: str) -> object | None:
    """What stands there; None where nothing does. OddAnswerError for a list where one thing is asked for, or a value on the way."""
    if path == ROOT:
        return value
    for step in STEP.findall(path):
        if value is None:
            return None
        if step == ONLY:
            if not isinstance(value, list):
                raise OddAnswerError("no list where one should be")
            if len(value) > 1:
                raise OddAnswerError("a list of more than one")
            value = value[0] if value else None
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            raise OddAnswerError("no object where one should be")
    return value


def word_at(value: object, path: str) -> str:
    """A text or whole number as text, stripped; empty where nothing is. OddAnswerError for anything else."""
    at = found(value, path)
    if at is None:
        return ""
    if isinstance(at, bool) or not isinstance(at, str | int):
        raise OddAnswerError("no text where one should be")
    return str(at).strip()


def plain_at(value: object, path: str) -> str | None:
    """Words for people at a path; None where there are none. What is no text is no answer, and no reason to doubt the rest."""
    try:
        at = found(value, path)
    except OddAnswerError:
        return None
    return plain(at) if isinstance(at, str) else None


def plain(text: str) -> str | None:
    """One line of printable words, bounded; None for none. Controls, line breaks and half characters of a core reach nobody's screen."""
    words = text[: 4 * PLAIN_CHARACTERS_MAX].split()
    line = " ".join("".join([one if one.isprintable() else " " for one in word]) for word in words)
    return " ".join(line.split())[:PLAIN_CHARACTERS_MAX].rstrip() or None


def flag_at(value: object, path: str) -> bool | None:
    """Yes or no at a path, as JSON or as cores write it; None for anything else."""
    try:
        at = found(value, path)
    except OddAnswerError:
        return None
    return at if isinstance(at, bool) else FLAGS.get(str(at).strip().lower()) if isinstance(at, str | int) else None


def records_at(value: object, path: str) -> list[object]:
    """The records of a list; OddAnswerError where there is no list."""
    at = found(value, path)
    if not isinstance(at, list):
        raise OddAnswerError("no list of records")
    return at


def filed_as(tracking_id: str, pattern: re.Pattern[str], transaction_id: str = "") -> Filed | Refused | Unknown:
    """What an answer with this tracking id means: with none it is a no, with an odd one nobody knows."""
    if not tracking_id:
        return Refused("an answer without a tracking id")
    if pattern.fullmatch(tracking_id) is None:
        return Unknown("an answer with an odd tracking id")
    return Filed(tracking_id, transaction_id[:ID_CHARACTERS_MAX])


def moment(value: object, form: str, zone: dt.tzinfo) -> int | None:
    """A core's time as UTC milliseconds. `zone` counts where the time names none. None where it is none, or is unreadable."""
    try:
        if form in (EPOCH_S, EPOCH_MS):
            seconds = float(str(value)) / (1 if form == EPOCH_S else 1_000)
            read = dt.datetime.fromtimestamp(seconds, dt.UTC)
        elif not isinstance(value, str):
            return None
        else:
            text = value.strip()
            read = dt.datetime.fromisoformat(text) if form == ISO else dt.datetime.strptime(text, form)  # noqa: DTZ007 - the zone follows
        if read.tzinfo is None:
            read = read.replace(tzinfo=zone)
        return int(read.timestamp() * 1_000) if read.year in YEARS else None
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("a key stands twice")
    return read


def _never(_constant: str) -> object:
    raise ValueError("NaN and Infinity are no JSON")
