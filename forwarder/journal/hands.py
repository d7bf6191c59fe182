"""Who does the journal's blocking work: three threads of its own; in a simulation its one caller, turn by turn."""

from __future__ import annotations

import threading
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Protocol


class Turns(Protocol):
    """Work that is done in turns (forwarder.journal.writer.Writer)."""

    def run(self) -> None:
        """Take turns until the end; blocks."""

    def turn(self, seconds: float) -> bool:
        """One turn of what is queued, after waiting at most `seconds` for the first of it; False at the end."""


class Hands(Protocol):
    """Where the journal's work is done: the writer's turns, and what is submitted to one-at-a-time pools."""

    def pool(self, name: str) -> Executor:
        """Does one thing at a time, in the order given."""

    def start(self, turns: Turns) -> None:
        """See to it that the turns are taken from now on."""

    def ring(self) -> None:
        """Something was queued for a turn."""

    def join(self) -> None:
        """Return when the last turn has been taken; the end is queued already."""


class Threads:
    """A thread for the writer, and one for each pool."""

    def __init__(self) -> None:
        self.writer: threading.Thread | None = None

    def pool(self, name: str) -> Executor:
        """A pool of one thread of this name."""
        return ThreadPoolExecutor(1, thread_name_prefix=name)

    def start(self, turns: Turns) -> None:
        """A thread that takes turns."""
        self.writer = threading.Thread(target=turns.run, name="journal-writer", daemon=True)
        self.writer.start()

    def ring(self) -> None:
        """The thread waits at the queue itself."""

    def join(self) -> None:
        """Wait for the thread."""
        if self.writer is not None:
            self.writer.join()
