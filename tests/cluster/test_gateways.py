"""Two whole gateways in one process, with operators of their own and a Redis between them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import pytest

from adapters.channel import Answer, Cursor, Taken
from forwarder.lease import Lease
from forwarder.shared import Shared
from gateway import settings, tables
from gateway.app import Gateway
from gateway.notify import Notifier
from gateway.secrets import Secrets
from gateway.x_turn import LOOK_UP, XTurn
from parsers.model import Address, Answering, Post, Reporter, ReporterKind
from tests.cluster.places import SEALS, part
from tests.gateway.road import SECRETS, Road
from tests.valkey import KEY, Valkey, valkey

SARI = "6281266010001"
CLUSTER = """
[queue]
redis = "{redis}"
[cluster]
gateways = ["A", "B"]
handover_seconds = 0.5
"""
Story = Callable[[Road, Gateway, Road, Gateway], Awaitable[None]]


@pytest.fixture(scope="module")
def server() -> Iterator[Valkey]:
    with valkey() as running:
        yield running


@contextlib.asynccontextmanager
async def gateway_of(road: Road, letter: str, server: Valkey) -> AsyncIterator[Gateway]:
    """One of two: its journal's key is its own."""
    file = road.folder / "gateway.toml"
    own = file.read_text(encoding="utf-8").replace("[journal]", f'[journal]\ngateway_letter = "{letter}"')
    file.write_text(own + CLUSTER.format(redis=server.url), encoding="utf-8")
    secrets = {**SECRETS, "LAPOR_MASTER_KEY": bytes([ord(letter)] * 32).hex(), "LAPOR_QUEUE_KEY": KEY}
    site = settings.load(file, Secrets(secrets), {})
    assert not settings.disagreements(site)
    gateway = Gateway(site, tables.load(site), Notifier({}))
    running = asyncio.create_task(gateway.run())
    try:
        await road.operator.expect_binds(2)
        yield gateway
    finally:
        gateway.stop()
        async with asyncio.timeout(30):
            await running


def walk(folder: Path, server: Valkey, story: Story) -> None:
    server.flush()
    for letter in "AB":
        (folder / letter).mkdir()
    one, two = Road(folder / "A", wait=0.0), Road(folder / "B", wait=0.0)

    async def main() -> None:
        async with one.peers(), two.peers(), gateway_of(one, "A", server) as first, gateway_of(two, "B", server) as second:
            await one.until(lambda: all(each.cluster is not None and not each.cluster.waits_for for each in (first, second)))
            await story(one, first, two, second)

    asyncio.run(main())


def test_status_asked_at_one_gateway_of_a_case_of_the_other_is_answered(tmp_path: Path, server: Valkey) -> None:
    async def story(one: Road, first: Gateway, two: Road, second: Gateway) -> None:
        await one.operator.send_mo(SARI, "AGAM jalan rusak di Lubuk Basung")
        [receipt] = await one.operator.expect_replies(SARI)
        number = receipt.text.split("No. ")[1][:6]
        assert number[1] == "A"
        assert first.cluster is not None
        await one.until(lambda: first.cluster is not None and first.cluster.pending == 0 and first.cluster.told > 0)
        await two.operator.send_mo(SARI, f"STATUS {number}")
        [answer] = await two.operator.expect_replies(SARI, seconds=20)
        assert number in answer.text
        assert second.intake.elsewhere is not None
        assert second.intake.elsewhere.answered == 1

    walk(tmp_path, server, story)


def test_a_long_sms_over_two_running_gateways_is_one_complaint(tmp_path: Path, server: Valkey) -> None:
    async def story(one: Road, first: Gateway, _: Road, second: Gateway) -> None:
        for gateway, number, text in ((first, 1, "AGAM jalan rusak di "), (second, 2, "Lubuk Basung")):
            assert await gateway.intake.accept([part(text, number, operator="satu", source=SARI)]) == [Answer.KEPT]
        assert first.cluster is not None
        assert second.cluster is not None
        halves = first.cluster.halves, second.cluster.halves
        await one.until(lambda: sum(each.taken for each in halves) == 1 and sum(each.linked for each in halves) == 1)
        counts = [await each.journal.counts() for each in (first, second)]
        assert sum(each.messages for each in counts) == 1
        assert [each.open_sets for each in counts] == [0, 0]

    walk(tmp_path, server, story)


class Desk:
    """A front desk that keeps what it is given."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    async def accept_posts(self, posts: Sequence[Post], _: Cursor | None = None) -> list[Taken]:
        self.kept += [post.id for post in posts]
        return [Taken(Answer.KEPT, "stored") for _ in posts]

    async def cursor(self, _: str) -> str | None:
        return "own"


class Theirs:
    """An index in which another gateway has these posts."""

    def __init__(self, *keys: str) -> None:
        self.keys = keys

    async def posts_elsewhere(self, posts: Sequence[tuple[str, str]]) -> list[bool]:
        return [key in self.keys for _, key in posts]


def a_post(key: str, source: str = "mentions") -> Post:
    author = Reporter(ReporterKind.ACCOUNT, f"x:{key}", Address(0, 0, key))
    return Post(
        id=key,
        key=key,
        account="@lapor1708",
        channel="X",
        source=source,
        author=author,
        text="AGAM",
        posted_ms=1,
        received_ms=1,
        version=1,
        answering=Answering.ONCE,
        raw=b"{}",
    )


def test_a_page_is_stored_by_the_reader_alone_and_without_what_another_gateway_has(server: Valkey) -> None:
    server.flush()

    async def run() -> None:
        shared = Shared(server.settings())
        mine, other = (Lease(shared, SEALS, name=name, seconds=30, monotonic=time.monotonic) for name in ("A:1", "B:1"))
        desk = Desk()
        turn = XTurn(desk, mine, Theirs("2"))  # type: ignore[arg-type]
        page, cursor = [a_post("1"), a_post("2"), a_post("3")], Cursor("x/@lapor1708/mentions", "17")
        assert [one.answer for one in await turn.accept_posts(page, cursor)] == [Answer.LATER] * 3, "not our turn"
        await mine.hold()
        assert [one.kind for one in await turn.accept_posts(page, cursor)] == ["stored", "elsewhere", "stored"]
        assert desk.kept == ["1", "3"]
        assert await XTurn(desk, other, Theirs()).cursor(cursor.source) == "17"  # type: ignore[arg-type]
        assert await turn.cursor("another source") == "own"
        server.flush()
        await other.hold()
        assert [one.answer for one in await turn.accept_posts([a_post("4")], cursor)] == [Answer.LATER], "somebody else reads by now"
        assert [one.kind for one in await turn.accept_posts([a_post("1", LOOK_UP)])] == ["stored"], "our own post's edit"
        await shared.close()

    asyncio.run(run())
