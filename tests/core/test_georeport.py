"""Open311 GeoReport v2: what is written, what is read, in both of its forms."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from forwarder.core.contract import Absent, Course, CourseStatus, Filed, Outcome, Refused, Unknown
from forwarder.core.fields import record_of
from forwarder.core.georeport import NO_RAHASIA, GeoReport, looked_up, rows_in_json, rows_in_xml
from forwarder.core.header import build, build_supplement
from forwarder.core.settings import CoreSettings, GeoReportSettings
from forwarder.core.simulated_georeport import SERVICES
from forwarder.core.simulator import ENTITY, LAUGHS, CoreSimulator, Stored
from forwarder.core.transport import Transport
from parsers.complaint import Disclosure, Identity
from parsers.model import Complaint, Hints
from tests.core.samples import complaint, spoken, supplement

ID = re.compile("[0-9]{4,12}")
POLICY = Disclosure()
REQUEST = {"service_request_id": "7841120"}


def form(record: Complaint, policy: Disclosure = POLICY, **own: object) -> dict[str, str]:
    settings = CoreSettings(dialect="georeport", token="{T}", georeport=GeoReportSettings(service_code="99", **own))  # type: ignore[arg-type]
    fields = GeoReport(settings, transport=None, policy=policy).form(record_of(record, policy))  # type: ignore[arg-type]
    assert len(dict(fields)) == len(fields), "no field stands twice"
    return dict(fields)


def xml(inner: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?><service_requests>{inner}</service_requests>'.encode()


def one(name: str) -> str:
    return f"<request><service_request_id>{name}</service_request_id><service_notice/></request>"


JSON = [
    ([REQUEST], Filed("7841120")),
    ([{"service_request_id": 7841120, "account_id": None}], Filed("7841120")),
    ([{"service_request_id": " 7841120 ", "service_notice": "x"}], Filed("7841120")),
    (REQUEST, Filed("7841120")),
    ([{}], Refused("an answer without a tracking id")),
    ([], Refused("an answer without a tracking id")),
    ({}, Refused),
    ([{"code": "400", "description": "service_code"}], Refused),
    ([{"code": 400, "description": "a"}, {"code": 401, "description": "b"}], Refused),
    ([{"service_request_id": ""}], Refused),
    ([{"service_request_id": None}], Refused),
    ([REQUEST, REQUEST], Unknown),
    ([REQUEST, {"service_request_id": "7841121"}], Unknown),
    ([{"service_request_id": "null"}], Unknown),
    ([{"service_request_id": True}], Unknown),
    ([{"service_request_id": 7841120.5}], Unknown),
    ([{"service_request_id": ["7841120"]}], Unknown),
    ([{"service_request_id": {"id": 1}}], Unknown),
    ([{"token": "../../x"}], Unknown),
    ([{"token": ["x"]}], Unknown),
    ([REQUEST, "7841120"], Unknown),
    (["7841120"], Unknown),
    ([[REQUEST]], Unknown),
    ("7841120", Unknown),
    (7841120, Unknown),
    (None, Unknown),
    (b"", Unknown),
    (b"<html/>", Unknown),
    (b'[{"service_request_id": NaN}]', Unknown),
    (b'[{"service_request_id": "7841120", "service_request_id": "7841121"}]', Unknown),
    (b'[{"service_request_id": "7841120"', Unknown),
    (b'[{"service_request_id": "\xe9"}]', Unknown),
    (b"[" * 100_000, Unknown),
    (b'[{"service_request_id": ' + b"7" * 5_000 + b"}]", Unknown),
    (xml(one("7841120")), Unknown),
]

XML = [
    (xml(one("7841120")), Filed("7841120")),
    (b'<r xmlns="urn:x"><request><Service_Request_ID>7841120</Service_Request_ID></request></r>', Filed("7841120")),
    (xml("<request><service_request_id>78<!-- x -->41120</service_request_id></request>"), Filed("7841120")),
    (xml(""), Refused("an answer without a tracking id")),
    (xml("<request/>"), Refused),
    (xml(one("")), Refused),
    (b"<errors><error><code>400</code><description>x</description></error></errors>", Refused),
    (b"<errors><error><code>1</code></error><error><code>2</code></error></errors>", Refused),
    (xml(one("7841120") * 2), Unknown),
    (xml("<request><service_request_id>1234</service_request_id><service_request_id>1235</service_request_id></request>"), Unknown),
    (xml(one("null")), Unknown),
    (xml(one("&x;")), Unknown),
    (xml(one("7" * 4_000)), Unknown),
    (b"<service_requests><request>", Unknown),
    (b"<html><request><service_request_id>7841120</service_request_id></request></html>", Unknown),
    (ENTITY.encode(), Unknown),
    (LAUGHS.encode(), Unknown),
    (b"", Unknown),
    (json.dumps([REQUEST]).encode(), Unknown),
    (("<a>" * 100_000).encode(), Unknown),
]


@pytest.mark.parametrize(("form_name", "answer", "expect"), [("json", *row) for row in JSON] + [("xml", *row) for row in XML])
def test_the_answer_is_read_without_surprises(form_name: str, answer: object, expect: object) -> None:
    octets = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    outcome, asked = answered([octets], format=form_name)
    assert outcome == expect if not isinstance(expect, type) else isinstance(outcome, expect), outcome
    assert len(asked) == 1


def answered(answers: list[bytes], record: Complaint | None = None, **own: object) -> tuple[Outcome, list[str]]:
    """What a core that answers so, one after the other, is understood to say; and what it was asked."""
    asked: list[str] = []

    async def serve(request: web.BaseRequest) -> web.Response:
        asked.append(f"{request.method} {request.path_qs}")
        return web.Response(body=answers[min(len(asked), len(answers)) - 1])

    async def run() -> Outcome:
        runner = web.ServerRunner(web.Server(serve), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        chosen = {"service_code": "99", "redeem_seconds": 0.3, "redeem_every_seconds": 0.1, **own}
        settings = CoreSettings(dialect="georeport", url=f"http://{host}:{port}/v2/", token="{T}", georeport=GeoReportSettings(**chosen))  # type: ignore[arg-type]
        client = GeoReport(settings, Transport(settings, connections_max=2), POLICY)
        try:
            return await client.file(record or complaint(), 1)
        finally:
            await client.close()
            await runner.cleanup()

    return asyncio.run(run()), asked


def test_a_token_is_redeemed_for_the_id_without_a_second_post() -> None:
    token, nothing, yes = (
        json.dumps(value).encode() for value in ([{"token": "abc-1"}], [{"token": "abc-1"}], [{"token": "abc-1", **REQUEST}])
    )
    outcome, asked = answered([token, nothing, yes], jurisdiction_id="13.06 a")
    assert outcome == Filed("7841120", "abc-1")
    assert asked == ["POST /v2/requests.json", *["GET /v2/tokens/abc-1.json?jurisdiction_id=13.06%20a"] * 2]


@pytest.mark.parametrize("then", [b"[]", b"", b"<html/>", b'[{"service_request_id": ""}]', b'[{"service_request_id": "x"}]'])
def test_a_token_without_an_id_in_time_is_unknown(then: bytes) -> None:
    outcome, asked = answered([b'[{"token": "abc-1"}]', then])
    assert isinstance(outcome, Unknown)
    assert [call[:4] for call in asked].count("POST") == 1


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.text(max_size=5) | st.integers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["service_request_id", "token", "status"]), inner),
    ).map(lambda value: json.dumps(value).encode())
)
def test_any_octets_are_rows_or_unknown(octets: bytes) -> None:
    for read in (rows_in_json, rows_in_xml):
        rows = read(octets)
        assert isinstance(rows, Unknown) or all(isinstance(value, str) for row in rows for value in row.values())


def test_the_request_says_all_that_we_know() -> None:
    hints = Hints(places=("Lubuk Basung", "Jl. A"), topic="perhubungan", oversight=True)
    record = complaint(hints=hints, marks=("tidak lengkap",), anonim=False)
    record = replace(record, message=replace(record.message, links=("https://p.example/1", "https://p.example/2")))
    sent = form(record, jurisdiction_id="lapor", number_field="attribute[nomor]")
    assert sent == {
        "api_key": "{T}",
        "jurisdiction_id": "lapor",
        "service_code": "99",
        "description": build(record),
        "address_string": "Lubuk Basung, Jl. A, Kab. Agam",
        "media_url": "https://p.example/1",
        "phone": "+6281234567890",
        "attribute[nomor]": "G7K2QP",
    }
    assert "https://p.example/2" in sent["description"]


@pytest.mark.parametrize(
    ("services", "code"),
    [
        ({}, "99"),
        ({"kesehatan": "1"}, "99"),
        ({"13.06": "2"}, "2"),
        ({"13.06": "2", "perhubungan": "3"}, "3"),
        ({"13.06": "2", "perhubungan": "3", "13.06/perhubungan": "4"}, "4"),
    ],
)
def test_the_service_is_that_of_region_and_topic(services: dict[str, str], code: str) -> None:
    assert form(complaint(hints=Hints(topic="perhubungan")), services=services)["service_code"] == code


def test_a_rahasia_complaint_is_never_sent_where_it_would_be_public() -> None:
    outcome, asked = answered([json.dumps([REQUEST]).encode()], complaint(rahasia=True))
    assert (outcome, asked) == (Refused(NO_RAHASIA), [])
    assert form(complaint(rahasia=True), rahasia_field="attribute[r]")["attribute[r]"] == "1"
    assert "attribute[r]" not in form(complaint(), rahasia_field="attribute[r]")


@pytest.mark.parametrize(("anonim", "field", "given_number"), [(False, "", True), (True, "", False), (True, "a", True), (False, "a", True)])
def test_an_anonim_complaint_has_no_number_unless_the_core_knows_that_it_is_anonim(*, anonim: bool, field: str, given_number: bool) -> None:
    sent = form(complaint(anonim=anonim), Disclosure(anonim=Identity.NUMBER), anonim_field=field)
    assert ("phone" in sent) is given_number
    assert sent.get("a") == ("1" if anonim and field else None)


def test_without_an_extension_an_addition_is_a_request_that_names_the_first() -> None:
    async def run() -> tuple[Outcome, Stored, object, object]:
        async with spoken("georeport", georeport={"append_path": ""}) as (client, simulator):
            await client.file(complaint(), 1)
            outcome = await client.supplement(supplement(tracking_id="7000001"), 1)
            return outcome, simulator.stored["G7K2QP-2"][0], await client.look_up("G7K2QP-2"), await client.look_up("G7K2QP")

    outcome, stored, added, first = asyncio.run(run())
    assert outcome == added == Filed("7000002")
    assert first == Filed("7000001"), "an addition that mentions the number is not the complaint"
    assert stored.header is not None
    assert stored.header.adds_to == ("7000001", "G7K2QP")


def test_an_appended_addition_is_never_absent_by_a_search_that_cannot_find_it() -> None:
    async def run() -> tuple[object, object]:
        async with spoken("georeport", georeport={"append_lookup_url": ""}) as (client, _):
            await client.file(complaint(), 1)
            return await client.look_up("G7K2QP"), await client.look_up("G7K2QP-2")

    assert asyncio.run(run()) == (Filed("7000001"), Unknown("the core has no look-up for this"))


@pytest.mark.parametrize(
    ("row", "expect"),
    [
        ({"service_request_id": "7841120", "status": "open"}, Course("7841120", CourseStatus.UNVERIFIED, "open")),
        ({"service_request_id": 7841120, "status": "OPEN", "agency_responsible": "PU"}, Course("7841120", CourseStatus.DISPOSED, "OPEN")),
        (
            {"service_request_id": "7841120", "status": "closed", "updated_datetime": "2026-11-22T15:15:30+07:00"},
            Course("7841120", CourseStatus.DONE, "closed", finished_ms=1_795_335_330_000),
        ),
        ({"service_request_id": "7841120", "status": "closed", "updated_datetime": "x"}, Course("7841120", CourseStatus.DONE, "closed")),
        (
            {"service_request_id": "7841120", "status": "open", "status_notes": "Sudah\r\ndijadwalkan\u001b[2J "},
            Course("7841120", CourseStatus.UNVERIFIED, "open", answer="Sudah dijadwalkan [2J"),
        ),
        ({"service_request_id": "7841120", "status": "open", "status_notes": {"x": 1}}, Course("7841120", CourseStatus.UNVERIFIED, "open")),
        ({"service_request_id": "7841120", "status": "assigned"}, None),
        ({"service_request_id": "7841120"}, None),
        ({"service_request_id": "7841121", "status": "open"}, None),
        ({"status": "open"}, None),
    ],
)
@pytest.mark.parametrize("at_once", [1, 50])
def test_the_course_is_what_the_status_means(row: dict[str, object], expect: Course | None, at_once: int) -> None:
    async def serve(_request: web.BaseRequest) -> web.Response:
        return web.json_response([row])

    async def run() -> object:
        runner = web.ServerRunner(web.Server(serve), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        settings = CoreSettings(dialect="georeport", url=f"http://{host}:{port}", token="{T}", georeport=GeoReportSettings(at_once=at_once))
        client = GeoReport(settings, Transport(settings, connections_max=2), POLICY)
        try:
            return await client.course(["7841120"])
        finally:
            await client.close()
            await runner.cleanup()

    assert asyncio.run(run()) == ([expect] if expect else [])


@pytest.mark.parametrize("dialect", ["georeport", "georeport-xml"])
def test_one_by_one_and_the_services_are_asked_for(dialect: str) -> None:
    async def run() -> tuple[object, object, CoreSimulator]:
        async with spoken(dialect, georeport={"at_once": 1}) as (client, simulator):
            assert isinstance(client, GeoReport)
            await client.file(complaint(), 1)
            return await client.course(["7000001", "7000009"]), await client.services(), simulator

    courses, services, _ = asyncio.run(run())
    assert courses == [Course("7000001", CourseStatus.UNVERIFIED, "open")]
    assert services == SERVICES


def row(isi: str, name: str = "7841120") -> dict[str, str]:
    return {"service_request_id": name, "description": isi}


FIRST, ADDITION, OTHER = build(complaint()), build_supplement(supplement()), build(complaint("ZZZZZZ"))
LOOKED = [
    ([], "G7K2QP", Absent()),
    ([row(FIRST)], "G7K2QP", Filed("7841120")),
    ([row(FIRST.replace("\n", "\r\n"))], "G7K2QP", Filed("7841120")),
    ([row(FIRST), row(ADDITION, "7841121")], "G7K2QP", Filed("7841120")),
    ([row(ADDITION, "7841121")], "G7K2QP", Absent()),
    ([row(ADDITION, "7841121")], "G7K2QP-2", Filed("7841121")),
    ([row(FIRST), row(FIRST, "7841121")], "G7K2QP", Unknown("a look-up that finds more than one")),
    ([row(OTHER)], "G7K2QP", Unknown("a look-up that speaks of another number")),
    ([row(FIRST), row(OTHER)], "G7K2QP", Unknown("a look-up that speaks of another number")),
    ([{"service_request_id": "7841120"}], "G7K2QP", Unknown("a look-up that speaks of another number")),
    ([row(FIRST, "")], "G7K2QP", Unknown("a record without a tracking id")),
    ([row(FIRST, "x")], "G7K2QP", Unknown("an answer with an odd tracking id")),
    ([row("halo G7K2QP halo")], "G7K2QP", Absent()),
]


@pytest.mark.parametrize(("rows", "number", "expect"), LOOKED)
def test_a_look_up_counts_only_what_begins_with_our_number(rows: list[dict[str, str]], number: str, expect: object) -> None:
    assert looked_up(rows, number, ID) == expect


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        ({"rahasia_field": "a b"}, "rahasia_field"),
        ({"number_field": "a=b&c"}, "number_field"),
        ({"append_path": "/notes"}, "append_path"),
        ({"append_lookup_url": "http://x/search"}, "append_lookup_url"),
        ({"append_path": "notes/{tracking_id}"}, "append_path"),
    ],
)
def test_settings_that_could_not_work_are_refused(own: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        GeoReportSettings(**own)  # type: ignore[arg-type]
