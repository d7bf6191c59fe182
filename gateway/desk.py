"""The desk: what waits for a person, and settling it. Every move has a name and a reason, and nothing is erased.

Each verb takes and gives plain JSON values: the control socket and the command line both speak them. The journal checks every move
against its state table, so that a wrong one is an answer, never an accident.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace

from forwarder.journal import Case, Hand, Journal, Moved, Waiting
from forwarder.lifecycle import ComplaintState, HeldReason
from gateway.composer import Composer
from gateway.control import Args, Handler, Json, Peer
from gateway.privacy import masked_text, on_screen
from gateway.witness import NeedsReason, Witness
from parsers import segments
from parsers.model import Segment, mask

Fields = dict[str, Json]
LIST_MAX = 10_000  # rows of one answer
RETHOUGHT = frozenset({"reroute", "redecode", "hold"})  # moves after which what the dispatcher holds in memory is stale


class DeskError(ValueError):
    """The request cannot be carried out as it is; the sentence says why and what would work."""


class Desk:
    """What an officer can do with what waits, on one gateway."""

    def __init__(  # noqa: PLR0913 - what the desk leans upon comes in by name
        self,
        journal: Journal,
        composer: Callable[[], Composer],
        reread: Callable[[bytes, str], Segment],
        forget: Callable[[Iterable[int]], None],
        *,
        witness: Witness,
        tracking_id: str = r"[0-9]{4,12}",
    ) -> None:
        self._journal = journal
        self._composer = composer
        self._reread = reread
        self._forget = forget
        self._witness = witness
        self._tracking_id = re.compile(tracking_id)
        self._moves: Mapping[str, Callable[[Sequence[str], Hand, Args], Awaitable[list[Moved]]]] = {
            "filed": self._filed,
            "resend": self._resend,
            "reroute": self._reroute,
            "close": self._close,
            "redecode": self._redecode,
            "release": self._release,
            "hold": self._hold,
            "note": self._note,
        }

    def handlers(self) -> Mapping[str, Handler]:
        """The verbs of the control socket; who gives one is what the kernel says, behind the name that he gives."""

        def by(verb: Callable[[Args], Awaitable[Fields]]) -> Handler:
            async def carry_out(args: Args, peer: Peer) -> Json:
                return await verb({**args, "who": peer.named(args.get("who"))})

            return carry_out

        return {"desk list": by(self.waiting), "desk show": by(self.show), "desk settle": by(self.settle)}

    async def waiting(self, args: Args) -> Fields:
        """What waits, oldest first. `state`, `reason`, `limit`, `reveal`: also what is restricted, which is noted in the audit."""
        state, reveal = args.get("state"), args.get("reveal") is True
        if reveal:
            await self._witness.looked(text_of(args, "who") or "unknown", "list", "", "reveal")
        named, wanted, limit = _state(str(state)) if state else None, text_of(args, "reason"), limit_of(args)
        rows = await self._journal.waiting(state=named, reason=wanted, limit=limit, reveal=True)
        seen = rows if reveal else await self._journal.waiting(state=named, reason=wanted, limit=limit)
        return {"waiting": [_row(row) for row in seen], "restricted": len(rows) - len(seen)}

    async def show(self, args: Args) -> Fields:
        """One complaint with its words, replies and history. `number`: ours or the core's; `who` looks is noted before he sees it.

        What names a person is masked, but with `reveal` and a `reason` (or one lately given); without one: `wants_reason`, a sentence.
        """
        number, who, reveal = number_of(args.get("number")), text_of(args, "who") or "unknown", args.get("reveal") is True
        case = await self._journal.case(number)
        if case is None:
            raise DeskError(f"{number}: no such complaint; `desk list` shows what waits")
        if not reveal:
            await self._witness.looked(who, case.number, text_of(args, "reason") or "")
            return _case(case, _hidden if case.restricted else masked_text, mask)
        example = f'lapor-gateway desk show {case.number} --reveal --reason "to call back about the address"'
        try:
            await self._witness.revealed(who, case.number, text_of(args, "reason") or "", example)
        except NeedsReason as error:
            return {"wants_reason": str(error)}
        return {**_case(case, on_screen, on_screen), "revealed": True}

    async def settle(self, args: Args) -> Fields:
        """Move complaints. `move`, `numbers`, `who`, `reason`; `filed` takes `tracking_id`, `reroute` takes `region`."""
        move = str(args.get("move"))
        if move not in self._moves:
            raise DeskError(f"{move}: no such move; there are {', '.join(self._moves)}")
        reason = (text_of(args, "reason") or "").strip()
        if not reason:
            raise DeskError("a reason is required: it is kept with the complaint")
        numbers = args.get("numbers")
        if not isinstance(numbers, list) or not numbers or len(numbers) > LIST_MAX:
            raise DeskError(f"name 1 to {LIST_MAX} complaints by their numbers")
        named = [await self._own(number_of(one)) for one in numbers]
        cases = [await self._journal.case(one) for one in named] if move in RETHOUGHT else []
        moved = await self._moves[move](named, Hand(text_of(args, "who") or "unknown", reason), args)
        self._forget([case.complaint_id for case in cases if case is not None])
        return {"moved": [{**asdict(one), "state": one.state and one.state.value} for one in moved]}

    async def _own(self, number: str) -> str:
        """Our number, also for a complaint that is named by the core's tracking id; ours begin with a letter."""
        case = None if number[:1].isalpha() else await self._journal.case(number)
        return number if case is None else case.number

    async def _filed(self, numbers: Sequence[str], by: Hand, args: Args) -> list[Moved]:
        tracking_id = text_of(args, "tracking_id")
        if len(numbers) != 1 or not tracking_id:
            raise DeskError("--filed takes one complaint and its tracking id at the core")
        if not self._tracking_id.fullmatch(tracking_id):  # the citizen is told it by SMS
            raise DeskError(f"that is no tracking id of the core: [core] tracking_id expects {self._tracking_id.pattern}")
        return [await self._journal.settle_filed(numbers[0], tracking_id, by)]

    async def _resend(self, numbers: Sequence[str], by: Hand, _: Args) -> list[Moved]:
        return await self._journal.resend(numbers, by)

    async def _close(self, numbers: Sequence[str], by: Hand, _: Args) -> list[Moved]:
        return await self._journal.close_cases(numbers, by)

    async def _release(self, numbers: Sequence[str], by: Hand, _: Args) -> list[Moved]:
        return await self._journal.release(numbers, by)

    async def _hold(self, numbers: Sequence[str], by: Hand, _: Args) -> list[Moved]:
        return await self._journal.hold(numbers, HeldReason.REVIEW, by)

    async def _note(self, numbers: Sequence[str], by: Hand, _: Args) -> list[Moved]:
        return [await self._journal.note(number, by) for number in numbers]

    async def _reroute(self, numbers: Sequence[str], by: Hand, args: Args) -> list[Moved]:
        region = text_of(args, "region")
        if not region:
            raise DeskError("--reroute takes a region code, such as 13.06, or `national`")
        return [await self._reroute_one(number, region, by) for number in numbers]

    async def _reroute_one(self, number: str, region: str, by: Hand) -> Moved:
        case = await self._journal.case(number)
        if case is None or case.complaint is None:
            return Moved(number, None, "no such complaint, or nobody could read it yet: redecode it first")
        try:
            decision, name = self._composer().destination(region, case.complaint.decision, by.who)
        except ValueError as error:
            return Moved(number, case.state, str(error))
        return await self._journal.reroute(number, decision, name, by)

    async def _redecode(self, numbers: Sequence[str], by: Hand, _: Args) -> list[Moved]:
        return [await self._redecode_one(number, by) for number in numbers]

    async def _redecode_one(self, number: str, by: Hand) -> Moved:
        case = await self._journal.case(number)
        raw = await self._journal.raw(number) if case is not None else []
        if case is None or not raw:
            return Moved(number, case.state if case is not None else None, "its raw PDU is not kept any more, or never was")
        try:
            parts = [replace(self._reread(frame, case.operator), bind=case.bind, received_ms=case.received_ms) for frame in raw]
            total = max(place.total if (place := segments.concat_of(part)) else 1 for part in parts)
            composed = self._composer().join(self._journal.next_message_id(), case.complaint_id, parts, total)
        except Exception as error:  # noqa: BLE001 - it was unreadable before, and may still be
            return Moved(number, case.state, f"still unreadable: {type(error).__name__}")
        return await self._journal.redecode(number, composed, by)


