"""Write docs/commands.md from the command line's own parser and docs/metrics.md from the table of metrics.

usage: python scripts/make_pages.py [--check]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from gateway.cli import parser
from gateway.metrics import METRICS

ROOT = Path(__file__).resolve().parent.parent
MADE = "<!-- made by scripts/make_pages.py: `make docs` -->\n"
COMMANDS = """\
# Commands

Exit codes: 0 done, 1 failed, 2 wrong usage, 78 a mistake in a file. `lapor-gateway VERB --help` says the same in the terminal.
"""
NUMBERS = """\
# Metrics

`GET /metrics` on the address of `[http]` (loopback) in Prometheus' text format, with `process_*` of the process itself. Numbers are
read when somebody looks. The same server says `/healthz` (200: the event loop answers) and `/readyz` (200, or 503 with the checks
that say no, as JSON).

Alert rules for Prometheus and a dashboard for Grafana ship in `config/` ([operations.md](operations.md), *Watching*); what each alarm means
is in [runbook.md](runbook.md).

| name | kind | labels | what it counts |
|---|---|---|---|
"""


class Command(NamedTuple):
    """One command: its full name, what it does in one line, and its own parser."""

    name: str
    does: str
    parser: argparse.ArgumentParser


def commands(command: Command) -> Iterator[Command]:
    """Every command below and including this one."""
    yield command
    for action in command.parser._actions:  # noqa: SLF001 - argparse shows its sub-commands nowhere else
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}  # noqa: SLF001
            for verb, inner in action.choices.items():
                yield from commands(Command(f"{command.name} {verb}", helps.get(verb, ""), inner))


def every_command() -> list[Command]:
    """All of them; the first is the program itself."""
    return list(commands(Command("lapor-gateway", "", parser())))


def arguments(command: Command) -> Iterator[tuple[str, str]]:
    """Each option and argument of one command as people type it, with its help."""
    for action in command.parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction | argparse._HelpAction):  # noqa: SLF001
            continue
        choices = "|".join(map(str, action.choices or ()))
        value = "" if action.nargs == 0 else str(action.metavar or choices or action.dest.upper())
        helped = (action.help or "").replace("%(default)s", str(action.default)).replace("%%", "%")
        yield f"{', '.join(action.option_strings)} {value}".strip(), helped


def commands_page() -> str:
    """The page of all commands."""
    text = MADE + COMMANDS
    for command in every_command():
        text += f"\n## {command.name}\n"
        text += f"\n{command.does[:1].upper()}{command.does[1:]}.\n" if command.does else ""
        rows = [f"- `{typed}`: {helped}\n" for typed, helped in arguments(command)]
        text += "\n" + "".join(rows) if rows else ""
    return text


def metrics_page() -> str:
    """The page of all metrics."""
    return MADE + NUMBERS + "".join(f"| `{row.name}` | {row.kind} | {', '.join(row.labels)} | {row.help} |\n" for row in METRICS)


def pages() -> dict[Path, str]:
    """Every page made here, by its path."""
    return {ROOT / "docs" / "commands.md": commands_page(), ROOT / "docs" / "metrics.md": metrics_page()}


def main() -> int:
    """Write the pages; with --check only say which differ."""
    stale = {path: text for path, text in pages().items() if not path.exists() or path.read_text(encoding="utf-8") != text}
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not up to date: make docs", file=sys.stderr)
        return 1 if stale else 0
    for path, text in stale.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
