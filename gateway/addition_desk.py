"""The desk's half for additions: what of them waits for a person, and settling it. Named as the core knows them: G7K2QP-2."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict

from forwarder.journal import AdditionMoved, AdditionWaiting, Hand, Journal
from forwarder.lifecycle import AdditionMove, AdditionState
from forwarder.talk import Wish
from gateway.control import Args, Handler, Json, Peer
from gateway.desk import Desk, DeskError, Fields, limit_of, number_of, text_of

KEY = re.compile(r"#?([0-9A-Za-z]{1,12})-([0-9]{1,9})")
SHOWN: Mapping[str | None, tuple[AdditionState | None, ...]] = {
    None: (None,),
    "parked": (AdditionState.PARKED,),
    "unknown": (AdditionState.UNKNOWN,),
    "desk": (AdditionState.DESK,),
}
"""Which additions `desk list --state` shows beside complaints; None: all that wait for a person."""
DESK_STATE = AdditionState.DESK.value
DECISIONS: Mapping[str, bool] = {"yes": True, "no": False}
MOVES: Mapping[str, AdditionMove] = {"added": AdditionMove.FOUND, "resend": AdditionMove.RESEND, "close": AdditionMove.CLOSE}


class AdditionDesk:
    """What an officer can do with additions, on one gateway. `wake` tells whoever sends them."""

    def __init__(self, journal: Journal, wake: Callable[[], None], tracking_id: str = r"[0-9]{4,12}") -> None:
        self._journal = journal
        self._wake = wake
        self._tracking_id = re.compile(tracking_id)

    def handlers(self, desk: Desk) -> Mapping[str, Handler]:
        """The verbs of the control socket; `desk list` says what of both waits."""

        async def listed(args: Args, _: Peer) -> Json:
            state = args.get("state")
            found = {"waiting": []} if state == DESK_STATE else await desk.waiting(args)
            return {**found, "additions": await self.waiting(text_of(args, "state"), text_of(args, "reason"), limit_of(args))}

        async def add(args: Args, peer: Peer) -> Json:
            return await self.add({**args, "who": peer.named(args.get("who"))})

        async def wish(args: Args, peer: Peer) -> Json:
            return await self.wish({**args, "who": peer.named(args.get("who"))})

        return {"desk list": listed, "desk add": add, "desk wish": wish}

    async def waiting(self, state: str | None, reason: str | None, limit: int) -> list[Json]:
        """What waits, oldest first; nothing for a state that only complaints have."""
        rows: list[AdditionWaiting] = []
        for one in SHOWN.get(state, ()):
            rows += await self._journal.additions.waiting(one, reason, limit)
        return [{**asdict(row), "state": row.state.value} for row in rows]

    async def add(self, args: Args) -> Fields:
        """`desk add`: `deed` (settle, resend, tie), `key` or `number`, `who`, `reason`; `tracking_id`, `to`."""
        deeds: Mapping[str, Callable[[Args, Hand], Awaitable[Fields]]] = {"settle": self._move, "resend": self._move, "tie": self._tie}
        deed = str(args.get("deed"))
        if deed not in deeds:
            raise DeskError(f"{deed}: no such deed; there are {', '.join(deeds)}")
        found = await deeds[deed](args, _hand(args))
        self._wake()
        return found

    async def wish(self, args: Args) -> Fields:
        """`desk wish`: `number`, `wish`, `decision` (yes, no), `who`, `reason`: what the core decided."""
        wish, decision = text_of(args, "wish"), text_of(args, "decision")
        if wish not in set(Wish):
            raise DeskError(f"name the wish: {', '.join(Wish)}")
        if decision is None or decision not in DECISIONS:
            raise DeskError("say what the core decided: yes or no")
        moved = await self._journal.additions.decide(number_of(args.get("number")), Wish(wish), _hand(args), granted=DECISIONS[decision])
        return {"moved": [{**asdict(moved), "state": moved.state and moved.state.value}]}

    async def _move(self, args: Args, by: Hand) -> Fields:
        move, tracking_id = MOVES.get(str(args.get("move"))), text_of(args, "tracking_id")
        if move is None:
            raise DeskError(f"name what is to be done: {', '.join(MOVES)}")
        if move is AdditionMove.FOUND and (not tracking_id or not self._tracking_id.fullmatch(tracking_id)):
            raise DeskError(
                f"--added takes the tracking id of the record it stands in; [core] tracking_id expects {self._tracking_id.pattern}"
            )
        key = KEY.fullmatch((text_of(args, "key") or "").strip())
        if key is None:
            raise DeskError("an addition is named by its complaint's number and its own, such as G7K2QP-2; `desk show` names them")
        moved = await self._journal.additions.move(key[1].upper(), int(key[2]), move, by, tracking_id)
        return {"moved": [_shown(moved)]}

    async def _tie(self, args: Args, by: Hand) -> Fields:
        number, to = number_of(args.get("number")), number_of(args.get("to"))
        moved = await self._journal.additions.tie(number, to, by)
        return {"moved": [{**asdict(moved), "state": moved.state and moved.state.value}]}


def _hand(args: Args) -> Hand:
    reason = (text_of(args, "reason") or "").strip()
    if not reason:
        raise DeskError("a reason is required: it is kept with the complaint")
    return Hand(text_of(args, "who") or "unknown", reason)


def _shown(moved: AdditionMoved) -> Fields:
    return {"number": moved.key, "state": moved.state and moved.state.value, "error": moved.error}
