"""The proxy spoils what it should, where it should, and nothing else."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from tests.core.samples import peer
from tests.wire import Kind, Trouble, drawn, wired

SENT = bytes(range(64, 104))


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(await reader.read(1_000))
    await writer.drain()
    await reader.read(1_000)


async def _through(trouble: Trouble, seconds: float) -> bytes:
    """What comes back of SENT, within so many seconds; a cut or reset ends it."""
    got = b""
    async with peer(echo) as port, wired(("127.0.0.1", port), lambda: trouble) as wire:
        reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
        writer.write(SENT)
        try:
            async with asyncio.timeout(seconds):
                while octets := await reader.read(1_000):
                    got += octets
                    if len(got) >= len(SENT) + (trouble.octets if trouble.kind is Kind.REPEAT else 0):
                        break
                else:
                    got += b" end"
        except TimeoutError:
            got += b" silence"
        except ConnectionResetError:
            got += b" reset"
        writer.close()
        assert wire.met[trouble.kind] == (trouble.kind is not Kind.NONE) or trouble.kind is Kind.DRIP
    return got


@pytest.mark.parametrize(
    ("trouble", "expect"),
    [
        (Trouble(), SENT),
        (Trouble(Kind.DELAY, 10), SENT),
        (Trouble(Kind.DRIP, 10, octets=7), SENT),
        (Trouble(Kind.CUT, 10), SENT[:10] + b" end"),
        (Trouble(Kind.HALF_CLOSE, 10), SENT[:10] + b" end"),
        (Trouble(Kind.BLACK_HOLE, 10), SENT[:10] + b" silence"),
        (Trouble(Kind.REPEAT, 10, octets=5), SENT[:15] + SENT[10:]),
        (Trouble(Kind.CORRUPT, 10), SENT[:10] + bytes([SENT[10] ^ 0x55]) + SENT[11:]),
        (Trouble(Kind.CORRUPT, 10, up=True), SENT[:10] + bytes([SENT[10] ^ 0x55]) + SENT[11:]),
    ],
    ids=lambda value: f"{value.kind} {'up' if value.up else 'down'}" if isinstance(value, Trouble) else "",
)
def test_a_trouble_happens_at_its_octet(trouble: Trouble, expect: bytes) -> None:
    assert asyncio.run(_through(trouble, 0.3 if trouble.kind is Kind.BLACK_HOLE else 10.0)) == expect


def test_a_reset_is_no_orderly_end() -> None:
    assert asyncio.run(_through(Trouble(Kind.RESET, 10), 10.0)).endswith(b" reset")


def test_the_same_seed_draws_the_same_troubles_and_every_kind() -> None:
    first, second = ([choose() for _ in range(200)] for choose in (drawn(Random(7)), drawn(Random(7))))
    assert first == second
    assert {one.kind for one in first} == set(Kind)