def _row(row: Waiting) -> Fields:
    return {**asdict(row), "state": row.state.value}


def _hidden(text: str) -> str:
    """What stands in place of the words of a person who restricted what we do with them."""
    return f"({len(text)} characters, restricted at the person's own word: --reveal --reason shows them)"


def _case(case: Case, words: Callable[[str], str], name: Callable[[str], str]) -> Fields:
    """All of a case; `words` shows what a citizen or an officer wrote, `name` a number or handle."""
    shown: Fields = {
        "number": case.number,
        "state": case.state.value,
        "reason": case.reason,
        "cause": case.cause,
        "attention": case.attention,
        "since_ms": case.since_ms,
        "next_ms": case.next_ms,
        "attempts": case.attempts,
        "tracking_id": case.tracking_id,
        "first": case.first,
        "duplicates": case.duplicates,
        "operator": case.operator,
        "bind": case.bind,
        "entered_by": case.entered_by,
        "received_ms": case.received_ms,
        "replies": [{**asdict(reply), "state": reply.state.value} for reply in case.replies],
        "history": [{**asdict(entry), "reason": words(entry.reason)} for entry in case.history],
        "additions": [
            {**asdict(one), "state": one.state and one.state.value, "text": None if one.text is None else words(one.text)}
            for one in case.additions
        ],
        "restricted": case.restricted,
        "untold": list(case.untold),
    }
    complaint = case.complaint
    if complaint is not None:
        decision = complaint.decision
        shown |= {
            "reporter": name(complaint.message.reporter.value),
            "text": words(complaint.words),
            "certainty": decision.certainty.value,
            "region": decision.region,
            "instansi": complaint.instansi_name,
            "keyword": decision.keyword,
            "rule": decision.rule,
            "table": decision.version,
            "why": decision.why,
            "candidates": [asdict(candidate) for candidate in decision.candidates],
            "topic": complaint.hints.topic,
            "classification": complaint.hints.classification.value,
            "anonim": complaint.anonim,
            "rahasia": complaint.rahasia,
            "marks": list(complaint.marks),
            "links": list(complaint.message.links),
            "quoted": None if complaint.message.quoted is None else words(complaint.message.quoted),
            "parts": complaint.message.parts,
            "incomplete": complaint.message.incomplete,
        }
    return shown


def _state(name: str) -> ComplaintState:
    try:
        return ComplaintState(name)
    except ValueError:
        raise DeskError(f"{name}: no such state; there are {', '.join(ComplaintState)}") from None


def number_of(value: object) -> str:
    """A complaint's number, ours or the core's; DeskError for what cannot be one."""
    if not isinstance(value, str) or not value.strip().lstrip("#").isalnum():
        raise DeskError("a complaint is named by its number, such as G7K2QP, or by the core's tracking id")
    return value.strip().lstrip("#").upper()


def text_of(args: Args, key: str) -> str | None:
    """An argument that is a text; None for none."""
    value = args.get(key)
    return value if isinstance(value, str) else None


def limit_of(args: Args) -> int:
    """How many rows at most."""
    return _whole(args.get("limit", 100), "limit", LIST_MAX)


def _whole(value: object, key: str, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise DeskError(f"{key} must be a whole number from 1 to {most}")
    return value
