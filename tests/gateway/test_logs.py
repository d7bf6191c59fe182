"""The log masks what must not be seen and cannot be forged, in both styles."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from pydantic import TypeAdapter

from gateway import logs
from gateway.logs import LIKE_LINES_MAX, LIKE_SECONDS, LINE_CHARACTERS_MAX, QUIET, Brake, Mask, Style, traced
from parsers.errors import SettingsError

NUMBERS = ("6281234567890", "081234567890", "3201234567890123", "1234567890", "٠٨١٢٣٤٥٦٧٨٩٠")
SECRETS = ("Kuc1ng/Hitam", "p@ss w0rd", "line\nbreak-secret")
HOSTILE = (
    "\n12:00:00 gateway: filed complaint_id=1",
    "\r\nERROR forged",
    "\x1b[2J\x1b]0;owned\x07",
    "\x9b31m",
    "\u2028next",
    "\u202egnp.exe",
    "\x00\x7f\ud800",
    "%s%n%d {} {0.__class__}",
    "\u202e\u2066\u2069",
)
WORDS = 'AGAM rumah sa\'ya "kebakaran"\ndi Lubuk_Basung'
STYLES: tuple[Style, ...] = ("readable", "json")


class Written:
    """A logger of its own, and what it wrote."""

    def __init__(self, style: Style, secrets: tuple[str, ...] = ()) -> None:
        self.stream = io.StringIO()
        self.log = logging.Logger("tests")  # noqa: LOG001 - apart from the tree, so that tests do not meet
        self.log.addHandler(logs.handler(style, secrets=secrets, stream=self.stream))

    @property
    def text(self) -> str:
        return self.stream.getvalue()


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("number", NUMBERS)
def test_a_long_number_is_masked_wherever_it_stands(style: Style, number: str) -> None:
    written = Written(style)
    written.log.warning("from %s", number, extra={"to": number, f"key{number}": 1, "many": [number], "whole": int(number)})
    try:
        raise ValueError(f"bad {number}")
    except ValueError:
        written.log.exception("failed")
    assert number not in written.text
    assert str(int(number)) not in written.text
    assert "***" in written.text


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_known_secret_is_starred_in_each_form_a_library_may_print(style: Style, secret: str) -> None:
    written = Written(style, SECRETS)
    for form in sorted(logs.forms(secret)):
        written.log.error("said %s", form, extra={"answer": f"<{form}>"})
    assert not [form for form in logs.forms(secret) if form in written.text or json.dumps(form)[1:-1] in written.text]


def test_a_secret_that_would_star_everything_is_left_alone() -> None:
    assert Mask(["", "a", "170"]).clean("a 1708 call") == "a 1708 call"


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_makes_neither_a_second_line_nor_a_terminal_escape(style: Style, text: str) -> None:
    written = Written(style)
    written.log.info("peer said %s", text, extra={"cause": text})
    assert written.text.count("\n") == 1
    assert not logs.UNSAFE.search(written.text.rstrip("\n"))
    assert written.text.isascii() or style == "readable"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_readable_traceback_cannot_pass_for_an_event(text: str) -> None:
    written = Written("readable")
    try:
        raise ValueError(text)
    except ValueError:
        written.log.exception("failed")
    _, *rest = written.text.rstrip("\n").split("\n")
    assert rest
    assert all(line.startswith("  | ") for line in rest)


def test_a_readable_value_cannot_pass_for_another_field() -> None:
    written = Written("readable")
    written.log.info("bound", extra={"operator": 'a" instansi=AGAM'})
    assert written.text.endswith(r'tests: bound operator="a\" instansi=AGAM"' + "\n")


def test_a_json_line_carries_time_level_logger_event_and_the_extra_fields() -> None:
    written = Written("json")
    written.log.info("filed", extra={"complaint_id": 81, "instansi": "Kab. Agam", "again": False, "time": "forged"})
    line = json.loads(written.text)
    assert line.pop("time").endswith("Z")
    assert line == {"level": "info", "logger": "tests", "event": "filed", "complaint_id": 81, "instansi": "Kab. Agam", "again": False}


@pytest.mark.parametrize("style", STYLES)
def test_a_megabyte_becomes_a_bounded_line(style: Style) -> None:
    written = Written(style)
    written.log.info("%s", "x" * 1_000_000)
    assert len(written.text) < LINE_CHARACTERS_MAX + 200


def test_a_log_call_with_wrong_arguments_still_leaves_a_line() -> None:
    written = Written("readable")
    written.log.info("%d apples", "six")
    assert "%d apples" in written.text


def warn(brake: Brake, **extra: object) -> logging.LogRecord | None:
    record = logging.makeLogRecord({"name": "x", "pathname": "x.py", "lineno": 7, "levelno": logging.WARNING, **extra})
    return record if brake.filter(record) else None


def test_the_same_warning_is_held_back_and_then_counted() -> None:
    now = 0.0
    brake = Brake(lambda: now)
    passed = [warn(brake) for _ in range(LIKE_LINES_MAX + 57)]
    assert sum(record is not None for record in passed) == LIKE_LINES_MAX
    assert brake.held_back == 57
    assert warn(brake, operator="another") is not None
    assert warn(brake, levelno=logging.INFO) is not None
    now = LIKE_SECONDS
    after = warn(brake)
    assert after is not None
    assert after.__dict__["held_back"] == 57
    second = warn(brake)
    assert second is not None
    assert "held_back" not in second.__dict__


def test_the_brake_remembers_a_bounded_number_of_places() -> None:
    brake = Brake(lambda: 0.0)
    for line in range(3 * logs.PLACES_MAX):
        warn(brake, lineno=line)
    assert len(brake._places) <= logs.PLACES_MAX


@pytest.fixture
def whole_process() -> Iterator[io.StringIO]:
    """`configure` changes the process: put everything back afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level, logging.raiseExceptions, sys.excepthook, threading.excepthook
    levels = {name: logging.getLogger(name).level for name in QUIET}
    yield io.StringIO()
    root.handlers[:], root.level, logging.raiseExceptions, sys.excepthook, threading.excepthook = before
    logging.captureWarnings(capture=False)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def test_at_debug_the_talkative_libraries_stay_silent(whole_process: io.StringIO) -> None:
    logs.configure("json", "DEBUG", stream=whole_process)
    for name in QUIET:
        logging.getLogger(name).debug("password %s", "hunter22")
        logging.getLogger(name).info("GET /?token=hunter22")
    logging.getLogger("gateway.any").debug("heard")
    assert [json.loads(line)["event"] for line in whole_process.getvalue().splitlines()] == ["heard"]


