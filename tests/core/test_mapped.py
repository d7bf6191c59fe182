"""JSON by a mapping file: what is written, what is read, and every mistake that a file can have."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from forwarder.core import dialects, mapping_file, standing
from forwarder.core.answers import PLAIN_CHARACTERS_MAX, ZONES, moment
from forwarder.core.contract import Absent, CallbackError, Course, CourseStatus, Filed, Outcome, Refused, Unknown
from forwarder.core.fields import FIELDS, carried, record_of, record_of_supplement
from forwarder.core.header import fields_in, legal
from forwarder.core.mapped import Mapped, read_answer, read_look_up
from forwarder.core.mapping import CoreMapping, Proof, body_of
from forwarder.core.settings import CoreSettings
from forwarder.core.transport import Body, Transport
from parsers.complaint import Disclosure
from parsers.errors import SettingsError
from parsers.model import Candidate, Certainty, Classification, Complaint, Hints
from tests.core.samples import SHIPPED, complaint, peer, supplement
from tests.core.test_answer_table import _Answers, kind

ID = re.compile("[0-9]{4,12}")
EXAMPLE = (SHIPPED / dialects.EXAMPLE).read_text(encoding="utf-8")
MAPPING = mapping_file.load("example", EXAMPLE)
KEY = "k" * 32
POLICY = Disclosure()
LEAST = """\
[file]
path = "/aduan"
[file.body]
isi = "{isi}"
rahasia = "{rahasia}"
anonim = "{anonim}"
[file.answer]
tracking_id = "id"
"""
FULL = Hints(
    places=("Lubuk Basung", "Jl. A; B"),
    regions=("13.06", "13.07"),
    dates=("sejak Senin",),
    topic="perhubungan",
    classification=Classification.ASPIRASI,
    oversight=True,
)


def rich() -> Complaint:
    """One of which every field of the header line has something to say."""
    record = complaint(
        hints=FULL,
        marks=("tidak lengkap",),
        candidates=(Candidate("63.03", "Kab. Banjar", "BANJAR"), Candidate(None, "Kemensos", "KEMSOS")),
    )
    message = replace(
        record.message,
        channel="X",
        destination="lapor1708",
        links=("https://p.example/1", "https://p.example/2"),
        quoted="https://q.example",
    )
    decision = replace(record.decision, unit="Dinas PU", oversight="Inspektorat", certainty=Certainty.PROPOSED)
    return replace(record, message=message, decision=decision)


def written(toml: str, record: Complaint) -> tuple[dict[str, Any], str]:
    body, isi = body_of(mapping_file.load("m", toml).file, record_of(record, POLICY), "{T}")
    return json.loads(json.dumps(body)), isi


def said(value: object) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


ANSWERS: list[tuple[object, object]] = [
    ({"data": {"tracking_id": "7841120", "transaksi_id": "T1"}}, Filed("7841120", "T1")),
    ({"kode": "00", "data": {"tracking_id": 7841120}}, Filed("7841120")),
    ({"data": {"tracking_id": " 7841120 "}}, Filed("7841120")),
    ({"data": {"tracking_id": "7841120", "nomor_asal": "G7K2QP"}}, Filed("7841120")),
    ({"data": {"tracking_id": "7841120", "nomor_asal": "ZZZZZZ"}}, Unknown("an answer that speaks of another number")),
    (b"\xef\xbb\xbf" + said({"data": {"tracking_id": "7841120"}}), Filed("7841120")),
    ({"kode": "98", "data": {"tracking_id": "7841120"}}, "NotFiled"),
    ({"kode": "99"}, Refused("the core's code 99")),
    ({"kode": "77"}, Refused("an answer without a tracking id")),
    ({}, Refused("an answer without a tracking id")),
    ({"data": None}, Refused),
    ({"data": {}}, Refused),
    ({"data": {"tracking_id": None}}, Refused),
    ({"data": {"tracking_id": ""}}, Refused),
    ({"data": {"tracking_id": "  "}}, Refused),
    ({"errors": [{"code": 400, "message": "Format salah"}]}, Refused),
    ({"data": []}, Unknown),
    ({"data": [{"tracking_id": "7841120"}]}, Unknown),
    ({"data": "7841120"}, Unknown),
    ({"data": {"tracking_id": True}}, Unknown),
    ({"data": {"tracking_id": 7841120.0}}, Unknown),
    ({"data": {"tracking_id": ["7841120"]}}, Unknown),
    ({"data": {"tracking_id": {"id": "7841120"}}}, Unknown),
    ({"data": {"tracking_id": "null"}}, Unknown),
    ({"data": {"tracking_id": "-1"}}, Unknown),
    ({"data": {"tracking_id": -7841120}}, Unknown),
    ({"data": {"tracking_id": "٧٨٤١١٢٠"}}, Unknown),
    ({"data": {"tracking_id": "7" * 4_000}}, Unknown),
    ({"kode": 5.5}, Unknown),
    ([], Unknown),
    ([{"data": {"tracking_id": "7841120"}}], Unknown),
    ("7841120", Unknown),
    (7841120, Unknown),
    (None, Unknown),
    (b"", Unknown("an answer that is not JSON")),
    (b"OK", Unknown),
    (b"<html><body>7841120</body></html>", Unknown("a web page, not an answer")),
    (b"<lapor><trackingid>7841120</trackingid></lapor>", Unknown),
    (b'{"data": {"tracking_id": NaN}}', Unknown),
    (b'{"data": {"tracking_id": "7841120", "x": Infinity}}', Unknown),
    (b'{"data": {"tracking_id": "7841120", "tracking_id": "7841121"}}', Unknown),
    (b'{"data": {"tracking_id": "7841120"}, "data": {}}', Unknown),
    (b'{"data": {"tracking_id": "7841120"', Unknown),
    (b'{"data": {"tracking_id": "7841120"}} {}', Unknown),
    (b'{"data": {"tracking_id": "784\xe9"}}', Unknown),
    (json.dumps({"data": {"tracking_id": "7841120"}}).encode("utf-16"), Unknown),
    (b'{"data": {"tracking_id": ' + b"7" * 5_000 + b"}}", Unknown),
    (b'{"data":' * 50_000, Unknown),
    (b"[" * 100_000, Unknown),
    (b"\0" * 100, Unknown),
]


@pytest.mark.parametrize(("answer", "expect"), ANSWERS)
def test_the_answer_is_read_without_surprises(answer: object, expect: object) -> None:
    outcome = read_answer(Body(200, said(answer)), MAPPING.proof, "G7K2QP", ID)
    assert outcome == expect if not isinstance(expect, type | str) else kind(outcome) == getattr(expect, "__name__", expect)


@given(
    st.binary(max_size=300)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda one: st.lists(one) | st.dictionaries(st.sampled_from(["data", "tracking_id", "kode"]), one),
    ).map(lambda one: json.dumps(one).encode())
)
def test_any_octets_give_an_outcome(octets: bytes) -> None:
    assert isinstance(read_answer(Body(200, octets), MAPPING.proof, "G7K2QP", ID), Outcome)
    assert MAPPING.look_up is not None
    assert isinstance(read_look_up(octets, MAPPING.look_up, "G7K2QP", ID), Filed | Absent | Unknown)
    assert MAPPING.follow is not None


def test_a_list_of_one_is_named_by_its_place_and_a_longer_one_is_odd() -> None:
    proof = Proof(tracking_id="[0].id")
    for value, expect in (
        ([{"id": "7841120"}], Filed("7841120")),
        ([], Refused("an answer without a tracking id")),
        ({"id": "1"}, None),
        ([{"id": "7841120"}] * 2, None),
    ):
        outcome = read_answer(Body(200, said(value)), proof, "G7K2QP", ID)
        assert outcome == expect or (expect is None and isinstance(outcome, Unknown))


ADDED: list[tuple[object, object]] = [
    ({"data": {"tambahan_id": "T9", "nomor_asal": "G7K2QP-2"}}, Filed("7841120", "T9")),
    ({"data": {"tambahan_id": 9}}, Filed("7841120", "9")),
    ({"data": {"tambahan_id": "T9", "nomor_asal": "G7K2QP"}}, Unknown),
    ({"data": {"tambahan_id": None}}, Refused),
    ({"data": {}}, Refused),
    ({"data": [{"tambahan_id": "T9"}]}, Unknown),
    (b"", Unknown),
]


@pytest.mark.parametrize(("answer", "expect"), ADDED)
def test_an_addition_is_proven_by_an_id_of_its_own(answer: object, expect: object) -> None:
    assert MAPPING.supplement is not None
    outcome = read_answer(Body(201, said(answer)), MAPPING.supplement.proof, "G7K2QP-2", ID, "7841120")
    assert outcome == expect if isinstance(expect, Filed) else isinstance(outcome, expect)  # type: ignore[arg-type]


LOOKED: list[tuple[object, object]] = [
    ({"data": [{"nomor_asal": "G7K2QP", "tracking_id": "7841120"}], "meta": {"nomor_asal": "G7K2QP"}}, Filed("7841120")),
    ({"data": [], "meta": {"nomor_asal": "G7K2QP"}}, Absent()),
    ({"data": [], "meta": {"nomor_asal": "ZZZZZZ"}}, Unknown),
    ({"data": []}, Unknown),
    ({"data": [{"nomor_asal": "ZZZZZZ", "tracking_id": "7841120"}], "meta": {"nomor_asal": "G7K2QP"}}, Unknown),
    ({"data": [{"tracking_id": "7841120"}], "meta": {"nomor_asal": "G7K2QP"}}, Unknown),
    ({"data": [{"nomor_asal": "G7K2QP"}], "meta": {"nomor_asal": "G7K2QP"}}, Unknown),
    ({"data": [{"nomor_asal": "G7K2QP", "tracking_id": "x"}], "meta": {"nomor_asal": "G7K2QP"}}, Unknown),
    ({"data": [{"nomor_asal": "G7K2QP", "tracking_id": "7841120"}] * 2, "meta": {"nomor_asal": "G7K2QP"}}, Unknown),
    ({"data": None, "meta": {"nomor_asal": "G7K2QP"}}, Unknown),
    ({"data": {"nomor_asal": "G7K2QP"}, "meta": {"nomor_asal": "G7K2QP"}}, Unknown),
    ([], Unknown),
    (b"<html/>", Unknown),
]


@pytest.mark.parametrize(("answer", "expect"), LOOKED)
def test_a_look_up_is_believed_only_when_it_repeats_our_number(answer: object, expect: object) -> None:
    assert MAPPING.look_up is not None
    outcome = read_look_up(said(answer), MAPPING.look_up, "G7K2QP", ID)
    assert isinstance(outcome, Unknown) if expect is Unknown else outcome == expect


def test_an_appended_addition_is_not_looked_for_among_complaints() -> None:
    """The complaints' look-up would say that it is absent, and it would be sent twice."""
    assert MAPPING.supplement is not None
    blind = replace(MAPPING, supplement=replace(MAPPING.supplement, look_up=None))
    client = Mapped(CoreSettings(dialect="mapped", url="http://x", token="{T}"), None, POLICY, blind)  # type: ignore[arg-type]
    assert asyncio.run(client.look_up("G7K2QP-2")) == Unknown("the core has no look-up")


