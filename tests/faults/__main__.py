"""Run every fault test of this folder that is too long, or needs too much of the system, for `make test`.

usage: python -m tests.faults [--nightly] [--minutes N] [NAME…]

Each is a file with `main() -> bool`, which prints its own figures, records them (record.py) and says whether the promise held. It runs
in a process of its own and is ended when it takes longer than its BUDGET_SECONDS; together the budgets fit into a night.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from bench.machine import header
from tests.faults import length

FOLDER = Path(__file__).parent
SOAK, BESIDE = "soak", "simulated_days"  # the second runs beside all others
BUDGET_SECONDS = 170
"""Of a fault test that names none."""


def names() -> list[str]:
    """Every fault test, in the order of names; `test_*.py` belong to pytest, `__main__` to nobody."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith(("_", "test_")) and has_main(path))


def has_main(path: Path) -> bool:
    """Whether the file is a fault test and not what several of them share."""
    return "\ndef main(" in path.read_text(encoding="utf-8")


def budget(name: str) -> int:
    """Seconds that a fault test may take in a night."""
    found = re.search(r"^BUDGET_SECONDS = ([\d_]+)$", (FOLDER / f"{name}.py").read_text(encoding="utf-8"), re.MULTILINE)
    return int(found[1]) if found else BUDGET_SECONDS


def allowed(name: str) -> float:
    """Seconds that it may take in this run: a soak that is asked for so many minutes has them besides."""
    return budget(name) + (60 * float(os.environ.get("MINUTES", "0")) if name == SOAK else 0)


def run(name: str) -> bool:
    """One fault test in a process of its own, with everything that it starts; False when it fails or overruns."""
    code = f"import sys; from tests.faults.{name} import main; sys.exit(not main())"
    child = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    try:
        return child.wait(allowed(name)) == 0
    except subprocess.TimeoutExpired:
        print(f"{name}: not done after its {allowed(name):.0f} s", flush=True)
        return False
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def judge(name: str, held: dict[str, bool]) -> None:
    """Run one and say what came of it."""
    print(header(f"{name} (at most {allowed(name):.0f} s)"), flush=True)
    since = time.monotonic()
    held[name] = run(name)
    print(f"{name}: {'held' if held[name] else 'BROKEN'} in {time.monotonic() - since:.0f} s", flush=True)


def night() -> int:
    """Seconds that all of them may take together."""
    return max(budget(BESIDE), sum(budget(name) for name in names() if name != BESIDE))


def main() -> int:
    """0 when every promise held."""
    known = names()
    asked = argparse.ArgumentParser(prog="python -m tests.faults", description="Break the gateway and do the sums.")
    asked.add_argument("--nightly", action="store_true", help="the long versions: as many kills, cuts and faults as the goals ask for")
    asked.add_argument("names", nargs="*", metavar="NAME", help=f"only these of {', '.join(known)}")
    asked.add_argument("--minutes", type=float, metavar="N", help="how long the soak is to take")
    given = asked.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left behind
    if given.minutes is not None:
        os.environ["MINUTES"] = str(given.minutes)
    if strange := set(given.names) - set(known):
        asked.error(f"no fault test is called {', '.join(sorted(strange))}; there are {', '.join(known)}")
    if given.nightly:
        os.environ[length.VARIABLE] = length.NIGHTLY
    chosen = given.names or known
    held = {}
    began = time.monotonic()
    beside = threading.Thread(target=lambda: judge(BESIDE, held), name=BESIDE)
    if BESIDE in chosen and len(chosen) > 1:
        beside.start()  # one thread of simulated time needs no more than one core
        chosen = [name for name in chosen if name != BESIDE]
    for name in chosen:
        judge(name, held)
    if beside.ident is not None:
        beside.join()
    broken = [name for name, good in held.items() if not good]
    print(
        f"{len(held) - len(broken)} of {len(held)} held in {time.monotonic() - began:.0f} s" + "".join(f"; BROKEN: {one}" for one in broken)
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