def test_configure_again_takes_the_place_of_the_former_log(whole_process: io.StringIO) -> None:
    logs.configure("readable", stream=whole_process)
    logs.configure("readable", secrets=["hunter22"], stream=whole_process)
    logging.getLogger("gateway.any").info("hunter22")
    assert whole_process.getvalue().count("\n") == 1
    assert "hunter22" not in whole_process.getvalue()


def test_what_nobody_caught_is_masked_too(whole_process: io.StringIO) -> None:
    logs.configure("readable", secrets=["hunter22"], stream=whole_process)
    logs.catch_uncaught()
    try:
        raise RuntimeError("hunter22 for 081234567890")
    except RuntimeError as error:
        sys.excepthook(type(error), error, error.__traceback__)
        threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, None)))
    text = whole_process.getvalue()
    assert text.count("CRITICAL: uncaught") == 2
    assert "RuntimeError: *** for 081234***890" in text


@pytest.mark.parametrize(
    "raised",
    [
        lambda: {}[WORDS],
        lambda: int(WORDS),
        lambda: datetime.fromisoformat(WORDS),
        lambda: getattr(WORDS, "x" + WORDS),
        lambda: json.loads(f'"{WORDS}'),
        lambda: __import__(WORDS),
        lambda: TypeAdapter(int).validate_python(WORDS),
    ],
)
def test_what_an_error_was_given_is_not_in_its_traceback(raised: Callable[[], object]) -> None:
    try:
        try:
            raised()
        except Exception as error:
            raise ExceptionGroup("several", [error]) from error
    except ExceptionGroup:
        text = traced(sys.exc_info())
    assert "Traceback" in text
    assert not [word for word in ("rumah", "kebakaran", "Lubuk") if word in text]


def test_an_error_of_our_own_says_all_it_says() -> None:
    try:
        raise SettingsError(["gateway.toml:3: 'hots' is no setting here; meant 'hosts'?"])
    except SettingsError:
        assert "'hots'" in traced(sys.exc_info())
