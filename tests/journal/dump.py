"""Write journals/NNNN.sql, the sample of the newest schema: `python -m tests.journal.dump`.

Only for a migration that has not shipped yet: a sample that has is what that version left behind, and is never written anew.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import apsw.shell

from forwarder.journal.storage import migrations
from tests.journal.people import House
from tests.journal.test_housekeeping import SETTINGS, file_a_life

NAMING = ("-- SQLite", "-- Date", "-- Tables", "-- Database", "-- User")


def main() -> None:
    """Live a short life, die, and dump what is left."""
    version = max(number for number, _ in migrations())
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder), settings=SETTINGS)
        file_a_life(house)
        text = io.StringIO()
        shell = apsw.shell.Shell(stdout=text, args=[str(house.path)])
        shell.process_command(".dump")
    target = Path(__file__).with_name("journals") / f"{version:04}.sql"
    lines = [line for line in text.getvalue().splitlines() if not line.startswith(NAMING)]
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(target)


if __name__ == "__main__":
    main()
