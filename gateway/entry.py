"""What officers type in for citizens goes the same road as any message and has its number at once.

The same limits, duplicates, floods and silence hold as for every channel; what is typed in a second time under the same key is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from adapters.channel import Answer
from forwarder.journal import Entered, Journal
from forwarder.lifecycle import ComplaintState, HeldReason
from forwarder.replies import Texts
from gateway.control import Args, ControlError, Handler, Json, Peer
from gateway.entry_form import FieldWrong, Form, Slip
from gateway.intake import FrontDesk
from gateway.tables import Tables
from parsers.errors import JournalError
from parsers.model import mask

ROWS_MAX = 25  # Ours: of the longest texts, as JSON may write them, they fit one request
AGAIN = "enter the same again in a moment: nothing is entered twice"
UNSENT = (HeldReason.FLOOD, HeldReason.RESTORED, HeldReason.BLOCKED)
"""Why one may be held that is not answered until a person releases it."""

Fields = dict[str, Json]


@dataclass(frozen=True, slots=True)
class EntryDesk:
    """Takes entries of one gateway. `operator` carries the SMS, empty for none; `now_ms` is UTC in milliseconds."""

    journal: Journal
    intake: FrontDesk
    tables: Callable[[], Tables]
    ours: frozenset[str]
    operator: str
    now_ms: Callable[[], int]

    def handlers(self) -> Mapping[str, Handler]:
        """The verb of the control socket; who types is what the kernel says, behind the name that he gives."""

        async def enter(args: Args, peer: Peer) -> Json:
            return await self.enter(args, peer.named(args.get("who")))

        return {"enter": enter}

    async def enter(self, args: Args, who: str) -> Fields:
        """Take `rows` (fields as texts); what became of each, in their order. `written_ms`: when their file was saved."""
        rows = _rows(args)
        tables = self.tables()
        form, now_ms = Form(tables.regions, self.ours), self.now_ms()
        written = args.get("written_ms")
        written_ms = written if isinstance(written, int) and not isinstance(written, bool) else now_ms
        read = [_read(form, row) for row in rows]
        slips = [slip for slip in read if isinstance(slip, Slip)]
        entered = iter(await self._keep(slips, who, now_ms, written_ms, tables.texts))
        return {"entered": [next(entered) if isinstance(slip, Slip) else {"error": slip} for slip in read]}

    async def _keep(self, slips: Sequence[Slip], who: str, now_ms: int, written_ms: int, texts: Texts) -> list[Fields]:
        """Durable, then said."""
        if not slips:
            return []
        posts = [slip.post(who, self.operator, now_ms=now_ms, written_ms=written_ms) for slip in slips]
        taken = await self.intake.accept_posts(posts)
        if any(one.answer is not Answer.KEPT for one in taken):
            return [{"error": f"not stored now; {AGAIN}", "later": True}] * len(slips)
        try:
            found = await self.journal.entries.entered(posts)
        except JournalError:
            return [{"error": f"stored, but its number cannot be read now; {AGAIN}", "later": True}] * len(slips)
        return [
            {"error": f"stored, but not as a complaint; {AGAIN}"}
            if one is None
            else self._said(slip, one, texts, known=kept.kind == "redelivery")
            for slip, one, kept in zip(slips, found, taken, strict=True)
        ]

    def _said(self, slip: Slip, one: Entered, texts: Texts, *, known: bool) -> Fields:
        """What the officer reads; a changed text under a known key is not taken, and he must hear it. Then it is not his citizen's PIN."""
        changed = known and not one.same
        pin = None if changed else one.pin
        return {
            "number": one.number,
            "pin": pin,
            "known": known,
            "changed": changed,
            "channel": slip.channel,
            "state": one.state.value,
            "reason": one.reason,
            "duplicate": one.state is ComplaintState.DUPLICATE,
            "instansi": one.instansi_name,
            "certainty": one.certainty,
            "rahasia": one.rahasia,
            "paper": None if pin is None else texts.paper(one.language, one.number, pin),
            "sms": None if known else self._sms(slip, one),
        }

    def _sms(self, slip: Slip, one: Entered) -> str:
        if slip.number is None:
            return "no SMS: there is no number"
        if not slip.takes_sms:
            return "no SMS: a fixed line takes none"
        if not self.operator:
            return "no SMS: [entry] operator is not set"
        if one.state is ComplaintState.HELD and one.reason in UNSENT:
            return f"no SMS: held ({one.reason})"
        return f"an SMS goes to {mask(slip.number)} by {self.operator}"


def _rows(args: Args) -> list[Mapping[str, str]]:
    rows = args.get("rows")
    if not isinstance(rows, list) or not 1 <= len(rows) <= ROWS_MAX:
        raise ControlError(f"rows must be a list of 1 to {ROWS_MAX} entries")
    if not all(isinstance(row, dict) and all(isinstance(value, str) for value in row.values()) for row in rows):
        raise ControlError("each row must be an object whose values are texts")
    return rows  # type: ignore[return-value]


def _read(form: Form, row: Mapping[str, str]) -> Slip | str:
    """The entry, or what is wrong with it."""
    try:
        return form.read(row)
    except FieldWrong as wrong:
        return str(wrong)
