"""The shipped tables, read once for all tests, and a way to write small ones."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from parsers import regions, routes, topics
from parsers.routes import Table

CONFIG = Path(__file__).parent.parent / "config"
DAY = dt.date(2026, 11, 22)
REGIONS = regions.load((CONFIG / "regions.csv").read_text(encoding="utf-8"))
TOPICS = topics.load((CONFIG / "topics.csv").read_text(encoding="utf-8"))
TABLE = routes.load((CONFIG / "routes.csv").read_text(encoding="utf-8"), regions=REGIONS, name="routes.csv")
HASHTAGS = routes.load((CONFIG / "hashtags.csv").read_text(encoding="utf-8"), regions=REGIONS, name="hashtags.csv")


def table(*rows: str, columns: str = "alias,region,instansi") -> Table:
    """A table of these rows under these columns."""
    return routes.load("\n".join((columns, *rows)) + "\n", regions=REGIONS, name="small.csv")
