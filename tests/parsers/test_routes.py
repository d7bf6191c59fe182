"""Routing tables are read whole, refused with every problem at its line, and looked over for what only a person can judge."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter

import pytest

from parsers import lint, regions, routes, topics
from parsers.errors import SettingsError
from parsers.findings import INDONESIAN, SENTENCES
from parsers.routes import NAME_MAX, Route
from tests.tables import CONFIG, DAY, HASHTAGS, REGIONS, TABLE, TOPICS, table

HEADER = "alias,region,instansi"


def problems(csv_text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        routes.load(csv_text, regions=REGIONS, name="t.csv")
    return caught.value.problems


def test_the_regions_are_all_there() -> None:
    kinds = Counter(region.kind for region in REGIONS.by_code.values())
    assert (kinds["provinsi"], kinds["kabupaten"] + kinds["kota"], kinds["kecamatan"]) == (38, 514, 7285)
    assert REGIONS["13.06"].title == "Kab. Agam"


def test_the_regions_name_their_source_version_and_licence() -> None:
    header = (CONFIG / "regions.csv").read_text(encoding="utf-8")[:1000]
    assert all(word in header for word in ("idn-area-data 4.0.1", "ODbL", "opendatacommons.org"))


def test_26_names_are_both_a_kabupaten_and_a_kota() -> None:
    named = Counter(region.name for region in REGIONS.by_code.values() if region.kind in ("kabupaten", "kota"))
    assert sum(count > 1 for count in named.values()) == 26


def test_the_shipped_tables_load_and_lint_says_only_what_is_known() -> None:
    assert {finding.code for finding in lint.lint(TABLE, DAY)} == {"twin", "prefix", "expired"}
    assert len(HASHTAGS.routes) == 12
    assert len(TOPICS.core) == 19


def test_every_published_keyword_has_a_source() -> None:
    assert all(route.note for route in (*TABLE.routes, *HASHTAGS.routes))


@pytest.mark.parametrize(
    ("csv_text", "expected"),
    [
        ("", "t.csv:1: there is no row in it"),
        (HEADER + "\n", "t.csv:1: there is no row in it"),
        ("alias,region\nAGAM,13.06\n", "t.csv:1: column 'instansi' is missing"),
        (HEADER + ",colour\n", "t.csv:1: unknown column 'colour'"),
        (HEADER + ",alias\n", "t.csv:1: column 'alias' is there twice"),
        (HEADER + "\nAGAM,13.06\n", "t.csv:2: 2 cells, but the first row has 3"),
        (HEADER + "\nAGAM,13.06,\nAgam,13.07,\n", "t.csv:3: alias 'Agam' is also in row 2, for the same days"),
        (HEADER + "\nKULON PROGO,34.01,\nKULONPROGO,13.07,\n", "t.csv:3: alias 'KULONPROGO' is also in row 2"),
        (HEADER + "\nX1,99.99,\n", "t.csv:2: 99.99 is no region"),
        (HEADER + "\nX1,13.1,\n", "t.csv:2: 13.1 is no region; meant 13.10 Dharmasraya or 13.01 Pesisir Selatan?"),
        (HEADER + '\nX1,"13,06",\n', "t.csv:2: 13,06 is no region; meant 13.06 Agam?"),
        (HEADER + "\nX1,1306,\n", "t.csv:2: 1306 is no region; meant 13.06 Agam?"),
        (HEADER + "\n,13.06,\n", "t.csv:2: no alias"),
        (HEADER + "\n!!,13.06,\n", "t.csv:2: alias '!!' has no letter or digit"),
        (HEADER + "\n12345,13.06,\n", "t.csv:2: alias '12345' is a number"),
        (HEADER + "\na b c d e f g,13.06,\n", "t.csv:2: alias 'a b c d e f g' has more than 6 words"),
        (HEADER + "\nFOO+PDAM,13.06,\n", "t.csv:2: 'FOO+PDAM' has a unit word but no row has the alias 'FOO'"),
        (HEADER + '\n"AGAM,13.06,\n', "t.csv:2: cannot be read as CSV"),
        (HEADER + "\n" + "x" * 200_000 + ",13.06,\n", "t.csv:2: cannot be read as CSV"),
        (HEADER + "\nAG\ufffdAM,13.06,\n", "t.csv:2: not UTF-8 text"),
        (
            HEADER + ",valid_from,valid_to\nAGAM,13.06,,2026-02-02,2026-01-01\n",
            "t.csv:2: valid_to 2026-01-01 is before valid_from 2026-02-02",
        ),
        (HEADER + ",valid_to\nAGAM,13.06,,tomorrow\n", "t.csv:2: valid_to 'tomorrow' is no date"),
        (HEADER + ",valid_to\nAGAM,13.06,,2026-02-30\n", "t.csv:2: valid_to '2026-02-30' is no date"),
        (HEADER + ",name\nAGAM,13.06,," + "n" * (NAME_MAX + 1) + "\n", "t.csv:2: name"),
        (HEADER + ",name\nAGAM,13.06,,Kab. [Agam]\n", "t.csv:2: name 'Kab. [Agam]' has characters that one SMS cannot carry"),
        (HEADER + ",unit\nAGAM,,,PDAM\n", "t.csv:2: a unit or region without an instansi"),
    ],
)
def test_a_bad_table_is_refused_with_file_line_and_remedy(csv_text: str, expected: str) -> None:
    assert any(problem.startswith(expected) for problem in problems(csv_text)), problems(csv_text)


def test_all_problems_are_said_at_once_in_the_order_of_the_lines() -> None:
    found = problems(HEADER + "\nX1,99.99,\n,13.06,\n12345,13.06,\nAGAM\n")
    assert [problem.split(":")[1] for problem in found] == ["2", "3", "4", "5"]


def test_a_million_rows_are_refused_at_once() -> None:
    assert problems(HEADER + "\n" + "AGAM,13.06,\n" * 1_000_000) == ["t.csv:1: more than 20000 rows; this is not a routing table"]
    assert "more than 20000 rows" in problems(HEADER + "\n" + "".join(f"K{n:05},13.06,\n" for n in range(20_001)))[-1]


@pytest.mark.parametrize(
    "octets",
    [
        b"\xef\xbb\xbfalias;region;instansi\r\nAGAM;13.06;\r\n",
        b"alias;region;instansi\r\nAGAM;13.06;\r\n\r\n",
        b"# note\nalias,region,instansi\n\nAGAM,13.06,\n# end,,\n",
    ],
)
def test_what_an_indonesian_spreadsheet_writes_is_read_silently(octets: bytes) -> None:
    loaded = routes.load(routes.decode(octets, name="t.csv"), regions=REGIONS, name="t.csv")
    assert [route.region for route in loaded.routes] == ["13.06"]


def test_a_date_as_a_spreadsheet_writes_it_is_read() -> None:
    assert table("AGAM,13.06,,31/12/2026", columns=HEADER + ",valid_to").routes[0].valid_to == dt.date(2026, 12, 31)


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"alias,region\nAG\xc9M,13.06\n", "t.csv:2: not UTF-8 text (octet 0xC9"),
        ("alias".encode("utf-16"), "t.csv:1: not UTF-8 text (UTF-16)"),
    ],
)
def test_a_wrong_encoding_is_named_with_its_line(octets: bytes, expected: str) -> None:
    with pytest.raises(SettingsError) as caught:
        routes.decode(octets, name="t.csv")
    assert caught.value.problems[0].startswith(expected)


def test_the_version_is_the_hash_of_the_text() -> None:
    assert table("AGAM,13.06,").version == table("AGAM,13.06,").version != table("AGAM,13.07,").version


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("BANJAR,63.03,", "twin"),
        ("BATANG,33.25,", "prefix"),
        ("BADUNG,51.03,", "near"),
        ("INFO,13.06,", "shadowed"),
        ("HALO,13.06,", "shadowed"),
        ("PASAR,13.06,", "ordinary"),
    ],
)
def test_lint_names_what_a_person_should_look_at(row: str, code: str) -> None:
    assert code in {finding.code for finding in lint.lint(table(row), DAY)}


def test_lint_finds_expired_rows_and_unknown_successors() -> None:
    found = lint.lint(table("AGAM,13.06,,2025-01-01,NEWAGAM", columns=HEADER + ",valid_to,successor"), DAY)
    assert {finding.code for finding in found} == {"expired", "successor_unknown"}


def test_every_sentence_exists_in_both_languages_with_the_same_values() -> None:
    for english, indonesian in SENTENCES.values():
        assert set(re.findall(r"{\w+}", english)) >= set(re.findall(r"{\w+}", indonesian))
    assert "bernama sama" in lint.lint(TABLE, DAY)[0].sentence("routes.csv", INDONESIAN)


def test_two_rows_meet_when_they_share_a_day() -> None:
    def row(start: dt.date | None, end: dt.date | None) -> Route:
        return Route(1, "t:1", ("A",), ("13.06",), "i", "n", valid_from=start, valid_to=end)

    january, march = dt.date(2026, 1, 1), dt.date(2026, 3, 1)
    assert row(None, None).meets(row(january, march))
    assert row(None, march).meets(row(march, None))
    assert not row(None, january).meets(row(march, None))


@pytest.mark.parametrize(
    ("csv_text", "expected"),
    [
        ("", "the first row must be"),
        ("a,b\n", "the first row must be"),
        ("code,name,kind,parent,short,cue\n", "no region in it"),
        ("code,name,kind,parent,short,cue\n13,Sumatera Barat,provinsi,,,\n13,Twice,provinsi,,,\n", "r.csv:3: 13 is there twice"),
        ("code,name,kind,parent,short,cue\n13.06,Agam,kabupaten,13,,\n", "13.06 lies in 13, which is not there"),
        ("code,name,kind,parent,short,cue\n13,X,kingdom,,,\n", "kind 'kingdom'"),
        ("code,name,kind,parent,short,cue\n13,,provinsi,,,\n", "the name is empty"),
        ("code,name,kind,parent,short,cue\n13,X,provinsi,,,up\n", "cue 'up'"),
        ("code,name,kind,parent,short,cue\n13,X\n", "2 columns"),
    ],
)
def test_a_bad_region_file_is_refused_with_what_is_wrong(csv_text: str, expected: str) -> None:
    with pytest.raises(SettingsError) as caught:
        regions.load(csv_text, name="r.csv")
    assert expected in "\n".join(caught.value.problems)


@pytest.mark.parametrize(
    ("csv_text", "expected"),
    [
        ("", "no topic in it"),
        ("a,b\n", "the first row must be"),
        ("topic,core,strong,weak\nx,,a,b\nx,,a,b\n", "t.csv:3: topic 'x'"),
        ("topic,core,strong,weak\nx,,a\n", "t.csv:2: 3 cells"),
    ],
)
def test_a_bad_topic_file_is_refused_with_what_is_wrong(csv_text: str, expected: str) -> None:
    with pytest.raises(SettingsError) as caught:
        topics.load(csv_text, name="t.csv")
    assert expected in "\n".join(caught.value.problems)


def test_a_note_that_excel_put_into_quotes_is_still_a_note() -> None:
    csv = '"# alias: kata kunci; region: kode"\r\nalias;region;instansi\r\n"# catatan; lagi";;\r\nAGAM;13.06;Pemkab Agam\r\n'
    assert [route.region for route in routes.load(csv, regions=REGIONS, name="routes.csv").routes] == ["13.06"]
