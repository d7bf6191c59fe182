"""`lapor-gateway journal …`: backups while the gateway runs or stands still, their verification, and the way back from one."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

from forwarder import mirror
from forwarder.journal import (
    Findings,
    Journal,
    JournalSettings,
    Sealer,
    Still,
    Storage,
    Vault,
    adopt,
    fits,
    numbering,
    restore,
    sealer_at,
    verify,
)
from forwarder.mirror import RedisMirror
from gateway import control, settings, tables
from gateway.clock import wall_ms
from gateway.commands import EXIT_FAILED, EXIT_OK, say
from gateway.composer import Composer
from gateway.control import NoGateway
from gateway.secrets import Secrets
from gateway.settings import Site
from gateway.site_journal import journal_settings, mirror_of, sealer_of
from gateway.tables import desk_of
from gateway.verbs import step
from parsers.errors import GatewayError, JournalError, SettingsError

MB = 1 << 20


async def _backup(config: Path, folder: Path, keep: int | None) -> AsyncIterator[Any]:
    """By the gateway that runs, or by this process with the journal's lock in its hand."""
    try:
        async for answer in control.stream(settings.socket_of(config), "journal backup", folder=str(folder), keep=keep):
            yield answer
    except NoGateway:
        pass
    else:
        return
    site = settings.load(config, Secrets.of_process())
    storage = Storage(site.journal_path)
    if not storage.path.exists():
        raise JournalError(f"{storage.path}: there is no journal to back up")
    storage.lock(wall_ms())
    try:
        vault = Vault(storage, sealer_at(storage.path, sealer_of(site.secrets)), journal_settings(site), Still(wall_ms, time.monotonic))
        async for one in vault.make(folder, keep):
            yield step(one)
    finally:
        storage.unlock()


def backup(options: argparse.Namespace) -> int:
    """Make a backup, verify it, remove old ones."""
    config, folder = settings.find(options.config), Path(options.folder).absolute()

    async def follow() -> Any:  # noqa: ANN401 - JSON from the socket
        last: Any = None
        async for last in _backup(config, folder, options.keep):
            if "what" in last:
                _progress(last["what"], last["done"], last["total"])
        return last

    made = asyncio.run(follow())
    _progress_ends()
    manifest = made["manifest"]
    say(f"{made['path']}: {made['octets'] / MB:.1f} MB, {manifest['rows'].get('message stored', 0)} messages, verified")
    say(f"the write-ahead log was {made['log_octets'] / MB:.1f} MB when all was copied; {made['opened']} sealed values were opened")
    if made["removed"]:
        say(f"removed {len(made['removed'])} older: {', '.join(made['removed'])}")
    if made["same_disk"]:
        say("warning: it lies on the journal's own disk, and would die with it; copy it to another machine")
    say("keep the master key, too, and elsewhere: without it nobody can read a backup")
    return EXIT_OK


def check_file(options: argparse.Namespace) -> int:
    """Whether a file can be restored."""
    file = Path(options.file)
    found = verify(file, sealer_of(Secrets.of_process()), every=options.all, tell=_progress)
    _progress_ends()
    for line in _told(file, found):
        say(line)
    for problem in found.problems:
        print(f"{file}: {problem}", file=sys.stderr)  # noqa: T201
    if found.problems:
        return EXIT_FAILED
    _tell_gateway(options, found)
    say("ok: `journal restore` takes it")
    return EXIT_OK


def _tell_gateway(options: argparse.Namespace, found: Findings) -> None:
    """A gateway that runs here notes that a backup is good, for its alarm A20; without one nobody needs to know."""
    if found.manifest is None:
        return
    with contextlib.suppress(GatewayError, OSError):
        path = settings.socket_of(settings.find(options.config))
        asyncio.run(control.call(path, "journal verified", letter=found.manifest.letter, made_ms=found.manifest.made_ms))


def _told(file: Path, found: Findings) -> list[str]:
    lines = []
    if found.manifest is not None:
        lines.append(f"{file}: gateway {found.manifest.letter}, {found.manifest.made}, journal version {found.version}")
    lines += [f"  {name:<24}{count:>10}" for name, count in sorted(found.rows.items())]
    if found.sealed:
        more = "" if found.opened >= found.sealed else " (--all opens each)"
        lines.append(f"{found.opened} of {found.sealed} sealed values opened{more}")
    return lines + [f"note: {note}" for note in found.notes]


