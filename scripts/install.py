"""Install the gateway on this machine, bring it to another release, go back, or take it away.

Every release is a folder of its own below /opt/lapor-gateway/releases; `current` points to the one that runs, `previous` to the one
before. Nothing is changed in place, so going back is pointing back. Only the standard library: this also runs where nothing else does.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import journal_copy
import place as files
from place import GATEWAY, TARGET, USER, InstallError, Place
from services import Services, of_machine

RELEASES_KEPT = 3
CHECK_SECONDS = 300
LOG = f"journalctl --unit {GATEWAY} says why"
EPILOG = """\
examples:
  make wheel && sudo make install       build this checkout and make it run; the same brings a newer one (make upgrade)
  sudo make install DRY_RUN=1           say every step and do none
  sudo make rollback                    run the release before this one again
  sudo lapor-gateway-release list       which releases are here
  make install DESTDIR=FOLDER           put the files below FOLDER; no user is made and nothing is started
  sudo make uninstall                   take the program away; settings, secrets, journal and backups stay

The order: build beside what runs - check the settings with the new release - stop - copy the journal - point `current` to the new
release - start - wait until it is ready. When the check fails nothing has changed; when the start fails the old release runs again.
"""


class Installer:
    """Does the steps, one sentence each; with `dry` only the sentences."""

    def __init__(self, place: Place, services: Services, *, dry: bool = False) -> None:
        self.place, self.services, self.dry = place, services, dry

    def step(self, sentence: str, action: Callable[[], object]) -> None:
        """Say what is done, and do it."""
        print(f"  {sentence}", flush=True)
        if not self.dry:
            action()

    def activate(self, name: str) -> None:
        """Make a release that lies here run: prepare, check, stop, copy, point, start; back again when it does not start."""
        place, links = self.place, (self.place.pointed("current"), self.place.pointed("previous"))
        wanted = self.services.wanted()
        self.prepare(name)
        self.check(name, strict=wanted)
        if links[0] != name:
            self.step(f"see that {place.backups} has room for a copy of the journal", lambda: journal_copy.room(place))
        if wanted:
            self.step("stop the gateway: what is in flight is finished, operators deliver again later", self.services.stop)
        try:
            if links[0] != name:
                self.step(f"copy the journal to {place.backups}/before-{name}", lambda: journal_copy.keep(place, name))
            self.point(links[0], name, previous=links[0] if links[0] != name else links[1])
        except BaseException:
            self.back_to(links, name, start=wanted)
            raise
        if wanted:
            self.start(links, name)
        else:
            self.say_next()
        self.step(f"keep the newest {RELEASES_KEPT} releases", self.prune)

    def prepare(self, name: str) -> None:
        """User, folders, caches of the release and, on a machine without a journal, a master key."""
        place = self.place
        if place.as_lapor and not files.has_user():
            self.step(f"make the system user {USER}", files.make_user)
        owners = f"{place.etc} and its secrets (root only), {place.state} and {place.backups} ({USER} only)"
        self.step(f"make {owners}", lambda: files.make_folders(place))
        key = place.settings / "secrets" / "master" / "key"
        if not key.exists() and not place.journal.exists() and self.services.here:
            warning = "KEEP A COPY ELSEWHERE: without it neither journal nor backups can be read"
            self.step(f"make a master key, {place.etc}/secrets/master/key. {warning}", lambda: files.make_key(key))
        release = place.releases / name
        python: list[str | Path] = [release / "bin" / "python", "-I", "-m", "compileall", "-q", release / "lib"]
        if not list(release.glob("lib/*/site-packages/gateway/__pycache__")):
            self.step("compile the release, so that it starts at once", lambda: subprocess.run(python, check=False))

    def check(self, name: str, *, strict: bool) -> None:
        """What a release says to this machine's settings; when it says no and `strict`, InstallError, and nothing has changed."""

        def checked() -> None:
            code, said = self._check(name)
            print("".join(f"    {line}\n" for line in said.splitlines()), end="", flush=True)
            if code and strict:
                raise InstallError(f"{name} does not take these settings: mend what stands above, then try again. What ran runs on")

        self.step(f"check the settings with {name}", checked)

    def _check(self, name: str) -> tuple[int, str]:
        """Exit code and words, on a copy of the settings with the examples as they will be, by the user of the journal."""
        place, python = self.place, self.place.releases / name / "bin" / "python"
        with tempfile.TemporaryDirectory() as folder:
            trial = Path(folder)
            trial.chmod(0o755)
            for path in place.settings.iterdir():
                if path.is_file() and path.suffix in (".toml", ".csv"):
                    shutil.copyfile(path, trial / path.name)
            for path, content, _ in files.examples(place, place.pointed("current"), name):
                (trial / path.name).write_bytes(content)
            environment = {"PATH": "/usr/bin:/bin", "STATE_DIRECTORY": str(place.at(place.state)), **_secrets(place)}
            command: list[str | Path] = [python, "-IB", "-m", "gateway.cli", "check", "--config", trial / "gateway.toml"]
            who: dict[str, Any] = {"user": USER, "group": USER, "extra_groups": []} if place.as_lapor else {}
            both: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
            try:
                done = subprocess.run(command, env=environment, cwd="/", timeout=CHECK_SECONDS, check=False, **both, **who)
            except (OSError, subprocess.TimeoutExpired) as error:
                return 1, f"{python} did not run: {error}"
            return done.returncode, str(done.stdout).replace(folder, str(place.settings)).rstrip()

    def point(self, before: str, name: str, *, previous: str) -> None:
        """Units, examples and programs of that release, then `current`, in one atomic step."""
        place = self.place
        if not place.packaged:
            self.step("put its units, examples and programs in their places", lambda: files.put_files(place, before, name))
        self.step(f"point {place.prefix}/current to {name}", lambda: place.point("current", name))
        self.step(f"remember {previous or 'none'} as the release before", lambda: place.point("previous", previous))
        self.step("let the service manager read its units again", self.services.read_units)

    def start(self, links: tuple[str, str], name: str) -> None:
        """Start and wait until it is ready; where it does not become ready the release before runs again, and InstallError says it."""
        before, ready = links[0], self.services.became_ready()
        print("  start it and wait until it is ready", flush=True)
        if self.dry or self.services.start():
            self.step("restart the workers that run", self.services.restart_workers)
            return
        self.services.stop()
        was_ready = self.services.became_ready() != ready
        if not before or before == name:
            raise InstallError(f"{name} did not become ready, and there is no other release to go back to; {LOG}")
        forward = self.place.about(name)["journal"] > self.place.about(before)["journal"]
        if forward and was_ready:
            raise InstallError(
                f"{name} was ready for a moment, then it ended; {LOG}. It brought the journal forward and may have taken messages into it, "
                f"so {before} cannot go on from there. The gateway is stopped, and operators keep what they have. Mend the cause and start "
                "it; or go back and set aside what it took: lapor-gateway-release rollback --journal backup"
            )
        if forward:
            self.step("put the journal back as it was: the new release took nothing into it", lambda: self.put_journal_back(name))
        again = self.back_to(links, name, start=True)
        state = f"{before} runs again" if again else f"{before} DOES NOT START EITHER, the gateway is stopped"
        raise InstallError(f"{name} did not become ready; {state}; {LOG}")

    def back_to(self, links: tuple[str, str], name: str, *, start: bool) -> bool:
        """Units, examples, programs and links as they were; True when the gateway runs again where it should."""
        if links[0]:
            self.point(name, links[0], previous=links[1])
        if not start:
            return True
        print("  start it and wait until it is ready", flush=True)
        return self.dry or self.services.start()

    def rollback(self, *, journal: str) -> None:
        """Run the release before this one; with a journal that it cannot read, only when the caller says what becomes of it."""
        place, name, target = self.place, self.place.pointed("current"), self.place.pointed("previous")
        if not name or not target:
            raise InstallError("there is no release before this one; `lapor-gateway-release list` shows what is here")
        reads, has = place.about(target)["journal"], journal_copy.version(place, place.about(name)["journal"])
        copy = journal_copy.folder_of(place, name) / "journal.db"
        if has > reads and not (journal == "backup" and copy.exists()):
            raise InstallError(_cannot_read(target, reads, has, copy))
        wanted = self.services.wanted()
        self.check(target, strict=wanted)
        if wanted:
            self.step("stop the gateway", self.services.stop)
        try:
            if has > reads:
                self.step(f"set the journal aside and put back {copy}", lambda: self.put_journal_back(name))
                self.step("mark what was unfinished in it as unknown: the newer journal may have filed it", self.send_nothing_again)
            elif has < reads:
                self.step(f"copy the journal to {place.backups}/before-{target}", lambda: journal_copy.keep(place, target))
        except BaseException:
            self.back_to((name, target), name, start=wanted)
            raise
        self.point(name, target, previous=name)
        if not wanted:
            return
        print("  start it and wait until it is ready", flush=True)
        if not self.dry and not self.services.start():
            raise InstallError(f"{target} did not become ready; {LOG}. The same command goes forward again")
        self.step("restart the workers that run", self.services.restart_workers)

    def put_journal_back(self, name: str) -> None:
        """The journal as it was before `name`, and where the present one lies now."""
        if aside := journal_copy.put_back(self.place, name):
            print(f"    the journal of {name} is kept as {aside}", flush=True)

    def send_nothing_again(self) -> None:
        """What the journal that is set aside may have finished since is for a look-up, or for a person."""
        complaints, replies = journal_copy.send_nothing_again(self.place)
        print(
            f"    {complaints} complaints are unknown (`lapor-gateway desk list --state unknown`), {replies} replies stay unsent",
            flush=True,
        )

    def uninstall(self) -> None:
        """Take away what `install` brought; what the site wrote stays."""
        place = self.place
        self.step("stop everything, and start none of it at the next boot", lambda: self.services.remove(place))
        units = sorted(place.at(place.local_units).glob("lapor-*"))
        for path in (*units, *map(place.at, files.programs(place)), place.at(place.prefix)):
            if path.exists():
                self.step(f"remove {path}", lambda path=path: shutil.rmtree(path) if path.is_dir() else path.unlink())  # type: ignore[misc]
        self.step("let the service manager read its units again", self.services.read_units)
        print(f"What stays: {place.etc} (settings, secrets), {place.state} (journal), {place.backups} (backups), the user {USER},")
        print(f"and whom the services may speak with, {place.system}/lapor-*.service.d/network.conf")

    def show(self) -> None:
        """The releases that are here, newest first."""
        marks = {self.place.pointed("previous"): "before", self.place.pointed("current"): "runs"}
        for name in self.place.by_age():
            print(f"{marks.get(name, ''):8}{name}  (journal up to version {self.place.about(name)['journal']})")

    def say_next(self) -> None:
        """What is left to a person on a machine where the gateway does not run yet."""
        print(f"  the gateway is not enabled here, so it is not started. Secrets: {self.place.etc}/secrets, one file each, the name cut")
        print("  at its first underscore (core_token is core/token). More: docs/operations.md.")
        print(f"  Once `lapor-gateway check` says ok: systemctl enable --now {TARGET}")

    def prune(self) -> None:
        """Remove releases and their journal copies beyond the newest few; what runs and what ran before it always stay."""
        stay = {self.place.pointed("current"), self.place.pointed("previous")} - {""}
        others = [name for name in self.place.by_age() if name not in stay]
        for name in others[max(0, RELEASES_KEPT - len(stay)) :]:
            shutil.rmtree(self.place.releases / name)
            shutil.rmtree(journal_copy.folder_of(self.place, name), ignore_errors=True)