def test_what_the_mapping_names_goes_into_fields_and_all_else_stands_in_the_header_line() -> None:
    body, isi = written(EXAMPLE, rich())
    fields, text = fields_in(isi)
    assert text == rich().message.text
    assert body["tujuan"] == {"nama": "Kab. Agam", "wilayah": "13.06", "unit": "Dinas PU", "pengawas": "Inspektorat"}
    assert (body["klasifikasi"], body["pengawasan"], body["topik"]) == ("A", True, "8")
    assert body["lokasi"] == ["Lubuk Basung", "Jl. A; B"]
    assert body["lampiran"] == [{"url": "https://p.example/1"}, {"url": "https://p.example/2"}]
    assert (body["kanal"], body["diterima"], body["tanda"]) == ("X", "2026-11-22T15:15:30+07:00", "tidak lengkap")
    assert set(fields) == {"Kanal", "Dasar", "Kandidat", "Waktu", "Mengutip"}, "the account of X has no field, so the channel is said again"
    assert "pelapor" not in body


def test_a_mapping_of_nothing_but_the_text_sends_the_whole_line() -> None:
    record = rich()
    _, isi = written(LEAST, record)
    assert isi == f"{record_of(record, POLICY).header.line()}\n\n{record.message.text}"


def test_what_has_no_code_or_was_cut_stays_in_the_line_and_what_was_said_whole_does_not() -> None:
    def left(value: str, record: Complaint | None = None) -> set[str]:
        return set(fields_in(written(LEAST.replace("[file.answer]", f"x = {value}\n[file.answer]"), record or rich())[1])[0])

    everything = left("1")
    for value in (
        '{ field = "topic", codes = { kesehatan = 2 } }',
        '{ field = "topic", codes = { kesehatan = 2 }, default = 99 }',
        '{ field = "topic", characters_max = 3 }',
        '{ field = "regions", codes = { "13.06" = "A" } }',
    ):
        assert left(value) == everything, value
    assert left('{ field = "topic", codes = { perhubungan = 8 } }') == everything - {"Topik"}
    assert left('{ field = "topic", characters_max = 30 }') == everything - {"Topik"}
    assert left('{ field = "regions", codes = { "13.06" = "A", "13.07" = "B" } }') == everything - {"Wilayah"}
    assert left('"{instansi}, {region}"') == everything - {"Tujuan"}
    assert left('"{instansi}"') == everything, "its region has no field"
    assert left('"{channel}"', complaint()) == left("1", complaint()) - {"Kanal"}, "SMS 1708 names its destination"


