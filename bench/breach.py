"""Who is affected by a leak, on a million complaints: `python -m bench.breach [--rows N]`.

The list with every number, opened, as `lapor-gateway breach --csv --reveal` makes it where no gateway runs. Goal: minutes of the 30 that
the drill of docs/privacy.md has for everything.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw

from bench import million
from bench.machine import header
from forwarder.journal import Sealer
from forwarder.journal.documents import Documents
from gateway.cli import main as gateway
from parsers.model import Address, Reporter, ReporterKind

LONG = True
KEY = bytes(range(32))


def build(folder: Path, rows: int) -> million.Million:
    """A million whose every number can be opened."""
    (folder / "gateway.toml").write_text("[journal]\nfree_octets_min = 0\n", encoding="utf-8")
    built = million.build(folder / "state" / "journal.db", KEY, time.time_ns() // 1_000_000, rows=rows)
    documents = Documents(Sealer(KEY))

    def sealed(number: Any) -> bytes:  # noqa: ANN401 - SQLite gives it
        value = f"62812{number:08d}"
        return documents.sender(number, Reporter(ReporterKind.MSISDN, "+" + value, Address(1, 1, value)))

    connection = apsw.Connection(str(built.path))
    connection.execute("PRAGMA synchronous = OFF").fetchall()
    functions: tuple[tuple[str, Callable[..., Any]], ...] = (("sealed_number", sealed),)
    for name, function in functions:
        connection.create_scalar_function(name, function, 1)
    connection.execute("UPDATE message SET sealed_sender = sealed_number(id)")
    connection.close()
    return built


def main() -> None:
    """Build it, ask, and say how long each took."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=million.ROWS)
    given, _ = options.parse_known_args()
    os.environ["LAPOR_MASTER_KEY"] = b64encode(KEY).decode()
    with tempfile.TemporaryDirectory(prefix="lapor-bench-") as name:
        folder = Path(name)
        built = build(folder, given.rows)
        print(built.built)
        for label, arguments in (("page", ()), ("list with numbers", ("--csv", "--reveal", "--reason", "the drill of docs/privacy.md"))):
            out, began = io.StringIO(), time.monotonic()
            with contextlib.redirect_stdout(out):
                code = gateway(["breach", "--config", str(folder / "gateway.toml"), "--since", "2d", *arguments])
            lines = out.getvalue().splitlines()
            print(f"{label}: exit {code}, {time.monotonic() - began:.1f} s, {len(lines)} lines")
            if not arguments:
                print("\n".join(lines[:12]))


if __name__ == "__main__":
    print(header("breach"))
    main()
