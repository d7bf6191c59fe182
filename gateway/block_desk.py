"""What the control socket, or a command without a gateway, does for the block list. Each verb takes and gives plain JSON values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict

from forwarder.journal import Journal
from gateway.control import Args, ControlError, Handler, Json, Peer
from gateway.subject_desk import hand_of, tag_of
from parsers.zones import DAY_MS

DAYS = 30  # Ours: numbers are given to other people; who goes on is blocked again
DAYS_MAX = 3_650


class BlockDesk:
    """The verbs of one journal; `now_ms` is UTC in milliseconds."""

    def __init__(self, journal: Journal, now_ms: Callable[[], int]) -> None:
        self._journal, self._now_ms = journal, now_ms

    def handlers(self) -> Mapping[str, Handler]:
        """By the names that the command line uses."""
        return {"block add": self.add, "block remove": self.remove, "block list": self.listed}

    async def add(self, args: Args, peer: Peer) -> Json:
        """`subject`, `who`, `reason`, `days`: until when (UTC ms)."""
        days = args.get("days", DAYS)
        if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= DAYS_MAX:
            raise ControlError(f"--days is a whole number of days, 1 to {DAYS_MAX}")
        until_ms = self._now_ms() + days * DAY_MS
        await self._journal.subjects.block(await self._tag(args), hand_of(args, peer), until_ms)
        return {"until_ms": until_ms}

    async def remove(self, args: Args, peer: Peer) -> Json:
        """`subject`, `who`, `reason`: whether it was on the list."""
        return {"changed": await self._journal.subjects.block(await self._tag(args), hand_of(args, peer), 0)}

    async def listed(self, _: Args, __: Peer) -> Json:
        """All that is blocked, without numbers: those are nowhere but in the messages, sealed."""
        return {"blocked": [asdict(one) for one in await self._journal.subjects.blocked(self._now_ms())]}

    async def _tag(self, args: Args) -> bytes:
        tag = await tag_of(self._journal, args)
        if tag is None:
            raise ControlError(
                "only a person can be blocked: by a telephone number such as 0812 3456 7890, an account such as x:2244994945, or a "
                "complaint of theirs; short codes and senders with a name are never answered anyway"
            )
        return tag
