"""The Debian package: the same whenever and wherever it is built, owned by root, and with all that dpkg must know."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.qa.tracked import ROOT
from tests.systemd.units import ALL

pytestmark = [
    pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is not on this machine"),
    pytest.mark.timeout(1800),
]
CONFFILES = {
    "/etc/lapor-gateway/gateway.toml",
    "/etc/lapor-gateway/operators.toml",
    "/etc/systemd/system/lapor-gateway.service.d/network.conf",
    "/etc/systemd/system/lapor-worker@.service.d/network.conf",
}


def package(wheel: Path, out: Path) -> Path:
    out.mkdir()
    command = [sys.executable, ROOT / "scripts/deb.py", "--wheel", wheel, "--environment", sys.prefix, "--out", out, "--keep", out / "laid"]
    umask = os.umask(0o077 if out.name == "second" else 0o022)  # whoever builds it may be careful or not
    try:
        done = subprocess.run([*command, "--level", "0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    finally:
        os.umask(umask)
    assert done.returncode == 0, done.stdout
    (path,) = out.glob("lapor-gateway_*.deb")
    return path


@pytest.fixture(scope="module")
def deb(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return package(wheel, tmp_path_factory.mktemp("deb") / "first")


@pytest.fixture(scope="module")
def content(deb: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tarfile.TarInfo]:
    path = tmp_path_factory.mktemp("tar") / "content.tar"
    with path.open("wb") as file:
        subprocess.run(["dpkg-deb", "--fsys-tarfile", deb], stdout=file, check=True)
    with tarfile.open(path) as archive:
        return archive.getmembers()


def control(deb: Path, name: str) -> str:
    return subprocess.run(["dpkg-deb", "--info", deb, name], capture_output=True, text=True, check=True).stdout


def test_two_builds_in_two_folders_are_equal(deb: Path, wheel: Path, tmp_path: Path) -> None:
    again = package(wheel, tmp_path / "second")
    assert again.name == deb.name
    assert again.read_bytes() == deb.read_bytes()


def test_everything_is_roots_and_nobody_else_can_write_it(content: list[tarfile.TarInfo]) -> None:
    assert {(one.uid, one.gid) for one in content} == {(0, 0)}
    assert not [one.name for one in content if not one.issym() and one.mode & 0o7022]
    programs = [one.name for one in content if one.isfile() and one.mode & 0o111]
    assert all(Path(name).parent.name in ("bin", "sbin") for name in programs)
    assert len({one.mtime for one in content}) == 1


def test_it_carries_no_cache_no_journal_and_no_secret(content: list[tarfile.TarInfo]) -> None:
    assert not [one.name for one in content if re.search(r"__pycache__|\.pyc$|\.db$|/secrets/|direct_url|/pip/", one.name)]


def test_it_brings_units_programs_pages_and_licences(content: list[tarfile.TarInfo]) -> None:
    names = {one.name.removeprefix(".") for one in content}
    assert {f"/usr/lib/systemd/system/{name}" for name in ALL} <= names
    assert {"/usr/bin/lapor-gateway", "/usr/sbin/lapor-gateway-release"} <= names
    assert {f"/usr/share/doc/lapor-gateway/{name}" for name in ("copyright", "changelog.gz", "operations.md", "NOTICE")} <= names
    assert not [name for name in names if name.startswith("/usr/local")]
    assert "/opt/lapor-gateway/current" not in names, "the release that runs is not for dpkg to choose"


def test_every_file_below_etc_is_a_conffile(deb: Path, content: list[tarfile.TarInfo]) -> None:
    files = {one.name.removeprefix(".") for one in content if one.isfile() and one.name.startswith("./etc/")}
    assert set(control(deb, "conffiles").split()) == files == CONFFILES


def test_its_scripts_are_sound_shell_and_only_a_purge_touches_the_journal(deb: Path) -> None:
    for name in ("preinst", "postinst", "prerm", "postrm"):
        script = control(deb, name)
        assert script.startswith("#!/bin/sh\n")
        assert "\nset -e\n" in script
        assert subprocess.run(["sh", "-n"], input=script, text=True, check=False).returncode == 0
        if name != "postrm":
            assert "/var/lib" not in script
    before, purged = control(deb, "postrm").split('if [ "$1" = purge ]')
    assert "/var/lib" not in before
    assert "/var/lib/lapor-gateway " in purged


def test_its_control_file_has_what_debian_asks(deb: Path) -> None:
    fields = dict(re.findall(r"^([A-Z][\w-]*): (.*)$", control(deb, "control"), re.MULTILINE))
    assert {
        "Package",
        "Version",
        "Architecture",
        "Maintainer",
        "Depends",
        "Description",
        "Installed-Size",
        "Section",
        "Priority",
    } <= fields.keys()
    assert re.fullmatch(r"\d{4}\.\d+\.\d+\+\d{14}\.\w+(\.changed)?", fields["Version"])
    minor = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    assert minor in fields["Depends"].split(", ")
    sums = control(deb, "md5sums").splitlines()
    assert len(sums) > 1000
    assert not [line for line in sums if not re.fullmatch(r"[0-9a-f]{32}  [^/].*", line)]
