"""Which plain number stands behind each metric and each health check: the wiring between the parts' counters and the pages."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from typing import TYPE_CHECKING

from adapters.smpp.bearer import LinkState, LinkStatus
from adapters.smpp.operator import Operator
from adapters.smpp.status import status_name
from adapters.x.poller import Source
from forwarder.pacing import BreakerState
from parsers.errors import JournalError

if TYPE_CHECKING:
    from gateway.app import Gateway

log = logging.getLogger(__name__)

Series = dict[tuple[str, ...], float]


def wire(gateway: Gateway) -> None:
    """Give every metric its reading, and health its checks."""
    _binds(gateway)
    _complaints(gateway)
    _after_filing(gateway)
    _cluster(gateway)
    _posts(gateway)
    _journal(gateway)
    _process(gateway)
    _alarms(gateway)
    gateway.health.add("journal", lambda: gateway.journal.health().cause)
    gateway.health.add("binds", lambda: _no_bind(gateway))


def statuses(gateway: Gateway) -> Iterator[LinkStatus]:
    """Every bind of every operator."""
    for operator in gateway.operators.values():
        yield from operator.status()


def binds_down(operators: Mapping[str, Operator]) -> Series:
    """1 for each bind that should be up and is not; an operator that binds to us is missed as a whole: his binds have no names yet."""
    found: Series = {}
    for name, operator in operators.items():
        binds = operator.status()
        up = (LinkState.BOUND, LinkState.MAINTENANCE)
        found |= {(name, bind.bind): float(bind.state not in up) for bind in binds} or {(name, "any"): 1.0}
    return found


def _no_bind(gateway: Gateway) -> str | None:
    all_binds = list(statuses(gateway))
    if not all_binds or any(bind.state in (LinkState.BOUND, LinkState.MAINTENANCE) for bind in all_binds):
        return None
    return f"none of {len(all_binds)} binds is up"


def _binds(gateway: Gateway) -> None:
    def each(value: str) -> Series:
        now = gateway.now_ms()
        readings: Mapping[str, Callable[[LinkStatus], float]] = {
            "up": lambda bind: float(bind.state is LinkState.BOUND),
            "silent": lambda bind: (now - (bind.last_pdu_ms or bind.since_ms)) / 1000,
            "connects": lambda bind: bind.connects,
            "window": lambda bind: bind.window_used,
        }
        return {(bind.operator, bind.bind): readings[value](bind) for bind in statuses(gateway)}

    def pdus() -> Series:
        return {
            (bind.operator, bind.bind, direction, command, status_name(status)): count
            for bind in statuses(gateway)
            for (direction, command, status), count in bind.counts.items()
        }

    read = gateway.metrics.read
    read("lapor_bind_up", lambda: each("up"))
    read("lapor_bind_down", lambda: binds_down(gateway.operators))
    read("lapor_bind_silent_seconds", lambda: each("silent"))
    read("lapor_bind_connects_total", lambda: each("connects"))
    read("lapor_bind_window", lambda: each("window"))
    read("lapor_pdus_total", pdus)
    read(
        "lapor_refusals_total",
        lambda: {(operator, status_name(status)): count for (operator, status), count in gateway.intake.refusals.items()},
    )


def _complaints(gateway: Gateway) -> None:
    """What the journal holds costs a query, so it is asked for beside the road and shown as it was then."""

    def by_state() -> Series:
        held = gateway.held
        waiting = Counter({(one.state.value, one.reason): one.count for one in held.oldest}) if held else Counter()
        reasoned: Counter[str] = Counter()
        for (state, _), count in waiting.items():
            reasoned[state] += count
        rest = {(state.value, ""): count - reasoned[state.value] for state, count in gateway.journal.tally.items()}
        return {labels: float(count) for labels, count in {**rest, **waiting}.items() if count > 0}

    def oldest() -> Series:
        now, held = gateway.now_ms(), gateway.held
        return {(one.state.value, one.reason): (now - one.since_ms) / 1000 for one in held.oldest} if held else {}

    read = gateway.metrics.read
    read("lapor_arrivals_total", lambda: {(kind,): count for kind, count in gateway.intake.counts.items()})
    read("lapor_decisions_total", lambda: {(certainty,): count for certainty, count in gateway.intake.certainties.items()})
    read("lapor_guard_total", lambda: {(what,): count for what, count in gateway.guard.counts.items()})
    read("lapor_related_total", lambda: gateway.related.found)
    read("lapor_complaints", by_state)
    read("lapor_oldest_seconds", oldest)
    closer, untouched = gateway.closer, gateway.untouched
    read("lapor_ledger_gap", lambda: closer.gap or 0)
    read("lapor_ledger_closed_days", lambda: closer.day or 0)
    read("lapor_untouched_total", lambda: untouched.passed)
    read("lapor_late_complaints", lambda: {(step,): count for step, count in gateway.late.found.items()})
    read("lapor_segment_sets_open", lambda: gateway.held.open_sets if gateway.held else 0)
    read("lapor_filings_total", lambda: {(name,): count for name, count in gateway.dispatcher.status().counts.items()})
    read("lapor_core_window", lambda: 0 if gateway.dispatcher.status().stopped_by else gateway.dispatcher.status().window)
    read("lapor_core_breaker_open", lambda: float(gateway.dispatcher.status().breaker is BreakerState.OPEN))
    read("lapor_core_fault", lambda: float(gateway.dispatcher.status().breaker is BreakerState.FAULT))
    read("lapor_unknown_open", lambda: gateway.dispatcher.status().unknown_open)
    read("lapor_replies", lambda: {(state.value,): count for state, count in gateway.held.replies.items()} if gateway.held else {})
    read("lapor_reply_sendings_total", lambda: {(result,): count for result, count in gateway.outbox.counts.items()})


def _after_filing(gateway: Gateway) -> None:
    """What was added, and what the core says."""
    journal, after, read = gateway.journal, gateway.after_filing, gateway.metrics.read

    def oldest() -> Series:
        now, held = gateway.now_ms(), gateway.held
        return {(state.value,): (now - since_ms) / 1000 for state, since_ms in held.additions.items()} if held else {}

    read("lapor_additions", lambda: {(state.value,): count for state, count in journal.additions.tally.items() if count})
    read("lapor_addition_oldest_seconds", oldest)
    read("lapor_courses", lambda: {(status,): count for status, count in journal.courses.tally.items()})
    read(
        "lapor_course_behind_seconds",
        lambda: max(0, gateway.now_ms() - held.look_ms) / 1000 if (held := gateway.held) and held.look_ms else 0,
    )
    read("lapor_course_answers_total", lambda: {(result,): count for result, count in after.follower.counts.items()})
    read("lapor_core_callbacks_total", lambda: {(result,): count for result, count in after.callbacks.counts.items()})


def _cluster(gateway: Gateway) -> None:
    """The other gateways; nothing at all where there are none."""
    cluster, elsewhere, read = gateway.cluster, gateway.intake.elsewhere, gateway.metrics.read
    read("lapor_cluster_waits_for", lambda: len(cluster.waits_for) if cluster else 0)
    read("lapor_cluster_pending", lambda: cluster.pending if cluster else 0)
    read("lapor_cluster_replays_total", lambda: cluster.replays if cluster else 0)
    read("lapor_cluster_duplicates_total", lambda: cluster.index.duplicates if cluster else 0)
    read("lapor_cluster_joined_total", lambda: cluster.halves.taken if cluster else 0)
    read("lapor_cluster_linked_total", lambda: cluster.halves.linked if cluster else 0)
    read("lapor_cluster_answers_total", lambda: elsewhere.answered if elsewhere else 0)


def _posts(gateway: Gateway) -> None:
    """X and the webhook; nothing at all where they are not used."""
    x, read = gateway.x, gateway.metrics.read

    def sources() -> tuple[Source, ...]:
        return x.sources if x is not None and x.turn() else ()

    def behind() -> Series:
        now = gateway.now_ms()
        return {(one.name,): (now - (one.last_ok_ms or gateway.rounds.began_ms)) / 1000 for one in sources()}

    read("lapor_x_up", lambda: {(one.name,): float(one.cause is None and one.last_ok_ms is not None) for one in sources()})
    read("lapor_x_behind_seconds", behind)
    read("lapor_x_posts_total", lambda: {(str(kind),): count for kind, count in x.poller.counts.items()} if x is not None else {})
    read("lapor_x_calls_total", lambda: {(str(kind), how): count for (kind, how), count in x.meter.calls.items()} if x is not None else {})
    read("lapor_x_gaps_total", lambda: x.poller.gaps if x is not None else 0)
    read("lapor_x_blanked_total", lambda: x.blanked if x is not None else 0)
    read("lapor_x_spent_dollars", lambda: x.budget().spent if x is not None else 0)
    read("lapor_x_budget_dollars", lambda: x.settings.budget_per_day if x is not None else 0)
    read("lapor_webhook_messages_total", lambda: {(who or "unknown", kind): n for (who, kind), n in gateway.webhook.intake.counts.items()})


def _journal(gateway: Gateway) -> None:
    read = gateway.metrics.read
    health = gateway.journal.health
    read("lapor_journal_transactions_total", lambda: health().commits)
    read("lapor_journal_rows_total", lambda: health().rows)
    read("lapor_journal_commit_seconds_total", lambda: health().commit_seconds)
    read("lapor_journal_failures_total", lambda: health().failures)
    read("lapor_journal_up", lambda: float(health().sick is None))
    read("lapor_journal_filing_paused", lambda: float(health().filing_paused))
    read("lapor_journal_queue_rows", lambda: health().queue_rows)
    read("lapor_journal_octets", lambda: {("log",): health().wal_octets, ("file",): gateway.site.journal_path.stat().st_size})
    mirror, vault, rounds = gateway.mirror, gateway.journal.vault, gateway.rounds

    def since(at_ms: int) -> float:
        return (gateway.now_ms() - at_ms) / 1000 if at_ms else 0

    read("lapor_mirror_up", lambda: {(): float(mirror.cause is None)} if mirror is not None else {})
    read("lapor_mirror_entries_total", lambda: mirror.confirmed if mirror is not None else 0)
    read("lapor_mirror_waiting", lambda: mirror.waiting if mirror is not None else 0)
    read("lapor_mirror_failures_total", lambda: mirror.failures if mirror is not None else 0)
    read("lapor_backup_seconds", lambda: since(max(vault.last_ms, rounds.made_ms)))
    read("lapor_backup_verified_seconds", lambda: since(max(vault.last_ms, rounds.verified_ms)))
    read("lapor_journal_alarms", lambda: {(what,): count for what, count in rounds.happened.items()})
    read("lapor_disk_free_octets", lambda: health().free_octets)


def _process(gateway: Gateway) -> None:
    read = gateway.metrics.read
    version = metadata.version("lapor-gateway")
    read("lapor_info", lambda: {(version,): 1})
    read("lapor_loop_lag_seconds", lambda: gateway.lag_seconds)
    read("lapor_task_restarts_total", lambda: {(name,): count for name, count in gateway.restarts.items()})
    read("lapor_log_held_back_total", lambda: gateway.brake.held_back if gateway.brake else 0)


def _alarms(gateway: Gateway) -> None:
    """What only the alarms ask for, and the alarms themselves."""
    alarms, rounds, read = gateway.alarms, gateway.rounds, gateway.metrics.read

    def certificates() -> Series:
        return {(name,): (at_ms - gateway.now_ms()) / 1000 for name, at_ms in rounds.certificates.items()}

    read("lapor_operator_missed_messages", rounds.missed)
    read("lapor_redis_up", lambda: {(): float(gateway.redis_down is None)} if gateway.shared is not None else {})
    read("lapor_workers", lambda: {(): rounds.workers} if rounds.workers is not None else {})
    read("lapor_certificate_seconds", certificates)
    read("lapor_clock_jumps_total", lambda: alarms.jumps)
    read("lapor_alarm", alarms.series)
    read("lapor_alarms_looked_seconds", lambda: alarms.looked_seconds)
    read("lapor_alarm_notices_total", lambda: {(result,): count for result, count in alarms.pager.counts.items()})


async def follow(gateway: Gateway, seconds: float) -> None:
    """Ask the journal what it holds, now and then, for the metrics and the log."""
    while True:
        try:
            gateway.held = await gateway.journal.counts()
        except JournalError as error:
            log.warning("what the journal holds cannot be counted now", extra={"cause": str(error)})
        await asyncio.sleep(seconds)
