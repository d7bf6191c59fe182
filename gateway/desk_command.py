"""What `lapor-gateway desk` does: asks the gateway, or the journal of one that is stopped, and shows what it says."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from gateway import desk_page
from gateway.commands import EXIT_FAILED, EXIT_OK, EXIT_USAGE, ask, say
from parsers.errors import GatewayError


def desk(options: argparse.Namespace) -> int:
    """See and settle what waits for a person."""
    if options.task == "list":
        found = ask(options, "desk list", state=options.state, reason=options.reason, limit=options.limit, reveal=options.reveal)
        say(json.dumps(found, indent=2) if options.json else desk_page.listing(found))
        return EXIT_OK
    if options.task == "show":
        asked = {"reveal": options.reveal, "reason": options.reason, "who": options.who or getpass.getuser()}
        found = ask(options, "desk show", number=options.number, **asked)
        if "wants_reason" in found:
            print(found["wants_reason"], file=sys.stderr)  # noqa: T201
            return EXIT_USAGE
        say(json.dumps(found, indent=2) if options.json else desk_page.case(found))
        return EXIT_OK
    given: Mapping[str, Callable[[argparse.Namespace], dict[str, Any]]] = {"add": _adding, "settle": _settlement, "wish": _wish}
    verb, args = f"desk {options.task}", given[options.task](options)
    moved = ask(options, verb, **args)["moved"]
    say(json.dumps(moved, indent=2) if options.json else desk_page.moved(moved))
    return EXIT_FAILED if any(one["error"] for one in moved) else EXIT_OK


def _settlement(options: argparse.Namespace) -> dict[str, Any]:
    numbers = list(options.numbers)
    if options.all and not (options.state or options.because):
        raise GatewayError("--all needs --state or --because: name what you mean to settle")
    if options.all:
        waiting = ask(options, "desk list", state=options.state, reason=options.because, limit=10_000)["waiting"]
        numbers += [row["number"] for row in waiting]
    move = "filed" if options.filed else "reroute" if options.reroute else options.move
    return {
        "move": move,
        "numbers": numbers,
        "reason": options.reason,
        "who": options.who or getpass.getuser(),
        "tracking_id": options.filed,
        "region": options.reroute,
    }


def _adding(options: argparse.Namespace) -> dict[str, Any]:
    given = vars(options)
    move = "added" if given.get("added") else given.get("move")
    named = {name: given.get(name) for name in ("key", "number", "to")}
    who = options.who or getpass.getuser()
    return {"deed": options.deed, "move": move, "tracking_id": given.get("added"), "who": who, "reason": options.reason, **named}


def _wish(options: argparse.Namespace) -> dict[str, Any]:
    named = {name: getattr(options, name) for name in ("number", "wish", "decision", "reason")}
    return {**named, "who": options.who or getpass.getuser()}
