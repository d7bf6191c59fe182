"""What each task of `lapor-gateway route` does; cli.py says how it is called.

Tables are read from files or from the journal's shelf, for which neither key nor gateway is needed. Recorded texts and the shelf's
next row go through the gateway or, where none runs, through a journal that the command opens itself.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forwarder.journal import shelf
from gateway import difference, explanation, json_lines, route_page, settings, sheet, tables
from gateway.commands import EXIT_FAILED, EXIT_OK, say
from gateway.reading import Reader
from gateway.reload import REFUSED
from gateway.settings import Site
from gateway.tables import Kind, Sheet, day_of
from parsers import lint, routes
from parsers.errors import SettingsError
from parsers.findings import ENGLISH
from parsers.regions import Regions
from parsers.routes import Table

INSTALLED, FILE = "installed", "file"
UNITS_MS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000}
PROGRESS_SECONDS = 1.0
HISTORY_ROWS = 100


def route(options: argparse.Namespace) -> int:
    """Carry out one task; mistakes in a table are said with their lines, exit 1."""
    try:
        return TASKS[options.task](options)
    except SettingsError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)  # noqa: T201
        return EXIT_FAILED


@dataclass(frozen=True, slots=True)
class Office:
    """The tables of a site, for a command that needs no secret."""

    site: Site
    reader: Reader
    sheet: Sheet
    installed: bool


def _lint(options: argparse.Namespace) -> int:
    site = _site(options)
    regions, _ = tables.gazetteer(site)
    kind = Kind(options.kind)
    given = tables.sheet_at(Path(options.file)) if options.file else tables.sheet_of(site, kind)
    table, findings = routes.check(given.text, regions=regions, name=f"{kind.value}.csv")
    errors = len(findings)
    if table is not None:
        findings = lint.lint(table, _today())
    language = options.lang or ENGLISH
    for finding in findings:
        say(("" if finding.error else WARNING[language]) + finding.sentence(given.name, language))
    say(COUNTED[language].format(errors=errors, warnings=len(findings) - errors))
    return EXIT_FAILED if errors else EXIT_OK


WARNING = {"en": "warning: ", "id": "peringatan: "}
COUNTED = {"en": "{errors} errors, {warnings} warnings", "id": "{errors} kesalahan, {warnings} peringatan"}


def _explain(options: argparse.Namespace) -> int:
    office = _office(options)
    day = _day(options.at)
    reading = office.reader.read(" ".join(options.text), day, options.channel)
    say(explanation.page(reading, office.reader, day, channel=options.channel, policy=office.site.settings.identity))
    if not office.installed:
        say(f"\nnote: nothing is installed in the journal yet; this is by the file\n{office.sheet.name}")
    return EXIT_OK


def _diff(options: argparse.Namespace) -> int:
    site = _site(options)
    kind = Kind(options.kind)
    regions, topics = tables.gazetteer(site)
    old, new = (_named(site, kind, name) for name in (options.old, options.new))
    readers = [Reader(table, table, regions, topics) for table in (_table(one, regions, kind) for one in (old, new))]
    say(f"old {old.name} {readers[0].routes.version}, new {new.name} {readers[1].routes.version}")
    for line in (*route_page.rows(difference.rows(old.text, new.text)), ""):
        say(line)
    for line in route_page.effects(difference.effects(readers[0], readers[1], _day(options.at))):
        say(line)
    return EXIT_OK


def _rehearse(options: argparse.Namespace) -> int:
    site = _site(options)
    given = _named(site, Kind.ROUTES, options.new)
    _table(given, tables.gazetteer(site)[0], Kind.ROUTES)
    _try_on_traffic(options, given, _since(options.since), day=_day(options.at).isoformat() if options.at else None)
    return EXIT_OK


def _install(options: argparse.Namespace) -> int:
    site, kind = _site(options), Kind(options.kind)
    regions, _ = tables.gazetteer(site)
    try:
        given = tables.sheet_at(Path(options.file))
        table = _table(given, regions, kind)
    except SettingsError as error:
        raise SettingsError([*error.problems, REFUSED]) from None
    before = _running(site, kind)
    warnings = lint.lint(table, _today())
    sent = {"csv": given.text, "name": given.name, "kind": kind.value, "owner": options.owner, "who": options.who, "why": options.why}
    installed = _ask(options, "route install", **sent)
    for line in route_page.rows(difference.rows(before.text, _running(site, kind).text)):
        say(line)
    say(f"{installed['version']} runs, installed by {installed['who']}")
    if warnings:
        say(f"{len(warnings)} warnings; `lapor-gateway route lint {given.name}` says them")
    return EXIT_OK


def _rollback(options: argparse.Namespace) -> int:
    installed = _ask(options, "route rollback", kind=options.kind, who=options.who, why=options.why)
    say(f"{installed['version']} runs again, by {installed['who']}")
    return EXIT_OK


def _history(options: argparse.Namespace) -> int:
    found = shelf.glance_history(_site(options).journal_path, options.kind, HISTORY_ROWS)
    say(route_page.history(found))
    return EXIT_OK


def _export(options: argparse.Namespace) -> int:
    site = _site(options)
    running = _running(site, Kind(options.kind))
    if options.region is None:
        text = running.text
    else:
        regions, _ = tables.gazetteer(site)
        if options.region not in regions:
            raise SettingsError([f"{options.region} is no region code of regions.csv, such as 13.06"])
        text = sheet.text_of(sheet.region_rows(running.text, options.region))
    if options.file is None:
        sys.stdout.write(text)
    else:
        _write(Path(options.file), text)
    return EXIT_OK


def _unmatched(options: argparse.Namespace) -> int:
    found = _long(options, "route unmatched", lambda _: None, since_ms=_since(options.since))
    for line in route_page.unmatched(found["words"], options.least, options.limit):
        say(line)
    return EXIT_OK


def _learn(options: argparse.Namespace) -> int:
    site = _site(options)
    regions, _ = tables.gazetteer(site)
    if options.region not in regions:
        raise SettingsError([f"{options.region} is no region code of regions.csv, such as 13.06"])
    running = _running(site, Kind.ROUTES)
    words = routes.keys_of(options.word)
    candidate = Sheet(f"routes-{'-'.join(words) or 'word'}.csv", sheet.learned(running.text, options.word, options.region))
    table = _table(candidate, regions, Kind.ROUTES)
    last = sheet.rows_of(candidate.text)[-1]
    say(f"{options.word} → {options.region} {regions[options.region].title}")
    for finding in lint.lint(table, _today()):
        if finding.line == last.line:
            say("warning: " + finding.sentence(candidate.name))
    _try_on_traffic(options, candidate, _since(options.since), day=None)
    if not options.yes:
        _write(Path(candidate.name), candidate.text)
        say(f"written to {candidate.name}; `lapor-gateway route install {candidate.name} --why …` makes it run, or learn again with --yes")
        return EXIT_OK
    why = options.why or f"learned {options.word} for {options.region}"
    installed = _ask(options, "route install", csv=candidate.text, name=candidate.name, kind="routes", who=options.who, why=why)
    say(f"{installed['version']} runs, installed by {installed['who']}")
    return EXIT_OK


def _read(options: argparse.Namespace) -> int:
    reader = _office(options).reader
    with open(sys.stdin.fileno(), "rb", closefd=False) as given, open(sys.stdout.fileno(), "wb", closefd=False) as taken:
        json_lines.answer_all(given, taken, reader, _today)
    return EXIT_OK


TASKS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "lint": _lint,
    "explain": _explain,
    "diff": _diff,
    "rehearse": _rehearse,
    "install": _install,
    "rollback": _rollback,
    "history": _history,
    "export": _export,
    "unmatched": _unmatched,
    "learn": _learn,
    "read": _read,
}


def _try_on_traffic(options: argparse.Namespace, given: Sheet, since_ms: int, *, day: str | None) -> None:
    site = _site(options)
    if not site.journal_path.exists():
        say("there is no journal here yet, so there are no recorded texts to try it on")
        return
    sent = {"csv": given.text, "name": given.name, "since_ms": since_ms, "day": day}
    found = _long(options, "route rehearse", lambda change: say(route_page.change(change)), **sent)
    for line in route_page.summary(found["summary"]):
        say(line)


def _long(options: argparse.Namespace, verb: str, told: Callable[[dict[str, Any]], None], **args: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Long work of the gateway: what it tells on the way, its progress for whoever watches, and its last answer."""
    from gateway import local  # noqa: PLC0415 - brings the whole gateway: only what needs it waits for that

    async def whole() -> dict[str, Any]:
        last: dict[str, Any] = {}
        shown_at = time.monotonic()
        async for last in local.answers(settings.find(options.config), verb, **args):
            if "change" in last:
                told(last["change"])
            elif "progress" in last and time.monotonic() - shown_at >= PROGRESS_SECONDS:
                shown_at = time.monotonic()
                print(route_page.progress(last["progress"]), file=sys.stderr, flush=True)  # noqa: T201
        return last

    return asyncio.run(whole())


