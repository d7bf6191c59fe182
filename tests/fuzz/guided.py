"""The same targets, led by coverage: atheris (libFuzzer) keeps what reaches new code and goes on from there.

usage: python -m tests.fuzz.guided [--seconds 600] TARGET

atheris is no dependency of ours; where it is wanted: .venv/bin/python -m pip install atheris (wheels for Linux on x86-64).
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"


def main() -> int:
    """Fuzz one target; libFuzzer itself ends the process, with 0 when nothing was found."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seconds", type=int, default=600)
    asked.add_argument("target")
    given = asked.parse_args()
    try:
        atheris = importlib.import_module("atheris")
    except ModuleNotFoundError:
        print("atheris is not installed: .venv/bin/python -m pip install atheris", file=sys.stderr)
        return 2
    with atheris.instrument_imports(include=["adapters", "parsers", "forwarder", "gateway"]):
        targets = importlib.import_module("tests.fuzz.targets").TARGETS
    if given.target not in targets:
        print(f"no target {given.target!r}; there are: {', '.join(targets)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="lapor-guided-") as grown:
        options = [f"-max_total_time={given.seconds}", "-timeout=1", "-rss_limit_mb=512", "-max_len=4096", f"-artifact_prefix={grown}/"]
        atheris.Setup([sys.argv[0], *options, grown, str(CORPUS / given.target)], targets[given.target].attempt)
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
