"""The journal's file."""

from __future__ import annotations

from parsers.errors import JournalError


class JournalLocked(JournalError):
    """Another process has this journal; the message says which and since when."""
