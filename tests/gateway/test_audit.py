"""The audit as people meet it: every command that shows or changes a case leaves its row, and nobody touches the rows unseen."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pwd
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from forwarder.core.simulator import Fault
from forwarder.journal.orders import Deed
from forwarder.journal.trail import Wanted
from gateway import control
from gateway.cli import main
from gateway.control import ControlError
from gateway.witness import NeedsReason, Witness
from tests.gateway.road import SECRETS
from tests.gateway.site import SHIPPED, Folder
from tests.gateway.test_desk import NIK, SARI, Officer, at_the_desk
from tests.journal.people import House

LOGIN = pwd.getpwuid(os.getuid()).pw_name
WHY = "to call back about the address"

ROWS: dict[str, tuple[str, str | None]] = {
    "desk show N": ("look", "N"),
    f"desk show N --reveal --reason '{WHY}'": ("reveal", "N"),
    "desk settle N --note --reason checked": ("settle note", "N"),
    "desk settle N --hold --reason checked": ("settle hold", "N"),
    "desk settle N --reroute 32.73 --reason checked": ("settle reroute", "N"),
    "desk settle N --hold --reason again": ("settle hold", "N"),
    "desk settle N --release --reason checked": ("settle released", "N"),
    "desk settle N --close --reason checked": ("settle close", "N"),
    "desk settle N --resend --reason checked": ("settle resend", "N"),
    "desk settle P --filed 7841120 --reason checked": ("settle found", "P"),
    "route rehearse file --since 1d": ("look at texts", "texts"),
    "route unmatched": ("look at texts", "texts"),
    "route learn PASAMAN2 13.08": ("look at texts", "texts"),
    "route install wider.csv --why wider": ("install routes", None),
    "route rollback --why narrower": ("roll back routes", None),
    "breach --since 1d": ("list breach", None),
    f"breach --since 1d --csv --reveal --reason '{WHY}'": ("reveal breach", None),
    "late --reveal": ("reveal late", "late"),
    "journal backup FOLDER": ("back up journal", "journal"),
}
"""Every command that shows a citizen's words or changes a case: what the audit says of it, and about whom."""
ELSEWHERE = {
    "journal salvage": "tested below",
    "journal restore": "the row is written by the restore itself: tests/journal/test_audit.py",
    "journal adopt": "the same",
    "desk settle --redecode": "tested below",
    **dict.fromkeys(("desk add", "desk add settle", "desk add resend", "desk add tie"), "tests/gateway/test_addition_desk.py"),
    **dict.fromkeys(("subject", "subject export", "subject restrict", "subject lift", "subject erase"), "tests/gateway/test_subject.py"),
    **dict.fromkeys(("hold", "hold put", "hold release"), "tests/journal/test_subjects.py"),
    "enter": "who typed it stands with the message for ever (message.entered_by): tests/gateway/test_entry.py",
}
SHOWS_NOBODY = frozenset(
    (
        *("run", "worker", "check", "status", "watch", "cluster", "cluster status", "cluster forget", "key", "journal", "journal verify"),
        *("desk", "desk list", "route", "route lint", "route explain", "route diff", "route export", "route read", "route history"),
        *(
            "audit",
            "audit show",
            "audit verify",
            "demo",
            "bind",
            "simulate",
            "simulate smsc",
            "simulate core",
            "simulate x",
            "simulate ask",
        ),
        *("alarms", "ledger", "ledger compare", "ledger verify", "report", "hold list", "keys", "keys status", "keys rotate"),
    )
)
"""Commands that show no citizen and change no case: numbers of ours, tables, counts, and what is masked before it leaves the gateway."""


def documented() -> Iterator[str]:
    page = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
    yield from re.findall(r"^## lapor-gateway (.+)$", page, re.MULTILINE)


