"""Is the simulated X like X? `python -m tests.x.independent [--openapi FILE …]` lets strangers judge and prints a table.

It makes an environment of its own with X's Python library (`xdk`) and a validator for API descriptions, starts the simulated X, and runs
tests/x/outsider.py there. `--openapi` takes X's description, as X publishes it, in any version; it is not ours to ship.
Exit code 1 when anything is WRONG. `more`: satisfied, with names that the description does not list; `silent`: it does not speak of this.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

from adapters.x import simulated_wish as wish
from adapters.x.simulated_post import Place, Post
from adapters.x.simulated_reading import TAKEN
from adapters.x.simulator import XSimulator
from adapters.x.world import World

NEEDED = ("xdk", "openapi-schema-validator")
SECONDS = 300
QUERY = "(#aduanagam OR #lapor) -is:retweet -from:lapor1708 -@lapor1708"
OUTSIDER = Path(__file__).with_name("outsider.py")


def peopled() -> tuple[World, dict[str, Any]]:
    """A world with one post of each kind, and what a reader must find in it."""
    world = World(lambda: time.time_ns() // 1_000_000, Random(1))
    sari, budi, ani = world.user("sari"), world.add_user("budi", location="Lubuk Basung"), world.user("ani")
    place = Place("07d9f6", "Lubuk Basung, Indonesia", "Lubuk Basung")
    plain = world.write(sari, "@lapor1708 #aduanagam jalan rusak & gelap 😀 https://contoh.id/a?b=1&c=2", media=[world.photo("lubang")])
    reply = world.write(budi, "betul sekali", reply_to=plain.id)
    long = world.write(ani, "@lapor1708 " + "lampu mati di simpang empat " * 20 + "#lapor", place=place)
    quote_ = world.write(sari, "@lapor1708 lihat ini", quote=reply.id, media=[world.video()])
    edited = world.edit(quote_, "@lapor1708 lihat ini ya")
    others = [world.write(ani, f"@lapor1708 yang ke-{number}") for number in range(7)]
    tagged = world.write(budi, "\uff03lapor tanpa sebutan")
    gone, hidden = world.write(ani, "@lapor1708 salah"), world.write(world.user("rahasia"), "@lapor1708 sembunyi")
    world.delete(gone)
    hidden.author.protected = True
    mentions = [*reversed(others), edited, long, reply, plain]
    return world, {
        "expected": {"mentions": _ids(mentions), "search": _ids([tagged]), "ids": [*_ids([long, gone, hidden]), "5"]},
        "account": str(world.account.id),
        "since_id": str(plain.id - 1),
        "query": QUERY,
        "query_encoded": quote(QUERY),
        "reply": {"text": "LAPOR! No. G7K2QP", "reply": {"in_reply_to_tweet_id": str(plain.id)}},
        "uncalled": str(tagged.id),
        "gone": str(gone.id),
    }


def _ids(posts: Sequence[Post]) -> list[str]:
    return [str(post.id) for post in posts]


def names() -> dict[str, Any]:
    """Our lists, for the description to confirm."""
    return {
        "parameters": {str(endpoint): list(taken) for endpoint, taken in TAKEN.items()},
        "old": {"fields": sorted(wish.TWEET_FIELDS), "expansions": sorted(wish.TWEET_EXPANSIONS)},
        "new": {"fields": sorted(wish.POST_FIELDS), "expansions": sorted(wish.POST_EXPANSIONS)},
        "both": {"user": sorted(wish.USER_FIELDS), "media": sorted(wish.MEDIA_FIELDS), "place": sorted(wish.PLACE_FIELDS)},
    }


def environment(folder: Path) -> Path:
    """A Python with what the outsider needs and nothing of ours."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *NEEDED], check=True, timeout=SECONDS)
    return python


async def judged(python: Path, folder: Path, openapi: Sequence[str]) -> dict[str, Any]:
    """What the outsider says of a running simulator."""
    world, task = peopled()
    simulator = XSimulator(world)
    await simulator.start()
    try:
        ca = folder / "ca.pem"
        ca.write_bytes(simulator.ca_pem)
        task |= {
            "base": f"https://localhost:{simulator.port}",
            "ca": str(ca),
            "credentials": asdict(simulator.credentials) | {"nobody": "x"},
            "names": names(),
            "openapi": list(openapi),
        }
        pipe = subprocess.PIPE
        surroundings = os.environ | {"REQUESTS_CA_BUNDLE": str(ca), "NO_PROXY": "localhost"}
        process = await asyncio.create_subprocess_exec(python, "-I", OUTSIDER, stdin=pipe, stdout=pipe, cwd=folder, env=surroundings)
        async with asyncio.timeout(SECONDS):
            said, _ = await process.communicate(json.dumps(task).encode())
    finally:
        await simulator.stop()
    if process.returncode:
        raise SystemExit(f"the outsider failed: {process.returncode}")
    found: dict[str, Any] = json.loads(said)
    return found


def table(found: dict[str, Any]) -> str:
    """For people."""
    rows = [("endpoint", "read by", "verdict", "remark"), *found["rows"]]
    widths = [max(len(str(row[column])) for row in rows) for column in range(3)]
    lines = [
        "  ".join([*(str(cell).ljust(width) for cell, width in zip(row[:3], widths, strict=True)), str(row[3])]).rstrip() for row in rows
    ]
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    verdicts = [row[2] for row in found["rows"]]
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in ("ok", "more", "silent", "WRONG"))
    today = dt.datetime.now(dt.UTC).date().isoformat()
    return "\n".join([f"{today}, Python {platform.python_version()}, {versions}", *lines, f"{len(verdicts)} checks: {counts}"])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.x.independent", description="Let strangers judge the simulated X.")
    parser.add_argument("--openapi", metavar="FILE", action="append", default=[], help="X's OpenAPI description; may be given again")
    parser.add_argument("--python", metavar="FILE", help="a Python that has what is needed already; default: make one")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="lapor-outsider-") as name:
        folder = Path(name)
        python = Path(options.python).absolute() if options.python else environment(folder / "python")
        found = asyncio.run(judged(python, folder, [str(Path(file).absolute()) for file in options.openapi]))
    print(table(found))
    return 1 if any(row[2] == "WRONG" for row in found["rows"]) else 0


if __name__ == "__main__":
    sys.exit(main())
