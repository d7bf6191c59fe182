"""Install, upgrade, an upgrade that fails in every way, rollback, uninstall: on a machine in a folder whose gateway really runs."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from tests.qa.tracked import ROOT
from tests.systemd.machine import GATEWAY, SETTINGS, Machine, Release

AHEAD = 9999
pytestmark = pytest.mark.timeout(900)  # a dozen processes are started and ended; a busy machine takes its time


def refuses_the_settings(release: Release) -> None:
    release.edit(
        "gateway/check.py",
        lambda text: text + '\n\ndef check(given, now):\n    return ["gateway.toml:3: planted: is wrong; mend it"], []\n',
    )


def does_not_start(release: Release) -> None:
    release.edit(
        "gateway/app.py",
        lambda text: text.replace('    """From the first door', '    raise SystemExit("planted")\n    """From the first door'),
    )
    release.edit("gateway/app.py", lambda text: text + '\n\nraise SystemExit("planted: this release cannot start")\n')


def brings_the_journal_forward(release: Release) -> None:
    (release.packages / "forwarder/journal/migrations" / f"{AHEAD}_planted.sql").write_text("CREATE TABLE planted (a);", encoding="utf-8")
    release.edit("/release.json", lambda text: re.sub(r'"journal": \d+', f'"journal": {AHEAD}', text))


def brings_it_forward_and_dies(release: Release) -> None:
    brings_the_journal_forward(release)
    release.edit("gateway/notify.py", lambda text: text.replace('self._tell("READY=1")', "raise SystemExit('planted')"))


def version(machine: Machine) -> int:
    """The journal's version, read while nothing writes it."""
    with closing(sqlite3.connect(f"file:{machine.journal}?mode=ro", uri=True)) as connection:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
    return int(found)


def unfinished(journal: Path) -> None:
    """Put three complaints and three replies into a journal that nobody runs: ready, sending, filed; due, sending, sent."""
    rows = ((1, "ready", "due"), (2, "sending", "sending"), (3, "filed", "sent"))
    with closing(sqlite3.connect(journal, isolation_level=None)) as connection:
        for number, state, reply in rows:
            connection.execute(
                "INSERT INTO complaint (id, message, number, state, since_ms, next_ms, attempts, language, anonim, rahasia)"
                " VALUES (?, ?, ?, ?, 0, ?, 1, 'id', 1, 0)",
                (number, number, f"G{number}", state, None if state == "filed" else 0),
            )
            connection.execute(
                "INSERT INTO reply (id, message, complaint, kind, state, due_ms, attempts, again) VALUES (?, ?, ?, 'receipt', ?, ?, 1, 0)",
                (number, number, number, reply, None if reply == "sent" else 1 << 50),
            )
            for noun, name in (("complaint", state), ("reply", reply)):
                connection.execute(
                    "INSERT INTO tally VALUES (?, ?, 1) ON CONFLICT (noun, state) DO UPDATE SET count = count + 1", (noun, name)
                )


@pytest.fixture
def runs_a(machine: Machine, built: Path) -> Machine:
    """A machine on which release a runs."""
    machine.release("a", built)
    done = machine.called("activate", "a")
    assert done.code == 0, done.said
    assert machine.running() == "a"
    return machine


def test_a_first_installation_starts_nothing_before_it_is_enabled(machine: Machine, built: Path) -> None:
    (machine.manager.run / "enabled").unlink()
    machine.release("a", built)
    (machine.etc / "secrets/core/token").unlink()
    done = machine.called("activate", "a")
    assert done.code == 0, done.said
    assert "core_token is missing" in done.said, "what is left to do is said"
    assert "systemctl enable --now lapor-gateway.target" in done.said
    assert machine.pointed("current") == "a"
    assert not machine.running()
    assert not [call for call in machine.calls() if call.startswith("start")]


def test_what_is_secret_is_for_its_owner_alone(runs_a: Machine) -> None:
    def mode(path: str) -> int:
        return stat.S_IMODE((runs_a.root / path).stat().st_mode)

    assert mode("etc/lapor-gateway") == 0o755
    assert {mode(f"etc/lapor-gateway/secrets{more}") for more in ("", "/master", "/core", "/x", "/webhook", "/queue", "/operator")} == {
        0o700
    }
    assert mode("etc/lapor-gateway/secrets/master/key") == 0o400
    assert {mode("var/lib/lapor-gateway"), mode("var/lib/lapor-gateway-backup")} == {0o700}
    assert len((runs_a.etc / "secrets/master/key").read_text(encoding="ascii").strip()) == 44