def _ask(options: argparse.Namespace, verb: str, **args: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return _long(options, verb, lambda _: None, **args)


def _site(options: argparse.Namespace) -> Site:
    return settings.without_secrets(settings.find(options.config))


def _office(options: argparse.Namespace) -> Office:
    """Every table that a reading needs: the installed ones, else the files, or the routes of --table."""
    site = _site(options)
    regions, topics = tables.gazetteer(site)
    chosen = _named(site, Kind.ROUTES, options.table) if options.table else _running(site, Kind.ROUTES)
    keywords, tags = _table(chosen, regions, Kind.ROUTES), _table(_running(site, Kind.HASHTAGS), regions, Kind.HASHTAGS)
    installed = bool(options.table) or shelf.glance(site.journal_path, Kind.ROUTES.value) is not None
    return Office(site, Reader(keywords, tags, regions, topics), chosen, installed)


def _running(site: Site, kind: Kind) -> Sheet:
    """The table that runs, or would run: the installed one, else the file."""
    found = shelf.glance(site.journal_path, kind.value)
    return tables.sheet_of(site, kind) if found is None else Sheet(f"{kind.value}.csv", found[1])


def _named(site: Site, kind: Kind, name: str) -> Sheet:
    """A table by the name that a person gives: `installed`, `file`, a path, or a version of `route history`."""
    if name == INSTALLED:
        return _running(site, kind)
    if name == FILE:
        return tables.sheet_of(site, kind)
    if Path(name).is_file():
        return tables.sheet_at(Path(name))
    found = shelf.glance(site.journal_path, kind.value, name) if re.fullmatch(r"[0-9a-f]{4,12}", name) else None
    if found is None:
        raise SettingsError([f"{name}: no such file, and no version of `route history`; {INSTALLED} and {FILE} are names, too"])
    return Sheet(found[0].version, found[1])


def _table(given: Sheet, regions: Regions, kind: Kind) -> Table:
    return tables.compiled(given, regions, kind)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsError([f"{path}: cannot be written: {error.strerror}"]) from None


def _since(span: str) -> int:
    """UTC ms of `7d`, `12h` or `30m` ago."""
    found = re.fullmatch(r"(\d{1,5})([dhm])", span)
    if found is None:
        raise SettingsError([f"--since {span}: write 7d, 12h or 30m"])
    return _now_ms() - int(found[1]) * UNITS_MS[found[2]]


def _day(at: str | None) -> dt.date:
    if at is None:
        return _today()
    day_first = re.fullmatch(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})", at)
    try:
        return dt.date(*map(int, reversed(day_first.groups()))) if day_first else dt.date.fromisoformat(at)
    except ValueError:
        raise SettingsError([f"--at {at}: write 2026-12-31 or 31-12-2026"]) from None


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _today() -> dt.date:
    return day_of(_now_ms())