def _secrets(place: Place) -> dict[str, str]:
    """Every secret as the environment of a check that does not run under the service manager."""
    found = {name: value for name, value in os.environ.items() if name.startswith("LAPOR_")}
    for path in sorted((place.settings / "secrets").glob("*/*")):
        if path.is_file():
            variable = "LAPOR_" + re.sub(r"[^A-Z0-9]", "_", f"{path.parent.name}_{path.name}".upper())
            found[variable] = path.read_text(encoding="utf-8").rstrip("\r\n")
    return found


def _cannot_read(target: str, reads: int, has: int, copy: Path) -> str:
    said = (
        f"{target} reads journals up to version {reads}; this one is of version {has}, brought forward by the release that runs. "
        "Nothing was changed, and staying loses nothing. "
    )
    if not copy.exists():
        return (
            said + f"There is no {copy}, so going back would begin with an empty journal: only `lapor-gateway journal restore` could help"
        )
    return said + (
        f"Going back puts {copy} in the journal's place. What was accepted since then is set aside with the newer journal, where the older "
        "release does not see it. What was unfinished in the copy becomes unknown and is not sent again; a long message that was half "
        "there could be filed again as it is. If you want that: make rollback JOURNAL=backup "
        "(lapor-gateway-release rollback --journal backup)"
    )