def test_every_command_is_in_one_of_the_tables() -> None:
    told = {" ".join(re.findall(r"^(?:(?:desk|route|journal) \w+|breach|late)", one)) for one in (*ROWS, *ELSEWHERE)} | set(ELSEWHERE)
    assert set(documented()) - told - SHOWS_NOBODY == set()
    page = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
    settling = page[page.index("## lapor-gateway desk settle") : page.index("## lapor-gateway", page.index("desk settle") + 10)]
    moves = set(re.findall(r"^- `--([a-z]+)", settling, re.MULTILINE)) - {
        "config",
        "reason",
        "who",
        "all",
        "state",
        "because",
        "json",
    }
    assert moves == {found[1] for one in (*ROWS, *ELSEWHERE) if (found := re.search(r"desk settle .*?--([a-z]+)", one))}


def command(officer: Officer, line: str, **names: str) -> list[str]:
    """A line of the table as arguments, on this gateway."""
    words = [word.strip("'") for word in re.findall(r"'[^']*'|\S+", line)]
    return [*(names.get(word, word) for word in words), "--config", str(officer.road.folder / "gateway.toml")]


async def newest(officer: Officer) -> Any:
    rows = await officer.gateway.journal.audit.rows(Wanted(limit=1))
    return rows[0] if rows else None


def test_every_command_that_shows_or_changes_a_case_writes_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wider.csv").write_text(SHIPPED.replace("PESSEL,13.01", "PESSEL|PESISIR,13.01"), encoding="utf-8")

    async def story(officer: Officer) -> None:
        parked = await officer.write("AGAM lampu mati", "6281266010009")
        officer.gateway.dispatcher.resume()
        await officer.until(parked, "parked")
        officer.gateway.dispatcher.pause("the test")
        names = {"N": await officer.write(), "P": parked, "FOLDER": str(tmp_path / "backups")}
        for line, (what, about) in ROWS.items():
            before = await newest(officer)
            assert await asyncio.to_thread(main, command(officer, line, **names)) == 0, line
            row = await newest(officer)
            assert row.row > before.row, line
            assert (row.what, row.who) == (what, LOGIN), line
            assert about is None or row.about == names.get(about, about), line
        assert (await officer.gateway.journal.audit.check()).broken is None

    at_the_desk(tmp_path, story, faults=[Fault.UNPROCESSABLE])


def test_what_did_not_happen_has_no_row_but_a_look_has(tmp_path: Path) -> None:
    async def story(officer: Officer) -> None:
        number = await officer.write()
        before = await newest(officer)
        await officer.move("resend", number)
        await officer.move("close", "ZZZZZZ")
        with pytest.raises(ControlError):
            await officer.ask("show", number="ZZZZZZ")
        assert await newest(officer) == before
        await officer.show(number)
        assert (await newest(officer)).what == "look"

    at_the_desk(tmp_path, story)


def test_a_new_reading_and_a_salvage_have_their_rows(tmp_path: Path) -> None:
    async def story(officer: Officer) -> None:
        sound = officer.gateway.intake.composer
        officer.gateway.intake.composer = None  # type: ignore[assignment] - our own mistake: what comes cannot be read
        number = await officer.write()
        officer.gateway.intake.composer = sound
        await officer.move("redecode", number, who="siti")
        row = await newest(officer)
        assert (row.what, row.about, row.who, row.reason) == ("settle redecode", number, f"siti ({LOGIN})", "checked")
        with pytest.raises(ControlError):
            await control.call(officer.gateway.site.socket_path, "journal salvage", file="/nowhere/journal.db")
        assert (await newest(officer)).what == "salvage journal"

    at_the_desk(tmp_path, story)


