"""The tables a gateway runs with (regions, routes, texts), read together so that every mistake in them is said at once."""

from __future__ import annotations

import datetime as dt
import enum
import gc
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from forwarder import replies
from gateway import files
from gateway.composer import Alphabet, Desk
from gateway.elsewhere import WAIT_MS
from gateway.settings import Site
from parsers import deadlines, regions, routes, topics, workdays
from parsers.due import Clocks
from parsers.errors import SettingsError
from parsers.routes import Table

Loaded = TypeVar("Loaded")

FILE_OCTETS_MAX = 4 * routes.CHARACTERS_MAX + 4  # UTF-8 has four octets a character at most: a longer file is refused unread
DAY_MS = 86_400_000
WIB_MS = 7 * 3_600_000
COLLECT_AFTER = (20_000, 20, 20)  # allocations, then generations: a message makes hundreds of objects, and nearly none in circles


class Kind(enum.StrEnum):
    """Which routing table: that of keywords or that of hashtags."""

    ROUTES = "routes"
    HASHTAGS = "hashtags"


@dataclass(frozen=True, slots=True)
class Tables:
    """What routing and answering need; a new set takes the place of the old one whole."""

    regions: regions.Regions
    routes: Table
    hashtags: Table
    topics: topics.Topics
    texts: replies.Texts
    clocks: Clocks


@dataclass(frozen=True, slots=True)
class Sheet:
    """A routing table as a file: where it stands, for people, and its text."""

    name: str
    text: str


def load(site: Site) -> Tables:
    """Read all tables of a site as its files have them; SettingsError carries the problems of all of them."""
    problems: list[str] = []
    known = _try(problems, lambda: regions.load(site.text(site.settings.files.regions)[1]))
    tables = [_try(problems, partial(_routing, site, known, kind)) for kind in Kind] if known else []
    subjects = _try(problems, lambda: topics.load(site.text(site.settings.files.topics)[1]))
    texts = _try(problems, lambda: replies.load([site.text(name) for name in site.settings.files.replies]))
    clocks = _clocks(site, known, problems)
    if known is None or subjects is None or texts is None or clocks is None or len(tables) != len(Kind) or None in tables:
        raise SettingsError(problems)
    keywords, hashtags = tables
    assert keywords is not None  # noqa: S101 - looked at above
    assert hashtags is not None  # noqa: S101
    return Tables(known, keywords, hashtags, subjects, texts, clocks)


def desk_of(site: Site, tables: Tables) -> Desk:
    """What the composer needs, from settings and tables."""
    settings, talk = site.settings, site.settings.conversation
    return Desk(
        table=tables.routes,
        hashtags=tables.hashtags,
        regions=tables.regions,
        topics=tables.topics,
        policy=settings.identity,
        ours=frozenset(settings.house.our_numbers),
        alphabets={one.name: Alphabet(one.alphabet0.value, one.packed) for one in site.smpp.operator},
        receipt_wait_ms=round(settings.replies.receipt_wait_seconds * 1000),
        post_answer_ms=round(settings.x.answer_hours * 3_600_000),
        conversation=replace(talk, ask=talk.ask and settings.replies.enabled and not settings.cluster.enabled),
        elsewhere_wait_ms=WAIT_MS if settings.cluster.enabled else 0,
    )


def gazetteer(site: Site) -> tuple[regions.Regions, topics.Topics]:
    """Regions and topics alone, for a look at a routing table."""
    return regions.load(site.text(site.settings.files.regions)[1]), topics.load(site.text(site.settings.files.topics)[1])


def measures(site: Site) -> tuple[regions.Regions, Clocks]:
    """Regions, and what time is counted by, alone: for a count. SettingsError names every mistake of their files."""
    problems: list[str] = []
    known = _try(problems, lambda: regions.load(site.text(site.settings.files.regions)[1]))
    clocks = _clocks(site, known, problems)
    if known is None or clocks is None:
        raise SettingsError(problems)
    return known, clocks


def sheet_of(site: Site, kind: Kind) -> Sheet:
    """The routing file of a site; SettingsError when it is nowhere or no UTF-8."""
    name, content = site.octets(getattr(site.settings.files, kind.value), FILE_OCTETS_MAX)
    return Sheet(name, routes.decode(content, name=name))


def sheet_at(path: Path) -> Sheet:
    """A routing file that somebody named; the same errors."""
    return Sheet(str(path), routes.decode(files.octets(path, FILE_OCTETS_MAX), name=str(path)))


def compiled(sheet: Sheet, known: regions.Regions, kind: Kind) -> Table:
    """The table of a sheet. Problems are named after the sheet, decisions after the kind (`routes.csv:12`), wherever it came from."""
    table, findings = routes.check(sheet.text, regions=known, name=f"{kind.value}.csv")
    if table is None:
        raise SettingsError([finding.sentence(sheet.name) for finding in findings])
    return table


def tags_in(hashtags: Table) -> list[str]:
    """Every tag of a hashtag table, whatever its dates: a post with an expired one is read, too."""
    return [alias for route in hashtags.routes for alias in route.aliases]


def day_of(at_ms: int) -> dt.date:
    """The routing day of a moment: days begin in Jakarta."""
    return dt.date(1970, 1, 1) + dt.timedelta(days=(at_ms + WIB_MS) // DAY_MS)


def _routing(site: Site, known: regions.Regions, kind: Kind) -> Table:
    return compiled(sheet_of(site, kind), known, kind)


def _clocks(site: Site, known: regions.Regions | None, problems: list[str]) -> Clocks | None:
    """Deadlines and working days; None, and why, where a file has mistakes. Deadlines name regions, so they need those."""

    def calendar() -> workdays.Workdays:
        name, text = site.text(site.settings.files.holidays)
        return workdays.load(text, name=name)

    def rules(known: regions.Regions) -> deadlines.Deadlines:
        name, text = site.text(site.settings.files.deadlines)
        return deadlines.load(text, known, name=name)

    days = _try(problems, calendar)
    terms = None if known is None else _try(problems, partial(rules, known))
    return None if days is None or terms is None else Clocks(terms, days)


def _try(problems: list[str], read: Callable[[], Loaded]) -> Loaded | None:
    try:
        return read()
    except SettingsError as error:
        problems += error.problems
        return None


def freeze() -> None:
    """Spare what is loaded every later collection: the tables live as long as the process, and a message leaves nearly no circles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
