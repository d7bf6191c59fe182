"""RQ as a doorbell with a basket: it wakes a worker somewhere and hands it sealed complaints. It is never the truth about any of them.

Used of RQ: `enqueue_many`, JSON, a job class that runs one function alone, one queue. Not used: retries, scheduler, results, callbacks,
FailedJobRegistry; a job that RQ loses is offered again by its gateway, under another id.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Sequence
from typing import Any

from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from forwarder.handover import QUEUE
from forwarder.queue_settings import QueueSettings
from forwarder.shared import ANSWER_SECONDS, SharedDown, blocking, guarded

log = logging.getLogger(__name__)

FUNCTION = "forwarder.worker.file_basket"
FAILURE_SECONDS = 3600  # how long RQ keeps a job that broke: long enough to look at, and it holds sealed octets only
JOB_SECONDS_MAX = 7_200  # RQ breaks a job off then; ours ends far earlier by itself

__all__ = ["BasketJob", "Doorbell", "SharedDown", "payload_octets"]


class BasketJob(Job):
    """A job that can run nothing but `file_basket`, whoever wrote it into Redis."""

    @property
    def func(self) -> Callable[..., Any]:
        """The one function; PermissionError for any other name."""
        if self.func_name != FUNCTION or self.instance is not None:
            log.error("somebody wrote a job that is none of ours into Redis; it is not run")
            raise PermissionError(f"a job asks for {self.func_name!r}; workers run {FUNCTION} and nothing else")
        function: Callable[..., Any] = super().func
        return function


class Doorbell:
    """Rings from one thread: every method blocks. SharedDown when Redis cannot be asked."""

    def __init__(self, settings: QueueSettings) -> None:
        self._connection = blocking(settings, ANSWER_SECONDS)
        self._queue = Queue(QUEUE, connection=self._connection, serializer=JSONSerializer, job_class=BasketJob)
        self._wait_seconds = round(settings.offer_seconds * 2)

    def ring(self, baskets: Sequence[tuple[str, bytes]]) -> None:
        """Offer (batch, sealed basket) pairs, in order, in one pipeline. What nobody takes in time vanishes by itself."""
        jobs = [
            Queue.prepare_data(
                FUNCTION,
                args=[base64.b85encode(sealed).decode()],
                timeout=JOB_SECONDS_MAX,
                result_ttl=0,
                ttl=self._wait_seconds,
                failure_ttl=FAILURE_SECONDS,
                description="basket",
                job_id=batch,
            )
            for batch, sealed in baskets
        ]
        guarded(lambda: self._queue.enqueue_many(jobs))

    def close(self) -> None:
        """Hang up."""
        guarded(self._connection.close)


def payload_octets(payload: str) -> bytes:
    """The sealed basket of a job's argument; ValueError for anything else."""
    return base64.b85decode(payload)
