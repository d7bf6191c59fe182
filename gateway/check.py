"""`lapor-gateway check`: every mistake in settings, secrets, tables and texts at once; and what is right, in a few lines."""

from __future__ import annotations

import os
from collections.abc import Iterator

from adapters.smpp.profile import OperatorSettings, SmppSettings
from adapters.x.channel import queries
from adapters.x.settings import XSettings
from forwarder import mirror
from forwarder.core.settings import CoreSettings
from forwarder.journal import shelf
from gateway import settings, tables
from gateway.control import PATH_OCTETS_MAX
from gateway.secrets import Secrets, how_to_give
from gateway.settings import GatewaySettings, Site
from gateway.tables import Kind, Sheet, Tables, tags_in
from parsers.errors import JournalError, SettingsError
from parsers.post import tags_of

CALENDAR_DAYS_LEAST = 60  # Ours: the longest deadline is 60 working days, so something is counted into the next year by then.


def check(given: str | None, now_ms: int) -> tuple[list[str], list[str]]:
    """(problems, notes) of the site that `run` would take. No problem means that `run` will start; notes are for people to read."""
    secrets = Secrets.of_process()
    path = settings.find(given)
    problems: list[str] = []
    try:
        site, sound = settings.load(path, secrets), True
    except SettingsError as error:  # the tables are read all the same: those that `run` would look for first
        problems += error.problems
        standing = GatewaySettings(core=CoreSettings(token=_token(secrets)))
        site, sound = Site(path, standing, SmppSettings(), path.parent / "state", secrets), False
    problems += settings.disagreements(site)
    problems += _state(site) if sound else []
    problems += _pager(site)
    try:
        loaded = tables.load(site)
    except SettingsError as error:
        return problems + error.problems, []
    if not sound:
        return problems, []
    told, wrong = _installed(site, loaded)
    if site.settings.journal.ack_after == "mirror" and site.settings.mirror.redis and (cause := mirror.look(site.settings.mirror)):
        wrong.append(f"{site.path}: mirror.redis: {cause}; while that is so, every operator is told later")
    return problems + wrong, [*_notes(site, loaded), *told, *_calendar(site, loaded, now_ms)]


def _installed(site: Site, loaded: Tables) -> tuple[list[str], list[str]]:
    """(notes, problems) about the routing tables installed in the journal: those run, and the files may say something else."""
    notes, problems = [], []
    for kind in Kind:
        try:
            found = shelf.glance(site.journal_path, kind.value)
        except JournalError as error:
            return [f"note: which routing tables are installed is unknown: {error}"], []
        if found is None:
            continue
        version, text = found
        file = tables.sheet_of(site, kind)
        if text != file.text:
            notes.append(
                f"warning: {file.name} differs from the installed {kind} {version.version}, which runs; "
                f"`lapor-gateway route diff installed {file.name}` shows how, `route install` makes the file run"
            )
        try:
            tables.compiled(Sheet(f"{kind}.csv {version.version}", text), loaded.regions, kind)
        except SettingsError as error:
            problems += error.problems
    return notes, problems


def _calendar(site: Site, loaded: Tables, now_ms: int) -> Iterator[str]:
    """Before the table of holidays ends, somebody should add the next year: else its holidays count as working days."""
    last = loaded.clocks.workdays.last
    today = tables.day_of(now_ms)
    if last is None or (last - today).days <= CALENDAR_DAYS_LEAST:
        until = "has no holiday" if last is None else f"ends with {last.year}"
        year = max(today.year, last.year + 1 if last else today.year)
        yield (
            f"warning: {site.settings.files.holidays} {until}: deadlines then count weekends alone; add the rows of {year} when its decree "
            "is out (docs/clocks.md)"
        )


def _token(secrets: Secrets) -> str:
    """The core's token, whatever else is wrong; one that cannot be read is a problem said already."""
    try:
        return secrets.find("core_token") or ""
    except SettingsError:
        return "unreadable"


def _state(site: Site) -> Iterator[str]:
    state = site.state
    if len(os.fsencode(site.socket_path)) > PATH_OCTETS_MAX:
        yield f"{site.socket_path}: longer than {PATH_OCTETS_MAX} octets, as a socket may be; set a shorter [house] state"
    parent = next(folder for folder in (state, *state.parents) if folder.exists())
    if not parent.is_dir():
        yield f"{parent}: is a file, but the journal's folder should be there; set [house] state"
    elif not os.access(parent, os.W_OK | os.X_OK):
        yield f"{parent}: not writable for this user, so the journal cannot be kept in {state}; change its owner, or set [house] state"


def _pager(site: Site) -> Iterator[str]:
    """The program that calls people should be one before it is needed."""
    command = site.settings.alarms.notify
    if command and not os.access(command[0], os.X_OK):
        yield f"{site.path}: alarms.notify: {command[0]} is no program this user may run; correct its path, or its mode"


def _x_notes(x: XSettings, loaded: Tables) -> Iterator[str]:
    if not x.enabled:
        return
    searches = queries(x.handle, tags_of(tags_in(loaded.hashtags)))
    yield f"x: @{x.handle}, number {x.user_id}; {len(searches)} searches for its tags; at most ${x.budget_per_day:g} a day"
    if x.server:
        yield f"note: x.server sends everything for X to {x.server}, which is not X itself"


def _ways(operator: OperatorSettings) -> str:
    ways = [f"{len(operator.bind_names())} binds to {', '.join(operator.hosts)}"] if operator.hosts else []
    if operator.account is not None:
        ways.append("he may bind to us")
    if operator.outbind is not None:
        ways.append("he may send outbind")
    return ", ".join(ways)


def _notes(site: Site, loaded: Tables) -> Iterator[str]:
    yield f"{site.path}: settings are right; the journal is kept in {site.state}"
    yield f"routes {loaded.routes.version}: {len(loaded.routes.routes)} rows; texts in {', '.join(loaded.texts.languages)}"
    yield site.settings.identity.describe()
    yield from _x_notes(site.settings.x, loaded)
    if not site.smpp.operator:
        yield "note: no operator is configured, so no SMS can arrive; see operators.toml"
    for operator in site.smpp.operator:
        yield f"operator {operator.name}: {_ways(operator)}"
        if operator.hosts and not operator.password:
            yield f"note: operator {operator.name} has no password; {how_to_give(f'operator_{operator.name}_password')}"
        if operator.tls is not None and not operator.tls.verify:
            yield f"note: operator {operator.name}: tls.verify = false encrypts, but does not know with whom"
