"""Reads a mapping file (TOML): every mistake is said at once, each with file, line, key and remedy."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from forwarder.core.answers import ISO
from forwarder.core.contract import CourseStatus, Meaning
from forwarder.core.fields import FIELDS, NEEDED
from forwarder.core.mapping import (
    TOKEN_FIELD,
    Call,
    Callback,
    Constant,
    CoreMapping,
    Follow,
    Given,
    LookUp,
    Proof,
    Standing,
    Supplementing,
    Template,
    Value,
    names_in,
)
from forwarder.core.sheet import CONTROL, Place, Sheet
from parsers.errors import SettingsError
from parsers.toml_lines import lines_of

METHODS = ("POST", "PUT", "PATCH")
ALGORITHMS = ("sha256", "sha384", "sha512")
ENCODINGS = ("hex", "base64")
AT_ONCE_MAX = 500  # Ours: an address of some thousand characters is as long as servers take.
HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 §5.1
UNSAFE_IN_ADDRESS = ("isi", "text", "header", "reporter")
ADDITION = ("number", "first_number")


def load(name: str, toml: str) -> CoreMapping:
    """The mapping of a file called `name`; SettingsError carries every mistake."""
    try:
        content = tomllib.loads(toml)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError([f"{name}: not TOML: {error}"]) from None
    reading = _Reading(name, content, lines_of(toml))
    mapping = reading.mapping()
    if reading.problems or mapping is None:
        raise SettingsError(reading.problems)
    return mapping


STANDING_PATHS = ("tracking_id", "records", "disposed", "answered", "finished", "answer", "asks", "rahasia", "anonim")
STANDING = ("status", "statuses", *STANDING_PATHS, "format", "zone")


class _Reading(Sheet):
    """One mapping file being read."""

    def mapping(self) -> CoreMapping | None:
        """The whole file."""
        self.known((), self.content, ("file", "look_up", "supplement", "course", "callback", "codes"))
        if "file" not in self.content:
            self.wrong(("file",), "is missing: it says how a complaint is handed over; copy it from core-mapping.example.toml")
            return None
        file, proof = self.call(("file",), of_addition=False)
        look_up = self.look_up(("look_up",), ("number",)) if "look_up" in self.content else None
        supplement = self.supplement() if "supplement" in self.content else None
        follow = self.follow() if "course" in self.content else None
        callback = self.callback() if "callback" in self.content else None
        return CoreMapping(file, proof, look_up, supplement, follow, callback)

    def call(self, place: Place, *, of_addition: bool) -> tuple[Call, Proof]:
        """A request that changes something."""
        table = self.table(place)
        self.known(place, table, ("method", "path", "headers", "body", "answer", "answers", *(["look_up"] if of_addition else [])))
        method = self.one_of((*place, "method"), table.get("method", "POST"), METHODS)
        inside = [name for name, one in FIELDS.items() if one.kind == "text" and name not in UNSAFE_IN_ADDRESS]
        path = self.path((*place, "path"), inside)
        headers = self.headers(place, [*inside, TOKEN_FIELD])
        body = dict(self.body((*place, "body")))
        said = {name for value in body.values() for name in names_in(value)}
        for name in ("isi",) if of_addition else NEEDED:
            if name not in said:
                self.wrong((*place, "body"), f"names {name} nowhere, so the core would never hear: {FIELDS[name].says}; add it")
        return Call(method, path, headers, body, self.statuses((*place, "answers"))), self.proof(
            (*place, "answer"), of_addition=of_addition
        )

    def body(self, place: Place) -> Iterator[tuple[tuple[str, ...], Value]]:
        """Each key of a body with its value."""
        table = self.table(place)
        paths: dict[tuple[str, ...], str] = {}
        for key, value in table.items():
            path = tuple(key.split("."))
            if not all(path):
                self.wrong((*place, key), "is no path: write names parted by dots, in quotes")
                continue
            clash = next((one for one in paths if one[: len(path)] == path or path[: len(one)] == one), None)
            if clash is not None:
                self.wrong((*place, key), f"and {paths[clash]} cannot both be: one is the beginning of the other")
                continue
            paths[path] = key
            yield path, self.value((*place, key), value)

    def value(self, place: Place, value: object) -> Value:
        """A constant, a text with names in it, or a table that says how one of ours is written."""
        if isinstance(value, dict):
            return self.given(place, value)
        if not isinstance(value, str):
            if isinstance(value, dt.date | dt.time | list):
                self.wrong(place, 'must be a text, a number, true, false, or a table with field = "…"')
            return Constant(value)
        template = self.template(place, value, [*FIELDS, TOKEN_FIELD])
        if template.names and template.parts[0] == template.parts[-1] == "" and len(template.names) == 1 and template.names[0] in FIELDS:
            return Given(template.names[0])
        for name in template.names:
            if name in FIELDS and FIELDS[name].kind == "time":
                self.wrong(place, f'puts a time into a text; write {{ field = "{name}", format = "…" }} on a key of its own')
        return template if template.names else Constant(value)

    def given(self, place: Place, table: dict[str, Any]) -> Given:
        """One of our names in the core's own form."""
        self.known(place, table, ("field", "codes", "default", "format", "zone", "each", "join", "characters_max", "always"))
        name = self.one_of((*place, "field"), table.get("field"), FIELDS)
        kind = FIELDS[name].kind if name in FIELDS else ""
        for key, kinds in (("format", "time"), ("zone", "time"), ("each", "list"), ("join", "list"), ("characters_max", "text")):
            if key in table and kind and kind != kinds:
                self.wrong((*place, key), f"is for a {kinds}, and {name} is a {kind}; take it out")
        if name == "isi" and table.keys() & {"characters_max", "codes", "default"}:
            self.wrong(place, "would change the citizen's words; isi goes out whole")
        most = table.get("characters_max")
        if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 1):
            self.wrong((*place, "characters_max"), "must be a whole number from 1")
            most = None
        default = table.get("default")
        if isinstance(default, dict | list | dt.date | dt.time):
            self.wrong((*place, "default"), "must be a text, a number, true or false")
        return Given(
            name,
            codes=self.codes((*place, "codes"), table.get("codes")),
            default=default,
            form=self.form((*place, "format"), table.get("format", ISO), writing=True),
            zone=self.zone((*place, "zone"), table.get("zone", "WIB")),
            each=tuple(self.text((*place, "each"), table.get("each", "")).split(".")) if table.get("each") else (),
            join=self.text((*place, "join"), table["join"]) if "join" in table else None,
            characters_max=most,
            always=self.flag((*place, "always"), table.get("always", False)),
        )

    def codes(self, place: Place, given: object) -> Mapping[str, object] | None:
        """A code table: the name of one under [codes], or one in place."""
        if given is None:
            return None
        table = given
        if isinstance(given, str):
            shared = self.content.get("codes")
            table = shared.get(given) if isinstance(shared, dict) else None
            place = ("codes", given) if table is not None else place
        if not isinstance(table, dict):
            self.wrong(place, f'must be a table, or the name of one: [codes."{given}"] is not there')
            return None
        for key, value in table.items():
            if not isinstance(value, str | int | float):
                self.wrong((*place, key), "must be a code: a text or a number")
        return table

    def proof(self, place: Place, *, of_addition: bool) -> Proof:
        """Where the yes stands."""
        table = self.table(place)
        self.known(place, table, ("tracking_id", "transaction_id", "number", "code", "codes", *(["entry"] if of_addition else [])))
        if "tracking_id" not in table and "entry" not in table:
            more = " or entry, the id of the addition," if of_addition else ""
            self.wrong(
                (*place, "tracking_id"), f"is missing:{more} the proof of a yes; say where it stands in the answer, data.id for example"
            )
        paths = {key: self.where((*place, key), table.get(key)) for key in ("tracking_id", "entry", "transaction_id", "number", "code")}
        codes = {code: self.meaning((*place, "codes", code), said) for code, said in self.table((*place, "codes"), needed=False).items()}
        if codes and not paths["code"]:
            self.wrong((*place, "code"), "is missing: codes say what it means; say where it stands in the answer")
        return Proof(codes=codes, **paths)

    def look_up(self, place: Place, names: tuple[str, ...]) -> LookUp:
        """How to ask for our number."""
        table = self.table(place)
        self.known(place, table, ("path", "headers", "records", "number", "tracking_id", "echo", "absent"))
        path = self.path((*place, "path"), names)
        if not set(path.names) & set(names):
            self.wrong((*place, "path"), "asks for nothing: put {number} where our number goes")
        for key in ("number", "tracking_id"):
            if key not in table:
                self.wrong((*place, key), "is missing; say where it stands in a record")
        absent = self.absent((*place, "absent"))
        if "records" not in table and not absent:
            self.wrong((*place, "absent"), "is missing: a core that answers with one record says by a status that it has none; 404 mostly")
        return LookUp(
            path,
            self.headers(place, [TOKEN_FIELD]),
            self.where((*place, "number"), table.get("number")) or "",
            self.where((*place, "tracking_id"), table.get("tracking_id")) or "",
            self.where((*place, "records"), table.get("records")),
            self.where((*place, "echo"), table.get("echo")),
            absent,
        )

    def supplement(self) -> Supplementing:
        """How to append."""
        place: Place = ("supplement",)
        call, proof = self.call(place, of_addition=True)
        if not {"first_tracking_id", "first_number"} & {
            *call.path.names,
            *(name for one in (*call.headers.values(),) for name in one.names),
            *(name for one in call.body.values() for name in names_in(one)),
        }:
            self.wrong((*place, "path"), "says nowhere which complaint it adds to; put {first_tracking_id} into path or body")
        inner = (*place, "look_up")
        return Supplementing(call, proof, self.look_up(inner, ADDITION) if "look_up" in self.table(place) else None)

    def follow(self) -> Follow:
        """How to ask how complaints stand."""
        place: Place = ("course",)
        table = self.table(place)
        self.known(place, table, ("path", "headers", "at_once", "join", "next", "page_first", "absent", *STANDING))
        path = self.path((*place, "path"), ("tracking_id", "tracking_ids", "page"))
        at_once = self.whole((*place, "at_once"), table.get("at_once", 1), 1, AT_ONCE_MAX)
        asked = "tracking_id" if at_once == 1 else "tracking_ids"
        if asked not in path.names and "tracking_ids" not in path.names:
            self.wrong((*place, "path"), f"asks for nothing: put {{{asked}}} into it")
        if at_once > 1:
            for key in ("records", "tracking_id"):
                if key not in table:
                    self.wrong((*place, key), "is missing: of several records it says which is which")
        return Follow(
            path,
            self.headers(place, [TOKEN_FIELD]),
            self.standing(place),
            at_once,
            self.text((*place, "join"), table.get("join", ",")),
            self.where((*place, "next"), table.get("next")),
            self.whole((*place, "page_first"), table.get("page_first", 1), 0, 1),
            self.absent((*place, "absent")),
        )

    def callback(self) -> Callback:
        """How the core calls us."""
        place: Place = ("callback",)
        table = self.table(place)
        self.known(place, table, ("signature", "prefix", "encoding", "algorithm", *STANDING))
        signature = self.text((*place, "signature"), table.get("signature", ""))
        if HEADER_NAME.fullmatch(signature) is None:
            self.wrong((*place, "signature"), "must be the name of the header with the HMAC of the body: X-Signature")
        if "tracking_id" not in table:
            self.wrong((*place, "tracking_id"), "is missing; say where it stands in a record")
        return Callback(
            signature,
            self.standing(place),
            self.text((*place, "prefix"), table.get("prefix", "")),
            self.one_of((*place, "encoding"), table.get("encoding", "hex"), ENCODINGS),
            self.one_of((*place, "algorithm"), table.get("algorithm", "sha256"), ALGORITHMS),
        )

    def standing(self, place: Place) -> Standing:
        """Where a record says how it stands."""
        table = self.table(place)
        if "status" not in table:
            self.wrong((*place, "status"), "is missing; say where a record's status stands")
        words = self.table((*place, "statuses"))
        statuses = {}
        for word, status in words.items():
            if status in set(CourseStatus):
                statuses[word.strip().lower()] = CourseStatus(status)
            else:
                self.wrong((*place, "statuses", word), f"must be one of {', '.join(CourseStatus)}")
        paths = {key: self.where((*place, key), table.get(key)) for key in STANDING_PATHS}
        form = self.form((*place, "format"), table.get("format", ISO), writing=False)
        zone = self.zone((*place, "zone"), table.get("zone", "WIB"))
        return Standing(self.where((*place, "status"), table.get("status")) or "", statuses, form=form, zone=zone, **paths)

    def statuses(self, place: Place) -> dict[int, Meaning]:
        """`409 = "read"`."""
        read = {}
        for key, value in self.table(place, needed=False).items():
            if not (key.isascii() and key.isdigit() and 100 <= int(key) <= 599):
                self.wrong((*place, key), "is no status: write 100 to 599")
                continue
            read[int(key)] = self.meaning((*place, key), value)
        return read

    def meaning(self, place: Place, value: object) -> Meaning:
        """What a status or a code means."""
        return Meaning(self.one_of(place, value, tuple(Meaning)) or Meaning.UNKNOWN)

    def headers(self, place: Place, names: list[str]) -> dict[str, Template]:
        """Header names and their texts."""
        read = {}
        for name, value in self.table((*place, "headers"), needed=False).items():
            where = (*place, "headers", name)
            text = self.text(where, value)
            if HEADER_NAME.fullmatch(name) is None:
                self.wrong(where, "is no name of a header (RFC 9110 §5.1)")
            if CONTROL.search(text) or not text.isascii():
                self.wrong(where, "must be ASCII without control characters")
            read[name] = self.template(where, text, names)
        return read

    def path(self, place: Place, names: tuple[str, ...] | list[str]) -> Template:
        """What comes behind [core] url."""
        table = self.table(place[:-1])
        text = self.text(place, table.get("path", ""))
        if not text.startswith("/") or CONTROL.search(text) or " " in text or "#" in text:
            self.wrong(place, "must begin with / and have no blanks; [core] url stands before it")
        if "{token}" in text:
            self.wrong(place, "holds the token: every log on the way would keep it; put it into headers or body")
            text = text.replace("{token}", "")
        return self.template(place, text, names)