def bring_back(options: argparse.Namespace) -> int:
    """Put a backup in the journal's place."""
    site = settings.load(settings.find(options.config), Secrets.of_process())
    kept, file = journal_settings(site), Path(options.file)
    sealer = sealer_at(file, sealer_of(site.secrets))
    opened = _opener(site, sealer, kept)
    found = _sound(file, sealer, kept, every=options.all)
    done = asyncio.run(restore(file, site.journal_path, found, replace=options.replace, opened=opened, now_ms=wall_ms()))
    revived = done.revived
    say(f"{site.journal_path}: restored from {file}")
    if done.aside is not None:
        say(f"the journal that was there lies in {done.aside}")
    _say_what_is_open(site, {"unknown": revived.unknown, "desk": revived.desk, "replies": revived.replies, "sets": revived.sets})
    say(f"complaint numbers go on from id {revived.first_id}: {revived.skipped} are left out, for the lost journal may have given them")
    say("what was accepted after the backup is not in it: docs/backup.md says how to find it at the core and at the operators")
    return EXIT_OK


def _opener(site: Site, sealer: Sealer, kept: JournalSettings, mirrored: RedisMirror | None = None) -> Callable[[Path], Journal]:
    """How a journal of this site is opened: long messages that are closed are understood by its tables, and the mirror hears of them."""
    composer = Composer(desk_of(site, tables.load(site)), numbering(sealer, kept).number_of)

    def opened(path: Path) -> Journal:
        return Journal.open(path, sealer=sealer, settings=kept, clock=wall_ms, composer=composer, monotonic=time.monotonic, mirror=mirrored)

    return opened


def _sound(file: Path, sealer: Sealer, kept: JournalSettings, *, every: bool = False) -> Findings:
    """What is found in a backup of this gateway; GatewayError when it cannot be restored."""
    found = verify(file, sealer, every=every, tell=_progress)
    _progress_ends()
    if found.problems:
        raise GatewayError("\n".join(f"{file}: {problem}" for problem in found.problems))
    fits(found, kept.gateway_letter)
    return found


def take_over(options: argparse.Namespace) -> int:
    """Make a journal from the mirror."""
    site = settings.load(settings.find(options.config), Secrets.of_process())
    if not site.settings.mirror.redis:
        raise SettingsError([f"{site.path}: mirror.redis does not say where the mirror is"])
    kept = journal_settings(site)
    sealer = mirror.rooted(site.settings.mirror, kept.gateway_letter, sealer_of(site.secrets))
    backup = Path(options.backup) if options.backup else None
    if backup is not None:
        _sound(backup, sealer, kept)
    found = mirror.entries(site.settings.mirror, kept.gateway_letter, sealer)
    opened = _opener(site, sealer, kept, mirror_of(site, sealer))
    done = asyncio.run(adopt(found, site.journal_path, backup=backup, replace=options.replace, opened=opened, now_ms=wall_ms()))
    say(f"{site.journal_path}: adopted from the mirror, {done.entries} transactions; {done.orphans} were never committed and are left out")
    if done.late:
        say("note: what was settled before the mirror begins is in a backup only; `--backup FILE --replace` brings that back, too")
    if done.restored.aside is not None:
        say(f"the journal that was there lies in {done.restored.aside}")
    revived = done.restored.revived
    _say_what_is_open(site, {"unknown": revived.unknown, "desk": revived.desk, "replies": revived.replies, "sets": revived.sets})
    return EXIT_OK


def _say_what_is_open(site: Site, counts: Mapping[str, int]) -> None:
    most = site.settings.dispatch.unknown_max
    say(f"{counts['unknown']} unfinished complaints are unknown: a look-up settles them, or `desk list --state unknown`")
    if counts["unknown"] > most:
        say(f"warning: nothing new is filed while more than dispatch.unknown_max ({most}) are unknown")
    say(f"{counts['desk']} on the desk are marked: look into the core before one is released")
    say(f"{counts['replies']} replies were not sent yet and are not sent now; {counts['sets']} long messages were closed as they are")


def salvage(options: argparse.Namespace) -> int:
    """Bring back what can be read of a file that was set aside."""
    found: Any = asyncio.run(
        control.call(settings.socket_of(settings.find(options.config)), "journal salvage", file=str(Path(options.file).resolve()))
    )
    say(
        f"brought back {found['complaints']} complaints, {found['messages']} messages and {found['replies']} replies; "
        f"{found['unreadable_rows']} rows could not be read"
    )
    if found["unknown"]:
        say(f"{found['unknown']} were unfinished and are unknown now: `lapor-gateway desk list --state unknown` shows them")
    return EXIT_OK


TASKS = {"backup": backup, "verify": check_file, "restore": bring_back, "salvage": salvage, "adopt": take_over}


def _progress(what: str, done: int, total: int) -> None:
    """One line that overwrites itself, for a person who waits; nothing in a log."""
    if sys.stderr.isatty():
        print(f"\r{what}: {100 * done // max(1, total)} %   ", end="", file=sys.stderr, flush=True)  # noqa: T201


def _progress_ends() -> None:
    if sys.stderr.isatty():
        print(file=sys.stderr)  # noqa: T201
