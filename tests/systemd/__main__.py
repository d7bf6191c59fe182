"""Print how exposed every service is, as `systemd-analyze security` counts (0 safe, 10 open); exit code 1 when one is above 1.5."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.faults.record import record
from tests.systemd.units import FOLDER, SERVICES

MOST = 1.5


def main() -> int:
    exposed = {}
    for name in SERVICES:
        command = ["systemd-analyze", "security", "--offline=true", "--no-pager", FOLDER / name]
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said.stdout)
        exposed[name] = float(found[1]) if found else 10.0
        print(f"exposure {exposed[name]:.1f}  {name}")
    above = sum(one > MOST for one in exposed.values())
    record("exposure", seed=0, services=len(exposed), above=above, worst=max(exposed.values()))  # nothing is drawn
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
