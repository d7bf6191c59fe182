"""What each outcome does: to the complaint or addition, to the window, and to the breaker. No I/O; time and chance come in."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from forwarder import pacing
from forwarder.core.contract import Filed, NotFiled, Outcome, Refused, Unknown
from forwarder.core.settings import DispatchSettings
from forwarder.journal import Settlement
from forwarder.lifecycle import ComplaintMove
from forwarder.pacing import BreakerState
from forwarder.records import Errand

BLAMED_MAX = 10_000  # Complaints whose 'our fault' or lost answers are remembered; far above what is in flight.
FALSE_ALARMS_MAX = 5  # So many senders may draw 'our fault' in a row without a pause, at most, when pauses proved needless before.
FAULTS_IN_A_ROW_MAX = 50  # So many answers in a row are a pause in any case.


@dataclass(slots=True)
class Blame:
    """How often one complaint drew 'our fault', and how many complaints had been filed by then."""

    times: int
    filed_by_then: int


class Outcomes:
    """Holds breaker and window of one core, and judges what it answers."""

    def __init__(self, settings: DispatchSettings, *, clock: Callable[[], int], random: Callable[[], float]) -> None:
        self.breaker = pacing.Breaker(
            run_max=settings.unknown_run,
            probe_first=settings.probe_first_seconds,
            probe_most=settings.probe_most_seconds,
            fault_first=settings.fault_first_seconds,
            fault_most=settings.fault_most_seconds,
        )
        self.window = pacing.Window(start=settings.window_start, most=settings.window_max)
        self.quiet_until = 0.0
        """Monotonic seconds until which the core asked for silence (Retry-After)."""
        self.counts: Counter[str] = Counter()
        self.last_filed_ms: int | None = None
        self._settings = settings
        self._clock = clock
        self._random = random
        self._blamed: OrderedDict[Hashable, Blame] = OrderedDict()
        self._lost: OrderedDict[Hashable, int] = OrderedDict()
        self._filed_in_all = 0
        self._faults_in_a_row = 0
        self._faulty_senders: set[str] = set()
        self._false_alarms = 0

    def judge(self, filing: Errand[Hashable], outcome: Outcome, *, started: float, now: float, in_flight: int) -> Settlement:
        """Take note of one outcome; `in_flight` counts this one too. What is returned goes into the journal."""
        match outcome:
            case Filed():
                return self._filed(filing, outcome, in_flight)
            case Refused(reason):
                self._count(filing, "refused")
                self.window.grow(in_flight)
                self.breaker.answered()
                return Settlement(filing.complaint_id, filing.attempt, ComplaintMove.REFUSED, reason=reason)
            case Unknown(reason):
                self._count(filing, "unknown")
                self._lose(filing)
                self.window.shrink(now)
                self.breaker.failed(now)
                return Settlement(filing.complaint_id, filing.attempt, ComplaintMove.LOST_ANSWER, reason=reason)
            case NotFiled(ours=True):
                return self._our_fault(filing, outcome, now)
            case NotFiled():
                return self._not_filed(filing, outcome, started=started, now=now)

    def poison(self, filing: Errand[Hashable]) -> Refused | None:
        """Not to be sent again: so often was it sent, and each time its answer got lost and the core did not have it after."""
        times = self._lost.get(filing.key, 0)
        if times < self._settings.lost_max:
            return None
        del self._lost[filing.key]  # whoever resends it by hand gets as many tries again
        return Refused(f"sent {times} times, and each time the answer was lost and the core did not have it")

    def give_back(self, filing: Errand[Hashable], reason: str) -> Settlement:
        """It was marked `sending`, or may have been, but no byte went: ready again, not charged."""
        self._count(filing, "given_back")
        next_ms = self._clock() + round(self._settings.journal_wait_seconds * 1000)
        return Settlement(filing.complaint_id, filing.attempt, ComplaintMove.NOT_FILED, reason=reason, next_ms=next_ms, charged=False)

    def _filed(self, filing: Errand[Hashable], filed: Filed, in_flight: int) -> Settlement:
        self._count(filing, "filed")
        self._filed_in_all += 1
        if not filing.counted_as:
            self.last_filed_ms = self._clock()
        self.window.grow(in_flight)
        if self.breaker.state is BreakerState.TRIAL and self._faults_in_a_row:
            self._false_alarms = min(FALSE_ALARMS_MAX, self._false_alarms + 1)
        self._faults_in_a_row = 0
        self._faulty_senders.clear()
        self.breaker.answered()
        self._blamed.pop(filing.key, None)
        self._lost.pop(filing.key, None)
        return Settlement(
            filing.complaint_id,
            filing.attempt,
            ComplaintMove.FILED,
            tracking_id=filed.tracking_id,
            transaction_id=filed.transaction_id or None,
        )

    def _not_filed(self, filing: Errand[Hashable], answer: NotFiled, *, started: float, now: float) -> Settlement:
        """With a Retry-After the core lives and paces us; without one it counts towards the breaker."""
        self._count(filing, "not_filed")
        self.window.halve(started, now)
        if answer.retry_after_s is None:
            self.breaker.failed(now)
            wait = pacing.back_off_seconds(
                filing.attempt, first=self._settings.retry_first_seconds, most=self._settings.retry_most_seconds, share=self._random()
            )
        else:
            self.quiet_until = max(self.quiet_until, now + answer.retry_after_s)
            wait = answer.retry_after_s + self._random()
        return self._later(filing, answer.reason, wait, charged=True)

    def _our_fault(self, filing: Errand[Hashable], answer: NotFiled, now: float) -> Settlement:
        """Pause the core, charge nobody; but a complaint that draws it alone, while others are filed, is itself the reason.

        A firewall before the core may answer one odd text with 403. Pausing for each would let one sender stop everybody: after a
        pause that proved needless, it takes answers to more senders in a row, without any complaint filed between them.
        """
        self._count(filing, "our_fault")
        if self._alone(filing) >= self._settings.blame_max:
            del self._blamed[filing.key]
            return Settlement(filing.complaint_id, filing.attempt, ComplaintMove.REFUSED, reason=f"{answer.reason} to this complaint alone")
        self._faults_in_a_row += 1
        self._faulty_senders.add(filing.sender)
        if len(self._faulty_senders) > self._false_alarms or self._faults_in_a_row >= FAULTS_IN_A_ROW_MAX:
            self.breaker.our_fault(now)
        wait = self._settings.fault_first_seconds * (2.0 + self._random())  # behind those who had no part in it
        return self._later(filing, answer.reason, wait, charged=False)

    def _alone(self, filing: Errand[Hashable]) -> int:
        """How often this complaint drew 'our fault' with others filed in between; 1 the first time."""
        filed = self._filed_in_all
        blame = self._blamed.setdefault(filing.key, Blame(1, filed))
        if filed > blame.filed_by_then:
            blame.times += 1
            blame.filed_by_then = filed
        if len(self._blamed) > BLAMED_MAX:
            self._blamed.popitem(last=False)
        return blame.times

    def _count(self, filing: Errand[Hashable], word: str) -> None:
        self.counts[filing.counted_as + word] += 1

    def _lose(self, filing: Errand[Hashable]) -> None:
        self._lost[filing.key] = self._lost.get(filing.key, 0) + 1
        if len(self._lost) > BLAMED_MAX:
            self._lost.popitem(last=False)

    def _later(self, filing: Errand[Hashable], reason: str, wait: float, *, charged: bool) -> Settlement:
        next_ms = self._clock() + round(wait * 1000)
        return Settlement(filing.complaint_id, filing.attempt, ComplaintMove.NOT_FILED, reason=reason, next_ms=next_ms, charged=charged)
