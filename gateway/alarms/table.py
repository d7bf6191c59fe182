"""Every alarm there is: its code, how bad it is, by what it goes, what it says. docs/runbook.md has an entry for each.

A code is never given a second time. The same table is looked at by the gateway itself and written for Prometheus (rules.py), so both
raise an alarm at the same limit. Critical is what citizens lose by within the hour; everything else can wait for the morning.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

from forwarder.lifecycle import HeldReason
from gateway.alarms.signs import Sign
from gateway.settings import GatewaySettings


class Severity(enum.StrEnum):
    """Who must be told, and when."""

    WARNING = "warning"  # a person, in working hours
    CRITICAL = "critical"  # a person, now


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm. `says` is a sentence with {about}, {value} and {limit}; `first` what to do first; `hold` how long it must be so."""

    code: str
    name: str
    severity: Severity
    says: str
    first: str
    signs: Callable[[GatewaySettings], tuple[Sign, ...]]
    hold: Callable[[GatewaySettings], float] = lambda _: 0.0
    promql: str = ""
    """Where only Prometheus can see it, what it asks."""


WARNING, CRITICAL = Severity
UNTOUCHED = ".*nobody touched it"  # as the journal says it of what waits for a person and nothing may send
BIND = ("operator", "bind")


def _always(*signs: Sign) -> Callable[[GatewaySettings], tuple[Sign, ...]]:
    return lambda _: signs


def _if(limit: float, *signs: Sign) -> tuple[Sign, ...]:
    """Nothing where the limit is 0: that alarm is off."""
    return signs if limit else ()


def _waiting(settings: GatewaySettings) -> tuple[Sign, ...]:
    """One sign for each limit; a state's is for what has no limit of its own by its reason."""
    limits, reasons = settings.alarms.wait_minutes, {reason.value for reason in HeldReason}
    named = "|".join(key for key in limits if key in reasons)
    own: dict[str, tuple[dict[str, str], dict[str, str]]] = {key: ({"state": "held", "reason": key}, {}) for key in reasons}
    whole: dict[str, tuple[dict[str, str], dict[str, str]]] = {
        "settled": ({"state": "filed|closed|duplicate"}, {}),
        "held": ({"state": "held"}, {"reason": named} if named else {}),
    }
    signs = []
    for key, minutes in limits.items():
        where, but = (own | whole).get(key, ({"state": key}, {}))
        by: tuple[str, ...] = ("state", "reason") if key in own | whole else ("state",)  # a parked one's reason is what the core said
        signs.append(Sign("lapor_oldest_seconds", ">", minutes * 60, by, where, but, measured=True))
    return tuple(signs)


def _grown(metric: str, by: tuple[str, ...] = ()) -> Callable[[GatewaySettings], tuple[Sign, ...]]:
    """It happened within the last `event_minutes`."""
    return lambda s: (Sign(metric, ">", 0, by, grown_seconds=s.alarms.event_minutes * 60),)


def _replies_refused(settings: GatewaySettings) -> tuple[Sign, ...]:
    limits, metric = settings.alarms, "lapor_reply_sendings_total"
    span, least = limits.window_minutes * 60, float(limits.replies_least)
    where = {"result": "refused"}
    return (Sign(metric, ">", limits.replies_refused_share, (), where, grown_seconds=span, share=True, least=least, measured=True),)


def _messages_refused(settings: GatewaySettings) -> tuple[Sign, ...]:
    limits = settings.alarms
    return (Sign("lapor_refusals_total", ">=", limits.messages_refused, ("operator",), grown_seconds=limits.window_minutes * 60),)


def _bind(settings: GatewaySettings) -> float:
    return settings.alarms.bind_down_seconds


def _core(settings: GatewaySettings) -> float:
    return settings.alarms.core_seconds


def _redis(settings: GatewaySettings) -> float:
    return settings.alarms.redis_seconds


