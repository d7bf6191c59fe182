"""Every error the gateway raises on purpose, and what the catcher does about it.

    GatewayError
    ├── FrameError      the byte stream is out of step: close that link
    ├── PduError        framed but unreadable: store raw, acknowledge, lay on the desk
    ├── SettingsError   a file we were given is wrong: say all of it, exit 78
    └── JournalError    could not be stored: the operator hears "later"
        └── JournalFull  the same, until there is space again

No message carries a text, a full number, a handle or a secret.
"""

from __future__ import annotations


class GatewayError(Exception):
    """The root: whatever is raised on purpose derives from it."""


class FrameError(GatewayError):
    """The byte stream cannot be cut into PDUs any more (SMPP 3.4 §3.2)."""

    def __init__(self, cause: str, *, sequence: int = 0) -> None:
        super().__init__(cause)
        self.sequence = sequence


class PduError(GatewayError):
    """A whole frame arrived, but its contents cannot be read.

    `offset` counts octets from the start of the PDU; `raw` is the whole frame and is never part of the message.
    """

    def __init__(self, cause: str, *, raw: bytes, offset: int = 0) -> None:
        super().__init__(f"{cause} at octet {offset}")
        self.cause = cause
        self.raw = raw
        self.offset = offset


class SettingsError(GatewayError):
    """One or more mistakes in files we were given; `problems` holds one line each: file, key or line, remedy."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class JournalError(GatewayError):
    """The journal did not take it. Nothing was promised; whoever sent it is asked to come back."""


class JournalFull(JournalError):
    """The disk, or the journal's share of it, is used up; it recovers by itself when there is room."""
