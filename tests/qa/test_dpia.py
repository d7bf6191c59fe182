"""The impact assessment names every field that is stored, and no field that is not."""

from __future__ import annotations

import dataclasses
import re
from importlib.resources import files
from pathlib import Path

import apsw

from forwarder.journal import JournalSettings
from forwarder.journal.verify import SEALED
from tests.qa.tracked import text

PAGE = Path("docs/dpia.md")
ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (yes|no|an officer|by the case) \| (yes|no|tag) \| (.+?) \|$")


def stored() -> set[str]:
    """Every column of the schema, as table.column."""
    connection = apsw.Connection(":memory:")
    connection.execute(files("forwarder.journal").joinpath("schema.sql").read_text(encoding="utf-8"))
    tables = [str(row[0]) for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    return {f"{table}.{row[1]}" for table in tables for row in connection.execute(f"PRAGMA table_info({table})")}


def named(page: str) -> dict[str, tuple[str, str, str, str]]:
    """Every field of the page: what it is, whether it is personal, whether it is sealed, how long it is kept."""
    found: dict[str, tuple[str, str, str, str]] = {}
    table = ""
    for line in page[page.index("## Every stored field") :].splitlines():
        if line.startswith("### "):
            table = line[4:]
        elif row := ROW.match(line):
            assert f"{table}.{row[1]}" not in found, f"{table}.{row[1]} stands twice"
            found[f"{table}.{row[1]}"] = (row[2], row[3], row[4], row[5])
    return found


def missing(page: str) -> tuple[set[str], set[str]]:
    """Stored and not named; named and not stored."""
    fields = set(named(page))
    return stored() - fields, fields - stored()


def test_every_stored_field_has_its_line_and_every_line_its_field() -> None:
    assert missing(text(PAGE)) == (set(), set())


def test_a_field_without_a_line_and_a_line_without_a_field_are_seen() -> None:
    page = text(PAGE)
    gone = re.sub(r"^\| `sealed_sender` .*\n", "", page, flags=re.MULTILINE)
    assert missing(gone)[0] == {"message.sealed_sender"}
    more = page.replace("### silence\n", "### silence\n\n| `nickname` | a name | yes | no | for ever |\n")
    assert missing(more)[1] == {"silence.nickname"}


def test_what_is_sealed_is_said_to_be_and_nothing_else() -> None:
    said = {field for field, (_, _, sealed, _) in named(text(PAGE)).items() if sealed == "yes"}
    assert said == set(SEALED)
    assert said == {field for field in stored() if ".sealed_" in field}


def test_hashes_that_stand_for_persons_are_tags() -> None:
    page = named(text(PAGE))
    assert not [field for field, (_, _, sealed, _) in page.items() if field.endswith("_tag") and sealed != "tag"]
    assert not [field for field, (_, personal, sealed, _) in page.items() if personal == "yes" and sealed == "no"]


def test_every_table_says_purpose_basis_days_and_who_sees_it() -> None:
    page = text(PAGE)
    for table in {field.partition(".")[0] for field in stored()}:
        section = page[page.index(f"### {table}\n") :].split("\n### ")[0]
        for word in ("Basis: ", "Kept: ", "Seen by: "):
            assert word in section, f"{table}: {word}"
        assert re.search(r"Basis: [abc]\.", section), table


def test_the_days_are_settings_that_exist() -> None:
    known = {f"journal.{field.name}" for field in dataclasses.fields(JournalSettings)}
    assert set(re.findall(r"`(journal\.\w+)`", text(PAGE))) <= known
