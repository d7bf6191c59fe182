"""`lapor-gateway journal …` as an administrator types it: beside a gateway that runs, without one, and with everything wrong."""

from __future__ import annotations

import asyncio
import os
import re
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from forwarder.lifecycle import ComplaintState
from gateway import control
from gateway.control import ControlError
from tests.gateway.road import SECRETS, Road
from tests.gateway.site import SHIPPED, Folder
from tests.valkey import valkey


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Folder:
    """A site with a journal and no gateway."""
    made = Folder(tmp_path, monkeypatch, capsys)
    assert made.route("install", made.file("t.csv", SHIPPED), "--why", "a journal begins").code == 0
    return made


def backups(folder: Folder) -> list[Path]:
    return sorted((folder.path / "backups").glob("*.db"))


def test_a_backup_is_made_verified_and_restored_without_a_gateway(folder: Folder) -> None:
    said = folder.call("journal", "backup", "backups", "--keep", "3")
    assert said.code == 0, said.err
    (backup,) = backups(folder)
    assert f"{backup}: " in said.out
    assert "verified" in said.out
    assert "own disk" in said.out
    assert "master key" in said.out
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600

    said = folder.call("journal", "verify", str(backup), "--all")
    assert said.code == 0, said.err
    assert "gateway A, 20" in said.out
    assert "ok: `journal restore` takes it" in said.out

    said = folder.call("journal", "restore", str(backup))
    assert said.code == 1
    assert "a journal is there already; with --replace" in said.err

    said = folder.call("journal", "restore", str(backup), "--replace")
    assert said.code == 0, said.err
    assert "the journal that was there lies in" in said.out
    assert re.search(r"complaint numbers go on from id 200\d\d\d: 200\d\d\d are left out", said.out)
    assert len(list((folder.path / "state").glob("journal.db.replaced-*[0-9]"))) == 1


