"""What became of what officers typed in for citizens: the number each complaint has, and the PIN that the citizen is handed with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import apsw

from forwarder.journal.documents import post_key, words_tag
from forwarder.journal.pins import pin_of
from forwarder.journal.rows import blobs, read
from forwarder.journal.seal import Sealer
from forwarder.lifecycle import ComplaintState
from parsers.model import Post

Result = TypeVar("Result")

_ENTERED = """
SELECT json_group_array(json_array(hex(p.key_tag), hex(p.words_tag), c.id, coalesce(c.elsewhere, c.number, f.number), c.state,
                                   coalesce(c.reason, ''), coalesce(c.instansi_name, ''), coalesce(c.certainty, ''), c.rahasia, c.language,
                                   c.pin_turn))
FROM post AS p JOIN message AS m ON m.id = p.message JOIN complaint AS c ON c.id = m.complaint LEFT JOIN complaint AS f ON f.id = c.first
WHERE p.key_tag IN carray(?)
"""


class Look(Protocol):
    """A short look in the reader's thread."""

    async def __call__(self, look: Callable[[apsw.Connection], Result], /) -> Result:
        """What `look` returns; JournalError when it cannot."""


@dataclass(frozen=True, slots=True)
class Entered:
    """A complaint that was typed in. `pin` is None for a duplicate, which is asked for with its first's; `same` that the words are."""

    number: str
    pin: str | None
    state: ComplaintState
    reason: str
    instansi_name: str
    certainty: str
    rahasia: bool
    language: str
    same: bool


class Entries:
    """Part of the journal. Every method raises JournalError when it could not be done."""

    def __init__(self, look: Look, sealer: Sealer) -> None:
        self._look, self._sealer = look, sealer

    async def entered(self, posts: Sequence[Post]) -> list[Entered | None]:
        """What the journal has under the keys of these, in their order; None for one that it has not."""
        tags = [post_key(self._sealer, post.account, post.key) for post in posts]
        if not tags:
            return []
        rows = await self._look(lambda one: read(one, _ENTERED, (blobs(set(tags)),)))
        found = {bytes.fromhex(row[0]): row for row in rows}
        return [self._entered(found[tag], post) if tag in found else None for tag, post in zip(tags, posts, strict=True)]

    def _entered(self, row: Sequence[Any], post: Post) -> Entered:
        _, words, complaint, number, state, reason, instansi, certainty, rahasia, language, turn = row
        duplicate = state == ComplaintState.DUPLICATE
        pin = None if duplicate else pin_of(self._sealer, complaint, turn)
        same = bytes.fromhex(words) == words_tag(self._sealer, post)
        return Entered(number, pin, ComplaintState(state), reason, instansi, certainty, bool(rahasia), language, same)
