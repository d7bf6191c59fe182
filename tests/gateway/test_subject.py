"""`lapor-gateway subject`, `hold` and `keys` as an officer types them: beside a running gateway, without one, with everything wrong."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import pytest

from forwarder.journal import Hand, sealer_at
from forwarder.lifecycle import ComplaintState
from gateway import control, desk_page
from gateway.control import ControlError
from gateway.desk import Desk
from gateway.secrets import Secrets
from gateway.site_journal import sealer_of
from gateway.witness import Witness
from parsers.errors import SettingsError
from tests.gateway.road import SECRETS, Road
from tests.gateway.site import SHIPPED, Folder
from tests.journal.people import Composer, House, segment

OLD, NEW = SECRETS["LAPOR_MASTER_KEY"], base64.b64encode(bytes(range(32, 64))).decode()
ANA = "+6281234567001"
WHY = ("--reason", "surat nomor 7", "--who", "siti")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Folder:
    """A site whose journal has one complaint of Ana's, filed, and no gateway."""

    async def run() -> None:
        road = Road(tmp_path, wait=0.0)
        async with road.peers(), road.running() as gateway:
            await road.operator.send_mo(ANA[1:], "AGAM jalan rusak berat di Lubuk Basung")
            await road.until(lambda: gateway.journal.tally[ComplaintState.FILED] == 1)
            await road.until(lambda: road.operator.submitted > 0)

    asyncio.run(run())
    made = Folder(tmp_path, monkeypatch, capsys)
    assert made.route("install", made.file("t.csv", SHIPPED), "--why", "as it was").code == 0
    return made


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Folder:
    """A site without a journal."""
    return Folder(tmp_path, monkeypatch, capsys)


def number_of(folder: Folder) -> str:
    said = folder.call("subject", ANA, "export", *WHY)
    number: str = json.loads(said.out)["messages"][0]["complaint"]["number"]
    return number


def test_a_person_is_exported_restricted_and_erased_without_a_gateway(folder: Folder) -> None:
    said = folder.call("subject", "0812-3456 7001", "export", *WHY)
    assert said.code == 0, said.err
    document = json.loads(said.out)
    (message,) = document["messages"]
    assert message["text"] == "AGAM jalan rusak berat di Lubuk Basung"
    number = message["complaint"]["number"]
    said = folder.call("subject", number, "export", "--text", *WHY)
    assert "text: AGAM jalan rusak berat di Lubuk Basung" in said.out
    assert "received: 20" in said.out
    assert "raw" not in said.out

    assert "not shown, not answered" in folder.call("subject", "62812 3456 7001", "restrict", *WHY).out
    assert "was restricted already" in folder.call("subject", ANA, "restrict", *WHY).out
    assert "no longer restricted" in folder.call("subject", ANA, "lift", *WHY).out

    said = folder.call("subject", ANA, "erase", *WHY)
    assert said.code == 0, said.err
    assert "erased: 1 messages, 0 long messages, 1 keys destroyed" in said.out
    assert "backups and the mirror keep" in said.out
    assert json.loads(folder.call("subject", ANA, "export", *WHY).out)["messages"] == []
    assert ANA[1:] not in said.out


def test_what_is_held_is_kept_and_listed(folder: Folder) -> None:
    number = number_of(folder)
    assert "Nothing is under legal hold." in folder.call("hold", "list").out
    assert folder.call("hold", "put", number, *WHY).code == 0
    assert f"{number}  filed" in folder.call("hold", "list").out
    assert json.loads(folder.call("hold", "list", "--json").out)[0]["reason"] == "surat nomor 7"
    said = folder.call("subject", ANA, "erase", *WHY)
    assert f"under legal hold and kept: {number}" in said.out
    assert "erased: 0 messages" in said.out
    assert folder.call("hold", "release", number, *WHY).code == 0
    said = folder.call("hold", "release", number, *WHY)
    assert (said.code, said.err) == (1, f"{number}: it is not held\n")
    assert "erased: 1 messages" in folder.call("subject", ANA, "erase", *WHY).out


