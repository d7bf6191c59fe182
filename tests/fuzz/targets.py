"""What is fuzzed: each target takes octets, and returns or raises its one documented error; anything else is a find."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from adapters.smpp import codec
from parsers import charset, command, segments
from parsers.errors import FrameError, PduError
from tests.smpp.sessions import deliver, esme, smsc


class Target(NamedTuple):
    """`attempt` fails by raising; `corpus` is where mutation starts."""

    attempt: Callable[[bytes], None]
    corpus: tuple[bytes, ...]


CODINGS = (0, 1, 3, 4, 8, 0xF4, 0x11, 0xFF)


def frames(octets: bytes) -> None:
    with suppress(FrameError):
        for frame in codec.FrameReader().feed(octets):
            with suppress(PduError):
                codec.read(frame)


def session(octets: bytes) -> None:
    for end in (esme(), smsc()):
        with suppress(FrameError):
            end.receive(octets, 1.0)
            end.outgoing()


def header(octets: bytes) -> None:
    with suppress(segments.UdhError):
        assert segments.read_udh(octets).octets <= len(octets)


def text(octets: bytes) -> None:
    coding, packed = CODINGS[len(octets) % len(CODINGS)], bool(octets[:1] > b"\x7f")
    decoded = charset.decode(octets, coding, packed=packed)
    decoded.text.encode("utf-8")
    command.read(decoded.text)


LONG = b"\x05\x00\x03\x2a\x02\x01AGAM lampu jalan mati \x1b\x65 di Lubuk Basung"
STREAMS = (deliver(), deliver(1) + deliver(2), b"\x00\x00\x00\x10\x00\x00\x00\x15\x00\x00\x00\x00\x00\x00\x00\x01", b"\x00\x00\x00\x03\x00")
TARGETS = {
    "frames": Target(frames, STREAMS),
    "session": Target(session, STREAMS),
    "header": Target(header, (LONG[:6], b"\x06\x08\x04\x12\x34\x03\x02", b"\x0b\x05\x04\x0b\x84\x23\xf0\x00\x03\x2a\x02\x01")),
    "text": Target(text, (LONG[6:], "STATUS G7K2QP é€".encode("utf-16-be"), b"\xd8\x3d\xde\x00", b"\xff\xfeA\x00", bytes(range(256)))),
}
