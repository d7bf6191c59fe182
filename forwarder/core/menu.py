"""What a simulated core may do to a call, whatever its dialect, and what the gateway must make of it; and what it keeps of a complaint."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from forwarder.core.header import Header

TOKEN = "{00000000-SIMU-LATE-DCOR-E00000000000}"  # noqa: S105 - of the simulator only
TRACKING_ID_FIRST = 7_000_001  # seven digits, as all that were seen (DOMAIN §2.2)
UNNUMBERED = "-"  # where complaints without a number of ours are kept


class Fault(enum.StrEnum):
    """One way to answer. The names are what `simulate core --fault` takes."""

    OK = "ok"
    CREATED = "201"
    OTHER_ID = "other-id"
    DUPLICATE_ID = "duplicate-id"
    BAD_REQUEST = "400"
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    CONFLICT = "409"
    TOO_LARGE = "413"
    UNPROCESSABLE = "422"
    TOO_MANY = "429"
    ERROR_BEFORE = "500-before"
    ERROR_AFTER = "500-after"
    GATEWAY = "502-html"
    BUSY = "503"
    HANG_BEFORE = "hang-before"
    HANG_AFTER = "hang-after"
    RESET_BEFORE = "reset-before"
    RESET_AFTER = "reset-after"
    CUT = "cut"
    GZIP_BOMB = "gzip-bomb"
    HUGE = "huge"
    BAD_XML = "bad-xml"
    NO_ID = "no-id"
    XXE = "xxe"
    LAUGHS = "billion-laughs"
    CHARSET = "wrong-charset"
    JSON = "json-nan"
    HTML = "html-200"
    EMPTY = "empty"
    REDIRECT = "redirect"


class Trick(NamedTuple):
    """What a fault does: whether the complaint is stored, and what the gateway must make of it."""

    stores: bool
    outcome: str


MENU: Mapping[Fault, Trick] = {
    Fault.OK: Trick(stores=True, outcome="Filed"),
    Fault.CREATED: Trick(stores=True, outcome="Filed"),
    Fault.OTHER_ID: Trick(stores=True, outcome="Filed"),
    Fault.DUPLICATE_ID: Trick(stores=True, outcome="Filed"),
    Fault.BAD_REQUEST: Trick(stores=False, outcome="Refused"),
    Fault.UNAUTHORIZED: Trick(stores=False, outcome="OurFault"),
    Fault.FORBIDDEN: Trick(stores=False, outcome="OurFault"),
    Fault.NOT_FOUND: Trick(stores=False, outcome="OurFault"),
    Fault.CONFLICT: Trick(stores=False, outcome="Refused"),
    Fault.TOO_LARGE: Trick(stores=False, outcome="Refused"),
    Fault.UNPROCESSABLE: Trick(stores=False, outcome="Refused"),
    Fault.TOO_MANY: Trick(stores=False, outcome="NotFiled"),
    Fault.ERROR_BEFORE: Trick(stores=False, outcome="Unknown"),
    Fault.ERROR_AFTER: Trick(stores=True, outcome="Unknown"),
    Fault.GATEWAY: Trick(stores=True, outcome="Unknown"),
    Fault.BUSY: Trick(stores=False, outcome="NotFiled"),
    Fault.HANG_BEFORE: Trick(stores=False, outcome="Unknown"),
    Fault.HANG_AFTER: Trick(stores=True, outcome="Unknown"),
    Fault.RESET_BEFORE: Trick(stores=False, outcome="Unknown"),
    Fault.RESET_AFTER: Trick(stores=True, outcome="Unknown"),
    Fault.CUT: Trick(stores=True, outcome="Unknown"),
    Fault.GZIP_BOMB: Trick(stores=True, outcome="Unknown"),
    Fault.HUGE: Trick(stores=True, outcome="Unknown"),
    Fault.BAD_XML: Trick(stores=True, outcome="Unknown"),
    Fault.NO_ID: Trick(stores=False, outcome="Refused"),
    Fault.XXE: Trick(stores=True, outcome="Unknown"),
    Fault.LAUGHS: Trick(stores=True, outcome="Unknown"),
    Fault.CHARSET: Trick(stores=True, outcome="Unknown"),
    Fault.JSON: Trick(stores=True, outcome="Unknown"),
    Fault.HTML: Trick(stores=False, outcome="Unknown"),
    Fault.EMPTY: Trick(stores=True, outcome="Unknown"),
    Fault.REDIRECT: Trick(stores=False, outcome="OurFault"),
}
"""The fault menu (RELIABILITY §4 C2); what is stored behind a Refused would be a lie, and is not on it."""


@dataclass(frozen=True, slots=True, repr=False)
class Stored:
    """One complaint or addition as the core has it. `header` is None when its first line is not a whole one of ours."""

    tracking_id: str
    number: str
    header: Header | None
    text: str
    telpon: str
    names: tuple[str, str, str]  # email, namadepan, namabelakang
    anonim: bool
    rahasia: bool
    to: str = ""
    """Where it goes, where a field says so and not the header line."""
    fields: Mapping[str, object] | None = None
    """The request's own fields, in the dialects that have some."""

    def line(self, fault: Fault = Fault.OK) -> str:
        """One readable line for a terminal, without the citizen's words."""
        flags = " ".join(word for word, on in (("anonim", self.anonim), ("rahasia", self.rahasia)) if on) or "terbuka"
        to = self.to or (f"{self.header.instansi} ({self.header.certainty})" if self.header else "no header")
        note = "" if fault is Fault.OK else f"  answered: {fault}"
        return f"{self.tracking_id}  No. {self.number}  {to}  {flags}  {len(self.text)} characters{note}"


def scripted(faults: Iterable[Fault]) -> Callable[[], Fault]:
    """These in turn, then OK for ever."""
    script = iter(faults)
    return lambda: next(script, Fault.OK)


def seeded(random: Random, share: float, menu: Iterable[Fault] = tuple(Fault)) -> Callable[[], Fault]:
    """A fault of `menu` in this share of all calls, drawn from `random`."""
    faults = tuple(fault for fault in menu if fault is not Fault.OK)
    return lambda: random.choice(faults) if random.random() < share else Fault.OK