def test_sha256sum_agrees(folder: Folder) -> None:
    folder.call("journal", "backup", "backups")
    (backup,) = backups(folder)
    done = subprocess.run(["sha256sum", "-c", backup.name + ".sha256"], cwd=backup.parent, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


WRONG = [
    (("backup", "backups", "--keep", "0"), 1, "--keep keeps one at least"),
    (("backup", "no/such/folder"), 1, "its parent does not exist"),
    (("backup", "gateway.toml"), 1, "is no folder"),
    (("verify", "none.db"), 1, "none.db: No such file"),
    (("verify", "."), 1, "Is a directory"),
    (("verify", "gateway.toml"), 1, "gateway.toml: is no journal"),
    (("restore", "gateway.toml"), 1, "gateway.toml: is no journal"),
    (("restore", "none.db"), 1, "none.db: No such file"),
]


@pytest.mark.parametrize(("words", "code", "says"), WRONG, ids=[" ".join(case[0]) for case in WRONG])
def test_what_is_wrong_is_said(folder: Folder, words: tuple[str, ...], code: int, says: str) -> None:
    said = folder.call("journal", *words)
    assert said.code == code
    assert says in said.err
    assert "Traceback" not in said.err
    assert not backups(folder)


def test_without_a_journal_or_a_key_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    folder = Folder(tmp_path, monkeypatch, capsys)
    said = folder.call("journal", "backup", "backups")
    assert said.code == 1
    assert "there is no journal to back up" in said.err
    monkeypatch.delenv("LAPOR_MASTER_KEY")
    said = folder.call("journal", "verify", "gateway.toml")
    assert said.code == 78
    assert "master_key" in said.err


def test_another_key_is_refused_before_anything_is_written(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.call("journal", "backup", "backups")
    (backup,) = backups(folder)
    monkeypatch.setenv("LAPOR_MASTER_KEY", "A" * 43 + "=")
    before = sorted((folder.path / "state").iterdir())
    said = folder.call("journal", "restore", str(backup), "--replace")
    assert said.code == 1
    assert "sealed with another key" in said.err
    assert sorted((folder.path / "state").iterdir()) == before


def test_no_space_leaves_no_half_file(folder: Folder) -> None:
    """A limit of the file size is a disk that is full after so many octets, without a disk of our own."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, 65_536))

    words = [sys.executable, "-m", "gateway.cli", "journal", "backup", "backups"]
    done = subprocess.run(
        words, cwd=folder.path, env={**os.environ, **SECRETS}, preexec_fn=limited, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout
    assert "backups: " in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((folder.path / "backups").iterdir())


UNHEARD: list[tuple[dict[str, control.Json], str]] = [
    ({}, "name the folder"),
    ({"folder": "backups"}, "whole path"),
    ({"folder": "/", "keep": "x"}, "whole number"),
    ({"folder": "/", "keep": True}, "whole number"),
]


def test_a_running_gateway_makes_backups_and_keeps_its_hands_on_the_journal(tmp_path: Path) -> None:
    async def run() -> None:
        road = Road(tmp_path, wait=0.0)
        async with road.peers(), road.running() as gateway:
            await road.operator.send_mo("6281234567001", "AGAM jalan rusak berat di Lubuk Basung")
            await road.until(lambda: gateway.journal.tally[ComplaintState.FILED] == 1)
            socket = gateway.site.socket_path
            steps = [one async for one in control.stream(socket, "journal backup", folder=str(tmp_path / "backups"), keep=1)]
            assert [one["what"] for one in steps[:-1]][-1] == "verifying"
            assert steps[-1]["manifest"]["rows"]["complaint filed"] == 1
            for args, says in UNHEARD:
                with pytest.raises(ControlError, match=says):
                    await control.call(socket, "journal backup", **args)

    asyncio.run(run())
    assert len(list((tmp_path / "backups").glob("*.db"))) == 1


def test_a_restore_beside_a_running_gateway_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAPOR_CONFIG", str(tmp_path / "gateway.toml"))
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)

    async def run() -> None:
        road = Road(tmp_path)
        async with road.peers(), road.running() as gateway:
            made = await control.call(gateway.site.socket_path, "journal backup", folder=str(tmp_path / "backups"))
            words = [sys.executable, "-m", "gateway.cli", "journal", "restore", made["path"], "--replace"]  # type: ignore[index,call-overload]
            process = await asyncio.create_subprocess_exec(*map(str, words), stderr=subprocess.PIPE, stdout=subprocess.PIPE)
            _, wrong = await process.communicate()
            assert process.returncode == 1
            assert b"stop that gateway first" in wrong

    asyncio.run(run())


def test_adopting_without_a_mirror_says_what_is_missing(folder: Folder) -> None:
    said = folder.call("journal", "adopt")
    assert said.code == 78
    assert "mirror.redis does not say where the mirror is" in said.err
    folder.file("gateway.toml", '[journal]\nack_after = "mirror"\n')
    said = folder.call("check")
    assert said.code == 78
    assert 'journal.ack_after is "mirror", and mirror.redis does not say where that is' in said.err
    folder.file("gateway.toml", '[mirror]\nredis = "http://x"\n')
    said = folder.call("journal", "adopt")
    assert said.code == 78
    assert "redis: begins with none of" in said.err


def test_a_mirror_that_is_away_or_empty_is_named_and_nothing_is_left_behind(folder: Folder) -> None:
    folder.file("gateway.toml", '[journal]\nack_after = "mirror"\n[mirror]\nredis = "redis://127.0.0.1:1/0"\n')
    said = folder.call("journal", "adopt", "--replace")
    assert said.code == 1
    assert "Connection refused" in said.err
    said = folder.call("check")
    assert said.code == 78
    assert "every operator is told later" in said.err
    with valkey(appendonly="yes") as server:
        folder.file("gateway.toml", f'[journal]\nack_after = "mirror"\n[mirror]\nredis = "{server.url}"\nreplicas = 0\n')
        said = folder.call("journal", "adopt", "--replace")
        assert said.code == 1
        assert "it has nothing of gateway A" in said.err
    assert not list((folder.path / "state").glob("*.restoring*"))
    assert folder.route("history").code == 0, "the journal that was there is as it was"