def test_the_whole_line_may_have_a_field_and_then_isi_is_the_text() -> None:
    body, isi = written(LEAST.replace("[file.answer]", 'kepala = "{header}"\n[file.answer]'), rich())
    assert isi == body["isi"] == rich().message.text
    assert body["kepala"] == record_of(rich(), POLICY).header.line()


def test_every_name_stands_for_a_field_of_the_line_and_all_fields_of_it_have_names() -> None:
    record = record_of_supplement(replace(supplement(), complaint=rich()), POLICY)
    whole = record_of(rich(), POLICY)
    assert set(whole.values) == set(record.values) == set(FIELDS)
    names = {name for name, field in FIELDS.items() if field.header and field.header != "*"}
    for one in (record, whole):
        assert one.header.line(without=carried(one, names)) == ""
        for name in names:
            if one.values[name]:
                assert f"[{FIELDS[name].header}: " in one.header.line(without=carried(one, names - {name})), name


@pytest.mark.parametrize(
    ("value", "expect"),
    [
        ('{ field = "received" }', "2026-11-22T15:15:30+07:00"),
        ('{ field = "received", zone = "WIT" }', "2026-11-22T17:15:30+09:00"),
        ('{ field = "received", format = "epoch_s" }', 1_795_335_330),
        ('{ field = "received", format = "epoch_ms", zone = "UTC" }', 1_795_335_330_000),
        ('{ field = "received", format = "%d/%m/%Y %H.%M", zone = "WITA" }', "22/11/2026 16.15"),
        ('"nomor {number}"', "nomor G7K2QP"),
        ('"{marks}"', ["tidak lengkap"]),
        ('{ field = "marks", join = "|" }', "tidak lengkap"),
        ('{ field = "marks", each = "a.b" }', [{"a": {"b": "tidak lengkap"}}]),
        ('{ field = "oversight", codes = { true = "Y", false = "T" } }', "Y"),
        ('{ field = "reporter", default = "-" }', "-"),
        ('{ field = "reporter", always = true }', None),
        ('{ field = "first_number", always = true }', None),
        ("false", False),
        ("1.5", 1.5),
        ('"{token}"', "{T}"),
    ],
)
def test_a_value_is_written_in_the_cores_form(value: str, expect: object) -> None:
    body, _ = written(LEAST.replace("[file.answer]", f'"x.y" = {value}\n[file.answer]'), rich())
    assert body["x"]["y"] == expect


