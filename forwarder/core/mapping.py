"""How one core's JSON API is called: what a mapping file says, as frozen records, and how a request's body is filled from it.

There is no logic in a mapping: names, paths, constants, code tables and forms of times. mapping_file.py reads and checks the file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from forwarder.core.answers import EPOCH_MS, EPOCH_S, ISO, ZONES
from forwarder.core.contract import CourseStatus, Meaning
from forwarder.core.fields import FIELDS, Record, Values, isi_of

TOKEN_FIELD = "token"  # noqa: S105 - the name of the placeholder
BODY_FIELDS = ("isi",)
APPENDED = frozenset({"Tujuan", "Unit", "Pengawas", "Dasar", "Topik", "Jenis"})
"""What an addition that the core appends need not repeat: the record it stands in says it."""


class Nothing:
    """No value: the key is left out."""


NOTHING = Nothing()
Json = object


@dataclass(frozen=True, slots=True)
class Template:
    """A text with names in braces, cut up: every second part is a name."""

    parts: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names in it, in order."""
        return self.parts[1::2]

    def filled(self, values: Values) -> str:
        """The text; what is not there is empty."""
        return "".join([_plain(values.get(part)) if number % 2 else part for number, part in enumerate(self.parts)])

    def address(self, values: Values) -> str:
        """The same for a part of an address: every value percent-encoded (RFC 3986 §2.1)."""
        return "".join([quote(_plain(values.get(part)), safe="") if number % 2 else part for number, part in enumerate(self.parts)])


@dataclass(frozen=True, slots=True)
class Constant:
    """The same value in every request."""

    value: Json


@dataclass(frozen=True, slots=True)
class Given:
    """The value of one of our names, in the core's own form."""

    name: str
    codes: Mapping[str, Json] | None = None
    """Our word → the core's code; a word without one is said in the header line."""
    default: Json = None
    """Where there is no value or no code."""
    form: str = ISO
    zone: dt.tzinfo = ZONES["WIB"]
    each: tuple[str, ...] = ()
    """Of a list: the path at which each value stands in an object of its own."""
    join: str | None = None
    """Of a list: one text, parted by this."""
    characters_max: int | None = None
    always: bool = False
    """Send null or an empty list rather than leaving the key out."""


Value = Template | Constant | Given


@dataclass(frozen=True, slots=True)
class Call:
    """One request that changes something at the core."""

    method: str
    path: Template
    headers: Mapping[str, Template]
    body: Mapping[tuple[str, ...], Value]
    answers: Mapping[int, Meaning] = field(default_factory=dict)
    """Where this call means something else by a status."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Where a yes stands in the answer to a call. `entry` proves an addition where no tracking id comes back."""

    tracking_id: str | None = None
    entry: str | None = None
    transaction_id: str | None = None
    number: str | None = None
    """Must repeat our number, where the core does."""
    code: str | None = None
    codes: Mapping[str, Meaning] = field(default_factory=dict)
    """For a core that always says 200 and means something else: its own code → what it means."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """How the core is asked for our number."""

    path: Template
    headers: Mapping[str, Template]
    number: str
    tracking_id: str
    records: str | None = None
    """Where the list of records is; None: the answer is one record."""
    echo: str | None = None
    """Where a list repeats the number that was asked for: an empty list is then believed."""
    absent: frozenset[int] = frozenset()
    """Statuses that say that it has none."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where in a record stands how it does. `statuses` are the core's words in lower case."""

    status: str
    statuses: Mapping[str, CourseStatus]
    tracking_id: str | None
    records: str | None = None
    disposed: str | None = None
    answered: str | None = None
    finished: str | None = None
    answer: str | None = None
    """What the agency says to the citizen."""
    asks: str | None = None
    """Whether it waits for facts from the citizen: true or false."""
    rahasia: str | None = None
    anonim: str | None = None
    form: str = ISO
    zone: dt.tzinfo = ZONES["WIB"]


@dataclass(frozen=True, slots=True)
class Follow:
    """How the core is asked for the course: one by one, or many at once, page by page."""

    path: Template
    headers: Mapping[str, Template]
    standing: Standing
    at_once: int = 1
    join: str = ","
    next: str | None = None
    """Where the address of the next page is."""
    page_first: int = 1
    absent: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Callback:
    """How the core calls us: the header with an HMAC of the body, and what the body says."""

    signature: str
    standing: Standing
    prefix: str = ""
    encoding: str = "hex"
    algorithm: str = "sha256"


