"""Making verbs and tasks of the command line, all alike."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeAlias

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001
"""Where verbs are added; argparse has no public name for it."""


def verb(verbs: Verbs, name: str, does: str, run: Callable[[argparse.Namespace], int], *, config: bool = True) -> argparse.ArgumentParser:
    """A verb of the command line, and what carries it out."""
    made = verbs.add_parser(name, help=does, description=does[0].upper() + does[1:] + ".")
    if config:
        made.add_argument("--config", metavar="FILE", help="gateway.toml; else $LAPOR_CONFIG, $CONFIGURATION_DIRECTORY, the shipped one")
    made.set_defaults(run=run)
    return made


def task(tasks: Verbs, name: str, does: str) -> argparse.ArgumentParser:
    """A verb of a verb; `--config` may stand behind it as well, where people put it."""
    made = tasks.add_parser(name, help=does, description=does[0].upper() + does[1:] + ".")
    made.add_argument("--config", metavar="FILE", default=argparse.SUPPRESS, help="gateway.toml, as before the task")
    return made
