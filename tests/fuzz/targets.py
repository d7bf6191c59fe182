"""What is fuzzed: each target takes octets, and returns or raises its one documented error; anything else is a find.

Behind each stand its invariants: what it made of the octets must fit together. The inputs that mutation starts from are files in corpus/.
"""

from __future__ import annotations

import hmac
import json
import re
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from adapters.smpp import codec
from adapters.smpp.events import ReceiptArrived, SegmentArrived, UnreadableArrived
from adapters.smpp.pdu import PDU_OCTETS_MIN
from adapters.webhook import body
from adapters.webhook.settings import PartnerSettings
from forwarder.core import addstream, dialects, georeport, mapped, mapping_file, standing
from forwarder.core.contract import CallbackError, Outcome, Unknown
from forwarder.core.fields import record_of
from forwarder.core.mapping import body_of
from forwarder.core.transport import Body
from gateway import settings
from gateway.secrets import Secrets
from parsers import charset, command, keyword, post, routes, segments
from parsers.complaint import Disclosure
from parsers.errors import FrameError, PduError, SettingsError
from parsers.model import Address, Post, Segment
from tests.core.samples import complaint
from tests.gateway.road import SECRETS
from tests.smpp.sessions import esme, smsc
from tests.tables import DAY, REGIONS, TABLE

CORPUS = Path(__file__).parent / "corpus"
CODINGS = (0, 1, 3, 4, 8, 0xF4, 0x11, 0xFF)
NOW_MS = 1_795_335_330_000
PARTNER = PartnerSettings("agam", "Aplikasi Agam", "k" * 32, phones=True)
US = post.Us("170800", "lapor1708", post.tags_of(["#lapor", "aduanagam"]), frozenset({"77"}))
WITHOUT = Secrets(SECRETS)
MAPPING = mapping_file.load("example", (settings.SHIPPED / dialects.EXAMPLE).read_text(encoding="utf-8"))
TRACKING_ID = re.compile("[0-9]{4,12}")


class Target(NamedTuple):
    """`attempt` fails by raising; `short` is how often every test run tries it; `pdus` says whether its octets are PDUs."""

    attempt: Callable[[bytes], None]
    short: int
    pdus: bool = False


def frames(octets: bytes) -> None:
    with suppress(FrameError):
        for frame in codec.FrameReader().feed(octets):
            assert PDU_OCTETS_MIN <= len(frame) == int.from_bytes(frame[:4], "big")
            with suppress(PduError):
                assert codec.read(frame).sequence == int.from_bytes(frame[12:16], "big")


def session(octets: bytes) -> None:
    for end in (esme(), smsc()):
        with suppress(FrameError):
            for event in end.receive(octets, 1.0):
                if isinstance(event, SegmentArrived | ReceiptArrived | UnreadableArrived):
                    end.acknowledge(event.sequence)
            answers = end.outgoing()
            assert b"".join(codec.FrameReader().feed(answers)) == answers, "what we answer is whole PDUs"


def header(octets: bytes) -> None:
    with suppress(segments.UdhError):
        assert segments.read_udh(octets).octets <= len(octets)


def parts(octets: bytes) -> None:
    """One or two segments, as their first octets say."""
    flags, coding = (*octets[:2], 0, 0)[:2]
    cut = len(octets) // 2 if flags & 1 else len(octets)
    given = [_segment(piece, 0x40 if flags & 2 else 0, CODINGS[coding % len(CODINGS)]) for piece in (octets[2:cut], octets[cut:])]
    for one in given:
        concat = segments.concat_of(one)
        assert concat is None or 1 <= concat.part <= concat.total
        assert len(segments.payload(one).octets) <= len(one.octets)
    read = segments.text_of(given, packed=bool(flags & 4))
    read.text.encode("utf-8")


def _segment(octets: bytes, esm_class: int, coding: int) -> Segment:
    return Segment("satu", "trx", 1, "deliver_sm", Address(1, 1, "62811"), Address(3, 0, "1708"), esm_class, coding, octets, octets, NOW_MS)


