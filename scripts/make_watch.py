"""Write config/prometheus-rules.yaml from the table of alarms, and config/grafana-dashboard.json: one page of the numbers that matter.

usage: python scripts/make_watch.py [--check]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.alarms.rules import rules
from gateway.settings import GatewaySettings

ROOT = Path(__file__).resolve().parent.parent
COLUMNS, HEIGHT = 24, 7
SOURCE = {"type": "prometheus", "uid": "${source}"}
OURS = '{instance=~"$gateway"}'
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture: its title, what Prometheus is asked (query, legend), the unit of Grafana, and its width of 24."""

    title: str
    asks: tuple[tuple[str, str], ...]
    unit: str = "short"
    kind: str = "timeseries"
    width: int = 8
    about: str = ""


def rate(metric: str, by: str = "", where: str = "") -> str:
    """How many a minute, over five minutes."""
    chosen = OURS[:-1] + (f",{where}" if where else "") + "}"
    return f"60 * sum by ({by or 'instance'}) (rate({metric}{chosen}[5m]))"


PANELS: tuple[Panel, ...] = (
    Panel(
        "Alarms",
        ((f"lapor_alarm{OURS}", "{{code}} {{about}} {{instance}}"),),
        kind="table",
        width=12,
        about="`lapor-gateway alarms --explain CODE` says what each means.",
    ),
    Panel("Binds", ((f"lapor_bind_up{OURS}", "{{operator}}/{{bind}} {{instance}}"),), kind="state-timeline", width=12),
    Panel(
        "In, filed, answered, a minute",
        (
            (rate("lapor_arrivals_total", "kind"), "in: {{kind}}"),
            (rate("lapor_filings_total", where='outcome="filed"'), "filed {{instance}}"),
            (rate("lapor_reply_sendings_total", where='result="sent"'), "answered {{instance}}"),
        ),
    ),
    Panel("Waiting, by state and reason", ((f"sum by (state, reason) (lapor_complaints{OURS})", "{{state}} {{reason}}"),)),
    Panel("Oldest that waits", ((f"max by (state, reason) (lapor_oldest_seconds{OURS})", "{{state}} {{reason}}"),), unit="s"),
    Panel(
        "The core: window, breaker, fault",
        (
            (f"lapor_core_window{OURS}", "window {{instance}}"),
            (f"lapor_core_breaker_open{OURS}", "breaker open {{instance}}"),
            (f"lapor_core_fault{OURS}", "our fault {{instance}}"),
            (f"lapor_unknown_open{OURS}", "unknown {{instance}}"),
        ),
    ),
    Panel("Answers of the core, a minute", ((rate("lapor_filings_total", "outcome"), "{{outcome}}"),)),
    Panel("Replies, a minute", ((rate("lapor_reply_sendings_total", "result"), "{{result}}"),)),
    Panel(
        "Latency: a commit, and the event loop",
        (
            (
                f"rate(lapor_journal_commit_seconds_total{OURS}[5m]) / rate(lapor_journal_transactions_total{OURS}[5m])",
                "commit {{instance}}",
            ),
            (f"lapor_loop_lag_seconds{OURS}", "loop late {{instance}}"),
        ),
        unit="s",
    ),
    Panel(
        "The journal: rows that wait, failures",
        (
            (f"lapor_journal_queue_rows{OURS}", "rows wait {{instance}}"),
            (f"60 * rate(lapor_journal_failures_total{OURS}[5m])", "failures a minute {{instance}}"),
            (f"lapor_mirror_waiting{OURS}", "mirror waits {{instance}}"),
        ),
    ),
    Panel(
        "The disk",
        ((f"lapor_disk_free_octets{OURS}", "free {{instance}}"), (f"lapor_journal_octets{OURS}", "journal {{file}} {{instance}}")),
        unit="bytes",
    ),
    Panel(
        "Queue and workers",
        (
            (f"lapor_workers{OURS}", "workers {{instance}}"),
            (f"lapor_redis_up{OURS}", "Redis answers {{instance}}"),
            (f"lapor_cluster_waits_for{OURS}", "index waits for gateways {{instance}}"),
            (f"lapor_cluster_pending{OURS}", "not yet told to the others {{instance}}"),
        ),
    ),
    Panel(
        "Operators: missing by habit, refused by us",
        (
            (f"lapor_operator_missed_messages{OURS}", "missing {{operator}} {{instance}}"),
            (rate("lapor_refusals_total", "operator, status"), "refused {{operator}} {{status}}, a minute"),
        ),
    ),
    Panel(
        "Backups: age, and since one was good",
        ((f"lapor_backup_seconds{OURS}", "age"), (f"lapor_backup_verified_seconds{OURS}", "good")),
        unit="s",
    ),
    Panel(
        "X: behind, and what it cost today",
        ((f"lapor_x_behind_seconds{OURS}", "behind, s: {{source}}"), (f"lapor_x_spent_dollars{OURS}", "dollars today {{instance}}")),
    ),
    Panel("Certificates end in", ((f"lapor_certificate_seconds{OURS}", "{{certificate}} {{instance}}"),), unit="s"),
)


def dashboard() -> str:
    """The page, as Grafana 9 or newer imports it."""
    page = {
        "uid": "lapor-gateway",
        "title": "lapor-gateway",
        "tags": ["lapor"],
        "schemaVersion": 38,
        "timezone": "Asia/Jakarta",
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [_source(), _gateway()]},
        "panels": list(_placed()),
    }
    return json.dumps(page, indent=1) + "\n"


def _source() -> Json:
    return {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}


def _gateway() -> Json:
    query = "label_values(lapor_info, instance)"
    many = {"multi": True, "includeAll": True, "allValue": ".*", "current": {"text": "All", "value": "$__all"}}
    return {"name": "gateway", "label": "Gateway", "type": "query", "datasource": SOURCE, "query": query, "refresh": 2, **many}


def _placed() -> Iterator[Json]:
    x = y = 0
    for number, panel in enumerate(PANELS, 1):
        if x + panel.width > COLUMNS:
            x, y = 0, y + HEIGHT
        form: Json = {"format": "table", "instant": True} if panel.kind == "table" else {}
        targets = [
            {"refId": chr(ord("A") + at), "datasource": SOURCE, "expr": query, "legendFormat": legend, **form}
            for at, (query, legend) in enumerate(panel.asks)
        ]
        yield {
            "id": number,
            "type": panel.kind,
            "title": panel.title,
            "description": panel.about,
            "datasource": SOURCE,
            "gridPos": {"x": x, "y": y, "w": panel.width, "h": HEIGHT},
            "fieldConfig": {"defaults": {"unit": panel.unit}, "overrides": []},
            "targets": targets,
        }
        x += panel.width


def files() -> dict[Path, str]:
    """Every file made here, by its path."""
    return {ROOT / "config" / "prometheus-rules.yaml": rules(GatewaySettings()), ROOT / "config" / "grafana-dashboard.json": dashboard()}


def main() -> int:
    """Write the files; with --check only say which differ."""
    stale = {path: text for path, text in files().items() if not path.exists() or path.read_text(encoding="utf-8") != text}
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not up to date: make docs", file=sys.stderr)
        return 1 if stale else 0
    for path, text in stale.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
