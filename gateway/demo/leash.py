"""Runs a command that dies with whoever started it, however that one ends: `python leash.py PID COMMAND…`. Linux.

PID is the starter's own. The kernel sends the signal (prctl(2), PR_SET_PDEATHSIG), and it outlives the exec, so Redis can be led as well
as Python. It is run by its path, as `python -I -S`, to be gone in ten milliseconds.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) != 0:
        sys.exit(f"leash: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent:  # it ended before the kernel knew
        sys.exit("leash: who started this has ended")
    os.execvp(command[0], command)  # noqa: S606 - that is its work