def text(octets: bytes) -> None:
    coding, packed = CODINGS[len(octets) % len(CODINGS)], bool(octets[:1] > b"\x7f")
    decoded = charset.decode(octets, coding, packed=packed)
    decoded.text.encode("utf-8")
    command.read(decoded.text)


def words(octets: bytes) -> None:
    written = octets.decode("utf-8", "surrogateescape" if octets[:1] > b"\x7f" else "replace")
    start, end = keyword.match(TABLE, written, DAY).body
    assert 0 <= start <= end <= len(written)


def posts(octets: bytes) -> None:
    with suppress(ValueError, RecursionError):  # no JSON: nobody would have handed it over
        page = json.loads(octets)
        if isinstance(page, dict):
            _page(page)


def _page(page: dict[str, object]) -> None:
    post.ids_of(page)
    post.more_of(page)
    try:
        items = post.items_of(page)
    except post.FieldsMissing:
        return
    for item in items:
        try:
            read = post.read(item, post.includes_of(page), US, source="mentions", received_ms=NOW_MS)
        except ValueError as error:
            raise AssertionError("a post is read, or skipped") from error
        assert not isinstance(read, Post) or (read.version >= 1 and len(read.text) <= post.CHARACTERS_MAX)


def handed_in(octets: bytes) -> None:
    with suppress(body.BodyWrong):
        read = body.read(octets, PARTNER, NOW_MS)
        assert len(read.text) <= body.TEXT_CHARACTERS_MAX
        assert 0 <= read.posted_ms <= NOW_MS


def table(octets: bytes) -> None:
    with suppress(SettingsError):
        routes.load(routes.decode(octets, name="fuzz.csv"), regions=REGIONS, name="fuzz.csv")


def toml(octets: bytes) -> None:
    folder = _folder()
    (folder / "gateway.toml").write_bytes(octets)
    with suppress(SettingsError):
        settings.load(folder / "gateway.toml", WITHOUT, {})


def mapping(octets: bytes) -> None:
    """A mapping that is taken writes any complaint as JSON that says all of it."""
    try:
        read = mapping_file.load("fuzz.toml", octets.decode("utf-8", "replace"))
    except SettingsError:
        return
    record = record_of(complaint(), Disclosure())
    filled, isi = body_of(read.file, record, "{token}")
    assert record.text in json.dumps(filled, ensure_ascii=False)
    assert isi.endswith(record.text)


def core_answers(octets: bytes) -> None:
    """One answer, read in every dialect."""
    assert isinstance(addstream.read_answer(octets, TRACKING_ID), Outcome)
    assert isinstance(mapped.read_answer(Body(200, octets), MAPPING.proof, "G7K2QP", TRACKING_ID), Outcome)
    assert MAPPING.look_up is not None
    mapped.read_look_up(octets, MAPPING.look_up, "G7K2QP", TRACKING_ID)
    assert MAPPING.follow is not None
    mapped.read_page(octets, MAPPING.follow, ["7841120"])
    for rows in (georeport.rows_in_json(octets), georeport.rows_in_xml(octets)):
        if not isinstance(rows, Unknown):
            georeport.looked_up(rows, "G7K2QP", TRACKING_ID)
    assert MAPPING.callback is not None
    with suppress(CallbackError):
        standing.read_callback(MAPPING.callback, "k", {"X-Lapor-Signature": "sha256=" + hmac.digest(b"k", octets, "sha256").hex()}, octets)


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="lapor-fuzz-"))
    (folder / "operators.toml").write_text("", encoding="utf-8")
    return folder


TARGETS = {
    "frames": Target(frames, 57_000, pdus=True),
    "session": Target(session, 7_000, pdus=True),
    "header": Target(header, 20_000),
    "parts": Target(parts, 6_000),
    "text": Target(text, 5_000),
    "posts": Target(posts, 2_000),
    "handed_in": Target(handed_in, 2_500),
    "words": Target(words, 300),
    "table": Target(table, 150),
    "toml": Target(toml, 50),
    "mapping": Target(mapping, 150),
    "core_answers": Target(core_answers, 4_000),
}


def corpus(name: str) -> tuple[bytes, ...]:
    """The files of one target, in the order of their names."""
    return tuple(file.read_bytes() for file in sorted((CORPUS / name).iterdir()))
