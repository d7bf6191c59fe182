"""What a core's JSON says of how complaints stand: in an answer that we asked for, or in a callback that it signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
from collections.abc import Mapping, Sequence

from forwarder.core.answers import OddAnswerError, flag_at, found, moment, plain_at, read_json, records_at, word_at
from forwarder.core.contract import CallbackError, Course, Unknown
from forwarder.core.mapping import Callback, Standing

log = logging.getLogger(__name__)

WORDS_CHARACTERS_MAX = 100  # Ours: a status is some words; what is longer is not one.
DIGITS_PER_OCTET = 2


def courses_in(value: object, standing: Standing, asked: str | None = None) -> list[Course]:
    """Every record of which the status is known. `asked` is whose it is where the record does not say. OddAnswerError for another shape.

    A status word that the mapping does not know is left out and logged by count: only its file can say what it means.
    """
    records = [value] if standing.records is None else records_at(value, standing.records)
    courses = []
    strange = 0
    for record in records:
        words = word_at(record, standing.status)
        tracking_id = word_at(record, standing.tracking_id) if standing.tracking_id is not None else asked or ""
        status = standing.statuses.get(words.lower())
        if status is None or not tracking_id:
            strange += bool(words)
            continue
        disposed, answered, finished = (_time(record, standing, path) for path in (standing.disposed, standing.answered, standing.finished))
        answer = None if standing.answer is None else plain_at(record, standing.answer)
        asks, rahasia, anonim = (_flag(record, path) for path in (standing.asks, standing.rahasia, standing.anonim))
        told = (tracking_id, status, words[:WORDS_CHARACTERS_MAX], disposed, answered, finished)
        courses.append(Course(*told, answer=answer, asks=asks, rahasia=rahasia, anonim=anonim))
    if strange:
        log.warning("the core says of complaints how they stand in words that the mapping does not know", extra={"records": strange})
    return courses


def read_callback(callback: Callback, key: str, headers: Mapping[str, str], octets: bytes) -> Sequence[Course]:
    """The courses of one callback; CallbackError. The signature is looked at before anything else, in constant time."""
    given = [value for name, value in headers.items() if name.lower() == callback.signature.lower()]
    if len(given) != 1:
        raise CallbackError("no signature, or more than one", signed=False)
    expected = hmac.digest(key.encode(), octets, callback.algorithm)
    if not hmac.compare_digest(_signature(callback, given[0].strip()), expected):
        raise CallbackError("the signature is not the core's", signed=False)
    value = read_json(octets)
    if isinstance(value, Unknown):
        raise CallbackError(value.reason, signed=True)
    try:
        return courses_in(value, callback.standing)
    except OddAnswerError as error:
        raise CallbackError(str(error), signed=True) from None


def _time(record: object, standing: Standing, path: str | None) -> int | None:
    at = None if path is None else found(record, path)
    return None if at is None else moment(at, standing.form, standing.zone)


def _flag(record: object, path: str | None) -> bool | None:
    return None if path is None else flag_at(record, path)


def _signature(callback: Callback, given: str) -> bytes:
    """The octets of a signature; empty for what is none."""
    if not given.startswith(callback.prefix):
        return b""
    text = given[len(callback.prefix) :]
    try:
        if callback.encoding == "hex":
            return bytes.fromhex(text) if len(text) == DIGITS_PER_OCTET * hashlib.new(callback.algorithm).digest_size else b""
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""
