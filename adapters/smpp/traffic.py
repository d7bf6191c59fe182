"""What passes a session in either direction: counted, shown to a trace, and on its way out gathered into one write."""

from __future__ import annotations

from collections.abc import Callable

from adapters.smpp.pdu import command_name

AUTOMATIC_OCTETS_MAX = 65_536  # Ours: a flood of enquire_links or nonsense is answered only while less than this waits to be written.
IN, OUT, DROPPED = "in", "out", "dropped"

Trace = Callable[[str, bytes], None]
"""Direction (`in` or `out`) and the whole frame, passwords and texts included: show it only through trace.mask_frame."""


class Traffic:
    """Frames in, frames out. `tally` counts them by direction, command id and status; `dropped` are answers a flood did not get."""

    def __init__(self, trace: Trace | None) -> None:
        self.trace = trace
        self.tally: dict[tuple[str, int, int], int] = {}
        self._out = bytearray()

    def take(self, frame: bytes, command: int, status: int) -> None:
        """Note a frame that came."""
        key = (IN, command, status)
        self.tally[key] = self.tally.get(key, 0) + 1
        if self.trace is not None:
            self.trace(IN, frame)

    def send(self, frame: bytes, command: int, status: int = 0) -> None:
        """Put a frame out: a request of ours, or the answer to a message."""
        key = (OUT, command, status)
        self.tally[key] = self.tally.get(key, 0) + 1
        self._out += frame
        if self.trace is not None:
            self.trace(OUT, frame)

    def answer(self, frame: bytes, command: int, status: int = 0) -> bool:
        """Put out an answer that the session makes by itself, unless too many wait already."""
        if len(self._out) >= AUTOMATIC_OCTETS_MAX:
            key = (DROPPED, command, status)
            self.tally[key] = self.tally.get(key, 0) + 1
            return False
        self.send(frame, command, status)
        return True

    def drain(self) -> bytes:
        """Everything put out since the last call."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def counts(self) -> dict[tuple[str, str, int], int]:
        """The tally with the commands' names."""
        return {(direction, command_name(command), status): count for (direction, command, status), count in self.tally.items()}
