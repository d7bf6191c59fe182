"""`route read --json`: a text a line in, a reading a line out, in step and without end. The contract is docs/route-read.md.

Memory is bounded by the longest line; a line that cannot be read is answered as well, and reading goes on.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from io import BufferedIOBase

from gateway.reading import CHANNELS, SMS, Reader, document
from gateway.tables import WIB_MS

LINE_OCTETS_MAX = 1_048_576  # Ours: the longest text is 10 kB, and JSON may write a character with twelve octets.
CHUNK_OCTETS = 65_536
WIB = dt.timezone(dt.timedelta(milliseconds=WIB_MS))


def answer_all(given: BufferedIOBase, taken: BufferedIOBase, reader: Reader, today: Callable[[], dt.date]) -> None:
    """Answer every line of `given` in order; what has arrived is answered before more is waited for."""
    left, lost = b"", False
    while chunk := given.read1(CHUNK_OCTETS):
        *lines, left = (left + chunk).split(b"\n")
        for line in lines:
            taken.write(_too_long() if lost else answer(line, reader, today))
            lost = False
        if len(left) > LINE_OCTETS_MAX:
            left, lost = b"", True
        taken.flush()
    if left or lost:
        taken.write(_too_long() if lost else answer(left, reader, today))
        taken.flush()


def answer(line: bytes, reader: Reader, today: Callable[[], dt.date]) -> bytes:
    """One line's answer: a reading, or `{"error": …}`, which never repeats what the line said."""
    if len(line) > LINE_OCTETS_MAX:
        return _too_long()
    try:
        text, channel, day = _request(line, today)
    except _WrongLine as wrong:
        return _line({"error": str(wrong)})
    return _line(document(reader.read(text, day, channel)))


class _WrongLine(ValueError):
    """What is wrong with a line, for whoever wrote it."""


def _request(line: bytes, today: Callable[[], dt.date]) -> tuple[str, str, dt.date]:
    try:
        asked = json.loads(line)
    except UnicodeDecodeError:
        raise _WrongLine("the line is no UTF-8") from None
    except (ValueError, RecursionError):
        raise _WrongLine("the line is no JSON") from None
    if not isinstance(asked, dict):
        raise _WrongLine('the line is no object such as {"text": "AGAM jalan rusak"}')
    text, channel, at = asked.get("text"), asked.get("channel", SMS), asked.get("at")
    if not isinstance(text, str):
        raise _WrongLine("text is missing or no string")
    if channel not in CHANNELS:
        raise _WrongLine(f"channel must be {' or '.join(CHANNELS)}")
    return text, channel, today() if at is None else _day(at)


def _day(at: object) -> dt.date:
    """The routing day of an ISO time: days begin in Jakarta, and a time without a zone is Jakarta's."""
    try:
        moment = dt.datetime.fromisoformat(at) if isinstance(at, str) else None
        if moment is not None:
            return (moment if moment.tzinfo is None else moment.astimezone(WIB)).date()
    except (ValueError, OverflowError):
        pass
    raise _WrongLine("at must be an ISO time such as 2026-11-22T08:30:00+07:00")


def _too_long() -> bytes:
    return _line({"error": f"the line is longer than {LINE_OCTETS_MAX} octets"})


def _line(answered: object) -> bytes:
    return json.dumps(answered).encode() + b"\n"
