"""The alarms as Prometheus' alert rules: config/prometheus-rules.yaml has the default limits, `alarms --rules` writes a site's.

What the gateway sees of itself it says itself (`lapor_alarm`); these rules look at the same numbers from outside, so that a gateway whose
alarms stand still is not silent, and they see the one thing that a dead gateway cannot say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from gateway.alarms.signs import Sign
from gateway.alarms.table import ALARMS, Alarm
from gateway.settings import GatewaySettings

HEAD = """\
# Alert rules for Prometheus 2.42 or newer, one or more for each alarm of docs/runbook.md. Made from gateway/alarms/table.py by `make docs`,
# with the default limits; `lapor-gateway alarms --rules` writes them with yours. The job that scrapes the gateways is `lapor-gateway`.
"""


def rules(settings: GatewaySettings) -> str:
    """The file, YAML."""
    lines = [HEAD + "groups:", "  - name: lapor-gateway", "    rules:"]
    for alarm in ALARMS:
        for number, query in enumerate(queries(alarm, settings)):
            lines += _rule(alarm, query, number, settings)
    return "\n".join(lines) + "\n"


def queries(alarm: Alarm, settings: GatewaySettings) -> Iterator[str]:
    """What Prometheus asks for an alarm: one query for each sign; none where a limit of the settings switches it off."""
    if alarm.promql:
        yield alarm.promql
    for sign in alarm.signs(settings):
        yield promql(sign)


def promql(sign: Sign) -> str:
    """One sign as Prometheus asks it, apart for each gateway."""
    by = f"by (instance{''.join(f', {name}' for name in sign.by)})"
    chosen = sign.metric + _selector(sign)
    if sign.grown_seconds:
        span = f"[{round(sign.grown_seconds)}s]"
        grown = f"sum {by} (increase({chosen}{span}))"
        if not sign.share:
            return f"{grown} {sign.compare} {_number(sign.limit)}"
        whole = f"sum {by} (increase({sign.metric}{span}))"
        return f"{grown} / {whole} {sign.compare} {_number(sign.limit)} and {whole} >= {_number(sign.least)}"
    counts = "max" if sign.above is not sign.every else "min"
    return f"{counts} {by} ({chosen}) {sign.compare} {_number(sign.limit)}"


def _selector(sign: Sign) -> str:
    parts = [f"{name}=~{json.dumps(pattern)}" for name, pattern in sign.where.items()]
    parts += [f"{name}!~{json.dumps(pattern)}" for name, pattern in sign.but.items()]
    return "{" + ",".join(parts) + "}" if parts else ""


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _rule(alarm: Alarm, query: str, number: int, settings: GatewaySettings) -> list[str]:
    hold, clear = alarm.hold(settings), settings.alarms.clear_seconds
    return [
        f"      - alert: Lapor{alarm.code}{chr(ord('a') + number) if number else ''}",
        f"        expr: {json.dumps(query)}",
        *([f"        for: {round(hold)}s"] if hold else []),
        f"        keep_firing_for: {round(clear)}s",
        "        labels:",
        f"          code: {alarm.code}",
        f"          severity: {alarm.severity.value}",
        "        annotations:",
        f"          summary: {json.dumps(f'{alarm.code} {alarm.name} ({{{{ $labels.instance }}}})')}",
        f"          description: {json.dumps(f'First: {alarm.first}')}",
        f"          runbook_url: {json.dumps(f'docs/runbook.md#{anchor(alarm)}')}",
        f"          runbook_command: {json.dumps(f'lapor-gateway alarms --explain {alarm.code}')}",
    ]


def anchor(alarm: Alarm) -> str:
    """Where the run-book's entry is, within its page."""
    return f"{alarm.code.lower()}-{alarm.name.lower().replace(' ', '-').replace(',', '')}"
