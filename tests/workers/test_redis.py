"""The ways to Redis that sites have: an ACL user with just its rights, TLS that is checked, sentinels that change the master."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.x.certificate import make_certificate
from forwarder.queue_settings import QueueSettings, address_of
from forwarder.shared import Script, Shared, SharedDown, blocking
from tests.valkey import BINARY, KEY, Valkey, free_port, valkey
from tests.wire import wired
from tests.workers.site import Site

RIGHTS = "~gw:* ~rq:* +@all -@admin -@dangerous +client|setname +client|info +info"
"""As docs/many-machines.md says."""


async def refused(settings: QueueSettings) -> None:
    shared = Shared(settings)
    with pytest.raises(SharedDown):
        await shared.do("PING")
    await shared.close()


def filed(server: Valkey, settings: QueueSettings, count: int = 5) -> None:
    """A gateway and a worker get so many complaints to the core over this connection."""

    async def run() -> None:
        with tempfile.TemporaryDirectory(prefix="lapor-redis-") as folder:
            async with Site(Path(folder), server, redis=settings) as site:
                gateway = site.gateway()
                await site.worker()
                await gateway.send(count)
                await site.quiet(seconds=90)
                assert gateway.states() == {"filed": count}

    asyncio.run(run())


def test_the_rights_that_the_setting_names_are_enough() -> None:
    page = Path(__file__).parents[2] / "docs" / "many-machines.md"
    assert RIGHTS in page.read_text(encoding="utf-8")
    with valkey(requirepass="admin") as server:
        client = server.client()
        client.execute_command("ACL", "SETUSER", "lapor", "on", ">secret", *RIGHTS.split())
        asyncio.run(refused(QueueSettings(redis=server.url, key=KEY, user="lapor", password="wrong")))
        filed(server, QueueSettings(redis=server.url, key=KEY, user="lapor", password="secret"))
        user = blocking(QueueSettings(redis=server.url, key=KEY, user="lapor", password="secret"))
        for command in (("FLUSHALL",), ("CONFIG", "GET", "*"), ("KEYS", "*"), ("GET", "other")):
            with pytest.raises(Exception, match=r"(?i)permission"):
                user.execute_command(*command)


def test_tls_asks_for_a_certificate_of_the_authority(tmp_path: Path) -> None:
    certificate = make_certificate()
    ca = tmp_path / "ca.pem"
    ca.write_bytes(certificate.ca_pem)

    async def run(server: Valkey) -> None:
        async with wired(("127.0.0.1", server.port), tls=certificate.context()) as wire:
            url = f"rediss://{wire.address}/0"
            good, stranger = Shared(QueueSettings(redis=url, key=KEY, ca=ca)), Shared(QueueSettings(redis=url, key=KEY))
            assert await good.do("SET", "gw:x", "1")
            assert await asyncio.to_thread(lambda: blocking(QueueSettings(redis=url, key=KEY, ca=ca)).get("gw:x")) == b"1"
            with pytest.raises(SharedDown):
                await stranger.do("GET", "gw:x")
            for one in (good, stranger):
                await one.close()

    with valkey() as server:
        asyncio.run(run(server))


@contextlib.contextmanager
def sentinel(master: Valkey, folder: Path) -> Iterator[int]:
    """One sentinel that watches the master; its port."""
    port = free_port()
    config = folder / "sentinel.conf"
    watch = (f"monitor lapor 127.0.0.1 {master.port} 1", "down-after-milliseconds lapor 500", "failover-timeout lapor 3000")
    lines = [f"port {port}", "bind 127.0.0.1", f"dir {folder}", *(f"sentinel {one}" for one in watch)]
    config.write_text("\n".join(lines), encoding="utf-8")
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([str(BINARY), str(config), "--sentinel"], stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        yield port
    finally:
        process.kill()
        process.wait()


def test_sentinels_lead_to_the_master_also_after_a_failover(tmp_path: Path) -> None:
    async def write(shared: Shared, value: str) -> None:
        deadline = time.monotonic() + 90
        while True:
            try:
                await shared.do("SET", "gw:x", value)
            except SharedDown:
                assert time.monotonic() < deadline, "no new master was found"
                await asyncio.sleep(0.2)
            else:
                return

    async def run(master: Valkey, port: int) -> None:
        settings = QueueSettings(redis=f"redis+sentinel://127.0.0.1:{port}/lapor/0", key=KEY)
        shared = Shared(settings)
        await write(shared, "1")
        assert await asyncio.to_thread(lambda: blocking(settings).get("gw:x")) == b"1"
        await asyncio.sleep(1.5)  # the replica and the sentinel learn of each other
        await asyncio.to_thread(master.kill)
        await write(shared, "2")
        assert await asyncio.to_thread(lambda: blocking(settings).get("gw:x")) == b"2"
        await shared.close()

    with valkey() as master, valkey(replicaof=f"127.0.0.1 {master.port}"), sentinel(master, tmp_path) as port:
        asyncio.run(run(master, port))


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("localhost:6379", "begins with none of"),
        ("http://localhost", "begins with none of"),
        ("redis://", "names no host"),
        ("redis://user:" + "secret@host:6379/0", "holds a user or password"),
        ("redis://host:99999/0", "port is a number"),
        ("redis://host:port/0", "port is a number"),
        ("redis://one,two/0", "several hosts"),
        ("redis://host/x", "no number"),
        ("unix://", "needs a path"),
        ("redis+sentinel://one:26379,two:26379", "needs the master's name"),
        ("redis+sentinel://one/master/x", "no number"),
    ],
)
def test_an_address_that_cannot_be_is_said_with_its_remedy(address: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        QueueSettings(redis=address)


def test_an_address_is_taken_apart() -> None:
    one = address_of("rediss+sentinel://one:1,two/mymaster/3")
    assert (one.hosts, one.tls, one.service, one.database) == ((("one", 1), ("two", 26379)), True, "mymaster", 3)
    two = address_of("redis://[::1]:6380")
    assert (two.hosts, two.tls, two.database) == ((("::1", 6380),), False, 0)
    assert address_of("unix:///run/redis.sock").path == "/run/redis.sock"


def test_a_script_that_the_server_forgot_is_sent_again() -> None:
    async def run(server: Valkey) -> None:
        shared, script = Shared(server.settings()), Script("return ARGV[1]")
        assert await shared.run(script, (), ("a",)) == b"a"
        await shared.do("SCRIPT", "FLUSH")
        assert await shared.run(script, (), ("b",)) == b"b"
        await shared.close()

    with valkey() as server:
        asyncio.run(run(server))


def test_a_redis_that_is_away_frozen_or_angry_is_down_and_nothing_else() -> None:
    async def down(shared: Shared) -> None:
        with pytest.raises(SharedDown):
            await shared.do("GET", "gw:x")

    async def run(server: Valkey) -> None:
        shared = Shared(server.settings())
        await shared.do("SET", "gw:x", 1)
        with pytest.raises(SharedDown):
            await shared.do("INCR")
        server.freeze()
        await down(shared)
        server.thaw()
        assert await shared.do("GET", "gw:x") == b"1"
        await asyncio.to_thread(server.kill)
        await down(shared)
        await shared.close()

    with valkey() as server:
        asyncio.run(run(server))
