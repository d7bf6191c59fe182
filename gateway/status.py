"""`lapor-gateway status`: what each bind does and what the gateway holds, as JSON for machines and as a page for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from itertools import groupby
from typing import Any

from adapters.smpp.bearer import LinkStatus
from adapters.smpp.status import status_name
from adapters.x.channel import XChannel
from forwarder.dispatch import DispatchStatus
from forwarder.journal import Counts, Health
from forwarder.journal.audit import Head
from gateway.privacy import one_line

Json = dict[str, Any]


def report(  # noqa: PLR0913 - one page from all parts of the house
    now_ms: int,
    binds: Iterable[LinkStatus],
    filing: DispatchStatus,
    held: Counts,
    journal: Health,
    *,
    x: XChannel | None = None,
    audit: Head | None = None,
    alarms: Iterable[Json] = (),
) -> Json:
    """Everything `status` knows, in plain JSON values.

    `x` is null where X is not read, `audit` is ROW:HASH of its head, `alarms` are those that stand.
    """
    return {
        "now_ms": now_ms,
        "alarms": list(alarms),
        "binds": [_bind(bind) for bind in binds],
        "x": None if x is None else _x(x),
        "filing": {**asdict(filing), "breaker": filing.breaker.value, "counts": dict(filing.counts)},
        "holds": {
            "complaints": {state.value: count for state, count in held.complaints.items() if count},
            "replies": {state.value: count for state, count in held.replies.items() if count},
            "messages": held.messages,
            "open_sets": held.open_sets,
            "alarms": held.alarms,
            "refusals": held.refusals,
            "waiting": [
                {"state": one.state.value, "reason": one.reason, "count": one.count, "since_ms": one.since_ms} for one in held.oldest
            ],
        },
        "journal": asdict(journal),
        "audit": None if audit is None else str(audit),
    }


def render(found: Json) -> str:
    """The same for people."""
    return "\n".join(map(one_line, _lines(found)))


def alarm_lines(rows: Iterable[Json], now_ms: int) -> Iterator[str]:
    """What stands as an alarm: what is so and since when, and once for each code what to do first."""
    for code, several in groupby(rows, key=lambda row: row["code"]):
        alike = list(several)
        yield from (f"  {code}  {one['severity']:<8}  {one['says']}; since {age(now_ms - one['since_ms'])}" for one in alike)
        yield f"       first: {alike[0]['first']}"


def age(milliseconds: int) -> str:
    """A span of time in the one or two units that matter: `3 d 4 h`, `12 min`, `8 s`."""
    seconds = max(0, milliseconds) // 1000
    days, hours, minutes = seconds // 86_400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else f"{seconds} s"


def _bind(bind: LinkStatus) -> Json:
    return {
        **asdict(bind),
        "mode": bind.mode.value if bind.mode is not None else None,
        "state": bind.state.value,
        "counts": [
            {"direction": direction, "command": command, "status": status_name(status), "count": count}
            for (direction, command, status), count in bind.counts.items()
        ],
    }


def _x(x: XChannel) -> Json:
    health = x.health()
    return {
        "account": x.account,
        "cause": health.cause,
        "sources": [{"name": one.name, "last_ok_ms": one.last_ok_ms, "cause": one.cause} for one in x.sources],
        "posts": {str(kind): count for kind, count in x.poller.counts.items()},
        "gaps": x.poller.gaps,
        "blanked": x.blanked,
        "budget": {**asdict(x.budget()), "per_day": x.settings.budget_per_day},
    }


def _lines(found: Json) -> Iterator[str]:
    now = found["now_ms"]
    if found.get("alarms"):  # a gateway of an earlier release has none to tell
        yield "ALARMS   `lapor-gateway alarms --explain CODE` says more"
        yield from alarm_lines(found["alarms"], now)
        yield ""
    yield "BINDS"
    if not found["binds"]:
        yield "  none configured; see operators.toml"
    for bind in found["binds"]:
        yield from _bind_lines(bind, now)
    if found["x"] is not None:
        yield ""
        yield from _x_lines(found["x"], now)
    yield ""
    yield from _filing_lines(found["filing"])
    yield ""
    yield from _holding_lines(found["holds"], now)
    yield ""
    journal = found["journal"]
    cause = journal["cause"] or "takes messages"
    room = f"{journal['free_octets'] >> 20} MB free on its disk"
    yield f"JOURNAL  {cause}; {journal['rows']} rows in {journal['commits']} transactions; {room}"
    if found.get("audit"):
        yield f"AUDIT    {found['audit'].partition(':')[0]} rows, head {found['audit']}"


def _bind_lines(bind: Json, now: int) -> Iterator[str]:
    heard = f"last PDU {age(now - bind['last_pdu_ms'])} ago" if bind["last_pdu_ms"] else "no PDU yet"
    name = f"{bind['operator']}/{bind['bind']}"
    yield (
        f"  {name:<24} {bind['state']:<11} for {age(now - bind['since_ms'])}, {heard}, "
        f"window {bind['window_used']}/{bind['window_size']}, {bind['unanswered']} unanswered"
    )
    if bind["last_error"]:
        yield f"    last error: {bind['last_error']}"
    if bind["sending_stopped"]:
        yield f"    sends nothing: {bind['sending_stopped']}"
    for row in bind["counts"]:
        status = "" if row["status"] == "ESME_ROK" else f" {row['status']}"
        yield f"    {row['direction']:<8} {row['command']:<22} {row['count']:>9}{status}"


def _x_lines(x: Json, now: int) -> Iterator[str]:
    budget = x["budget"]
    warns = ", more than planned for a day" if budget["warns"] else ""
    yield f"X        {x['account']}: today ${budget['spent']:.2f} of ${budget['per_day']:.2f} in {budget['calls']} calls{warns}"
    for one in x["sources"]:
        read = f"read {age(now - one['last_ok_ms'])} ago" if one["last_ok_ms"] else "not read yet"
        yield f"  {one['name']:<24} {read}" + (f"; {one['cause']}" if one["cause"] else "")
    yield f"         since the start: {_counts(x['posts'])}"
    if x["gaps"]:
        yield f"  {x['gaps']} gaps: posts may be lost; the log says when"


def _filing_lines(filing: Json) -> Iterator[str]:
    stopped = f"stopped: {filing['stopped_by']}" if filing["stopped_by"] else "goes on"
    counts = ", ".join(f"{name} {count}" for name, count in filing["counts"].items() if count) or "nothing yet"
    yield f"FILING   {stopped}; {filing['in_flight']} of {filing['window']} on their way to the core, breaker {filing['breaker']}"
    yield f"         since the start: {counts}"


def _holding_lines(holds: Json, now: int) -> Iterator[str]:
    yield f"HOLDS    complaints: {_counts(holds['complaints'])}"
    yield f"         replies: {_counts(holds['replies'])}; long messages that miss a part: {holds['open_sets']}"
    for one in sorted(holds["waiting"], key=lambda row: row["since_ms"]):
        yield f"  {one['state']:<9} {one['reason']:<40} {one['count']:>6}   oldest {age(now - one['since_ms'])}"
    if holds["alarms"]:
        yield f"  {holds['alarms']} alarms: the core contradicted itself; `lapor-gateway desk list` shows them"
    if holds["refusals"]:
        yield f"  {holds['refusals']} PDUs were refused; each has a row in the journal"


def _counts(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in numbers.items()) or "none"
