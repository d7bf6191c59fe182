"""What the log shows, and what it never shows: numbers are masked, secrets starred, and no text can forge a line.

Our own code does not log texts or numbers at all (STYLE, 9). This is the net below it, for libraries, tracebacks and mistakes: every
string of a record passes `Mask.clean`, whichever style the record is written in. docs/logs.md is the page for people.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, TextIO
from urllib.parse import quote

from parsers.errors import GatewayError
from parsers.model import mask
from parsers.personal import hide

Style = Literal["readable", "json"]

LINE_CHARACTERS_MAX = 8_000  # Ours: a traceback fits; a peer's megabyte does not.
LIKE_LINES_MAX = 10  # of one place in the code …
LIKE_SECONDS = 60.0  # … in a minute; the next one that passes says how many were held back.
ABOUT = ("operator", "bind", "code", "about")  # fields that say what a line is about
PLACES_MAX = 1_000  # Ours: more places than the code has log calls.
SECRET_CHARACTERS_MIN = 4  # A shorter one would star half of every line; `check` warns of those.

DIGITS = re.compile(r"\d{10,}")  # MSISDN 10-15 (E.164), NIK 16, account numbers 10-16; longer runs may hold one
QUOTED = re.compile(r"['\"].*['\"]", re.DOTALL)  # from the first quote in an error's words to the last: what the code was given
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}

QUIET = {
    "smpplib": logging.ERROR,  # at DEBUG it prints the bind password in hexadecimal
    "aiohttp.access": logging.WARNING,  # request lines hold query strings
    "aiohttp.server": logging.CRITICAL,  # every stranger's malformed request would be a traceback
    "tweepy": logging.WARNING,  # at DEBUG it prints tokens and bodies
    "oauthlib": logging.WARNING,
    "requests_oauthlib": logging.WARNING,
    "urllib3": logging.WARNING,
    "rq": logging.CRITICAL,  # it prints a job's arguments, and each Redis that is away with a traceback
    "asyncio": logging.WARNING,
}


class Mask:
    """Makes any string fit for a log line."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {form for secret in secrets if len(secret) >= SECRET_CHARACTERS_MIN for form in forms(secret)}
        self._secrets = re.compile("|".join(map(re.escape, sorted(known, key=len, reverse=True)))) if known else None

    def clean(self, text: str) -> str:
        """Star secrets, mask what names a person, spell control and direction characters out, cut what is too long."""
        text = text[: LINE_CHARACTERS_MAX * 8]  # masking shortens, at most to a third: no half of a secret is left at the end
        if self._secrets is not None:
            text = self._secrets.sub("***", text)
        text = hide(DIGITS.sub(lambda run: mask(run[0]), text))
        text = UNSAFE.sub(lambda character: character[0].encode("unicode_escape").decode("ascii"), text)
        return text if len(text) <= LINE_CHARACTERS_MAX else f"{text[:LINE_CHARACTERS_MAX]}… (cut)"


def forms(secret: str) -> set[str]:
    """The ways in which a library may print a secret: as it is, quoted for an address, in a `repr`, in hexadecimal."""
    return {secret, quote(secret, safe=""), repr(secret)[1:-1], secret.encode().hex(), secret.encode().hex().upper()}


class Formatter(logging.Formatter):
    """What both styles share: the fields of a record, cleaned."""

    def __init__(self, cleaner: Mask) -> None:
        super().__init__()
        self.mask = cleaner

    def parts(self, record: logging.LogRecord) -> dict[str, object]:
        """The record as ordered fields; `extra` values come after the fixed ones, a traceback last."""
        fields: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": self.mask.clean(_message(record)),
        }
        for key, value in record.__dict__.items():
            if key not in STANDARD:
                fields.setdefault(self.mask.clean(key), self._field(value))
        if record.exc_info:
            fields["traceback"] = [self.mask.clean(line) for line in traced(record.exc_info).split("\n")]
        return fields

    def _field(self, value: object) -> object:
        if value is None or isinstance(value, bool | float):
            return value
        if isinstance(value, int) and DIGITS.search(str(value)) is None:
            return value
        return self.mask.clean(str(value))