def test_uncovered_with_a_reason_and_for_a_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = f"AGAM KTP saya {NIK}, email budi@contoh.id"

    async def story(officer: Officer) -> None:
        number = await officer.write(text)
        other = await officer.write("AGAM lampu mati", "6281266010009")

        async def typed(*arguments: str) -> tuple[int, str, str]:
            code = await asyncio.to_thread(main, command(officer, f"desk show {number}") + list(arguments))
            said = capsys.readouterr()
            return code, said.out, said.err

        masked = await officer.show(number)
        assert masked["reporter"] == "+62812***001"
        assert NIK not in masked["text"]
        code, out, err = await typed("--reveal")
        assert (code, out) == (2, "")
        assert "--reveal needs --reason" in err
        assert f"desk show {number} --reveal --reason" in err
        assert "15 minutes" in err
        assert (await typed("--reveal", "--reason", "x"))[0] == 2
        assert [row.what for row in await officer.gateway.journal.audit.rows(Wanted(about=number))] == ["look"]
        code, out, _ = await typed("--reveal", "--reason", WHY)
        assert code == 0
        assert NIK in out
        assert "+" + SARI in out
        assert "budi@contoh.id" in out
        code, out, _ = await typed("--reveal")
        assert NIK in out
        assert "wants_reason" in await officer.ask("show", number=other, reveal=True)  # another case
        assert "wants_reason" in await officer.ask("show", number=number, reveal=True, who="siti")  # another person
        rows = await officer.gateway.journal.audit.rows(Wanted(about=number))
        assert [row.what for row in rows] == ["look", "reveal", "reveal again"]
        assert rows[1].reason == WHY

    at_the_desk(tmp_path, story)


@pytest.mark.parametrize(("minutes", "counts"), [(0, True), (14, True), (15, True), (16, False), (-1, False)])
def test_a_reason_counts_for_a_time_and_not_when_the_clock_goes_back(tmp_path: Path, minutes: int, counts: bool) -> None:  # noqa: FBT001 - a row
    house = House(tmp_path)

    async def run() -> None:
        journal = house.open()
        witness = Witness(journal.audit, house.time.clock, 15)
        await witness.revealed("siti", "G7K2QP", WHY, "")
        house.time.ms += minutes * 60_000
        with contextlib.nullcontext() if counts else pytest.raises(NeedsReason):
            await witness.revealed("siti", "G7K2QP", "", "")
        for who, about in (("budi", "G7K2QP"), ("siti", "G7K2QR"), ("siti (root)", "G7K2QP")):
            with pytest.raises(NeedsReason):
                await witness.revealed(who, about, "", "")
        await journal.close()

    asyncio.run(run())


def test_a_look_again_does_not_prolong_the_time(tmp_path: Path) -> None:
    house = House(tmp_path)

    async def run() -> None:
        journal = house.open()
        witness = Witness(journal.audit, house.time.clock, 15)
        await witness.revealed("siti", "G7K2QP", WHY, "")
        house.time.ms += 10 * 60_000
        await witness.revealed("siti", "G7K2QP", "", "")
        house.time.ms += 10 * 60_000
        with pytest.raises(NeedsReason):
            await witness.revealed("siti", "G7K2QP", "", "")
        await journal.close()

    asyncio.run(run())


def test_the_words_of_a_restricted_person_are_hidden_until_somebody_says_why(tmp_path: Path) -> None:
    async def story(officer: Officer) -> None:
        number = await officer.write("AGAM rumah saya di Jalan Mawar 3")
        tag = bytes.fromhex(officer.gateway.journal.audit.tag("+" + SARI))
        connection = apsw.Connection(str(officer.gateway.site.journal_path))
        connection.set_busy_timeout(5000)
        connection.execute("INSERT INTO restriction VALUES (?, 1)", (tag,))
        connection.close()
        shown = await officer.show(number)
        assert shown["restricted"]
        assert "Mawar" not in json.dumps(shown)
        assert "--reveal --reason" in shown["text"]
        found = await officer.ask("show", number=number, reveal=True, reason=WHY)
        assert "Mawar" in found["text"]

    at_the_desk(tmp_path, story)


def test_nothing_is_shown_when_the_look_cannot_be_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(officer: Officer) -> None:
        number = await officer.write()

        def ill(*_: object) -> list[int]:
            raise apsw.FullError("no space")

        from forwarder.journal import trail, works  # noqa: PLC0415 - the fault is put in after the road is built
        from forwarder.journal.jobs import Work  # noqa: PLC0415

        assert trail.works is works
        monkeypatch.setattr(works, "AUDIT", Work("audit", ill))
        with pytest.raises(ControlError):
            await officer.show(number)

    at_the_desk(tmp_path, story)


