"""Build dist/lapor-gateway_VERSION_ARCH.deb: the release below /opt, its units, programs and example settings, with dpkg-deb alone.

The package's scripts do nothing of their own but make room; scripts/install.py, which the release carries, makes it run, with the same
check, copy, wait and way back as `make install`. Two builds of one commit are equal: times, order, owners and modes come from the commit.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import place as files
import release
from place import Place

ROOT = Path(__file__).resolve().parent.parent
PREFIX = Path("/opt/lapor-gateway")
UNITS = Path("/usr/lib/systemd/system")
DOCS = Path("/usr/share/doc/lapor-gateway")
CONTROL = """\
Package: lapor-gateway
Version: {version}
Architecture: {architecture}
Maintainer: The lapor-gateway project <root@localhost>
Installed-Size: {kib}
Depends: {python}, libc6 (>= 2.34), passwd, util-linux
Recommends: systemd
Section: net
Priority: optional
Description: SMS and social-media front door of SP4N-LAPOR!
 Takes the SMS that citizens write to 1708 from their operators over SMPP, and
 the posts that speak to the account on X, keeps each on disk before it is
 acknowledged, files it once with the national core and answers once.
 .
 The program lies in an environment of its own below /opt/lapor-gateway. An
 upgrade checks the settings first, keeps a copy of the journal, and runs the
 release before again when the new one does not become ready.
"""
COPYRIGHT = """\
lapor-gateway, by the lapor-gateway project, is under the Apache License 2.0; on Debian systems its text is in
/usr/share/common-licenses/Apache-2.0.

The regions' data, {prefix}/releases/*/lib/*/site-packages/gateway/config/regions.csv, is under the Open Database License 1.0;
{docs}/NOTICE says whose it is.

The packages below {prefix}/releases/*/lib have their copyright and licences beside them, in *.dist-info.
"""
PREINST = """\
#!/bin/sh
# Every release is kept, by hard links, while dpkg takes the files of one away: the way back. Its caches are no files of dpkg's.
set -e
if [ "$1" = upgrade ]; then
    for release in {prefix}/releases/[!.]*; do
        [ -d "$release" ] || continue
        kept="{prefix}/releases/.kept-${{release##*/}}"
        rm -rf "$kept"
        cp -al "$release" "$kept"
        find "$release" -name __pycache__ -type d -prune -exec rm -rf {{}} +
    done
fi
"""
POSTINST = """\
#!/bin/sh
# The releases come back to their places; the new one is checked, made current, started, and left again when it does not start.
set -e
case "$1" in configure | abort-upgrade | abort-remove)
    for kept in {prefix}/releases/.kept-*; do
        [ -d "$kept" ] || continue
        release="{prefix}/releases/${{kept##*/.kept-}}"
        if [ "$release" = {prefix}/releases/{name} ]; then
            rm -rf "$kept"
        else
            rm -rf "$release"
            mv "$kept" "$release"
        fi
    done
esac
if [ "$1" = configure ]; then
    python3 -EsB {prefix}/releases/{name}/share/installer/install.py activate {name} --packaged
fi
"""
PRERM = """\
#!/bin/sh
# An upgrade leaves the gateway running until the new release has been checked.
set -e
if [ "$1" = remove ]; then
    if [ -d /run/systemd/system ]; then
        systemctl stop lapor-gateway.target lapor-gateway.service 'lapor-worker@*.service' {timers} || true
    fi
    find {prefix}/releases -name __pycache__ -type d -prune -exec rm -rf {{}} +
fi
"""
POSTRM = """\
#!/bin/sh
# Removed: the program goes, settings, secrets, journal and backups stay. Purged: all of it goes, without a question.
set -e
case "$1" in remove | purge)
    rm -rf {prefix}/releases {prefix}/current {prefix}/previous {prefix}/.lock
    rmdir {prefix} 2>/dev/null || true
