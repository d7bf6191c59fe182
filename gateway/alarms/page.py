"""Alarms for people: the lines of `status` and `alarms`, and the run-book's entry for a code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from gateway.alarms.table import BY_CODE, Alarm
from gateway.privacy import one_line
from gateway.settings import GatewaySettings
from gateway.status import age, alarm_lines
from parsers.errors import GatewayError

RUNBOOKS = (Path(__file__).parents[1] / "runbook.md", Path(__file__).parents[2] / "docs/runbook.md")
"""Where the run-book is: inside the wheel, or among the documents of a checkout."""

Json = dict[str, Any]


def shown(alarm: Alarm, value: float, settings: GatewaySettings) -> str:
    """A value of an alarm's metric in the unit that people read."""
    sign = next(iter(alarm.signs(settings)), None)
    if sign is None:
        return f"{value:g}"
    if sign.share:
        return f"{value:.0%}"
    if sign.metric.endswith("_octets"):
        return f"{value / 1_048_576:,.0f} MB"
    if sign.metric.endswith("_seconds"):
        return age(round(value * 1000))
    if sign.metric.endswith("_dollars"):
        return f"{value:.2f}"
    return f"{value:,.0f}"


def render(found: Json) -> str:
    """`alarms` for people."""
    if not found["active"]:
        return "No alarm stands."
    told = [
        *alarm_lines(found["active"], found["now_ms"]),
        "",
        "`lapor-gateway alarms --explain CODE` says what an alarm means and what never to do.",
    ]
    return "\n".join(map(one_line, told))


def explained(code: str) -> str:
    """The run-book's entry for a code, as it stands there; GatewayError for one that is none."""
    wanted = code.strip().upper()
    if wanted not in BY_CODE:
        raise GatewayError(f"{code!r} is no alarm; they are {', '.join(BY_CODE)}")
    text = next((path.read_text(encoding="utf-8") for path in RUNBOOKS if path.is_file()), "")
    entry = re.search(rf"^### {wanted} .*?(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    if entry is None:
        raise GatewayError(f"the run-book has no entry for {wanted}, or is missing: {RUNBOOKS[0]}")
    return entry[0].rstrip()
