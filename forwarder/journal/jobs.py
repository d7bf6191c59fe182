"""What waits for the writer, and how its callers hear what became of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from forwarder.journal.books import Books

Handler = Callable[[Books, Sequence[Any]], Sequence[Any]]
"""Works off items of one kind in one go; a result each, in their order. `Any`: every kind has its own items and results."""


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of job: what does it, and what an item hears that failed alone (None: its caller gets a JournalError)."""

    name: str
    handle: Handler
    alone: Callable[[Any, Exception], Any] | None = None
    inbound: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """Items of one kind from one caller, who waits in `future` (None: nobody waits)."""

    work: Work
    items: Sequence[Any]
    future: asyncio.Future[Any] | None
    loop: asyncio.AbstractEventLoop | None


@dataclass(frozen=True, slots=True)
class Failed:
    """The place of an item that could not be stored."""

    error: Exception


Outcome = tuple[Job, Any]
"""A job, and what its caller hears: results, or the exception."""


def deliver(outcomes: Sequence[Outcome]) -> None:
    """Wake all waiting callers: one call into each event loop (there is one), whatever the number of jobs."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for job, outcome in outcomes:
        if job.loop is not None and job.future is not None:
            by_loop.setdefault(job.loop, []).append((job.future, outcome))
    for loop, settled in by_loop.items():
        with contextlib.suppress(RuntimeError):  # that loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_resolve, settled)


def _resolve(settled: Sequence[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, outcome in settled:
        if future.done():
            continue
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