def build(place: Place, options: argparse.Namespace) -> str:
    """Build this checkout's release beside the others, unless it is there already; its name."""
    import release  # noqa: PLC0415 - only a checkout can build

    wheel = Path(options.wheel)
    if not wheel.is_file():
        raise InstallError(f"{options.wheel or 'no wheel'}: there is none; `make wheel` builds it")
    name = options.name or f"{release.version()}-{release.commit(wheel)}"
    if (place.releases / name / "release.json").exists() and not name.endswith(".changed"):
        print(f"  {name} is here already")
        return name
    if place.pointed("current") == name:
        raise InstallError(f"{name} runs, and this checkout has changes that no commit names; commit them, so that both can stay")
    print(f"  build {name} beside what runs", flush=True)
    if not options.dry_run:
        part = place.releases / f".{name}.part"
        environment = Path(options.environment) if options.environment else None
        try:
            release.build(part, place.prefix / "releases" / name, wheel, python=options.python, environment=environment)
        except release.ReleaseError as error:
            raise InstallError(f"{error}\nNothing was changed") from None
        shutil.rmtree(place.releases / name, ignore_errors=True)
        part.rename(place.releases / name)
    return name


def parser() -> argparse.ArgumentParser:
    """The command line."""
    form = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser(prog="lapor-gateway-release", description=__doc__, epilog=EPILOG, formatter_class=form)
    add = top.add_argument
    add("task", choices=["install", "activate", "rollback", "list", "uninstall"], help="install: build this checkout, then activate it")
    add("name", nargs="?", default="", metavar="NAME", help="activate: which release; install: what to call it (default VERSION-COMMIT)")
    add("--destdir", default=os.environ.get("DESTDIR", ""), metavar="FOLDER", help="put everything below FOLDER (default $DESTDIR)")
    add("--prefix", default="/opt/lapor-gateway", metavar="FOLDER", help="where releases live (default /opt/lapor-gateway)")
    add("--journal", choices=["keep", "backup"], default="keep", help="rollback: backup puts back the copy made before the upgrade")
    add("--wheel", metavar="FILE", default="", help="install: the wheel that `make wheel` built")
    add("--python", metavar="FILE", default="", help="install: the interpreter to run under (default /usr/bin/python3)")
    add("--environment", metavar="FOLDER", default="", help="install: take the locked packages from this environment, not by pip")
    add(
        "--manager",
        metavar="PROGRAM",
        help="what starts and stops services (default: systemctl where systemd runs this machine, else none)",
    )
    add("--packaged", action="store_true", help="a Debian package brought the files: leave units, examples and programs to it")
    add("--dry-run", action="store_true", help="say every step and do none")
    return top