@given(st.text(max_size=200))
def test_any_text_survives_the_json(text: str) -> None:
    body, _ = written(LEAST, complaint(text=text))
    assert fields_in(body["isi"])[1] == legal(text)


def instead(old: str, new: str) -> str:
    return LEAST.replace(old, new)


def having(value: str) -> str:
    return instead('anonim = "{anonim}"', f'anonim = "{{anonim}}"\nt = {value}')


def more(toml: str) -> str:
    return LEAST + toml


COURSE = '[course]\npath = "%s"\nstatus = "s"\n%s\n[course.statuses]\n'
WRONG = [
    ('[file]\npath = "/a"', "m:1: file.body is missing"),
    ("x = 1", "m:1: file is missing: it says how a complaint is handed over; copy it from core-mapping.example.toml"),
    (instead('path = "/aduan"', 'pth = "/aduan"'), "m:2: file.pth means nothing here; meant path?"),
    (instead('"/aduan"', '"aduan"'), "m:2: file.path must begin with / and have no blanks; [core] url stands before it"),
    (instead('"/aduan"', '"/a?key={token}"'), "m:2: file.path holds the token: every log on the way would keep it"),
    (instead('"/aduan"', '"/a/{isi}"'), "m:2: file.path names {isi}; "),
    (instead('rahasia = "{rahasia}"\n', ""), "file.body names rahasia nowhere, so the core would never hear: the report may not be public"),
    (instead('isi = "{isi}"\n', ""), "m:3: file.body names isi nowhere"),
    (instead('"{isi}"', '"{izi}"'), "m:4: file.body.isi names {izi}; meant isi?"),
    (instead('"{isi}"', '"{isi"'), "m:4: file.body.isi has a brace out of place; braces hold one name: {number}"),
    (instead('"{isi}"', '{ field = "isi", characters_max = 160 }'), "would change the citizen's words; isi goes out whole"),
    (instead('anonim = "{anonim}"', '"isi.x" = "{anonim}"'), 'm:6: file.body."isi.x" and isi cannot both be'),
    (having('"at {received}"'), 'puts a time into a text; write { field = "received", format'),
    (having('{ field = "topic", format = "iso" }'), "file.body.t.format is for a time"),
    (having('{ field = "received", format = "%c" }'), "must be iso, epoch_s, epoch_ms"),
    (having('{ field = "received", zone = "WIP" }'), "must be one of WIB, WITA, WIT, UTC; meant WIT?"),
    (having('{ field = "topic", codes = "topics" }'), "m:7: file.body.t.codes must be a table, or"),
    (having('{ field = "topic", codes = { a = [] } }'), "must be a code: a text or a number"),
    (having('{ field = "topic", characters_max = 0 }'), "must be a whole number from 1"),
    (having('{ field = "topc" }'), "must be one of isi, "),
    (having("[]"), "must be a text, a number, true, false, or a table with field"),
    (instead('tracking_id = "id"', ""), "m:7: file.answer.tracking_id is missing: the proof of a yes"),
    (instead('"id"', '"a..b"'), "m:8: file.answer.tracking_id is no path into an answer"),
    (more('codes = { "1" = "yes" }'), "m:9: file.answer.codes.1 must be one of read, not_filed, our_fault, refused, unknown"),
    (more('entry = "x"'), "m:9: file.answer.entry means nothing here"),
    (more('[file.answers]\n99 = "read"'), "m:10: file.answers.99 is no status: write 100 to 599"),
    (more('[file.headers]\n"X Y" = "1"'), "is no name of a header"),
    (more('[file.headers]\nX = "é"'), "must be ASCII without control characters"),
    (more('[look_up]\npath = "/a"\nnumber = "n"\ntracking_id = "t"\nrecords = "."'), "look_up.path asks for nothing: put {number}"),
    (
        more('[look_up]\npath = "/a/{number}"\nnumber = "n"\ntracking_id = "t"'),
        "look_up.absent is missing: a core that answers with one record",
    ),
    (more('[look_up]\npath = "/a/{number}"\nabsent = [200]'), "look_up.absent must be a list of statuses, 400 to 499: [404]"),
    (more('[look_up]\npath = "/a/{number}"\nabsent = [404]'), "look_up.number is missing; say where it stands in a record"),
    (
        more('[supplement]\npath = "/t"\n[supplement.body]\nisi = "{isi}"\n[supplement.answer]\nentry = "id"'),
        "says nowhere which complaint it adds to",
    ),
    (
        more('[supplement]\npath = "/t/{first_number}"\n[supplement.body]\nisi = "{isi}"'),
        "supplement.answer.tracking_id is missing: or entry",
    ),
    (more(COURSE % ("/s", "")), "course.path asks for nothing: put {tracking_id} into it"),
    (more(COURSE % ("/s/{tracking_id}", "") + 'selesai = "ready"'), "course.statuses.selesai must be one of unverified"),
    (more(COURSE % ("/s/{tracking_ids}", "at_once = 501")), "course.at_once must be a whole number, 1 to 500"),
    (more(COURSE % ("/s/{tracking_ids}", "at_once = 5")), "course.records is missing: of several records"),
    (more('[callback]\nsignature = "a b"\nstatus = "s"\n[callback.statuses]'), "callback.signature must be the name of the header"),
    (
        more('[callback]\nsignature = "S"\nalgorithm = "md5"\nstatus = "s"\ntracking_id = "t"\n[callback.statuses]'),
        "must be one of sha256, sha384, sha512",
    ),
    (more('[callback]\nsignature = "S"\nstatus = "s"\n[callback.statuses]'), "callback.tracking_id is missing"),
    (more("course = 1"), "course"),
    ("a = [" * 3_000, "not TOML"),
]


