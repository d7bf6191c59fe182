r"""The header line of `isi`: what we know about a complaint and what the routing decided, for people and programs at the core.

addstream has no element for region, agency, place or topic (DOMAIN §3.1), so they stand in one line above the citizen's text:

    [No: G7K2QP] [Kanal: SMS 1708] [Diterima: 2026-11-22 08:15:30 WIB] [Tujuan: Kab. Agam; 13.06] [Jenis: pengaduan]

then an empty line, then the whole text as written. Fields without a value are left out; several values are parted by `; `.
A backslash stands before `[ ] ; \` inside a value; line breaks are `\n` and `\r`, so a value can neither end the line nor
feign a field. docs/core-header.md describes it for the core's people.

An addition that becomes a record of its own has the same line with its own number, and names the record that it adds to:

    [No: G7K2QP-2] [Tambahan: 7841120; G7K2QP] [Kanal: SMS 1708] …
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from forwarder.core.contract import Supplement
from parsers.model import Candidate, Certainty, Classification, Complaint

WIB = dt.timezone(dt.timedelta(hours=7), "WIB")  # the capital's time, on every complaint alike
OVERSIGHT = "berkadar pengawasan"

DECIDED_BY: Mapping[Certainty, str] = {
    Certainty.EXPLICIT: "kata kunci",
    Certainty.PROPOSED: "mirip kata kunci",
    Certainty.AMBIGUOUS: "kata kunci bermakna ganda",
    Certainty.HINTED: "petunjuk dalam teks",
    Certainty.NATIONAL: "tanpa petunjuk",
    Certainty.EARLY: "kata kunci belum berlaku",
    Certainty.LATE: "kata kunci tidak berlaku lagi",
}
"""How the destination was decided, as the core's officers read it."""

_CERTAINTY = {words: certainty for certainty, words in DECIDED_BY.items()}
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2
_ESCAPES = str.maketrans({"[": "\\[", "]": "\\]", ";": "\\;", "\\": "\\\\", "\n": "\\n", "\r": "\\r"})
_SPECIAL = re.compile(r"[\[\];\\\n\r]")
_UNESCAPED = re.compile(r"\\(.)")
_FIELD = re.compile(r"\[([A-Za-z]+): ((?:[^\[\]\\]|\\.)*)\]")
_VALUE = re.compile(r"((?:[^;\\]|\\.)*)(?:; |$)")
_UNBREAKS = {"n": "\n", "r": "\r"}


class HeaderError(ValueError):
    """The first line is not a header of ours."""