def test_a_release_names_no_folder_of_the_machine_that_built_it(built: Path) -> None:
    program = (built / "bin/lapor-gateway").read_text(encoding="utf-8")
    assert program.startswith("#!/opt/lapor-gateway/releases/built/bin/python -IB\n")
    assert sorted(path.name for path in (built / "bin").iterdir()) == ["lapor-gateway", "python"]
    names = [path.name for path in Release(built).packages.iterdir()]
    assert not [name for name in names if name.split("-")[0] in ("pip", "hatchling", "pytest", "mypy", "editables", "pathspec")]
    assert "smpplib" in names
    small = [path for path in built.rglob("*") if path.is_file() and path.suffix not in (".so", ".pyc") and path.stat().st_size < 200_000]
    assert not [path for path in small if os.fsencode(sys.prefix) in path.read_bytes() or b"/tmp/lg" in path.read_bytes()]


def test_an_upgrade_keeps_a_copy_of_the_journal_and_remembers_the_way_back(runs_a: Machine, built: Path) -> None:
    before = version(runs_a)
    runs_a.release("b", built, brings_the_journal_forward)
    done = runs_a.called("activate", "b")
    assert done.code == 0, done.said
    assert (runs_a.running(), runs_a.pointed("current"), runs_a.pointed("previous")) == ("b", "b", "a")
    copy = runs_a.root / "var/lib/lapor-gateway-backup/before-b/journal.db"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    runs_a.end()
    assert version(runs_a) == AHEAD > before
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (before,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert "try-restart lapor-worker@*.service" in runs_a.calls()


def test_settings_that_the_new_release_refuses_change_nothing(runs_a: Machine, built: Path) -> None:
    pid, calls = runs_a.manager.pid(GATEWAY), len(runs_a.calls())
    runs_a.release("b", built, refuses_the_settings)
    done = runs_a.called("activate", "b")
    assert done.code == 1
    assert "gateway.toml:3: planted: is wrong; mend it" in done.said
    assert (runs_a.running(), runs_a.pointed("current"), runs_a.manager.pid(GATEWAY)) == ("a", "a", pid)
    assert not [call for call in runs_a.calls()[calls:] if call.split()[0] in ("stop", "start", "daemon-reload")]


def test_a_release_that_does_not_start_is_left_again_by_itself(runs_a: Machine, built: Path) -> None:
    unit = runs_a.root / "usr/local/lib/systemd/system" / GATEWAY
    had = unit.read_text(encoding="utf-8")
    runs_a.release("b", built, does_not_start)
    Release(runs_a.prefix / "releases/b").edit(
        "/share/systemd/lapor-gateway.service", lambda text: text.replace("WatchdogSec=30", "WatchdogSec=31")
    )
    done = runs_a.called("activate", "b")
    assert done.code == 1
    assert "b did not become ready; a runs again" in done.said
    assert (runs_a.running(), runs_a.pointed("current"), runs_a.pointed("previous")) == ("a", "a", "")
    assert unit.read_text(encoding="utf-8") == had


def test_a_journal_brought_forward_by_a_release_that_never_took_a_message_goes_back_too(runs_a: Machine, built: Path) -> None:
    runs_a.end()
    before = version(runs_a)
    assert runs_a.manager.start(GATEWAY) == 0
    runs_a.release("b", built, brings_it_forward_and_dies)
    done = runs_a.called("activate", "b")
    assert done.code == 1
    assert "a runs again" in done.said
    assert runs_a.running() == "a"
    runs_a.end()
    assert version(runs_a) == before
    (aside,) = [path for path in runs_a.journal.parent.glob("journal.db.of-b-*") if not path.name.endswith(("-wal", "-shm"))]
    with closing(sqlite3.connect(aside)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (AHEAD,), "the newer one is kept"


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ModuleType, ModuleType, ModuleType]]:
    """The installation program's modules: install, place, services."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    names = ("install", "place", "services")
    yield import_module("install"), import_module("place"), import_module("services")
    for name in (*names, "journal_copy"):
        del sys.modules[name]


def test_a_release_that_was_ready_for_a_moment_is_not_taken_back_over_a_newer_journal(
    runs_a: Machine, built: Path, scripts: tuple[ModuleType, ModuleType, ModuleType]
) -> None:
    """It may have taken messages: the copy of the journal would lose them, and file again what it filed."""
    install, place, services = scripts
    moments = iter(range(9))

    class Restless(services.Services):  # type: ignore[misc,name-defined]
        """A service manager whose gateway fails, is started again by itself, is ready, and fails again."""

        def start(self) -> bool:
            return False

        def became_ready(self) -> str:
            return str(next(moments))

    runs_a.release("b", built, brings_the_journal_forward)
    installer = install.Installer(place.Place(runs_a.root, Path("/opt/lapor-gateway")), Restless(str(runs_a.systemctl), here=True))
    with pytest.raises(install.InstallError, match="was ready for a moment"):
        installer.activate("b")
    assert (runs_a.pointed("current"), runs_a.running()) == ("b", "")
    assert not list(runs_a.journal.parent.glob("journal.db.of-*"))


def test_rollback_is_one_command_there_and_back(runs_a: Machine, built: Path) -> None:
    runs_a.release("b", built)
    assert runs_a.called("activate", "b").code == 0
    for expected in ("a", "b"):
        done = runs_a.called("rollback")
        assert done.code == 0, done.said
        assert runs_a.running() == runs_a.pointed("current") == expected


def test_rollback_over_a_newer_journal_says_what_it_costs_and_does_it_only_when_told(runs_a: Machine, built: Path) -> None:
    runs_a.release("b", built, brings_the_journal_forward)
    assert runs_a.called("activate", "b").code == 0
    pid = runs_a.manager.pid(GATEWAY)
    done = runs_a.called("rollback")
    assert done.code == 1
    assert f"this one is of version {AHEAD}" in done.said
    assert "Nothing was changed" in done.said
    assert "--journal backup" in done.said
    assert (runs_a.running(), runs_a.manager.pid(GATEWAY)) == ("b", pid)
    copy = runs_a.root / "var/lib/lapor-gateway-backup/before-b/journal.db"
    unfinished(copy)
    done = runs_a.called("rollback", "--journal", "backup")
    assert done.code == 0, done.said
    assert "2 complaints are unknown" in done.said
    assert "2 replies stay unsent" in done.said
    assert runs_a.running() == "a"
    runs_a.end()
    with closing(sqlite3.connect(f"file:{runs_a.journal}?mode=ro", uri=True)) as connection:
        assert connection.execute("SELECT state FROM complaint ORDER BY id").fetchall() == [("unknown",), ("unknown",), ("filed",)]
        assert connection.execute("SELECT state FROM reply ORDER BY id").fetchall() == [("unknown",), ("unknown",), ("sent",)]
        tally = dict(connection.execute("SELECT noun || ' ' || state, count FROM tally WHERE count <> 0").fetchall())
        assert {name: count for name, count in tally.items() if name.startswith(("complaint", "reply"))} == {
            "complaint unknown": 2,
            "complaint filed": 1,
            "reply unknown": 2,
            "reply sent": 1,
        }
    assert version(runs_a) < AHEAD
    assert len([path for path in runs_a.journal.parent.glob("journal.db.of-b-*") if path.suffix[-4:] not in ("-wal", "-shm")]) == 1


def test_the_older_release_itself_refuses_the_newer_journal(runs_a: Machine, built: Path) -> None:
    """Why rollback looks first: without that look the gateway would not come up."""
    runs_a.release("b", built, brings_the_journal_forward)
    assert runs_a.called("activate", "b").code == 0
    runs_a.end()
    (runs_a.prefix / "current").unlink()
    (runs_a.prefix / "current").symlink_to("releases/a")
    assert runs_a.manager.start(GATEWAY) == 1
    assert f"the journal is of version {AHEAD}, newer than this program" in (runs_a.manager.run / "log").read_text(encoding="utf-8")


def test_a_journal_that_somebody_else_has_open_is_not_copied(runs_a: Machine, built: Path) -> None:
    """A gateway that was started by hand: the service manager has nothing to stop."""
    (runs_a.manager.run / f"{GATEWAY}.pid").rename(runs_a.manager.run / "hidden")
    runs_a.release("b", built)
    done = runs_a.called("activate", "b")
    (runs_a.manager.run / "hidden").rename(runs_a.manager.run / f"{GATEWAY}.pid")
    assert done.code == 1
    assert "has the journal open" in done.said
    assert runs_a.pointed("current") == "a"


def test_an_example_that_nobody_changed_follows_the_release_there_and_back(machine: Machine, built: Path) -> None:
    (machine.manager.run / "enabled").unlink()
    (machine.etc / "gateway.toml").unlink()
    machine.release("a", built)
    machine.release("b", built, lambda release: release.edit("gateway/config/gateway.toml", lambda text: text + "# newer\n"))
    shipped = (Release(machine.prefix / "releases/a").packages / "gateway/config/gateway.toml").read_text(encoding="utf-8")
    for name, expected in (("a", shipped), ("b", shipped + "# newer\n")):
        assert machine.called("activate", name).code == 0
        assert (machine.etc / "gateway.toml").read_text(encoding="utf-8") == expected
    assert machine.called("rollback").code == 0
    assert (machine.etc / "gateway.toml").read_text(encoding="utf-8") == shipped
    assert not (machine.etc / "gateway.toml.new").exists()


def test_an_example_that_was_changed_is_never_overwritten(runs_a: Machine, built: Path) -> None:
    runs_a.release("b", built, lambda release: release.edit("gateway/config/gateway.toml", lambda text: text + "# newer\n"))
    network = runs_a.root / "etc/systemd/system/lapor-gateway.service.d/network.conf"
    network.write_text("[Service]\nIPAddressAllow=203.0.113.7\n", encoding="utf-8")
    assert runs_a.called("activate", "b").code == 0
    assert (runs_a.etc / "gateway.toml").read_text(encoding="utf-8") == SETTINGS
    assert (runs_a.etc / "gateway.toml.new").read_text(encoding="utf-8").endswith("# newer\n")
    assert "203.0.113.7" in network.read_text(encoding="utf-8")


def test_three_releases_are_kept_and_the_way_back_is_one_of_them(runs_a: Machine, built: Path) -> None:
    (runs_a.manager.run / "enabled").unlink()
    runs_a.end()
    for name in "bcde":
        runs_a.release(name, built)
        assert runs_a.called("activate", name).code == 0
    assert sorted(path.name for path in (runs_a.prefix / "releases").iterdir()) == ["c", "d", "e"]
    kept = sorted(path.name for path in (runs_a.root / "var/lib/lapor-gateway-backup").iterdir())
    assert kept == ["before-c", "before-d", "before-e"]
    said = runs_a.called("list").said
    assert re.search(r"^runs +e ", said, re.MULTILINE)
    assert re.search(r"^before +d ", said, re.MULTILINE)


def test_uninstall_takes_the_program_and_leaves_what_the_site_wrote(runs_a: Machine) -> None:
    done = runs_a.called("uninstall")
    assert done.code == 0, done.said
    assert not runs_a.running()
    assert not runs_a.prefix.exists()
    assert not list((runs_a.root / "usr/local").rglob("lapor-*"))
    assert runs_a.journal.exists()
    assert (runs_a.etc / "secrets/master/key").exists()
    assert (runs_a.etc / "gateway.toml").read_text(encoding="utf-8") == SETTINGS


def lying(root: Path) -> list[tuple[str, int]]:
    """Everything that an installation puts anywhere, with its time."""
    found = [path for path in root.rglob("*") if path.relative_to(root).parts[0] in ("opt", "etc", "usr")]
    return sorted((str(path), path.lstat().st_mtime_ns) for path in found)


def test_a_dry_run_says_the_steps_and_does_none(runs_a: Machine, built: Path, wheel: Path) -> None:
    runs_a.release("b", built)
    assert runs_a.called("activate", "b").code == 0
    before, pid = lying(runs_a.root), runs_a.manager.pid(GATEWAY)
    for task in (["install", "c", "--wheel", wheel], ["rollback"], ["uninstall"]):
        done = runs_a.called(*task, "--dry-run")
        assert done.code == 0, done.said
        assert done.said.count("\n  ") >= 3
    assert lying(runs_a.root) == before
    assert (runs_a.running(), runs_a.manager.pid(GATEWAY)) == ("b", pid)


def test_going_back_without_a_release_before_says_so(runs_a: Machine) -> None:
    done = runs_a.called("rollback")
    assert done.code == 1
    assert "there is no release before this one" in done.said


def test_an_environment_of_another_lock_is_refused(machine: Machine, wheel: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python").symlink_to(Path(sys.prefix, "bin/python").resolve())
    done = machine.called("install", "x", "--wheel", wheel, "--environment", tmp_path)
    assert done.code == 1
    assert "bring that environment up to date" in done.said
    assert not (machine.prefix / "releases/x").exists()


def test_no_secret_is_said(runs_a: Machine, built: Path) -> None:
    runs_a.release("b", built)
    done = runs_a.called("activate", "b")
    key = (runs_a.etc / "secrets/master/key").read_text(encoding="ascii").strip()
    log = (runs_a.manager.run / "log").read_text(encoding="utf-8")
    assert not [secret for secret in (key, "canary-token") if secret in done.said or secret in log]
