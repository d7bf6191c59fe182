"""What /metrics shows: one table of names, read from plain integers when somebody looks, never written on a message's way.

Whoever counts keeps an `int` or a `dict` of them; the wiring gives a reading of it for a name of `METRICS`. docs/metrics.md is made from
the same table.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from prometheus_client import CollectorRegistry, Metric, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

log = logging.getLogger(__name__)

Reading = Callable[[], Mapping[tuple[str, ...], float] | float]
"""A number, or one for each combination of labels in the order of the table."""

SERIES_MAX = 5_000  # of one metric. Ours: 40 binds with 100 commands and statuses; a label from outside must not fill the page.


@dataclass(frozen=True, slots=True)
class Row:
    """One metric: `counter` names end in `_total` and only grow; `gauge` is what is now."""

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    labels: tuple[str, ...] = ()


BIND = ("operator", "bind")
METRICS: tuple[Row, ...] = (
    Row("lapor_info", "gauge", "Always 1; the label is the version that runs", ("version",)),
    Row("lapor_bind_up", "gauge", "1 while bound, else 0", BIND),
    Row("lapor_bind_down", "gauge", "1 while a bind should be up and is not; an operator's maintenance hours do not count", BIND),
    Row(
        "lapor_operator_missed_messages",
        "gauge",
        "What a bound operator should have brought, by its habit, since its last one",
        ("operator",),
    ),
    Row("lapor_bind_silent_seconds", "gauge", "Since the last PDU of the operator on this bind", BIND),
    Row("lapor_bind_connects_total", "counter", "Connections tried", BIND),
    Row("lapor_bind_window", "gauge", "Replies sent on this bind and not yet answered", BIND),
    Row("lapor_pdus_total", "counter", "PDUs by direction (in, out), command and status", (*BIND, "direction", "command", "status")),
    Row("lapor_refusals_total", "counter", "Every no that we gave an operator, by status", ("operator", "status")),
    Row("lapor_arrivals_total", "counter", "What the journal made of each inbound message, part or unreadable PDU", ("kind",)),
    Row("lapor_decisions_total", "counter", "Routing decisions by their certainty", ("certainty",)),
    Row("lapor_related_total", "counter", "Complaints that name another citizen's of nearly the same words"),
    Row(
        "lapor_guard_total",
        "counter",
        "What the guard held, by reason, left unanswered, or marked for many numbers with the same words (docs/guards.md)",
        ("what",),
    ),
    Row("lapor_complaints", "gauge", "Complaints the journal holds now, by state and reason", ("state", "reason")),
    Row("lapor_oldest_seconds", "gauge", "Age of the oldest complaint that waits, by state and reason", ("state", "reason")),
    Row("lapor_ledger_gap", "gauge", "What breaks the sums of the last closed day: `lapor-gateway ledger` names each"),
    Row("lapor_ledger_closed_days", "gauge", "The last closed day (WIB), in days since 1970; 0 while there is none"),
    Row("lapor_untouched_total", "counter", "Complaints that nobody touched and that went to the national desk"),
    Row(
        "lapor_late_complaints",
        "gauge",
        "Filed complaints over their deadline by rule, by the step that is late; unheard: the core never said; counted each hour",
        ("step",),
    ),
    Row("lapor_segment_sets_open", "gauge", "Long messages of which parts are missing"),
    Row(
        "lapor_filings_total",
        "counter",
        "Answers of the core by outcome (filed, refused …, addition_filed …)",
        ("outcome",),
    ),
    Row("lapor_core_window", "gauge", "How many complaints may be on their way to the core at once; 0 while paused"),
    Row("lapor_core_breaker_open", "gauge", "1 while filing is suspended because the core does not answer"),
    Row("lapor_additions", "gauge", "What was said to cases later, by state", ("state",)),
    Row("lapor_addition_oldest_seconds", "gauge", "Age of the oldest addition that is not settled, by state", ("state",)),
    Row("lapor_courses", "gauge", "Filed complaints by how they stand at the core; an empty status: not heard yet", ("status",)),
    Row("lapor_course_behind_seconds", "gauge", "How long the core should have been asked for a complaint; 0 while nothing is due"),
    Row("lapor_course_answers_total", "counter", "What asking the core came to, in complaints (changed, still, back, untold)", ("result",)),
    Row(
        "lapor_core_callbacks_total", "counter", "Calls of the core by what became of them (heard, still, replayed, strange …)", ("result",)
    ),
    Row("lapor_core_fault", "gauge", "1 while filing is suspended because the core says that the fault is ours"),
    Row("lapor_unknown_open", "gauge", "Complaints whose answer was lost and is not known yet; filing stops at dispatch.unknown_max"),
    Row("lapor_redis_up", "gauge", "1 while Redis answers; nothing where it is not used"),
    Row("lapor_workers", "gauge", "Workers that live; nothing where there are none to be, or while Redis does not answer"),
    Row("lapor_cluster_waits_for", "gauge", "Gateways that have not yet told an emptied Redis what they know; filing waits for them"),
    Row("lapor_cluster_pending", "gauge", "Changed rows that the other gateways were not told of yet"),
    Row("lapor_cluster_replays_total", "counter", "Times that all was told again"),
    Row("lapor_cluster_duplicates_total", "counter", "Complaints that another gateway had first"),
    Row("lapor_cluster_joined_total", "counter", "Long messages joined here with parts that came to another gateway"),
    Row("lapor_cluster_linked_total", "counter", "Long messages of which we had parts and another gateway joined the whole"),
    Row("lapor_cluster_answers_total", "counter", "Questions that were answered with a case of another gateway"),
    Row("lapor_replies", "gauge", "Messages to citizens the journal holds now, by state", ("state",)),
    Row("lapor_reply_sendings_total", "counter", "Attempts to send a reply by result (sent, later, refused, unknown)", ("result",)),
    Row("lapor_x_up", "gauge", "1 while a source on X (mentions, searches) is read, else 0", ("source",)),
    Row(
        "lapor_x_behind_seconds",
        "gauge",
        "Since a source on X was last read to its end, or since the start where it never was",
        ("source",),
    ),
    Row("lapor_x_posts_total", "counter", "Posts read by what became of them (stored, addition, own, repost and so on)", ("kind",)),
    Row("lapor_x_calls_total", "counter", "Calls to X by kind and result (done, or the trouble)", ("kind", "result")),
    Row("lapor_x_gaps_total", "counter", "Readings of X after which posts may be lost"),
    Row("lapor_x_blanked_total", "counter", "Posts blanked because their authors took them back"),
    Row("lapor_x_spent_dollars", "gauge", "What X has cost this UTC day"),
    Row("lapor_x_budget_dollars", "gauge", "What X may cost in a UTC day"),
    Row("lapor_webhook_messages_total", "counter", "Requests of partners by what became of them (stored, or why not)", ("partner", "kind")),
    Row("lapor_journal_transactions_total", "counter", "Transactions committed and synced"),
    Row("lapor_journal_rows_total", "counter", "Rows of all these transactions"),
    Row("lapor_journal_commit_seconds_total", "counter", "Time spent in commits"),
    Row("lapor_journal_failures_total", "counter", "Transactions that could not be committed"),
    Row("lapor_journal_octets", "gauge", "Size of the journal's files", ("file",)),
    Row("lapor_journal_up", "gauge", "1 while the journal's file can be written, else 0"),
    Row("lapor_journal_filing_paused", "gauge", "1 while nothing is filed because a damaged journal was set aside"),
    Row("lapor_journal_queue_rows", "gauge", "Rows that wait for the journal's disk; at journal.queue_rows_max operators hear later"),
    Row("lapor_journal_alarms", "gauge", "Alarms that the journal noted within alarms.journal_alarm_hours, by what happened", ("what",)),
    Row("lapor_mirror_up", "gauge", "1 while the mirror confirms; nothing where there is none"),
    Row("lapor_mirror_entries_total", "counter", "Transactions that the mirror confirmed"),
    Row("lapor_mirror_waiting", "gauge", "Transactions that the mirror has not confirmed yet"),
    Row("lapor_mirror_failures_total", "counter", "Times that the mirror did not confirm; meanwhile operators are told later"),
    Row("lapor_backup_seconds", "gauge", "Since the newest backup; where there is none yet, since this journal was first watched"),
    Row("lapor_backup_verified_seconds", "gauge", "Since a backup was last found good, when made or by `journal verify`"),
    Row("lapor_certificate_seconds", "gauge", "Until a certificate or authority of the settings ends", ("certificate",)),
    Row("lapor_disk_free_octets", "gauge", "Free space where the journal is"),
    Row("lapor_clock_jumps_total", "counter", "Times that this machine's clock was set by two seconds or more"),
    Row("lapor_alarm", "gauge", "1 for each alarm that stands; docs/runbook.md has the codes", ("code", "about")),
    Row("lapor_alarms_looked_seconds", "gauge", "Since the gateway last looked at all conditions of its alarms"),
    Row("lapor_alarm_notices_total", "counter", "Calls of alarms.notify by result (done, failed, left_out)", ("result",)),
    Row("lapor_loop_lag_seconds", "gauge", "How late the event loop last woke: time in which nobody was answered"),
    Row("lapor_task_restarts_total", "counter", "Supervised tasks started again after a failure", ("task",)),
    Row("lapor_http_closed_total", "counter", "HTTP connections closed for being slow or too many, by phase", ("phase",)),
    Row("lapor_log_held_back_total", "counter", "Repeated warnings that were not written"),
    Row("lapor_scrape_failures_total", "counter", "Readings of this page that failed; the log says which"),
)
ROWS = {row.name: row for row in METRICS}
FAMILIES: Mapping[str, type[CounterMetricFamily | GaugeMetricFamily]] = {"counter": CounterMetricFamily, "gauge": GaugeMetricFamily}


class Metrics:
    """The registry: readings by name, and the page in Prometheus' text format."""

    def __init__(self) -> None:
        self._readings: dict[str, Reading] = {}
        self._failures = 0
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        self.read("lapor_scrape_failures_total", lambda: self._failures)

    def read(self, name: str, reading: Reading) -> None:
        """Show what `reading` returns under `name`; KeyError for a name that is not in the table."""
        self._readings[ROWS[name].name] = reading

    @property
    def unread(self) -> tuple[str, ...]:
        """Names of the table for which nobody gave a reading; empty in a whole gateway."""
        return tuple(name for name in ROWS if name not in self._readings)

    def values(self, name: str) -> Mapping[tuple[str, ...], float]:
        """What is read under a name now, by labels in the table's order; empty where nobody gave a reading. It raises what that does."""
        reading = self._readings.get(ROWS[name].name)
        value: Mapping[tuple[str, ...], float] | float = {} if reading is None else reading()
        return value if isinstance(value, Mapping) else {(): value}

    def page(self) -> bytes:
        """Return the page, in UTF-8."""
        return generate_latest(self._registry)

    def describe(self) -> Iterable[Metric]:
        """Tell prometheus_client which names are ours, without reading them."""
        return (_family(row) for row in METRICS)

    def collect(self) -> Iterator[Metric]:
        """Read every number once, as prometheus_client asks for it."""
        for row in METRICS:
            reading = self._readings.get(row.name)
            if reading is None:
                continue
            try:
                yield _filled(row, reading())
            except Exception:
                self._failures += 1
                log.exception("a metric could not be read", extra={"metric": row.name})


def _family(row: Row) -> CounterMetricFamily | GaugeMetricFamily:
    return FAMILIES[row.kind](row.name, row.help, labels=row.labels)


def _filled(row: Row, value: Mapping[tuple[str, ...], float] | float) -> Metric:
    family = _family(row)
    series = value if isinstance(value, Mapping) else {(): value}
    for labels, number in list(series.items())[:SERIES_MAX]:
        if len(labels) != len(row.labels):
            raise ValueError(f"{row.name} has the labels {row.labels}")
        family.add_metric(labels, number)
    return family