@dataclass(frozen=True, slots=True)
class Supplementing:
    """How an addition is appended, and how it is asked for by its key."""

    call: Call
    proof: Proof
    look_up: LookUp | None = None


@dataclass(frozen=True, slots=True)
class CoreMapping:
    """The whole file."""

    file: Call
    proof: Proof
    look_up: LookUp | None = None
    supplement: Supplementing | None = None
    follow: Follow | None = None
    callback: Callback | None = None


def body_of(call: Call, record: Record, token: str, *, appended: bool = False) -> tuple[dict[str, Json], str]:
    """(body, isi). What reached a field of its own whole is left out of the header line above `isi`."""
    values = {**record.values, TOKEN_FIELD: token}
    filled: dict[tuple[str, ...], Json] = {}
    whole = {name for one in (call.path, *call.headers.values()) for name in one.names}
    for path, value in call.body.items():
        if not set(names_in(value)) & set(BODY_FIELDS):
            filled[path], complete = _filled(value, values)
            whole.update(names_in(value) if complete else ())
    isi = isi_of(record, whole, APPENDED if appended else frozenset())
    for path, value in call.body.items():
        if path not in filled:
            filled[path], _ = _filled(value, {**values, "isi": isi})
    body: dict[str, Json] = {}
    for path in call.body:
        if filled[path] is not NOTHING:
            _put(body, path, filled[path])
    return body, isi


def names_in(value: Value) -> tuple[str, ...]:
    """Which of our names a value of a body holds."""
    if isinstance(value, Constant):
        return ()
    return value.names if isinstance(value, Template) else (value.name,)


def written(at_ms: int, form: str, zone: dt.tzinfo) -> Json:
    """A time of ours in the core's form; whole seconds, but for epoch_ms."""
    if form in (EPOCH_S, EPOCH_MS):
        return at_ms // 1_000 if form == EPOCH_S else at_ms
    at = dt.datetime.fromtimestamp(at_ms // 1_000, zone)
    return at.isoformat() if form == ISO else at.strftime(form)


def _filled(value: Value, values: Values) -> tuple[Json, bool]:
    """(what goes into the body, whether all of the value is in it)."""
    if isinstance(value, Constant):
        return value.value, True
    if isinstance(value, Template):
        return value.filled(values), True
    given = values.get(value.name)
    if given is None or given in ("", ()):
        empty: Json = [] if isinstance(given, tuple) and value.join is None else None
        return (value.default if value.default is not None else empty if value.always else NOTHING), True
    return _list(value, given) if isinstance(given, tuple) else _one(value, given)


def _one(value: Given, given: object) -> tuple[Json, bool]:
    if FIELDS[value.name].kind == "time":
        return written(given if isinstance(given, int) else 0, value.form, value.zone), True
    if value.codes is not None:
        return _coded(value, given)
    if value.characters_max is not None and isinstance(given, str):
        return given[: value.characters_max], len(given) <= value.characters_max
    return given, True


def _list(value: Given, given: Sequence[object]) -> tuple[Json, bool]:
    coded = [(one, True) if value.codes is None else _coded(value, one) for one in given]
    kept = [one for one, _ in coded if one is not NOTHING]
    complete = all(true for _, true in coded)
    if value.join is not None:
        return value.join.join(map(str, kept)), complete
    if value.each:
        return [_nested(value.each, one) for one in kept], complete
    return kept, complete


def _coded(value: Given, given: object) -> tuple[Json, bool]:
    code = (value.codes or {}).get(_plain(given))
    if code is not None:
        return code, True
    return (NOTHING if value.default is None else value.default), False


def _nested(path: Sequence[str], value: Json) -> Json:
    for name in reversed(path):
        value = {name: value}
    return value


def _put(body: dict[str, Json], path: Sequence[str], value: Json) -> None:
    for name in path[:-1]:
        inner = body.setdefault(name, {})
        assert isinstance(inner, dict)  # noqa: S101 - no path of a checked file is the beginning of another
        body = inner
    body[path[-1]] = value


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