def main(arguments: list[str] | None = None) -> int:
    """Do one task; 0 done, 1 not done, with the reason."""
    options = parser().parse_args(arguments)
    place = Place(Path(options.destdir or "/").resolve(), Path(options.prefix), packaged=options.packaged)
    installer = Installer(place, of_machine(place, options.manager), dry=options.dry_run)
    try:
        _do(options, place, installer)
    except InstallError as error:
        print(f"lapor-gateway-release: {error}.", file=sys.stderr)
        return 1
    except PermissionError as error:
        print(f"lapor-gateway-release: {error.filename}: {error.strerror}; {options.task} needs root there.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nended; the same command goes on from here", file=sys.stderr)
        return 130
    return 0


def _do(options: argparse.Namespace, place: Place, installer: Installer) -> None:
    if options.task == "list":
        installer.show()
        return
    if place.root == Path("/") and os.geteuid() != 0 and not options.dry_run:
        raise InstallError(f"{options.task} needs root: sudo make {options.task}; or DESTDIR=FOLDER puts the files elsewhere")
    with _alone(place, dry=options.dry_run):
        match options.task:
            case "install":
                installer.activate(build(place, options))
            case "activate":
                place.about(options.name)
                installer.activate(options.name)
            case "rollback":
                installer.rollback(journal=options.journal)
            case _:
                installer.uninstall()


@contextmanager
def _alone(place: Place, *, dry: bool) -> Iterator[None]:
    """Two calls at once wait for each other."""
    if dry:
        yield
        return
    place.at(place.prefix).mkdir(parents=True, exist_ok=True)
    with (place.at(place.prefix) / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())
