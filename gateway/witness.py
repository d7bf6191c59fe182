"""Who looks at a citizen's words or number is written into the audit before he sees them; who uncovers them says why.

A reason counts for a time ([privacy] reveal_minutes) for the same person and the same case; each look is a row all the same.
"""

from __future__ import annotations

from collections.abc import Callable

from forwarder.journal.orders import Deed
from forwarder.journal.trail import Trail

LOOK, REVEAL, AGAIN = "look", "reveal", "reveal again"
REASON_CHARACTERS_MIN = 5  # "x" is no reason
MINUTE_MS = 60_000


class NeedsReason(ValueError):
    """Somebody wants to uncover what is masked and does not say why; the sentence teaches how."""


class Witness:
    """Notes looks. `now_ms` gives UTC in milliseconds."""

    def __init__(self, trail: Trail, now_ms: Callable[[], int], reveal_minutes: int) -> None:
        self._trail, self._now_ms, self._minutes = trail, now_ms, reveal_minutes

    async def looked(self, who: str, about: str, reason: str = "", what: str = LOOK) -> None:
        """Somebody is about to see something masked; JournalError when that cannot be written: then he does not see it."""
        await self._trail.note(Deed(who, what, about, reason))

    async def revealed(self, who: str, about: str, reason: str, example: str, what: str = REVEAL) -> None:
        """Somebody is about to see it as it is. NeedsReason when he gives none and gave none lately; `example` is a command that does."""
        if reason.strip():
            if len(reason.strip()) < REASON_CHARACTERS_MIN:
                raise NeedsReason(f"{reason.strip()!r} is no reason: say in a few words what you need it for; it is kept")
            await self._trail.note(Deed(who, what, about, reason.strip()))
            return
        now = self._now_ms()
        since = await self._trail.granted(Deed(who, what, about), now - self._minutes * MINUTE_MS, now)
        if since is None:
            raise NeedsReason(
                f"--reveal needs --reason: it shows a citizen's number and words as they are, and the audit keeps who saw them and why.\n"
                f"For example: {example}\n"
                f"For {self._minutes} minutes you need not say it again for the same case."
            )
        await self._trail.note(Deed(who, AGAIN if what == REVEAL else what, about, f"as said {(now - since) // MINUTE_MS} minutes before"))
