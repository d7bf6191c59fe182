"""What ships: the wheel's contents, its version and licences, the unit file, and the locks."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from tests.qa.tracked import PRODUCT, ROOT, files, text

PROJECT = tomllib.loads(text(Path("pyproject.toml")))["project"]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_carries_data_and_unit_inside_the_gateway(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    carried = {f"gateway/{path}" for path in map(str, files()) if path.startswith(("config/", "systemd/"))}
    assert {"gateway/config/gateway.toml", "gateway/config/routes.csv", "gateway/systemd/lapor-gateway.service"} <= carried
    assert {"gateway/config/prometheus-rules.yaml", "gateway/config/grafana-dashboard.json", "gateway/runbook.md"} <= names
    assert not carried - names


def test_the_wheel_carries_all_code_and_only_that(wheel: zipfile.ZipFile) -> None:
    code = {str(path) for path in files() if path.parts[0] in PRODUCT}
    names = {name for name in wheel.namelist() if not name.startswith("lapor_gateway-")}
    assert not code - names
    assert {name.split("/")[0] for name in names} == set(PRODUCT)
    assert not [name for name in names if re.search(r"test|__pycache__|\.keep$|\.(db|sock|pem|key)$", name)]


@pytest.mark.parametrize("package", PRODUCT)
def test_every_package_is_typed(wheel: zipfile.ZipFile, package: str) -> None:
    assert f"{package}/py.typed" in wheel.namelist()


def test_the_journal_finds_its_schema_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    sql = [name for name in wheel.namelist() if name.endswith(".sql")]
    assert "forwarder/journal/schema.sql" in sql
    assert [name for name in sql if name.startswith("forwarder/journal/migrations/")]


def test_the_wheel_carries_its_licences(wheel: zipfile.ZipFile) -> None:
    base = f"lapor_gateway-{PROJECT['version']}.dist-info"
    assert b"Apache License" in wheel.read(f"{base}/licenses/LICENSE")
    assert b"Open Database License" in wheel.read(f"{base}/licenses/NOTICE")
    assert b"License-Expression: Apache-2.0" in wheel.read(f"{base}/METADATA")
    assert b"lapor-gateway = gateway.start:main" in wheel.read(f"{base}/entry_points.txt")


def test_two_builds_are_equal(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    (again,) = tmp_path.glob("*.whl")
    assert wheel.filename is not None
    assert again.read_bytes() == Path(wheel.filename).read_bytes()


def test_the_version_is_the_newest_of_the_changelog() -> None:
    versions = re.findall(r"^## \[(\d{4}\.\d{1,2}\.\d+)\] - \d{4}-\d{2}-\d{2}$", text(Path("CHANGELOG.md")), re.MULTILINE)
    assert versions[0] == PROJECT["version"] == metadata.version("lapor-gateway")
    assert versions == sorted(versions, key=lambda version: [int(part) for part in version.split(".")], reverse=True)


def test_everything_installed_for_running_is_pinned_with_hashes() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        content = text(Path(lock))
        pins = re.split(r"^(?=[A-Za-z0-9])", content, flags=re.MULTILINE)[1:]
        assert len(pins) > 30
        assert not [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin or "==" not in pin.split()[0]]
        assert not re.search(r"--(?:extra-)?index-url|--find-links|://", content)


def test_both_locks_agree() -> None:
    def pins(lock: str) -> dict[str, str]:
        return dict(re.findall(r"^([\w.-]+)==([^ \\;]+)", text(Path(lock)), re.MULTILINE))

    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()
    groups = tomllib.loads(text(Path("pyproject.toml")))["dependency-groups"]
    named = {re.split(r"[<>=;\[ ]", one)[0] for one in (*PROJECT["dependencies"], *groups["build"], *groups["dev"])}
    assert not named - pins("requirements-dev.lock").keys()