WRONG = [
    (("subject", "@sari", "export", *WHY), 1, "name the account by its id"),
    (("subject", "1708", "export", *WHY), 1, "no telephone number"),
    (("subject", " ", "export", *WHY), 1, "name a person"),
    (("subject", "GATEWAY", "export", *WHY), 1, "no telephone number"),
    (("subject", ANA, "erase", "--reason", " "), 1, "a reason is required"),
    (("hold", "put", "ZZZZZZ", *WHY), 1, "ZZZZZZ: no such complaint"),
    (("hold", "put", "?", *WHY), 1, "named by its number"),
]


@pytest.mark.parametrize(("words", "code", "says"), WRONG, ids=[" ".join(case[0]) for case in WRONG])
def test_what_is_wrong_is_said(bare: Folder, words: tuple[str, ...], code: int, says: str) -> None:
    said = bare.call(*words)
    assert said.code == code
    assert says in said.err
    assert "Traceback" not in said.err


def test_a_master_key_is_changed_without_a_gateway(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    number = number_of(folder)
    monkeypatch.setenv("LAPOR_MASTER_KEY", f"2:{NEW}")
    said = folder.call("keys", "status")
    assert said.code == 1
    assert "still needs master key 1" in said.err
    monkeypatch.setenv("LAPOR_MASTER_KEY", f"{OLD}\n2:{NEW}\n")
    said = folder.call("keys", "status")
    assert "master key 2 seals; given are 1, 2; the journal needs 1, 2" in said.out
    assert "`lapor-gateway keys rotate` seals everything by the newest" in said.out
    said = folder.call("keys", "rotate")
    assert said.code == 0, said.err
    assert "the journal needs 2" in said.out
    assert "master key 1 may be taken out of the secret" in said.out
    monkeypatch.setenv("LAPOR_MASTER_KEY", f"2:{NEW}")
    assert number_of(folder) == number
    said = folder.call("journal", "backup", "backups")
    assert said.code == 0, said.err
    monkeypatch.setenv("LAPOR_MASTER_KEY", f"3:{OLD},2:{NEW}")
    (backup,) = sorted((folder.path / "backups").glob("*.db"))
    assert folder.call("journal", "restore", str(backup), "--replace", "--all").code == 0
    assert number_of(folder) == number
    status = json.loads(folder.call("keys", "status", "--json").out)
    assert (status["newest"], status["needed"]) == (3, [2, 3])


class Given(Secrets):
    """Secrets in a folder, as a service manager that can replace them gives them."""

    def __init__(self, path: Path) -> None:
        super().__init__({"CREDENTIALS_DIRECTORY": str(path), **SECRETS})


def test_a_running_gateway_changes_its_key_restricts_and_erases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secrets"
    secret.mkdir()
    (secret / "master_key").write_text(OLD + "\n", encoding="utf-8")

    async def run() -> None:
        road = Road(tmp_path, wait=0.0)
        monkeypatch.setattr("tests.gateway.road.Secrets", lambda _: Given(secret))
        async with road.peers():
            await changes(road)
            async with road.running() as gateway:  # with the new key alone
                await road.operator.send_mo("6281234567002", "AGAM lagi di Lawang")
                await road.until(lambda: gateway.journal.tally[ComplaintState.FILED] == 4)

    async def changes(road: Road) -> None:
        async with road.running() as gateway:
            socket, by = gateway.site.socket_path, {"who": "siti", "reason": "surat"}
            await road.operator.send_mo(ANA[1:], "AGAM jalan rusak berat di Lubuk Basung")
            await road.until(lambda: gateway.journal.tally[ComplaintState.FILED] == 1)
            await road.until(lambda: road.operator.submitted > 0)
            (secret / "master_key").write_text(f"2:{NEW}\n", encoding="utf-8")
            with pytest.raises(ControlError, match="master key 1 is still needed"):
                await control.call(socket, "keys rotate")
            (secret / "master_key").write_text(f"{OLD}\n2:{NEW}\n", encoding="utf-8")
            sending = asyncio.create_task(road.operator.send_mo("6281234567002", "AGAM lampu mati di Lawang"))
            rotated: Any = await control.call(socket, "keys rotate")
            await sending
            assert (rotated["needed"], rotated["spare"]) == ([2], [1])
            third: Any = await control.call(socket, "keys rotate", master_key=f"2:{NEW} 3:{OLD}")
            assert (third["newest"], third["needed"]) == (3, [3])
            for bad, says in (("4:x", "32 octets"), (f"2:{NEW}", "still needed")):
                with pytest.raises(ControlError, match=says):
                    await control.call(socket, "keys rotate", master_key=bad)
            (secret / "master_key").write_text(f"3:{OLD}\n", encoding="utf-8")
            await road.operator.send_mo("6281234567003", "AGAM got mampet di Maninjau")
            await road.until(lambda: gateway.journal.tally[ComplaintState.FILED] == 3)

            assert await control.call(socket, "subject restrict", subject="0812-3456-7001", **by) == {"changed": True}
            number = (await gateway.journal.by_reporter(ANA))[0].number
            shown: Any = await control.call(socket, "desk show", number=number)
            assert shown["restricted"]
            assert "jalan rusak" not in json.dumps(shown)
            assert ANA.lstrip("+") not in json.dumps(shown)
            shown = await control.call(socket, "desk show", number=number, reveal=True, reason="to call back about it")
            assert shown["text"].startswith("AGAM jalan rusak")
            exported = [one async for one in control.stream(socket, "subject export", subject=number, **by)]
            assert len(exported) == 2
            assert [row["what"] for row in exported[0]["audit"]] == ["restrict", "export"]  # type: ignore[index,call-overload,union-attr]
            erased: Any = await control.call(socket, "subject erase", subject=number, **by)
            assert (erased["refused"], erased["messages"], erased["log_left"]) == (None, 1, False)
            with pytest.raises(ControlError, match="no telephone number"):
                await control.call(socket, "subject export", subject=number, **by)
            for args in ({}, {"subject": 7, **by}, {"subject": ANA}, {"subject": ANA, "reason": 7}):
                with pytest.raises(ControlError):
                    await control.call(socket, "subject erase", **args)

    asyncio.run(run())


def test_the_desk_says_how_much_it_hides(tmp_path: Path) -> None:
    async def run() -> None:
        house = House(tmp_path, composer=Composer(state=ComplaintState.HELD))
        journal = house.open()
        await journal.accept([house.arrival(journal, segment("AGAM satu", "6281100000001"))])
        witness = Witness(journal.audit, house.time.clock, 15)
        desk = Desk(journal, lambda: None, lambda *_: None, lambda _: None, witness=witness)  # type: ignore[arg-type,return-value]
        assert (await desk.waiting({}))["restricted"] == 0
        await journal.subjects.restrict(journal.subjects.tag_of("+6281100000001"), Hand("siti", "surat"))
        found: Any = await desk.waiting({})
        assert (found["waiting"], found["restricted"]) == ([], 1)
        assert "1 more are of citizens who asked for restriction" in desk_page.listing(found)
        found = await desk.waiting({"reveal": True, "who": "siti"})
        assert (len(found["waiting"]), found["restricted"]) == (1, 0)
        await journal.close()

    asyncio.run(run())


MASTERS = [
    (OLD, {1}),
    (f"{OLD}\n2:{NEW}", {1, 2}),
    (f"2:{NEW}, 1:{OLD}", {1, 2}),
    (f"255:{NEW}", {255}),
]


@pytest.mark.parametrize(("written", "ids"), MASTERS)
def test_master_keys_are_read_in_every_spelling(written: str, ids: set[int]) -> None:
    secrets = Secrets({"LAPOR_MASTER_KEY": written})
    assert set(secrets.masters()) == ids
    assert sealer_of(secrets).key_id == max(ids)
    assert set(secrets.known) >= {word.rpartition(":")[2] for word in written.replace(",", " ").split()}, "logs never show one"


@pytest.mark.parametrize("written", ["", "  \n", "x:" + OLD, "0:" + OLD, "256:" + OLD, f"{OLD} {NEW}", "1:abcd", "1:", ":", "²:" + OLD])
def test_master_keys_that_are_none_are_refused_without_showing_them(written: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Secrets({"LAPOR_MASTER_KEY": written}).masters()
    assert OLD not in str(raised.value)
    assert "master_key" in str(raised.value)


def test_a_place_without_a_journal_has_the_roots_of_its_key(tmp_path: Path) -> None:
    sealer = sealer_of(Secrets(SECRETS))
    assert sealer_at(tmp_path / "none.db", sealer).roots == sealer.roots
    (tmp_path / "bad.db").write_bytes(b"no database at all")
    assert sealer_at(tmp_path / "bad.db", sealer).roots == sealer.roots