esac
if [ "$1" = purge ]; then
    if [ -d /run/systemd/system ]; then
        systemctl disable --quiet lapor-gateway.target lapor-gateway.service {timers} 2>/dev/null || true
    fi
    rm -rf {etc} {state} {backups} /var/lib/private/lapor-worker-* /var/lib/lapor-worker-*
    rm -rf {system}/lapor-gateway.service.d {system}/lapor-worker@.service.d {system}/lapor-gateway.target.wants {system}/*.wants/lapor-*
    userdel {user} 2>/dev/null || true
fi
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || true
fi
"""


def version() -> str:
    """The package's version: grows from commit to commit, and names it."""
    described = release.commit(ROOT / "pyproject.toml")
    return f"{release.version()}+{time.strftime('%Y%m%d%H%M%S', time.gmtime(release.moment()))}.{described}"


def stage(folder: Path, wheel: Path, options: argparse.Namespace) -> tuple[str, str]:
    """Lay everything out below `folder`; the release's name and the minor version of its Python."""
    name = f"{release.version()}-{release.commit(wheel)}"
    place = Place(folder, PREFIX, packaged=True)
    environment = Path(options.environment) if options.environment else None
    home = place.releases / name
    release.build(home, PREFIX / "releases" / name, wheel, python=options.python, environment=environment)
    for unit in sorted((home / "share" / "systemd").iterdir()):
        copied(unit, place.at(UNITS) / unit.name)
    for example in files.EXAMPLES:
        copied(place.shipped(name) / example, place.settings / example)
    for path, content in files.network(place).items():
        files.write(place.at(path), content)
    for path, content in files.programs(place).items():
        files.write(place.at(path), content, 0o755)
    docs = place.at(DOCS)
    for page in ("operations.md", "NOTICE"):
        copied(home / "share" / page, docs / page)
    files.write(docs / "copyright", COPYRIGHT.format(prefix=PREFIX, docs=DOCS))
    (docs / "changelog.gz").write_bytes(gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), 9, mtime=0))
    minor = next((home / "lib").iterdir()).name.removeprefix("python")
    return name, minor


def copied(source: Path, target: Path) -> None:
    """A file in its place, its folders made."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def describe(folder: Path, name: str, minor: str) -> None:
    """The package's own folder, DEBIAN: what it is, what it needs, which files are settings, and its four scripts."""
    place = Place(folder, PREFIX, packaged=True)
    about = folder / "DEBIAN"
    about.mkdir()
    kept = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink() and about not in path.parents)
    sums = [f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {path.relative_to(folder)}\n" for path in kept]
    files.write(about / "md5sums", "".join(sums))
    settings = [*(place.etc / example for example in files.EXAMPLES), *files.network(place)]
    files.write(about / "conffiles", "".join(f"{path}\n" for path in sorted(settings)))
    kib = sum(-(-path.stat().st_size // 1024) for path in kept)
    architecture = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
    python = f"python{minor}, python3 (>= {'.'.join(map(str, release.OLDEST_PYTHON))})"
    files.write(about / "control", CONTROL.format(version=version(), architecture=architecture, kib=kib, python=python))
    words = {"prefix": PREFIX, "name": name, "timers": "lapor-gateway-backup.timer lapor-gateway-verify.timer", "user": files.USER}
    words |= {"etc": place.etc, "state": place.state, "backups": place.backups, "system": place.system}
    for script, text in {"preinst": PREINST, "postinst": POSTINST, "prerm": PRERM, "postrm": POSTRM}.items():
        files.write(about / script, text.format(**words), 0o755)


def settle(folder: Path) -> None:
    """Modes and times that depend on the commit alone; the owner is given by dpkg-deb."""
    programs = {"bin", "sbin", "DEBIAN"}
    for path in release.walk(folder):
        if not path.is_symlink():
            runs = path.is_dir() or (path.parent.name in programs and path.name not in ("control", "conffiles", "md5sums"))
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (release.moment(), release.moment()), follow_symlinks=False)


def main() -> int:
    """Build the package; its path is the last line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", required=True, metavar="FILE", help="the wheel that `make wheel` built")
    parser.add_argument("--python", default="", metavar="FILE", help="the interpreter to run under (default /usr/bin/python3)")
    parser.add_argument("--environment", default="", metavar="FOLDER", help="take the locked packages from this environment, not by pip")
    parser.add_argument("--out", default=str(ROOT / "dist"), metavar="FOLDER", help="where the package goes (default dist)")
    parser.add_argument("--keep", default="", metavar="FOLDER", help="lay the files out here, and leave them")
    parser.add_argument("--level", type=int, default=6, metavar="N", help="of compression, 0 to 9 (default 6)")
    options = parser.parse_args()
    folder = Path(options.keep or ROOT / "build" / "deb").resolve()
    if missing := [tool for tool in ("dpkg-deb", "dpkg") if shutil.which(tool) is None]:
        print(f"{' and '.join(missing)} not found: a Debian package is built on Debian", file=sys.stderr)
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    try:
        name, minor = stage(folder, Path(options.wheel), options)
    except release.ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    describe(folder, name, minor)
    settle(folder)
    Path(options.out).mkdir(exist_ok=True)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(release.moment())}
    form = ["--root-owner-group", "-Zxz", f"-z{options.level}", "--threads-max=1"]  # several threads cut the stream by their number
    done = subprocess.run(["dpkg-deb", *form, "--build", folder, options.out], env=environment, check=False)
    if not options.keep:
        shutil.rmtree(folder)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
