"""The units are sound, locked up, call what exists, and are given exactly the secrets that the settings know."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from gateway.cli import parser
from gateway.settings import GatewaySettings, records
from tests.qa.tracked import ROOT, text
from tests.systemd.units import ALL, FOLDER, PROGRAM, SERVICES, unit

THRESHOLD = "15"  # systemd-analyze takes tenths: an exposure of 1.5
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
every_unit = pytest.mark.parametrize("name", ALL)
every_service = pytest.mark.parametrize("name", SERVICES)
IN_EVERY_SERVICE = (
    "UMask=0077",
    "LimitCORE=0",
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateUsers=yes",
    "MemoryDenyWriteExecute=yes",
    "RestrictNamespaces=yes",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "SystemCallFilter=~@privileged @resources",
    "IPAddressDeny=any",
)
IN_EVERY_DAEMON = ("Type=notify", "WatchdogSec=30", "Restart=on-failure", "RestartPreventExitStatus=78", "PartOf=lapor-gateway.target")


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Path]:
    """A root with the units where systemd looks, and a program for them to call."""
    units = tmp_path / "usr/lib/systemd/system"
    units.mkdir(parents=True)
    for name in ALL:
        shutil.copyfile(FOLDER / name, units / name)
    for target in ("network-online", "time-sync", "multi-user", "sysinit", "basic", "shutdown", "timers"):
        (units / f"{target}.target").write_text("[Unit]\nDescription=stands in\n", encoding="utf-8")
    for program in (PROGRAM, "/bin/sh"):
        path = tmp_path / program.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n", encoding="utf-8")
        path.chmod(0o755)
    return tmp_path


def verified(root: Path, name: str) -> subprocess.CompletedProcess[str]:
    shown = name.replace("@", "@1")
    command = ["systemd-analyze", "verify", f"--root={root}", "--man=no", shown]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@needs_systemd
@every_unit
def test_systemd_finds_nothing_wrong_with_it(installed: Path, name: str) -> None:
    done = verified(installed, name)
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize(
    ("line", "spoilt"), [("Type=notify", "Typ=notify"), ("WatchdogSec=30", "WatchdogSec=soon"), (PROGRAM, "/no/where")]
)
def test_a_mistake_in_a_unit_would_be_found(installed: Path, line: str, spoilt: str) -> None:
    path = installed / "usr/lib/systemd/system/lapor-gateway.service"
    path.write_text(path.read_text(encoding="utf-8").replace(line, spoilt), encoding="utf-8")
    done = verified(installed, "lapor-gateway.service")
    assert done.returncode or done.stderr


@needs_systemd
@every_service
def test_its_exposure_is_small(name: str) -> None:
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={THRESHOLD}", "--no-pager", FOLDER / name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-200:]


@needs_systemd
def test_a_lock_taken_off_would_be_found(tmp_path: Path) -> None:
    open_doors = re.sub(
        r"^(?:SystemCall|Restrict|Protect|Private)\w+=.*\n", "", text(Path("systemd/lapor-gateway.service")), flags=re.MULTILINE
    )
    (tmp_path / "lapor-gateway.service").write_text(open_doors, encoding="utf-8")
    command = [
        "systemd-analyze",
        "security",
        "--offline=true",
        f"--threshold={THRESHOLD}",
        "--no-pager",
        tmp_path / "lapor-gateway.service",
    ]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


@every_service
def test_it_has_every_lock(name: str) -> None:
    assert not set(IN_EVERY_SERVICE) - set(unit(name).path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("name", ["lapor-gateway.service", "lapor-worker@.service"])
def test_a_daemon_is_watched_and_started_again(name: str) -> None:
    assert not set(IN_EVERY_DAEMON) - set(unit(name).path.read_text(encoding="utf-8").splitlines())


@every_service
def test_it_calls_commands_that_exist(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in unit(name).calls():
        try:
            parser().parse_args(arguments)
        except SystemExit:
            pytest.fail(capsys.readouterr().err)


def secrets() -> Iterator[str]:
    """Every secret of the settings by its name, `core_token`; without the names that a site gives its operators and partners."""

    def walk(kind: type, place: str) -> Iterator[str]:
        for key, entry, nested in records(kind):
            if entry.metadata.get("secret"):
                yield f"{place}{key}"
            elif nested is not None:
                yield from walk(nested, f"{place}{key}_")

    from adapters.smpp.profile import SmppSettings  # noqa: PLC0415

    yield from walk(GatewaySettings, "")
    yield from walk(SmppSettings, "")
    yield "master_key"


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """scripts/place.py."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import place  # noqa: PLC0415 - found by the path above

    yield place
    del sys.modules["place"]


def folders(name: str) -> set[str]:
    found = dict(value.split(":", 1) for value in unit(name).all("LoadCredential"))
    assert {Path(path).name for path in found.values()} == found.keys(), "a folder has the name of its credential"
    assert {Path(path).parent for path in found.values()} <= {Path("/etc/lapor-gateway/secrets")}
    return set(found)


def test_the_gateway_is_given_every_secret_that_the_settings_know_and_the_installation_makes_their_folders(place: ModuleType) -> None:
    known = {name.partition("_")[0] for name in secrets()}
    assert {"core", "master", "operator", "webhook", "x", "queue"} <= known
    assert folders("lapor-gateway.service") == known == set(place.SECRET_FOLDERS)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("lapor-worker@.service", {"queue", "core"}),
        ("lapor-gateway-backup.service", {"master"}),
        ("lapor-gateway-verify.service", {"master"}),
    ],
)
def test_the_others_are_given_only_what_they_need(name: str, given: set[str]) -> None:
    assert folders(name) == given


def test_all_that_touch_the_journal_are_one_user_and_a_worker_is_a_stranger_to_it() -> None:
    users = {name: unit(name).all("User") for name in SERVICES}
    assert users.pop("lapor-worker@.service") == []
    assert set(map(tuple, users.values())) == {("lapor",)}
    assert unit("lapor-worker@.service").one("DynamicUser") == "yes"
    assert unit("lapor-worker@.service").one("StateDirectory") == "lapor-worker-%i"


def test_enabling_the_target_enables_gateway_and_timers() -> None:
    assert unit("lapor-gateway.target").one("Also") == "lapor-gateway.service"
    timers = unit("lapor-gateway.service").one("Also").split()
    assert sorted(timers) == sorted(name for name in ALL if name.endswith(".timer"))
    for name in (*timers, "lapor-gateway.service"):
        assert unit(name).one("WantedBy") == "lapor-gateway.target"
        assert unit(name).one("PartOf") == "lapor-gateway.target"
    assert "lapor-gateway.target" in unit("lapor-worker@.service").one("WantedBy").split()


@pytest.mark.parametrize("name", [name for name in ALL if name.endswith(".timer")])
def test_a_timer_has_its_service_and_catches_up(name: str) -> None:
    assert name.replace(".timer", ".service") in ALL
    assert unit(name).one("Persistent") == "true"
