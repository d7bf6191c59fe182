"""The tables a gateway runs with (regions, routes, texts), read together so that every mistake in them is said at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from forwarder import replies
from gateway.settings import Site
from parsers import regions, routes, topics
from parsers.errors import SettingsError

Loaded = TypeVar("Loaded")


@dataclass(frozen=True, slots=True)
class Tables:
    """What routing and answering need; a new set takes the place of the old one whole."""

    regions: regions.Regions
    routes: routes.Table
    topics: topics.Topics
    texts: replies.Texts


def load(site: Site) -> Tables:
    """Read all tables of a site; SettingsError carries the problems of all of them."""
    problems: list[str] = []
    known = _try(problems, lambda: regions.load(site.text(site.settings.files.regions)[1]))
    table = None
    if known is not None:
        name, text = _try(problems, lambda: site.text(site.settings.files.routes)) or ("", "")
        table = _try(problems, lambda: routes.load(text, regions=known, name=name)) if name else None
    subjects = _try(problems, lambda: topics.load(site.text(site.settings.files.topics)[1]))
    texts = _try(problems, lambda: replies.load([site.text(name) for name in site.settings.files.replies]))
    if known is None or table is None or subjects is None or texts is None:
        raise SettingsError(problems)
    return Tables(known, table, subjects, texts)


def _try(problems: list[str], read: Callable[[], Loaded]) -> Loaded | None:
    try:
        return read()
    except SettingsError as error:
        problems += error.problems
        return None
