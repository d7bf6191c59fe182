"""`lapor-gateway enter`: an officer types in a walk-in, a letter or a call, one by one or as a spreadsheet, into the running gateway."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import getpass
import json
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway import control, entry_sheet, settings, tables
from gateway.commands import EXIT_FAILED, EXIT_OK, say
from gateway.control import ControlError, NoGateway
from gateway.entry import ROWS_MAX
from gateway.entry_form import CHANNELS, FieldWrong, Form
from gateway.privacy import one_line
from parsers.errors import GatewayError

Fields = Mapping[str, str]
Said = dict[str, Any]
STDIN = "-"
END = "."


def enter(options: argparse.Namespace) -> int:
    """From a spreadsheet, from the options, or in a conversation."""
    typist = Typist(settings.socket_of(settings.find(options.config)), options.who or getpass.getuser(), as_json=options.json)
    if options.csv:
        return typist.sheet(Path(options.csv))
    if options.text is not None:
        return typist.one(_given(options))
    if not sys.stdin.isatty():
        raise GatewayError("nothing to enter: give --channel and --text, or --csv FILE, or run it on a terminal")
    typist.ready()
    _edit_lines()
    site = settings.without_secrets(settings.find(options.config))
    talk = Conversation(Form(tables.gazetteer(site)[0], frozenset(site.settings.house.our_numbers)), input)
    with contextlib.suppress(EOFError):
        while True:
            _until_taken(typist, talk, _with_key(talk.fields(), options.key))
            if not talk.yes("another one? [tidak]"):
                return EXIT_OK
    say()
    return EXIT_OK


def _edit_lines() -> None:
    """Lines of any length: a terminal by itself cuts them at 4,095 octets (termios(3)). What a citizen said is not kept for the next."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: PLC0415 - where Python has it

        readline.set_auto_history(False)


def _until_taken(typist: Typist, talk: Conversation, fields: Fields) -> None:
    """What was typed is not lost when the gateway is away for a moment: the same entry again, under the same key."""
    while True:
        try:
            if typist.one(fields) == EXIT_OK:
                return
        except GatewayError as error:
            say(one_line(str(error)))
        if not talk.yes("try the same again? [ya]", default=True):
            return


@dataclass(frozen=True, slots=True)
class Typist:
    """Hands entries to the gateway behind a socket, and says what became of them."""

    socket: Path
    who: str
    as_json: bool = False

    def ready(self) -> None:
        """NoGateway before anything is typed in vain."""
        asyncio.run(control.call(self.socket, "status"))

    def one(self, fields: Fields) -> int:
        """One entry; 1 when it was not taken."""
        try:
            [said] = self._ask([fields])
        except NoGateway as error:
            raise GatewayError(f"{error}; nothing was entered: start it, then enter the same again") from None
        except ControlError as error:
            raise GatewayError(f"{error}; if it was stored, the same with --key {fields['key']} enters nothing twice") from None
        if said.get("later"):
            said = {**said, "error": f"{said['error']}, with --key {fields['key']}"}
        if self.as_json:
            say(json.dumps({"key": fields["key"], **said}, indent=2, ensure_ascii=False))
        else:
            for line in [said["error"]] if "error" in said else receipt(said):
                say(one_line(line))
        return EXIT_FAILED if "error" in said or said["changed"] else EXIT_OK

    def sheet(self, file: Path) -> int:
        """All rows of a file; each bad line is named, the others go in. 1 when one was bad."""
        try:
            octets, written_ms = file.read_bytes(), file.stat().st_mtime_ns // 1_000_000
            read = entry_sheet.read(octets)
        except entry_sheet.SheetError as error:
            raise GatewayError(f"{file}: {error}") from None
        rows = [row for row in read.rows if not row.problem]
        results: dict[int, Said] = {row.line: {"error": row.problem} for row in read.rows if row.problem}
        stopped = self._send(rows, written_ms, results)
        lines = [(row.line, results[row.line]) for row in read.rows if row.line in results]
        if self.as_json:
            say(json.dumps([{"line": line, **said} for line, said in lines], indent=2, ensure_ascii=False))
        else:
            self._show(file, read, lines)
        if stopped:
            left = len(rows) - sum("number" in said for _, said in lines)
            print(f"{file}: stopped, {left} rows left: {stopped}; enter the same file again, no row enters twice", file=sys.stderr)  # noqa: T201
        bad = any("error" in said or said["changed"] for _, said in lines)
        return EXIT_FAILED if stopped or bad else EXIT_OK

    def _send(self, rows: Sequence[entry_sheet.Row], written_ms: int, results: dict[int, Said]) -> str:
        """By some at once, in their order; why it stopped before the end, or nothing."""
        for start in range(0, len(rows), ROWS_MAX):
            some = rows[start : start + ROWS_MAX]
            try:
                found = self._ask([row.fields for row in some], written_ms)
            except ControlError as error:
                return str(error)
            for row, said in zip(some, found, strict=True):
                if said.get("later"):
                    return "the gateway cannot store now"
                results[row.line] = said
        return ""

    def _show(self, file: Path, read: entry_sheet.Sheet, lines: Sequence[tuple[int, Said]]) -> None:
        separator = {"\t": "a tab"}.get(read.separator, read.separator)
        say(one_line(f"{file}: read as {read.encoding}, cells parted by {separator}"))
        for line, said in lines:
            say(one_line(f"line {line}: {_short(said)}"))
        new = sum("number" in said and not said["known"] for _, said in lines)
        known = sum("number" in said and said["known"] for _, said in lines)
        say(f"{new} entered, {known} known already, {sum('error' in said for _, said in lines)} not taken")

    def _ask(self, rows: Sequence[Fields], written_ms: int | None = None) -> list[Said]:
        args: dict[str, Any] = {"rows": [dict(row) for row in rows], "who": self.who, "written_ms": written_ms}
        found: Any = asyncio.run(control.call(self.socket, "enter", **args))
        said: list[Said] = found["entered"]
        return said