def test_the_audit_is_read_by_number_by_person_by_name_and_by_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def story(officer: Officer) -> None:
        number = await officer.write()
        trail = officer.gateway.journal.audit
        await officer.move("note", number, reason=f"he said {NIK}", who="siti")
        await trail.note(Deed("keys", "export subject", trail.tag("+" + SARI), "asked at the desk"))

        async def typed(*arguments: str) -> tuple[int, str]:
            line = ["audit", "show", "--config", str(officer.road.folder / "gateway.toml"), *arguments]
            return await asyncio.to_thread(main, line), capsys.readouterr().out

        code, out = await typed("--about", number.lower())
        assert (code, "settle note" in out, "export" in out, NIK in out) == (0, True, False, False)
        assert f"siti ({LOGIN})" in out
        for spelled in ("+6281266010001", "0812-6601-0001", "6281266010001"):
            assert "export subject" in (await typed("--about", spelled))[1]
        assert "export subject" not in (await typed("--who", "siti"))[1]
        assert "settle note" in (await typed("--who", "siti", "--since", "1h"))[1]
        assert "No row" in (await typed("--since", "2999-01-01"))[1]
        assert len(json.loads((await typed("--json", "--limit", "1"))[1])) == 1
        assert (await typed("--since", "yesterday"))[0] == 1
        for garbage in ({"limit": 0}, {"limit": True}, {"since_ms": "x"}, {"since_ms": 1 << 70}, {"limit": 10**9}):
            with pytest.raises(ControlError):
                await control.call(officer.gateway.site.socket_path, "audit show", **garbage)  # type: ignore[arg-type]
        assert await control.call(officer.gateway.site.socket_path, "audit show", about="\ud83d\0' OR 1=1", who=["x"]) is None
        head = (await control.call(officer.gateway.site.socket_path, "status"))["audit"]  # type: ignore[index,call-overload]
        assert head == str(await trail.head())

    at_the_desk(tmp_path, story)


def test_without_a_gateway_the_audit_is_read_and_verified(folder: Folder) -> None:
    assert folder.route("install", folder.file("t.csv", SHIPPED + "\n"), "--why", "the first").code == 0
    said = folder.call("audit", "show")
    assert (said.code, "install routes" in said.out) == (0, True)
    said = folder.call("audit", "verify")
    assert said.code == 0
    head = re.search(r"head (\d+(?::[0-9a-f]{4}){8})\n", said.out)
    assert head
    assert folder.call("audit", "verify", "--head", head[1]).code == 0
    assert folder.call("audit", "verify", "--head", "x").code == 1
    assert folder.call("audit", "verify", "--head", f"{head[1][:-1]}{'0' if head[1][-1] != '0' else '1'}").code == 1
    journal = folder.path / "state" / "journal.db"
    connection = apsw.Connection(str(journal))
    connection.execute("DROP TRIGGER audit_unchanged; UPDATE audit SET who = 'nobody' WHERE id = 1")
    connection.close()
    said = folder.call("audit", "verify", str(journal))
    assert said.code == 1
    assert "row 1 of the audit does not hold" in said.err
    assert folder.call("audit", "verify", folder.file("x.db", b"garbage" * 900)).code == 1
    assert folder.call("audit", "verify", folder.file("empty.db", b"")).code == 0
    assert folder.call("audit", "verify", "/nowhere.db").code == 1


def test_a_table_of_another_program_is_no_traceback(folder: Folder) -> None:
    file = folder.path / "other.db"
    connection = apsw.Connection(str(file))
    connection.execute(
        "CREATE TABLE audit (id, at_ms, who, what, about, sealed_reason, chain); INSERT INTO audit VALUES ('x', NULL, 1, 2, 3, 4, 5)"
    )
    connection.close()
    said = folder.call("audit", "verify", str(file))
    assert said.code == 1
    assert "not of its types" in said.err
