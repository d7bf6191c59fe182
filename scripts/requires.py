"""Say which programs of the system a goal needs and this machine lacks, and the one line that installs them.

python3 scripts/requires.py strace                       exit code 1 when one is missing
python3 scripts/requires.py --optional kannel            says it and goes on
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

TOOLS: dict[str, tuple[str, Callable[[], bool]]] = {
    "strace": ("strace", lambda: shutil.which("strace") is not None),
    "libfaketime": ("libfaketime", lambda: any(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))),
    "kannel": ("kannel", lambda: shutil.which("bearerbox", path="/usr/sbin:/usr/bin") is not None),
    "systemd-analyze": ("systemd", lambda: shutil.which("systemd-analyze") is not None),
}


def main() -> int:
    """Name what is missing; 0 when nothing is, or when it is optional."""
    optional = "--optional" in sys.argv
    missing = [tool for tool in sys.argv[1:] if tool in TOOLS and not TOOLS[tool][1]()]
    if not missing:
        return 0
    print(f"missing: {', '.join(missing)}" + (" (its figures are left out)" if optional else ""), file=sys.stderr)
    print(f"  apt-get install {' '.join(TOOLS[tool][0] for tool in missing)}", file=sys.stderr)
    return 0 if optional else 1


if __name__ == "__main__":
    sys.exit(main())