@pytest.mark.parametrize(("toml", "sentence"), WRONG)
def test_a_mistake_is_said_with_file_line_key_and_remedy(toml: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as raised:
        mapping_file.load("m", toml)
    assert any(sentence in problem for problem in raised.value.problems), raised.value.problems


def test_everything_wrong_is_said_at_once_and_each_thing_once() -> None:
    toml = (
        EXAMPLE.replace('"{isi}"', '"{izi}"').replace("[404]", "[200]").replace('zone = "WIB"', 'zone = "X"').replace('next = "', 'nxt = "')
    )
    with pytest.raises(SettingsError) as raised:
        mapping_file.load("m", toml)
    problems = raised.value.problems
    assert len(problems) == len(set(problems)) >= 6
    assert all(re.match(r"m:\d+: [\w.\"-]+ ", one) for one in problems)


@given(
    st.text(max_size=300)
    | st.sampled_from([one[0] for one in WRONG]).flatmap(lambda toml: st.integers(0, len(toml)).map(lambda at: toml[:at]))
)
def test_any_text_is_a_mapping_or_an_error(toml: str) -> None:
    try:
        assert isinstance(mapping_file.load("m", toml), CoreMapping)
    except SettingsError as error:
        if not error.problems:
            pytest.fail("refused without a reason")


RECORD = {"tracking_id": "7841120", "status": "Terdisposisi Selesai", "selesai": "2026-11-22T15:15:30+07:00", "didisposisi": "kemarin"}
CALLBACK = said({"perubahan": [RECORD, {"tracking_id": 7, "status": "TERTUNDA"}, {"tracking_id": "8", "status": "Entah"}]})


def signed(octets: bytes, key: str = KEY) -> dict[str, str]:
    return {"Content-Type": "application/json", "x-lapor-signature": "sha256=" + hmac.digest(key.encode(), octets, "sha256").hex()}


def test_a_callback_that_the_core_signed_is_read() -> None:
    assert MAPPING.callback is not None
    assert standing.read_callback(MAPPING.callback, KEY, signed(CALLBACK), CALLBACK) == [
        Course("7841120", CourseStatus.DONE, "Terdisposisi Selesai", finished_ms=1_795_335_330_000),
        Course("7", CourseStatus.POSTPONED, "TERTUNDA"),
    ]


ANSWERED = {"tracking_id": "7", "status": "Arsip", "jawaban": "Sudah kami perbaiki.", "minta_data": True, "rahasia": True, "anonim": False}


@pytest.mark.parametrize(
    ("changes", "expect"),
    [
        ({}, ("Sudah kami perbaiki.", True, True, False)),
        ({"jawaban": " baris\n\u0000satu \t dua\u202e "}, ("baris satu dua", True, True, False)),
        ({"jawaban": "a" * 100_000}, ("a" * PLAIN_CHARACTERS_MAX, True, True, False)),
        ({"jawaban": " \n\u0007 "}, (None, True, True, False)),
        ({"jawaban": ["x"], "minta_data": "ya", "rahasia": "entah", "anonim": {"x": 1}}, (None, True, None, None)),
        ({"jawaban": 7, "minta_data": 0, "rahasia": None, "anonim": 1.5}, (None, False, None, None)),
        ({"jawaban": None, "minta_data": "", "rahasia": "TRUE", "anonim": "tidak"}, (None, None, True, False)),
    ],
)
def test_what_the_agency_says_is_read_and_garbage_says_nothing(changes: dict[str, object], expect: tuple[object, ...]) -> None:
    assert MAPPING.callback is not None
    [one] = standing.courses_in({"perubahan": [ANSWERED | changes]}, MAPPING.callback.standing)
    assert (one.answer, one.asks, one.rahasia, one.anonim) == expect
    assert (one.status, one.tracking_id) == (CourseStatus.ARCHIVED, "7"), "and is no reason to doubt the rest"
    assert "perbaiki" not in repr(one)


@pytest.mark.parametrize(
    ("headers", "octets", "is_signed"),
    [
        ({}, CALLBACK, False),
        (signed(CALLBACK, "another key"), CALLBACK, False),
        (signed(CALLBACK), CALLBACK + b" ", False),
        ({"X-Lapor-Signature": ""}, CALLBACK, False),
        ({"X-Lapor-Signature": "sha256="}, CALLBACK, False),
        ({"X-Lapor-Signature": signed(CALLBACK)["x-lapor-signature"].removeprefix("sha256=")}, CALLBACK, False),
        ({"X-Lapor-Signature": "sha256=" + "zz" * 32}, CALLBACK, False),
        ({"X-Lapor-Signature": "sha256=é"}, CALLBACK, False),
        ({**signed(CALLBACK), "X-Lapor-Signature": "sha256=00"}, CALLBACK, False),
        (signed(b""), b"", True),
        (signed(b"<x/>"), b"<x/>", True),
        (signed(b'{"perubahan": NaN}'), b'{"perubahan": NaN}', True),
        (signed(b"[]"), b"[]", True),
        (signed(b'{"perubahan": [1]}'), b'{"perubahan": [1]}', True),
        (signed(b'{"perubahan": {}}'), b'{"perubahan": {}}', True),
        (signed(b"[" * 100_000), b"[" * 100_000, True),
    ],
)
def test_a_callback_of_anybody_else_or_without_sense_is_refused(headers: dict[str, str], octets: bytes, *, is_signed: bool) -> None:
    assert MAPPING.callback is not None
    with pytest.raises(CallbackError) as raised:
        standing.read_callback(MAPPING.callback, KEY, headers, octets)
    assert raised.value.signed is is_signed
    assert "7841120" not in str(raised.value)


@given(st.binary(max_size=200), st.text(max_size=80))
def test_any_callback_is_read_or_refused(octets: bytes, signature: str) -> None:
    assert MAPPING.callback is not None
    with pytest.raises(CallbackError):
        standing.read_callback(MAPPING.callback, KEY, {"X-Lapor-Signature": signature}, octets)


def test_a_signature_may_be_base64_of_another_hash() -> None:
    assert MAPPING.callback is not None
    callback = replace(MAPPING.callback, encoding="base64", algorithm="sha512", prefix="")
    signature = b64encode(hmac.new(KEY.encode(), CALLBACK, hashlib.sha512).digest()).decode()
    assert len(standing.read_callback(callback, KEY, {"X-Lapor-Signature": signature}, CALLBACK)) == 2


@pytest.mark.parametrize(
    ("value", "form", "zone", "expect"),
    [
        ("2026-11-22T15:15:30+07:00", "iso", "UTC", 1_795_335_330_000),
        ("2026-11-22 15:15:30", "iso", "WIB", 1_795_335_330_000),
        ("2026-11-22T08:15:30Z", "iso", "WIT", 1_795_335_330_000),
        ("22-11-2026 17.15", "%d-%m-%Y %H.%M", "WIT", 1_795_335_300_000),
        (1_795_335_330, "epoch_s", "WIB", 1_795_335_330_000),
        ("1795335330000", "epoch_ms", "WIB", 1_795_335_330_000),
        (1_795_335_330_000, "epoch_s", "WIB", None),
        (True, "epoch_s", "WIB", None),
        ("0001-01-01", "iso", "WIB", None),
        ("", "iso", "WIB", None),
        (None, "iso", "WIB", None),
        ("nan", "epoch_s", "WIB", None),
        ([], "epoch_s", "WIB", None),
        ("besok", "iso", "WIB", None),
    ],
)
def test_a_cores_time_is_read_or_left_out(value: object, form: str, zone: str, expect: int | None) -> None:

    assert moment(value, form, ZONES[zone]) == expect


FOLLOW = """
[course]
path = "/s?ids={tracking_ids}%s"
at_once = 9
records = "data"
tracking_id = "id"
status = "s"
%s
[course.statuses]
Selesai = "done"
"""


def course_of(pages: list[object], extra: str = "", more: str = "", status: int = 200) -> tuple[object, list[str]]:
    """What a core that answers with these pages, one after the other, is understood to say; and what it was asked."""
    asked: list[str] = []

    async def serve(request: web.BaseRequest) -> web.Response:
        asked.append(request.path_qs)
        page = pages[min(len(asked), len(pages)) - 1]
        return web.Response(body=page if isinstance(page, bytes) else json.dumps(page).encode(), status=status)

    async def run() -> object:
        runner = web.ServerRunner(web.Server(serve), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        settings = CoreSettings(dialect="mapped", url=f"http://{host}:{port}", token="{T}")

        client = Mapped(settings, Transport(settings, connections_max=2), POLICY, mapping_file.load("m", LEAST + FOLLOW % (extra, more)))
        try:
            return await client.course(["1001", "1002"])
        finally:
            await client.close()
            await runner.cleanup()

    return asyncio.run(run()), asked


def done(name: str) -> Course:
    return Course(name, CourseStatus.DONE, "Selesai")


ONE, TWO = {"id": "1001", "s": "Selesai"}, {"id": 1002, "s": "Selesai "}


@pytest.mark.parametrize(
    ("pages", "extra", "more", "expect", "questions"),
    [
        ([{"data": [ONE, TWO]}], "", "", 2, 1),
        ([{"data": [ONE]}], "", "", 1, 1),
        ([{"data": []}], "", "", 0, 1),
        ([{"data": [ONE, {"id": "1003", "s": "Selesai"}]}], "", "", 1, 1),
        ([{"data": [ONE, {"id": "1002", "s": "Entah"}]}], "", "", 1, 1),
        ([{"data": [ONE], "next": "/s?p=2"}, {"data": [TWO], "next": None}], "", 'next = "next"', 2, 2),
        ([{"data": [ONE], "next": "//evil.example/s"}], "", 'next = "next"', None, 1),
        ([{"data": [ONE], "next": "https://evil.example/s"}], "", 'next = "next"', None, 1),
        ([{"data": [ONE], "next": "/s"}], "", 'next = "next"', None, 50),
        ([{"data": [ONE]}, {"data": [TWO]}], "&page={page}", "", 2, 2),
        ([{"data": [ONE]}, {"data": []}], "&page={page}", "", 1, 2),
        ([{"data": [ONE]}], "&page={page}", "", None, 50),
        ([{"data": None}], "", "", None, 1),
        ([{"data": [None]}], "", "", 0, 1),
        ([{"data": [5]}], "", "", None, 1),
        ([[]], "", "", None, 1),
        ([b"<html/>"], "", "", None, 1),
        ([b'{"data": [], "data": []}'], "", "", None, 1),
    ],
)
def test_the_course_is_read_page_by_page_within_reason(
    pages: list[object], extra: str, more: str, expect: int | None, questions: int
) -> None:
    courses, asked = course_of(pages, extra, more)
    assert len(asked) == questions
    assert asked[0].startswith("/s?ids=1001%2C1002")
    if expect is None:
        assert isinstance(courses, Unknown)
    else:
        assert courses == [done("1001"), done("1002")][:expect]


@pytest.mark.parametrize(
    ("status", "expect"), [(404, []), (401, Unknown("HTTP 401")), (500, Unknown("HTTP 500")), (429, Unknown("HTTP 429"))]
)
def test_a_status_that_means_none_is_none_and_any_other_is_unknown(status: int, expect: object) -> None:
    assert course_of([b""], more="absent = [404]", status=status)[0] == expect


@pytest.mark.parametrize("method", mapping_file.METHODS)
def test_a_request_is_sent_once_by_any_method_even_on_a_connection_that_dies(method: str) -> None:
    """aiohttp itself would send a PUT again on a reused connection that turns out dead."""
    ok = b'{"id":"7841120"}'
    good = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(ok), ok)
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in (good, b""):
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]))
            seen.append(head.split(b" ")[0])
            writer.write(answer)
            await writer.drain()

    async def run() -> list[Outcome]:
        async with peer(serve) as port:
            return await _twice(port, LEAST.replace("[file]\n", f'[file]\nmethod = "{method}"\n'))

    outcomes = asyncio.run(run())
    assert outcomes[0] == Filed("7841120")
    assert isinstance(outcomes[1], Unknown)
    assert seen == [method.encode()] * 2