ALARMS: tuple[Alarm, ...] = (
    Alarm(
        *("A01", "a bind is down", WARNING, "bind {about} is down"),
        "read its last error in `lapor-gateway status`; if the operator's other bind is up, nothing is lost",
        _always(Sign("lapor_bind_down", ">=", 1, BIND)),
        _bind,
    ),
    Alarm(
        *("A02", "an operator is cut off", CRITICAL, "no bind of operator {about} is up"),
        "`lapor-gateway bind OPERATOR --once` says why in plain words; then telephone the operator",
        _always(Sign("lapor_bind_down", ">=", 1, ("operator",), every=True)),
        _bind,
    ),
    Alarm(
        *("A03", "an operator is silent", WARNING, "operator {about} is bound and silent: about {value} messages should have come"),
        "send an SMS to 1708 from a phone of that operator; if it does not come, telephone the operator",
        lambda s: _if(s.alarms.silent_messages, Sign("lapor_operator_missed_messages", ">=", s.alarms.silent_messages, ("operator",))),
        lambda _: 60.0,
    ),
    Alarm(
        *("A04", "something waits too long", WARNING, "the oldest complaint that is {about} has waited {value}"),
        "`lapor-gateway desk list` shows what waits for a person, oldest first",
        _waiting,
    ),
    Alarm(
        *("A05", "the core refuses us", CRITICAL, "filing is suspended: the core says that the fault is ours (token, address, rights)"),
        "check the core's token and address; complaints are kept meanwhile",
        _always(Sign("lapor_core_fault", ">=", 1)),
        _core,
    ),
    Alarm(
        *("A06", "the core does not answer", CRITICAL, "filing is suspended: the core does not answer"),
        "ask the core's own people; complaints are kept and filed by themselves when it is back",
        _always(Sign("lapor_core_breaker_open", ">=", 1)),
        _core,
    ),
    Alarm(
        *("A07", "too many are unknown", CRITICAL, "{value} complaints are unknown, and filing stops at {limit}"),
        "`lapor-gateway desk list --state unknown`, look each up at the core, settle it",
        lambda s: (Sign("lapor_unknown_open", ">=", s.dispatch.unknown_max),),
    ),
    Alarm(
        *("A08", "the disk is full", CRITICAL, "{value} are free where the journal is, below the floor of {limit}: nothing is taken"),
        "make room on the journal's disk; never delete anything in the journal's folder",
        lambda s: _if(s.journal.free_octets_min, Sign("lapor_disk_free_octets", "<", s.journal.free_octets_min, measured=True)),
    ),
    Alarm(
        *("A09", "the disk fills", WARNING, "{value} are free where the journal is; at the floor nothing is taken any more"),
        "find what fills the disk and make room",
        lambda s: _if(s.alarms.disk_low_octets, Sign("lapor_disk_free_octets", "<", s.alarms.disk_low_octets, measured=True)),
    ),
    Alarm(
        *("A10", "the journal is ill", CRITICAL, "the journal's file cannot be written: no message is taken"),
        "read its cause in `lapor-gateway status`; it tries again by itself every second",
        _always(Sign("lapor_journal_up", "<", 1)),
        lambda _: 10.0,
    ),
    Alarm(
        *("A11", "the journal was set aside", CRITICAL, "the journal's file was damaged and is set aside; nothing is filed"),
        "`lapor-gateway journal salvage FILE` with the file that the log names",
        _always(Sign("lapor_journal_filing_paused", ">=", 1)),
    ),
    Alarm(
        *("A12", "the sums do not agree", CRITICAL, "{value} messages of the last closed day break the sum"),
        "the ledger names each of them; settle each by hand",
        _always(Sign("lapor_ledger_gap", ">", 0)),
    ),
    Alarm(
        *("A13", "the clock jumped", WARNING, "the clock of this machine was set"),
        "look at the time service of the machine; nothing in the gateway needs a hand",
        _grown("lapor_clock_jumps_total"),
    ),
    Alarm(
        *("A14", "what must never happen did", CRITICAL, "{about}"),
        "`lapor-gateway desk list` shows the complaints concerned; look each up at the core",
        _always(Sign("lapor_journal_alarms", ">", 0, ("what",), but={"what": UNTOUCHED})),
    ),
    Alarm(
        *("A15", "Redis is away", CRITICAL, "Redis cannot be reached: messages are taken, filing waits"),
        "start Redis again; it may be empty",
        _always(Sign("lapor_redis_up", "<", 1)),
        _redis,
    ),
    Alarm(
        *("A16", "no worker lives", CRITICAL, "no worker is at work: messages are taken, nothing is filed"),
        "`systemctl status 'lapor-worker@*'` on the workers' machines; `lapor-gateway cluster status` shows whom it knows",
        _always(Sign("lapor_workers", "<", 1)),
        _redis,
    ),
    Alarm(
        *("A17", "the index waits for a gateway", CRITICAL, "filing waits for {value} gateways that have not told what they know"),
        "`lapor-gateway cluster status` names them; start them",
        _always(Sign("lapor_cluster_waits_for", ">", 0)),
        _redis,
    ),
    Alarm(
        *("A18", "the mirror does not confirm", CRITICAL, "the mirror does not confirm, or is behind: operators hear later"),
        "read its cause in `lapor-gateway status`; start the mirror and its replica",
        lambda s: (
            Sign("lapor_mirror_up", "<", 1),
            Sign("lapor_mirror_waiting", ">", s.alarms.mirror_waiting, measured=True),
        ),
        lambda _: 30.0,
    ),
    Alarm(
        *("A19", "the backup is old", WARNING, "the newest backup is {value} old"),
        "`systemctl status lapor-gateway-backup` says why there is none; then `systemctl start lapor-gateway-backup`",
        lambda s: _if(s.alarms.backup_hours, Sign("lapor_backup_seconds", ">", s.alarms.backup_hours * 3600)),
    ),
    Alarm(
        *("A20", "no backup is known to be good", WARNING, "no backup was found good for {value}"),
        "`lapor-gateway journal verify FILE` with the newest backup says what is wrong with it",
        lambda s: _if(s.alarms.verify_hours, Sign("lapor_backup_verified_seconds", ">", s.alarms.verify_hours * 3600)),
    ),
    Alarm(
        *("A21", "X is not read", WARNING, "{about} on X was not read to its end for {value}"),
        "read its cause in `lapor-gateway status`; X keeps mentions for days",
        lambda s: (Sign("lapor_x_behind_seconds", ">", s.alarms.x_behind_minutes * 60, ("source",), measured=True),),
        lambda _: 120.0,
    ),
    Alarm(
        *("A22", "the budget of X is spent", WARNING, "X has cost {value} dollars today, of {limit} that are an alarm"),
        "decide whether x.budget_per_day is raised; at midnight UTC it begins anew",
        lambda s: _if(s.x.budget_per_day, Sign("lapor_x_spent_dollars", ">=", s.x.budget_per_day * s.alarms.x_budget_share)),
    ),
    Alarm(
        *("A23", "a gap on X", WARNING, "posts on X may be lost"),
        "the log says of which hours; look at the mentions on X by hand",
        _grown("lapor_x_gaps_total"),
    ),
    Alarm(
        *("A24", "a certificate ends", WARNING, "certificate {about} ends in {value}"),
        "renew it, put it in the same place, restart the gateway",
        lambda s: _if(
            s.alarms.certificate_days, Sign("lapor_certificate_seconds", "<", s.alarms.certificate_days * 86_400, ("certificate",))
        ),
    ),
    Alarm(
        *("A25", "operators refuse our replies", WARNING, "{value} of the replies were refused by operators"),
        "`lapor-gateway status` counts the refusals by their status on each bind; ask the operator",
        _replies_refused,
    ),
    Alarm(
        *("A26", "we refuse messages", WARNING, "operator {about} heard no or later {value} times in a short while"),
        "look which other alarm stands: a full disk, an ill journal, a mirror that is away",
        _messages_refused,
    ),
    Alarm(
        *("A27", "the queue is nearly full", WARNING, "{value} rows wait for the journal's disk; operators will soon hear later"),
        "look what else uses the journal's disk",
        lambda s: (Sign("lapor_journal_queue_rows", ">=", s.journal.queue_rows_max * s.alarms.queue_share, measured=True),),
        lambda _: 10.0,
    ),
    Alarm(
        *("A28", "a part failed and was started again", WARNING, "{about} failed and was started again"),
        "the log has the traceback; send it to those who look after the program",
        _grown("lapor_task_restarts_total", ("task",)),
    ),
    Alarm(
        *("A29", "the gateway does not answer", CRITICAL, "nothing answers where the gateway's metrics are"),
        "`systemctl status lapor-gateway` on its machine",
        _always(),
        lambda _: 60.0,
        promql='up{job="lapor-gateway"} == 0 or absent(up{job="lapor-gateway"}) or absent(lapor_info)',
    ),
    Alarm(
        *("A30", "the alarms are not looked at", CRITICAL, "the gateway has not looked at its own alarms for {value}"),
        "the log says why; restart the gateway if it does not",
        _always(),
        lambda _: 60.0,
        promql="lapor_alarms_looked_seconds > 60 or absent(lapor_alarms_looked_seconds)",
    ),
    Alarm(
        *("A31", "nobody touches it", WARNING, "{value} complaints are {about}"),
        "`lapor-gateway desk list` shows them, oldest first; look each up at the core, then settle it",
        _always(Sign("lapor_journal_alarms", ">", 0, ("what",), {"what": UNTOUCHED})),
    ),
    Alarm(
        *("A35", "many say the same, or one says too much", WARNING, "texts are {about}: a campaign, a flood or a loop"),
        "`lapor-gateway desk list --reason flood` shows what is held; docs/guards.md says how to let a campaign pass",
        lambda s: (Sign("lapor_guard_total", ">", 0, ("what",), {"what": "flood|same_words"}, grown_seconds=s.alarms.event_minutes * 60),),
    ),
)
BY_CODE = {one.code: one for one in ALARMS}