def traced(raised: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]) -> str:
    """A traceback in which what other people's code quotes is left out: `KeyError: 'AGAM rumah saya …'` would be a citizen's words."""
    if raised[0] is None:
        return ""
    whole = traceback.TracebackException(*raised)
    _unquote(whole)
    return "".join(whole.format()).rstrip("\n")


def _unquote(one: traceback.TracebackException) -> None:
    if not (isinstance(one.exc_type, type) and issubclass(one.exc_type, GatewayError)):  # ours name files and keys
        said = one._str  # type: ignore[attr-defined] # noqa: SLF001 - traceback has no public name for an error's words
        one._str = QUOTED.sub("'\u2026'", said)  # type: ignore[attr-defined] # noqa: SLF001
    for other in (one.__cause__, one.__context__, *(one.exceptions or ())):
        if other is not None:
            _unquote(other)


class Json(Formatter):
    """One JSON object a line, for machines."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, in ASCII."""
        return json.dumps(self.parts(record))


class Readable(Formatter):
    """`12:04:31 filed  complaint_id=81 instansi=…`, for people; the journal daemon adds date and host."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a traceback follows, each of its lines set off by a bar so that none can pass for an event."""
        fields = self.parts(record)
        moment, level, name, event = (str(fields.pop(key)) for key in ("time", "level", "logger", "event"))
        traceback = fields.pop("traceback", None)
        facts = "".join(f" {key}={_quoted(value)}" for key, value in fields.items())
        warned = "" if record.levelno < logging.WARNING else f"{level.upper()}: "
        lines = [f"{moment[11:19]} {name}: {warned}{event}{facts}"]
        if isinstance(traceback, list):
            lines += [f"  | {line}" for line in traceback]
        return "\n".join(lines)


def _quoted(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if not text or any(mark in text for mark in ' ="') else text


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # wrong arguments in a log call: the line is worth more than the complaint about it
        return str(record.msg)


@dataclass(slots=True)
class Place:
    """How much one place in the code has warned in the current minute."""

    began: float
    written: int = 0
    held_back: int = 0


class Brake(logging.Filter):
    """Lets a warning of one place in the code, about one thing, through ten times a minute; the next says how many were held back.

    Only trouble repeats without measure; how much is said at INFO is our own choice.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._monotonic = monotonic
        self._places: dict[tuple[object, ...], Place] = {}
        self.held_back = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written; the first one of a new minute gets the field `held_back`."""
        if record.levelno < logging.WARNING:
            return True
        now = self._monotonic()
        key = (record.name, record.pathname, record.lineno, *(record.__dict__.get(name) for name in ABOUT))
        if key not in self._places and len(self._places) >= PLACES_MAX:
            self._places.clear()
        place = self._places.setdefault(key, Place(now))
        if now - place.began >= LIKE_SECONDS:
            if place.held_back:
                record.held_back = place.held_back
            self._places[key] = place = Place(now)
        if place.written >= LIKE_LINES_MAX:
            place.held_back += 1
            self.held_back += 1
            return False
        place.written += 1
        return True


def handler(style: Style, *, secrets: Iterable[str] = (), stream: TextIO | None = None, brake: Brake | None = None) -> logging.Handler:
    """A handler that writes masked lines in one style, to standard error unless told otherwise."""
    made = logging.StreamHandler(stream or sys.stderr)
    made.setFormatter((Json if style == "json" else Readable)(Mask(secrets)))
    made.addFilter(brake or Brake())
    return made


def configure(style: Style = "readable", level: str = "INFO", *, secrets: Iterable[str] = (), stream: TextIO | None = None) -> Brake:
    """Make this the whole process's log; called again, it takes the place of the former one. The brake counts what it held back."""
    brake = Brake()
    logging.basicConfig(handlers=[handler(style, secrets=secrets, stream=stream, brake=brake)], level=level, force=True)
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False  # else a failing log call prints its arguments, unmasked
    for name, lowest in QUIET.items():
        logging.getLogger(name).setLevel(lowest)
    return brake


def catch_uncaught() -> None:
    """Send what nobody caught, in any thread, through the log: the interpreter's own print masks nothing."""
    log = logging.getLogger("gateway")

    def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("uncaught", exc_info=(kind, error, trace))

    def uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            uncaught(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = uncaught
    threading.excepthook = uncaught_in_thread