@dataclass(frozen=True, slots=True)
class Header:
    """The fields of the line. `received_ms` is whole seconds; texts hold no character that is illegal in XML."""

    number: str
    channel: str
    destination: str
    received_ms: int
    instansi: str
    region: str | None
    unit: str | None
    certainty: Certainty
    keyword: str | None
    candidates: tuple[Candidate, ...]
    places: tuple[str, ...]
    regions: tuple[str, ...]
    dates: tuple[str, ...]
    topic: str | None
    classification: Classification
    oversight: bool
    marks: tuple[str, ...]
    overseer: str | None = None
    """Who watches over the office complained about and must see it too, where the text reports an abuse of office."""
    attachments: tuple[str, ...] = ()
    """Addresses of the pictures that came with a post."""
    quoted: str | None = None
    """What a post quotes, as an address."""
    adds_to: tuple[str, str] | None = None
    """Tracking id and number of the complaint that this is an addition to."""
    wish: str | None = None
    """What the citizen asks of the core for that complaint: rahasia, anonim, batal, keberatan."""

    @classmethod
    def of(cls, complaint: Complaint) -> Header:
        """What the record says, with illegal characters replaced and empty values left out."""
        message, decision, hints = complaint.message, complaint.decision, complaint.hints
        return cls(
            number=complaint.number,
            channel=legal(message.channel),
            destination=legal(message.destination),
            received_ms=message.received_ms // 1000 * 1000,
            instansi=legal(complaint.instansi_name),
            region=decision.region,
            unit=legal(decision.unit) if decision.unit else None,
            certainty=decision.certainty,
            keyword=legal(decision.keyword) if decision.keyword else None,
            candidates=tuple([Candidate(c.region, legal(c.instansi), legal(c.keyword)) for c in decision.candidates]),
            places=_kept(hints.places),
            regions=_kept(hints.regions),
            dates=_kept(hints.dates),
            topic=legal(hints.topic) if hints.topic else None,
            classification=hints.classification,
            oversight=hints.oversight,
            marks=_kept(complaint.marks),
            overseer=legal(decision.oversight) if decision.oversight else None,
            attachments=_kept(message.links),
            quoted=legal(message.quoted) if message.quoted else None,
        )

    @classmethod
    def of_supplement(cls, supplement: Supplement) -> Header:
        """The first complaint's destination and kind with the addition's own number and time.

        What was read out of the first text, and what came with it, is said of that text only and left out here.
        """
        first = cls.of(supplement.complaint)
        return replace(
            first,
            number=supplement.key,
            received_ms=supplement.received_ms // 1000 * 1000,
            candidates=(),
            places=(),
            regions=(),
            dates=(),
            marks=(),
            attachments=(),
            quoted=None,
            adds_to=(legal(supplement.tracking_id), first.number),
            wish=supplement.wish,
        )

    def line(self, without: Collection[str] = ()) -> str:
        """The one line, without its line break; `without` the fields of these names, which the core has elsewhere."""
        return " ".join(
            [f"[{name}: {'; '.join(map(_escape, values))}]" for name, values in self._fields() if values and name not in without]
        )

    def _fields(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        yield "No", (self.number,)
        yield "Tambahan", self.adds_to or ()
        yield "Permintaan", (self.wish,) if self.wish else ()
        yield "Kanal", (self.channel,) if last_word(self.channel) == self.destination else (self.channel, self.destination)
        yield "Diterima", (_time_of_day(self.received_ms // 1000),)
        yield "Tujuan", (self.instansi, self.region) if self.region else (self.instansi,)
        yield "Unit", (self.unit,) if self.unit else ()
        yield "Pengawas", (self.overseer,) if self.overseer else ()
        words = DECIDED_BY[self.certainty]
        yield "Dasar", (words, self.keyword) if self.keyword else (words,)
        for candidate in self.candidates:
            yield "Kandidat", (candidate.instansi, candidate.keyword, *((candidate.region,) if candidate.region else ()))
        yield "Lokasi", self.places
        yield "Wilayah", self.regions
        yield "Waktu", self.dates
        yield "Topik", (self.topic,) if self.topic else ()
        yield "Jenis", (self.classification, OVERSIGHT) if self.oversight else (self.classification,)
        yield "Tanda", self.marks
        yield "Lampiran", self.attachments
        yield "Mengutip", (self.quoted,) if self.quoted else ()


def build(complaint: Complaint) -> str:
    """The whole `isi`: header line, empty line, the citizen's text as written; illegal characters become U+FFFD."""
    return f"{Header.of(complaint).line()}\n\n{legal(complaint.words)}"


def build_supplement(supplement: Supplement) -> str:
    """The whole `isi` of an addition that becomes a record of its own; its text as written, as `build` writes a complaint's."""
    return f"{Header.of_supplement(supplement).line()}\n\n{legal(supplement.text)}"


def fields_in(isi: str) -> tuple[dict[str, tuple[str, ...]], str]:
    """Whatever fields a first line has, and the text below; HeaderError when it is no line of fields. For cores that map some of them."""
    line, blank, text = isi.partition("\n\n")
    if not blank or not line:
        raise HeaderError("no empty line after the header")
    return dict(_read_fields(line)), text


def parse(isi: str) -> tuple[Header, str]:
    """Header and text of an `isi`; HeaderError when the first line is not one of ours."""
    line, blank, text = isi.partition("\n\n")
    fields = list(_read_fields(line))
    if not blank:
        raise HeaderError("no empty line after the header")
    named = dict(fields)
    try:
        channel = named["Kanal"][0]
        received = dt.datetime.strptime(named["Diterima"][0], "%Y-%m-%d %H:%M:%S WIB").replace(tzinfo=WIB)
        header = Header(
            number=named["No"][0],
            channel=channel,
            destination=_nth(named, "Kanal", 1) or last_word(channel),
            received_ms=int(received.timestamp()) * 1000,
            instansi=named["Tujuan"][0],
            region=_nth(named, "Tujuan", 1),
            unit=_nth(named, "Unit"),
            certainty=_CERTAINTY[named["Dasar"][0]],
            keyword=_nth(named, "Dasar", 1),
            candidates=tuple(_candidate(values) for name, values in fields if name == "Kandidat"),
            places=named.get("Lokasi", ()),
            regions=named.get("Wilayah", ()),
            dates=named.get("Waktu", ()),
            topic=_nth(named, "Topik"),
            classification=Classification(named["Jenis"][0]),
            oversight=_nth(named, "Jenis", 1) == OVERSIGHT,
            marks=named.get("Tanda", ()),
            overseer=_nth(named, "Pengawas"),
            attachments=named.get("Lampiran", ()),
            quoted=_nth(named, "Mengutip"),
            adds_to=_pair(named.get("Tambahan")),
            wish=_nth(named, "Permintaan"),
        )
    except (KeyError, IndexError, ValueError) as error:
        raise HeaderError(f"a field is missing or not ours ({type(error).__name__})") from None
    return header, text


@functools.lru_cache(maxsize=64)
def _time_of_day(second: int) -> str:
    """A burst shares its seconds, so each is written once."""
    return f"{dt.datetime.fromtimestamp(second, WIB):%Y-%m-%d %H:%M:%S} WIB"


def legal(text: str) -> str:
    """The text with every character that XML 1.0 cannot carry replaced by U+FFFD (§2.2)."""
    return text if text.isprintable() and text.isascii() else _ILLEGAL.sub("�", text)


def last_word(channel: str) -> str:
    """`SMS 1708` names its destination itself; an X account or another short code stands beside the channel."""
    return channel.rpartition(" ")[2]


def _kept(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([legal(value) for value in values if value]) if values else ()


def _escape(value: str) -> str:
    return value if _SPECIAL.search(value) is None else value.translate(_ESCAPES)


def _unescape(value: str) -> str:
    return _UNESCAPED.sub(lambda match: _UNBREAKS.get(match[1], match[1]), value)


def _read_fields(line: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    at = 0
    while at < len(line):
        match = _FIELD.match(line, at)
        if match is None:
            raise HeaderError(f"no field at character {at}")
        yield match[1], tuple(_read_values(match[2]))
        at = match.end()
        if at < len(line):
            at += 1  # the space between two fields; anything else fails at the next match or is no header


def _read_values(values: str) -> Iterator[str]:
    at = 0
    while at < len(values):
        match = _VALUE.match(values, at)
        if match is None:
            raise HeaderError("a value is not parted by '; '")
        yield _unescape(match[1])
        at = match.end()


def _nth(named: Mapping[str, tuple[str, ...]], name: str, position: int = 0) -> str | None:
    values = named.get(name, ())
    return values[position] if position < len(values) else None


def _pair(values: tuple[str, ...] | None) -> tuple[str, str] | None:
    return (values[0], values[1]) if values else None


def _candidate(values: tuple[str, ...]) -> Candidate:
    return Candidate(_nth({"": values}, "", 2), values[0], values[1])