async def _twice(port: int, toml: str) -> list[Outcome]:

    settings = CoreSettings(dialect="mapped", url=f"http://127.0.0.1:{port}/api/", token="{T}", connect_seconds=2.0, answer_seconds=5.0)
    client = Mapped(settings, Transport(settings, connections_max=2), POLICY, mapping_file.load("m", toml))
    try:
        outcomes = [await client.file(complaint(), 1) for _ in range(2)]
        await asyncio.sleep(0.05)
        return outcomes
    finally:
        await client.close()


@pytest.mark.parametrize(
    ("status", "answers", "expect"),
    [
        (409, "", "Refused"),
        (409, '[file.answers]\n409 = "read"', "Filed"),
        (503, '[file.answers]\n503 = "unknown"', "Unknown"),
        (404, "", "OurFault"),
    ],
)
def test_the_mapping_says_what_a_status_means(status: int, answers: str, expect: str) -> None:
    ok = b'{"id":"7841120"}'
    serve = _Answers(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(ok), ok))

    async def run() -> Outcome:
        async with peer(serve) as port:
            return (await _twice(port, LEAST + answers))[0]

    assert kind(asyncio.run(run())) == expect


def test_a_hostile_answer_that_is_huge_or_deep_costs_little() -> None:
    for octets in (b'{"data":' * 200_000, b"[" * 262_144, b'"' + b"\\u0041" * 40_000 + b'"', b'{"a":1,' * 30_000):
        assert isinstance(read_answer(Body(200, octets), MAPPING.proof, "G7K2QP", ID), Unknown)


def test_every_name_and_every_key_is_explained() -> None:
    page = (SHIPPED.parent / "docs" / "core-dialects.md").read_text(encoding="utf-8")
    assert not [name for name, field in FIELDS.items() if f"| `{name}` | {field.kind} | {field.says} |" not in page]
    keys = {*mapping_file.STANDING, "method", "path", "headers", "echo", "absent", "next", "at_once"} - {"statuses"}
    shown = EXAMPLE + page
    assert not [key for key in keys if f"{key} = " not in shown and f"`{key}`" not in shown]
    assert all(f"[{table}]" in EXAMPLE for table in ("file.body", "file.headers", "file.answer", "file.answers", "course.statuses"))
