"""What `lapor-gateway subject`, `hold` and `keys` do; cli.py says how they are called. With a running gateway or without."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import getpass
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gateway import local, settings
from gateway.commands import EXIT_FAILED, EXIT_OK, say
from gateway.privacy import one_line

RAW = frozenset({"raw"})  # octets in hexadecimal: for machines


def subject(options: argparse.Namespace) -> int:
    """One person's rights."""
    return SUBJECT[options.task](options)


def _export(options: argparse.Namespace) -> int:
    head, *messages = _ask(options, "subject export", **_by(options), subject=options.subject)
    document = {**head, "messages": messages}
    if options.text:
        for line in _told(document):
            say(one_line(line))
    else:
        say(json.dumps(document, indent=2, sort_keys=True))
    return EXIT_OK


def _restrict(options: argparse.Namespace) -> int:
    changed = _ask(options, f"subject {options.task}", **_by(options), subject=options.subject)[-1]["changed"]
    done = {"restrict": "restricted: kept, not shown, not answered, not counted", "lift": "no longer restricted"}
    was = {"restrict": "was restricted already", "lift": "was not restricted"}
    say((done if changed else was)[options.task])
    return EXIT_OK


def _erase(options: argparse.Namespace) -> int:
    done = _ask(options, "subject erase", **_by(options), subject=options.subject, force=options.force)[-1]
    if done["refused"]:
        print(f"nothing is erased: {done['refused']}", file=sys.stderr)  # noqa: T201
        for one in done["open"]:
            print(f"  {one_line(one)}", file=sys.stderr)  # noqa: T201
        return EXIT_FAILED
    say(f"erased: {done['messages']} messages, {done['sets']} long messages, {done['keys']} keys destroyed")
    for one in done["open"]:
        say(f"closed unfiled: {one}")
    for one in done["held"]:
        say(f"under legal hold and kept: {one or 'a complaint without a number'}")
    if done["log_left"]:
        say("note: somebody reads the write-ahead log (a backup?); it is emptied as soon as that ends")
    say("backups and the mirror keep what was in them: docs/privacy.md says for how long")
    return EXIT_OK


def hold(options: argparse.Namespace) -> int:
    """Legal holds."""
    if options.task == "list":
        rows = _ask(options, "hold list")[-1]["held"]
        if options.json:
            say(json.dumps(rows, indent=2))
            return EXIT_OK
        for row in rows:
            say(one_line(f"{row['number']:<8}{row['state']:<11}{_when(row['since_ms'])}  {row['who']}: {row['reason']}"))
        if not rows:
            say("Nothing is under legal hold.")
        return EXIT_OK
    error = _ask(options, f"hold {options.task}", **_by(options), number=options.number)[-1]["error"]
    if error:
        print(f"{options.number}: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_FAILED
    say(f"{options.number}: {'held: no purge and no erasure touches it' if options.task == 'put' else 'no longer held'}")
    return EXIT_OK


def keys(options: argparse.Namespace) -> int:
    """How the journal is sealed, and sealing it by the newest master key."""
    file = options.file if options.task == "rotate" else None
    given = {} if file is None else {"master_key": sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")}
    answers = _ask(options, f"keys {options.task}", follow=_progress, **given)
    if sys.stderr.isatty():
        print(file=sys.stderr)  # noqa: T201
    found = answers[-1]
    if options.json:
        say(json.dumps(found, indent=2))
        return EXIT_OK
    for line in _keys(found):
        say(line)
    return EXIT_OK


def _keys(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"master key {found['newest']} seals; given are {_list(found['given'])}; the journal needs {_list(found['needed'])}"
    for master, count in found["keys"].items():
        yield f"  keys of persons sealed by master key {master:<4}{count:>10}"
    yield f"  keys of persons destroyed            {found['destroyed']:>10}"
    if found["by_master"]:
        yield f"  values of earlier versions, sealed by a master key itself: {found['by_master']} (the daily purge moves them)"
    if len(found["needed"]) > 1:
        yield "`lapor-gateway keys rotate` seals everything by the newest"
    for spare in found["spare"]:
        yield f"master key {spare} may be taken out of the secret; keep it elsewhere while backups made before are kept"


def _list(ids: list[int]) -> str:
    return ", ".join(map(str, ids))


def _progress(step: Any) -> None:  # noqa: ANN401 - JSON
    if "total" in step and sys.stderr.isatty():
        line = f"\rkeys {step['keys']} of {step['total']}, values {step['values']}   "
        print(line, end="", file=sys.stderr, flush=True)  # noqa: T201


def _told(document: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """A document as lines: names, times as people read them, raw octets left out."""
    for name, value in document.items():
        if name in RAW or value in (None, [], {}, ""):
            continue
        if isinstance(value, dict):
            yield f"{indent}{name}:"
            yield from _told(value, indent + "  ")
        elif isinstance(value, list):
            for number, one in enumerate(value, 1):
                yield f"{indent}{name} {number}:" if isinstance(one, dict) else f"{indent}{name}: {one}"
                yield from _told(one, indent + "  ") if isinstance(one, dict) else ()
        elif name.endswith("_ms") and isinstance(value, int):
            yield f"{indent}{name.removesuffix('_ms')}: {_when(value)}"
        else:
            yield f"{indent}{name}: {value}"


def _when(at_ms: int) -> str:
    return f"{dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC):%Y-%m-%d %H:%M:%S} UTC"


def _by(options: argparse.Namespace) -> dict[str, str]:
    return {"who": options.who or getpass.getuser(), "reason": options.reason}


def _ask(options: argparse.Namespace, verb: str, follow: Any = None, **args: Any) -> list[Any]:  # noqa: ANN401 - JSON
    """Every answer; `follow` sees each as it comes."""
    config = settings.find(options.config)

    async def gather() -> list[Any]:
        answers = []
        async for one in local.answers(config, verb, **args):
            answers.append(one)
            if follow is not None:
                follow(one)
        return answers

    return asyncio.run(gather())


SUBJECT = {"export": _export, "restrict": _restrict, "lift": _restrict, "erase": _erase}
