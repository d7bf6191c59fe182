"""New routing tables while messages flow: checked beside the work, stored, then put in place of the old between two messages.

The routing file seeds the first version; afterwards the newest one installed in the journal runs, whatever the file says. A bad
table is refused with every mistake in it, and the old one goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from forwarder.journal import Hand, Journal, RoutingVersion
from gateway import sheet
from gateway.settings import Site
from gateway.tables import Kind, Sheet, Tables, compiled, sheet_of
from parsers import routes
from parsers.errors import JournalError, SettingsError
from parsers.findings import Finding

log = logging.getLogger(__name__)

SEEDED_BY = "lapor-gateway"
REFUSED = "nothing is installed, the old table goes on"


@dataclass(frozen=True, slots=True)
class Wish:
    """A table that somebody wants to run. With an `owner` (a region code) the sheet holds that region's rows, and only those change."""

    kind: Kind
    sheet: Sheet
    by: Hand
    owner: str | None = None


class Reload:
    """Which routing tables run, and how others take their place. `take` puts a new set to work; it is called between two messages."""

    def __init__(self, journal: Journal, site: Site, tables: Tables, take: Callable[[Tables], None]) -> None:
        self.tables = tables
        self.versions: dict[Kind, RoutingVersion] = {}
        self._texts: dict[Kind, str] = {}
        self._journal, self._site, self._take = journal, site, take
        self._one_at_a_time = asyncio.Lock()

    async def start(self) -> None:
        """Before the first message: run what is installed, or install the files as the first version. Never keeps the gateway shut."""
        for kind in Kind:
            file = sheet_of(self._site, kind)
            self._texts[kind] = file.text
            try:
                await self._begin(kind, file)
            except JournalError as error:
                told = {"kind": kind.value, "cause": str(error)}
                log.error("the installed routing table is out of reach, the file's runs", extra=told)  # noqa: TRY400 - the journal says why

    async def _begin(self, kind: Kind, file: Sheet) -> None:
        installed = await self._journal.routing.active(kind.value)
        if installed is None:
            table = compiled(file, self.tables.regions, kind)
            by = Hand(SEEDED_BY, f"the first table, from {file.name}")
            self._use(await self._journal.routing.install(kind.value, table.version, file.text, by), file.text, table)
            return
        if installed[1] != file.text:
            told = {"kind": kind.value, "installed": installed[0].version, "file": file.name}
            log.info("the installed routing table differs from the file, and runs", extra=told)
        await self._resume(kind, installed)

    def running(self, kind: Kind) -> Sheet:
        """The table that runs, as text."""
        return Sheet(f"{kind.value}.csv", self._texts[kind])

    async def install(self, wish: Wish) -> RoutingVersion:
        """Check, store, use. SettingsError with every mistake and its line: then nothing has changed. JournalError likewise."""
        async with self._one_at_a_time:
            try:
                text, table = await asyncio.to_thread(checked, wish, self._texts[wish.kind], self._table(wish.kind))
            except SettingsError as error:
                told = {"mistakes": len(error.problems), "first": error.problems[0], "who": wish.by.who}
                log.error("a routing table was refused; the old one goes on", extra=told)  # noqa: TRY400 - a person's mistake, no traceback
                raise SettingsError([*error.problems, REFUSED]) from None
            if text == self._texts[wish.kind] and wish.kind in self.versions:
                return self.versions[wish.kind]
            return await asyncio.shield(self._put(Sheet(wish.sheet.name, text), table, wish.by, None))

    async def rollback(self, kind: Kind, by: Hand) -> RoutingVersion:
        """Run the table again that ran before this one; SettingsError when there is none, or it does not fit the regions any more."""
        async with self._one_at_a_time:
            running = self.versions.get(kind)
            older = await self._journal.routing.table(running.previous) if running and running.previous is not None else None
            if older is None:
                raise SettingsError(["the first table runs: there is nothing to go back to"])
            sheet = Sheet(f"{kind.value}.csv {older[0].version}", older[1])
            table = await asyncio.to_thread(compiled, sheet, self.tables.regions, kind)
            return await asyncio.shield(self._put(sheet, table, by, older[0].id))

    async def _put(self, sheet: Sheet, table: routes.Table, by: Hand, back_to: int | None) -> RoutingVersion:
        """Store, then use; shielded, so that who gave the command and hangs up cannot come between the two."""
        kind = Kind.ROUTES if table.name == f"{Kind.ROUTES}.csv" else Kind.HASHTAGS
        version = await self._journal.routing.install(kind.value, table.version, sheet.text, by, back_to)
        self._use(version, sheet.text, table)
        return version

    async def _resume(self, kind: Kind, installed: tuple[RoutingVersion, str]) -> None:
        """Use the installed table; where it does not load any more (another regions.csv), the one before it, at last the file."""
        candidate: tuple[RoutingVersion, str] | None = installed
        while candidate is not None:
            version, text = candidate
            try:
                table = await asyncio.to_thread(compiled, Sheet(f"{kind.value}.csv {version.version}", text), self.tables.regions, kind)
            except SettingsError as error:
                told = {"version": version.version, "cause": error.problems[0]}
                log.error("an installed routing table does not load", extra=told)  # noqa: TRY400 - the tables disagree, no bug
                candidate = await self._journal.routing.table(version.previous) if version.previous is not None else None
                continue
            self._use(version, text, table)
            return
        log.error("no installed routing table loads: the file's runs until one is installed", extra={"kind": kind.value})

    def _table(self, kind: Kind) -> routes.Table:
        return self.tables.routes if kind is Kind.ROUTES else self.tables.hashtags

    def _use(self, version: RoutingVersion, text: str, table: routes.Table) -> None:
        """No await in here: no message is composed with half of the old."""
        kind = Kind(version.kind)
        self.tables = replace(self.tables, routes=table) if kind is Kind.ROUTES else replace(self.tables, hashtags=table)
        self.versions[kind], self._texts[kind] = version, text
        self._take(self.tables)
        log.info("a routing table runs", extra={"kind": kind.value, "version": version.version, "who": version.who})


def checked(wish: Wish, running: str, table: routes.Table) -> tuple[str, routes.Table]:
    """The text to install and its table; SettingsError with every mistake of the wish's sheet, by its lines."""
    own = compiled(wish.sheet, table.regions, wish.kind)
    if wish.owner is None:
        return wish.sheet.text, own
    if wish.owner not in table.regions:
        raise SettingsError([f"{wish.owner} is no region code of regions.csv, such as 13.06"])
    text, lines = sheet.merged(running, wish.sheet.text, wish.owner)
    together, findings = routes.check(text, regions=table.regions, name=table.name)
    problems = [_sentence(finding, lines, wish.sheet.name, table.name) for finding in findings]
    problems += [finding.sentence(wish.sheet.name) for finding in sheet.trespasses(running, wish.sheet.text, together or table, wish.owner)]
    if problems or together is None:
        raise SettingsError(problems)
    return text, together


def _sentence(finding: Finding, lines: dict[int, tuple[bool, int]], given: str, running: str) -> str:
    """A finding in two sheets put together, by the sheet and line of its row; of two rows that collide it is the owner's."""
    other = finding.values.get("other")
    mine, line = lines.get(finding.line, (True, finding.line))
    if isinstance(other, int):
        others, there = lines.get(other, (True, other))
        if others and not mine:
            mine, line, there = True, there, line
        finding = finding._replace(values={**finding.values, "other": there})
    return finding._replace(line=line).sentence(given if mine else running)
