"""What we know of a complaint or an addition, by name: what a mapping file may put into a core's own fields.

Each name says which field of the header line (header.py) it stands for. A header field whose every part reached the core in a field of
its own is left out of the line; all else stays in it, so nothing that the routing decided is ever lost on the way.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from forwarder.core.contract import Supplement
from forwarder.core.header import DECIDED_BY, Header, last_word, legal
from forwarder.talk import Wish
from parsers.complaint import Disclosure
from parsers.model import Complaint


class Field(NamedTuple):
    """One name: what it holds (`text`, `list`, `flag` or `time`), and the field of the header line that it stands for."""

    kind: str
    says: str
    header: str = ""


FIELDS: Mapping[str, Field] = {
    "isi": Field("text", "the citizen's text as written; above it the header line with all that has no field of its own"),
    "text": Field("text", "the citizen's text alone, for a title (characters_max) beside `isi`"),
    "header": Field("text", "the whole header line, where the core keeps it apart from the text", "*"),
    "number": Field("text", "our number of this record: G7K2QP, of an addition G7K2QP-2; never used twice", "No"),
    "first_number": Field("text", "of an addition: our number of the complaint that it adds to", "Tambahan"),
    "first_tracking_id": Field("text", "of an addition: the tracking id of that complaint", "Tambahan"),
    "wish": Field("text", "of an addition: what the citizen asks for: " + ", ".join(Wish), "Permintaan"),
    "channel": Field("text", "SMS 1708, X …", "Kanal"),
    "destination": Field("text", "the short code or account written to", "Kanal"),
    "received": Field("time", "when the gateway received it", "Diterima"),
    "instansi": Field("text", "name of the instansi it goes to", "Tujuan"),
    "region": Field("text", "Kemendagri code of its region: 13.06", "Tujuan"),
    "unit": Field("text", "unit (OPD), where the routing table names one", "Unit"),
    "overseer": Field("text", "who watches over that instansi and must see it too", "Pengawas"),
    "decided_by": Field("text", "how the destination was decided: " + ", ".join(DECIDED_BY.values()), "Dasar"),
    "keyword": Field("text", "the keyword, where there was one", "Dasar"),
    "candidates": Field("list", "what else may be meant, each `instansi; keyword; region`", "Kandidat"),
    "places": Field("list", "places named in the text", "Lokasi"),
    "regions": Field("list", "region codes of places named in the text", "Wilayah"),
    "dates": Field("list", "dates named in the text", "Waktu"),
    "topic": Field("text", "topic, as topics.csv calls it", "Topik"),
    "classification": Field("text", "pengaduan, aspirasi or permintaan informasi", "Jenis"),
    "oversight": Field("flag", "whether it reports an abuse of office (berkadar pengawasan)", "Jenis"),
    "marks": Field("list", "tidak lengkap, rusak sebagian …", "Tanda"),
    "attachments": Field("list", "addresses of the pictures that came with a post", "Lampiran"),
    "quoted": Field("text", "address of the post that a post quotes", "Mengutip"),
    "anonim": Field("flag", "the name may not be shown"),
    "rahasia": Field("flag", "the report may not be public"),
    "reporter": Field("text", "the citizen's number in E.164, where every flag allows it ([identity]); else nothing"),
}
NEEDED = ("isi", "rahasia", "anonim")
"""Without these a mapping would lose the text, or publish what must stay secret."""

Values = Mapping[str, object]


class Record(NamedTuple):
    """One complaint or addition as it goes out."""

    header: Header
    text: str
    values: Values


def record_of(complaint: Complaint, policy: Disclosure) -> Record:
    """A complaint; AttributeError, TypeError or ValueError for one that cannot be written down."""
    return _record(Header.of(complaint), legal(complaint.words), complaint, policy)


def record_of_supplement(supplement: Supplement, policy: Disclosure) -> Record:
    """An addition: the first one's flags, destination and reporter, its own number, time and text."""
    return _record(Header.of_supplement(supplement), legal(supplement.text), supplement.complaint, policy)


def isi_of(record: Record, whole: Collection[str], known: Collection[str] = ()) -> str:
    """The text under a header line of what did not reach the core whole in fields of its own; without a line where nothing is left.

    `whole` are names of ours, `known` fields of the line that the core knows already.
    """
    line = record.header.line(without={*carried(record, whole), *known})
    return f"{line}\n\n{record.text}" if line else record.text


def carried(record: Record, whole: Collection[str]) -> frozenset[str]:
    """Which fields of the header line are said already, when the values of these names were."""
    if "header" in whole:
        return frozenset(field.header for field in FIELDS.values() if field.header)
    said = set(whole)
    if "channel" in said and last_word(record.header.channel) == record.header.destination:
        said.add("destination")  # `SMS 1708` names it
    missing = {field.header for name, field in FIELDS.items() if field.header and name not in said and record.values[name]}
    return frozenset(field.header for name, field in FIELDS.items() if field.header and name in said) - missing


def _record(header: Header, text: str, complaint: Complaint, policy: Disclosure) -> Record:
    tracking_id, first = header.adds_to or (None, None)
    values: dict[str, object] = {
        "isi": None,
        "text": text,
        "header": header.line(),
        "number": header.number,
        "first_number": first,
        "first_tracking_id": tracking_id,
        "wish": header.wish,
        "channel": header.channel,
        "destination": header.destination,
        "received": header.received_ms,
        "instansi": header.instansi,
        "region": header.region,
        "unit": header.unit,
        "overseer": header.overseer,
        "decided_by": DECIDED_BY[header.certainty],
        "keyword": header.keyword,
        "candidates": tuple("; ".join(filter(None, (one.instansi, one.keyword, one.region))) for one in header.candidates),
        "places": header.places,
        "regions": header.regions,
        "dates": header.dates,
        "topic": header.topic,
        "classification": str(header.classification),
        "oversight": header.oversight,
        "marks": header.marks,
        "attachments": header.attachments,
        "quoted": header.quoted,
        "anonim": complaint.anonim,
        "rahasia": complaint.rahasia,
        "reporter": policy.identity(complaint),
    }
    return Record(header, text, values)
