"""The doorbell rings for one function, with nothing readable in the basket, and never blocks for long."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from forwarder import worker
from forwarder.doorbell import BasketJob, Doorbell
from forwarder.handover import QUEUE
from forwarder.shared import SharedDown
from tests.valkey import Valkey, valkey


def work(server: Valkey) -> SimpleWorker:
    """An RQ worker of ours that ends when the queue is empty."""
    connection = server.client()
    queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer, job_class=BasketJob)
    one = SimpleWorker([queue], connection=connection, job_class=BasketJob, serializer=JSONSerializer)
    one.work(burst=True, logging_level="CRITICAL")
    return one


def test_a_basket_reaches_the_one_function(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []

    class Listener:
        def file(self, payload: str) -> None:
            heard.append(payload)

    monkeypatch.setattr(worker, "_workers", [Listener()])
    with valkey() as server:
        Doorbell(server.settings()).ring([("A-1-1", b"\0\xff sealed"), ("A-1-2", b"x")])
        work(server)
        assert [worker.payload_octets(payload) for payload in heard] == [b"\0\xff sealed", b"x"]
        assert server.client().keys("rq:job:*") == [], "a job that is done leaves nothing behind"


@pytest.mark.parametrize("name", ["os.system", "builtins.eval", "forwarder.worker._connect", "subprocess.run"])
def test_a_job_that_is_none_of_ours_is_not_run(name: str, tmp_path: Path) -> None:
    with valkey() as server:
        queue = Queue(QUEUE, connection=server.client(), serializer=JSONSerializer)
        job = queue.enqueue(name, f"touch {tmp_path}/pwned")
        work(server)
        assert not (tmp_path / "pwned").exists()
        assert BasketJob.fetch(job.id, connection=server.client(), serializer=JSONSerializer).is_failed


def test_a_redis_that_is_gone_or_frozen_is_said_to_be_down() -> None:
    with valkey() as server:
        bell = Doorbell(server.settings())
        bell.ring([("A-1-1", b"x")])
        server.freeze()
        began = time.monotonic()
        with pytest.raises(SharedDown):
            bell.ring([("A-1-2", b"x")])
        assert time.monotonic() - began < 60
        server.thaw()
        server.kill()
        with pytest.raises(SharedDown):
            bell.ring([("A-1-3", b"x")])
