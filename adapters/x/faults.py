"""How the simulated X may misbehave: a menu, nothing of it at first, each entry one thing that X or the way to it has done to somebody.

Late posts, protected authors, edits and deletions are no faults: the world has them (adapters/x/world.py). The same goes for the limits
and the reply rules, which the simulated X keeps by itself; here they can be had without waiting for them.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import NamedTuple


class Endpoint(enum.StrEnum):
    """The calls that the simulated X answers."""

    MENTIONS = "mentions"
    SEARCH = "search"
    POSTS = "posts"
    ME = "me"
    TIMELINE = "timeline"
    CREATE = "create"
    DELETE = "delete"


READS = frozenset({Endpoint.MENTIONS, Endpoint.SEARCH, Endpoint.POSTS, Endpoint.ME, Endpoint.TIMELINE})
PAGES = frozenset({Endpoint.MENTIONS, Endpoint.SEARCH, Endpoint.TIMELINE})
CREATES = frozenset({Endpoint.CREATE})
ANY = frozenset(Endpoint)


class Fault(enum.StrEnum):
    """One way to answer. The names are what `simulate x --faults` takes."""

    OK = "ok"
    UNAUTHORIZED = "401"
    CREDITS = "402"
    CAPPED = "403-usage-capped"
    CAPPED_429 = "429-usage-capped"
    NOT_ENGAGED = "403-not-engaged"
    NOT_MENTIONED = "403-not-mentioned"
    DUPLICATE = "403-duplicate"
    GONE = "403-deleted"
    BLOCKED = "403-blocked"
    RESTRICTED = "403-restricted"
    STRANGE = "403-strange"
    STRING = "400-string"
    TOO_MANY = "429"
    NO_RESET = "429-no-reset"
    DAY_LIMIT = "429-24h"
    ERROR_BEFORE = "500-before"
    ERROR_AFTER = "500-after"
    GATEWAY = "502"
    GATEWAY_AFTER = "502-after"
    BUSY_HTML = "503-html"
    BUSY_AFTER = "503-html-after"
    RESET_BEFORE = "reset-before"
    RESET_AFTER = "reset-after"
    HANG_BEFORE = "hang-before"
    HANG_AFTER = "hang-after"
    CUT = "cut"
    EMPTY = "empty"
    HTML = "html-200"
    LIST = "list"
    MISSING_FIELDS = "missing-fields"
    PARTIAL = "partial-errors"
    EMPTY_PAGE = "empty-page"
    SLOW = "slow"


class Trick(NamedTuple):
    """What a fault does, and to which endpoints; others answer well."""

    happens: bool
    """The call is carried out and billed all the same: a post is there."""
    status: int | None
    """None: no answer is sent at all."""
    at: frozenset[Endpoint] = ANY


MENU: Mapping[Fault, Trick] = {
    Fault.OK: Trick(happens=True, status=200),
    Fault.UNAUTHORIZED: Trick(happens=False, status=401),
    Fault.CREDITS: Trick(happens=False, status=402),
    Fault.CAPPED: Trick(happens=False, status=403),
    Fault.CAPPED_429: Trick(happens=False, status=429),
    Fault.NOT_ENGAGED: Trick(happens=False, status=403, at=CREATES),
    Fault.NOT_MENTIONED: Trick(happens=False, status=403, at=CREATES),
    Fault.DUPLICATE: Trick(happens=False, status=403, at=CREATES),
    Fault.GONE: Trick(happens=False, status=403, at=CREATES),
    Fault.BLOCKED: Trick(happens=False, status=403, at=CREATES),
    Fault.RESTRICTED: Trick(happens=False, status=403, at=CREATES),
    Fault.STRANGE: Trick(happens=False, status=403),
    Fault.STRING: Trick(happens=False, status=400),
    Fault.TOO_MANY: Trick(happens=False, status=429),
    Fault.NO_RESET: Trick(happens=False, status=429),
    Fault.DAY_LIMIT: Trick(happens=False, status=429),
    Fault.ERROR_BEFORE: Trick(happens=False, status=500),
    Fault.ERROR_AFTER: Trick(happens=True, status=500),
    Fault.GATEWAY: Trick(happens=False, status=502),
    Fault.GATEWAY_AFTER: Trick(happens=True, status=502),
    Fault.BUSY_HTML: Trick(happens=False, status=503),
    Fault.BUSY_AFTER: Trick(happens=True, status=503),
    Fault.RESET_BEFORE: Trick(happens=False, status=None),
    Fault.RESET_AFTER: Trick(happens=True, status=None),
    Fault.HANG_BEFORE: Trick(happens=False, status=None),
    Fault.HANG_AFTER: Trick(happens=True, status=None),
    Fault.CUT: Trick(happens=True, status=200),
    Fault.EMPTY: Trick(happens=True, status=200),
    Fault.HTML: Trick(happens=True, status=200),
    Fault.LIST: Trick(happens=True, status=200),
    Fault.MISSING_FIELDS: Trick(happens=True, status=200, at=READS - {Endpoint.ME}),
    Fault.PARTIAL: Trick(happens=True, status=200, at=READS - {Endpoint.ME}),
    Fault.EMPTY_PAGE: Trick(happens=True, status=200, at=PAGES),
    Fault.SLOW: Trick(happens=True, status=200),
}
"""The menu (X-CHANNEL §1, §8 and issues cited there)."""

Chooser = Callable[[Endpoint], Fault]


def well(_: Endpoint) -> Fault:
    """Nothing goes wrong."""
    return Fault.OK


def scripted(faults: Iterable[Fault], endpoint: Endpoint | None = None) -> Chooser:
    """These in turn, for calls of this endpoint only where one is given; then OK for ever."""
    script = iter(faults)
    return lambda called: next(script, Fault.OK) if endpoint in (None, called) else Fault.OK


def seeded(random: Random, share: float, menu: Iterable[Fault] = tuple(Fault)) -> Chooser:
    """A fault of `menu` that can befall the endpoint, in this share of all calls, drawn from `random`."""
    faults = tuple(fault for fault in menu if fault is not Fault.OK)

    def choose(endpoint: Endpoint) -> Fault:
        if random.random() >= share:
            return Fault.OK
        fitting = [fault for fault in faults if endpoint in MENU[fault].at]
        return random.choice(fitting) if fitting else Fault.OK

    return choose


@dataclass(slots=True)
class Planned:
    """One fault set by hand: for the next `left` calls (-1: until cleared) of this endpoint, or of any that it can befall."""

    fault: Fault
    endpoint: Endpoint | None
    left: int


class Faults:
    """What goes wrong next: first what was set by hand, in that order; then what `choose` says."""

    def __init__(self, choose: Chooser = well) -> None:
        self.choose = choose
        self.planned: list[Planned] = []

    def apply(self, name: str, count: int = 1) -> None:
        """Set one as a person types it: `503-html`, `402@create`; ValueError lists the names. Count -1: until cleared."""
        fault, _, endpoint = name.partition("@")
        if fault not in set(Fault):
            raise ValueError(f"no fault {fault!r}; there are: {', '.join(Fault)}")
        if endpoint and endpoint not in set(Endpoint):
            raise ValueError(f"no endpoint {endpoint!r}; there are: {', '.join(Endpoint)}")
        self.next(Fault(fault), count=count, endpoint=Endpoint(endpoint) if endpoint else None)

    def next(self, fault: Fault, *, count: int = 1, endpoint: Endpoint | None = None) -> None:
        """Let the next `count` calls go wrong like this. ValueError where that cannot befall the endpoint."""
        if endpoint is not None and endpoint not in MENU[fault].at:
            raise ValueError(f"{fault} cannot befall {endpoint}")
        self.planned.append(Planned(fault, endpoint, count))

    def clear(self) -> None:
        """Behave again; the chooser goes on."""
        self.planned.clear()

    def take(self, endpoint: Endpoint) -> Fault:
        """What befalls this call."""
        for plan in self.planned:
            if plan.endpoint is endpoint or (plan.endpoint is None and endpoint in MENU[plan.fault].at):
                plan.left -= plan.left > 0
                if not plan.left:
                    self.planned.remove(plan)
                return plan.fault
        fault = self.choose(endpoint)
        return fault if endpoint in MENU[fault].at else Fault.OK