class Conversation:
    """Questions at a terminal; each answer is checked at once, and asked for again until it is right. EOFError: the officer has gone."""

    def __init__(self, form: Form, ask: Callable[[str], str]) -> None:
        self._form = form
        self._ask = ask

    def fields(self) -> dict[str, str]:
        """One entry, looked over."""
        while True:
            found = {
                "channel": self._field("channel", f"how did the citizen come? ({', '.join(CHANNELS)})"),
                "number": self._field("number", "the citizen's own number, or nothing"),
                "text": self._words(),
                "destination": self._field("destination", "region code that the citizen named (13.06), or nothing"),
                "rahasia": self._field("rahasia", "rahasia? (ya, tidak) [tidak]"),
                "anonim": self._field("anonim", "anonim? (ya, tidak) [tidak]"),
            }
            if found["destination"].strip():
                say(f"  it will go to {self._form.title(found['destination'].strip())}")
            if self.yes("enter it? [ya]", default=True):
                return found
            say("from the beginning, then; Ctrl-D ends")

    def yes(self, question: str, *, default: bool = False) -> bool:
        """A question with two answers."""
        while True:
            answer = self._ask(f"{question} ").strip()
            try:
                return default if not answer else bool(self._form.readers["rahasia"](answer))
            except FieldWrong:
                say("  ya or tidak?")

    def _field(self, name: str, question: str) -> str:
        while True:
            answer = self._ask(f"{question}: ")
            if self._right(name, answer):
                return answer

    def _words(self) -> str:
        while True:
            say(f"the citizen's own words; a line with only {END!r} ends them:")
            words = "\n".join(self._lines())
            if self._right("text", words):
                return words

    def _lines(self) -> Iterator[str]:
        while (line := self._ask("| ")).strip() != END:
            yield line

    def _right(self, name: str, answer: str) -> bool:
        try:
            self._form.readers[name](answer)
        except FieldWrong as wrong:
            say(one_line(f"  {wrong}"))
            return False
        return True


def receipt(said: Said) -> Iterator[str]:
    """What is said of one entry, and the words for the citizen."""
    if said["changed"]:
        yield f"{said['number']} has this key already, with other words: nothing was entered; `desk show {said['number']}` shows them"
        return
    to = "rahasia" if said["rahasia"] else said["instansi"] or "the national desk"
    known = "known already: " if said["known"] else "the same as before: " if said["duplicate"] else ""
    held = f"; held for a person ({said['reason']})" if said["state"] == "held" else ""
    yield f"{known}{said['number']}  {said['channel']}, to {to} ({said['certainty']}){held}"
    if said["sms"]:
        yield f"  {said['sms']}"
    if said["paper"]:
        yield f"  for the citizen: {said['paper']}"


def _short(said: Said) -> str:
    if "error" in said:
        return str(said["error"])
    if said["changed"]:
        return f"its key is known as {said['number']}, with other words: not entered"
    state = "known already" if said["known"] else "the same as before" if said["duplicate"] else "entered"
    return f"{said['number']}{' PIN ' + said['pin'] if said['pin'] else ''} {state}{' (held)' if said['state'] == 'held' else ''}"


def _given(options: argparse.Namespace) -> dict[str, str]:
    """The fields of one entry from the options; `--text -` takes the standard input."""
    words = options.text
    if words == STDIN:
        words = sys.stdin.buffer.read(entry_sheet.OCTETS_MAX).decode("utf-8", "surrogateescape")
    fields = {
        "channel": options.channel or "",
        "number": options.number or "",
        "text": words,
        "destination": options.destination or "",
        "rahasia": "ya" if options.rahasia else "",
        "anonim": "ya" if options.anonim else "",
    }
    return _with_key(fields, options.key)


def _with_key(fields: dict[str, str], key: str | None) -> dict[str, str]:
    """A key of its own, unless the officer gave one."""
    return {**fields, "key": key or f"typed:{secrets.token_hex(8)}"}
