"""`lapor-gateway block` as an officer types it: beside a running gateway, without one, with everything wrong."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from forwarder.lifecycle import ComplaintState
from gateway import control
from gateway.block_desk import DAYS as DESK_DAYS
from gateway.cli_persons import DAYS
from tests.gateway.road import Road
from tests.gateway.site import Folder
from tests.gateway.test_subject import ANA, WHY, folder, number_of

__all__ = ["folder"]


def test_a_number_is_blocked_listed_and_let_go_without_a_gateway(folder: Folder) -> None:
    number = number_of(folder)
    assert folder.call("block", "list").out == "Nobody is blocked.\n"
    said = folder.call("block", "add", "0812-3456 7001", "--days", "7", *WHY)
    assert (said.code, said.err) == (0, "")
    assert "desk list --reason blocked" in said.out
    shown = folder.call("block", "list").out
    assert number in shown
    assert "siti" in shown
    assert ANA[1:] not in shown
    (row,) = json.loads(folder.call("block", "list", "--json").out)
    assert (row["number"], row["reason"]) == (number, "surat nomor 7")
    assert round((row["until_ms"] - row["since_ms"]) / 86_400_000) == 7
    assert "no longer blocked" in folder.call("block", "remove", number, *WHY).out
    assert "was not blocked" in folder.call("block", "remove", ANA, *WHY).out
    assert [line for line in folder.call("audit", "show").out.splitlines() if "block" in line]


def test_beside_a_running_gateway_the_next_sms_is_held(tmp_path: Path) -> None:
    async def run() -> None:
        road = Road(tmp_path, wait=0.0)
        async with road.peers(), road.running() as gateway:
            by = {"who": "siti", "reason": "iseng terus"}
            answer = await control.call(gateway.site.socket_path, "block add", subject=ANA, **by)
            assert isinstance(answer, dict)
            await road.operator.send_mo(ANA[1:], "AGAM jalan rusak")
            await road.until(lambda: gateway.journal.tally[ComplaintState.HELD] == 1)
            await road.operator.send_mo(ANA[1:], "INFO")
            await control.call(gateway.site.socket_path, "block remove", subject=ANA, **by)
            await road.operator.send_mo(ANA[1:], "AGAM lampu mati")
            await road.operator.expect_replies(ANA[1:])
            assert len(road.operator.phone(ANA[1:]).received) == 1

    asyncio.run(run())


WRONG = [
    (("block", "add", "1708", *WHY), "only a person can be blocked"),
    (("block", "add", "TELKOMSEL", *WHY), "only a person can be blocked"),
    (("block", "add", "@sari", *WHY), "name the account by its id"),
    (("block", "add", " ", *WHY), "name a person"),
    (("block", "add", ANA, "--reason", " "), "a reason is required"),
    (("block", "add", ANA, "--days", "0", *WHY), "1 to 3650"),
    (("block", "add", ANA, "--days", "99999", *WHY), "1 to 3650"),
    (("block", "remove", "ZZZZZZ", *WHY), "only a person can be blocked"),
]


@pytest.mark.parametrize(("words", "says"), WRONG, ids=[" ".join(case[0]) for case in WRONG])
def test_what_is_wrong_is_said_and_blocks_nobody(folder: Folder, words: tuple[str, ...], says: str) -> None:
    said = folder.call(*words)
    assert (said.code, said.out) == (1, "")
    assert says in said.err
    assert ANA[1:] not in said.err
    assert folder.call("block", "list").out == "Nobody is blocked.\n"


def test_the_default_days_are_those_that_the_help_tells() -> None:
    assert DAYS == DESK_DAYS
