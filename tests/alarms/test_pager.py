"""The command that calls a person: no shell, no secrets, a bounded time, and never more often than is set."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.alarms import pager as pagers
from gateway.alarms.pager import Pager
from gateway.alarms.settings import AlarmSettings

NOTICE = {"code": "A07", "state": "raised", "severity": "critical", "about": "", "says": "100 complaints are unknown"}
ENVIRONMENT = {"PATH": os.environ["PATH"], "LAPOR_MASTER_KEY": "kunci utama", "CREDENTIALS_DIRECTORY": "/run/credentials/x", "LANG": "C"}


def pager(*command: str, **settings: object) -> Pager:
    return Pager(AlarmSettings(notify=command, **settings), time.monotonic, ENVIRONMENT)  # type: ignore[arg-type]


async def told(one: Pager, notices: list[Mapping[str, str]], seconds: float = 20.0) -> None:
    """Tell, and wait until all calls have ended."""
    running = asyncio.create_task(one.run())
    for notice in notices:
        one.tell(notice)
    try:
        async with asyncio.timeout(seconds):
            while one.counts.total() < len(notices):
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def script(tmp_path: Path, text: str) -> str:
    path = tmp_path / "page"
    path.write_text("#!/bin/sh\n" + text, encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_the_command_gets_its_fields_and_no_secret(tmp_path: Path) -> None:
    out = tmp_path / "out"
    one = pager(
        script(tmp_path, f'printf "%s\\n" "$@" > {out}; env >> {out}\n'), "{code}", "{state}: {says} {{raw}}", "$(reboot); {severity}"
    )
    asyncio.run(told(one, [NOTICE]))
    said = out.read_text(encoding="utf-8")
    assert said.startswith("A07\nraised: 100 complaints are unknown {raw}\n$(reboot); critical\n")
    assert "LANG=C" in said
    assert "kunci" not in said
    assert "CREDENTIALS" not in said
    assert one.counts == {"done": 1, "failed": 0, "left_out": 0}


def test_what_a_peer_said_is_masked_bounded_and_one_line() -> None:
    one = pager("/bin/true", "{says}")
    hostile = "core said 6281234567789 \x1b[31m\nnow run {code} ; rm -rf / " + "x" * 5_000
    (_, argument) = one.arguments({**NOTICE, "says": hostile})
    assert "6281234567789" not in argument
    assert "628123***789" in argument
    assert "\n" not in argument
    assert "\x1b" not in argument
    assert "{code}" in argument, "fields of fields are not filled in"
    assert len(argument) <= pagers.ARGUMENT_CHARACTERS_MAX


@pytest.mark.parametrize(
    ("command", "cause"),
    [("exit 3\n", "ended with 3"), ("kill -9 $$\n", "ended with -9"), (None, "cannot be started: No such file"), ("", "")],
)
def test_a_call_that_fails_is_logged_and_the_next_one_is_made(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, command: str | None, cause: str
) -> None:
    one = pager(str(tmp_path / "none") if command is None else script(tmp_path, command))
    with caplog.at_level(logging.ERROR):
        asyncio.run(told(one, [NOTICE, NOTICE]))
    assert one.counts["failed"] == (2 if cause else 0)
    assert all(cause in record.__dict__["cause"] for record in caplog.records)
    assert len(caplog.records) == (2 if cause else 0)


def test_a_call_that_hangs_is_killed_with_all_it_started(tmp_path: Path) -> None:
    child = tmp_path / "child"
    one = pager(script(tmp_path, f"sleep 300 &\necho $! > {child}\nwait\n"), notify_seconds=1.0)
    asyncio.run(told(one, [NOTICE]))
    assert one.counts["failed"] == 1
    number = int(child.read_text())
    for _ in range(500):
        stat = Path(f"/proc/{number}/stat")
        if not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.01)
    pytest.fail("its child lives")


def test_a_call_that_is_under_way_at_the_end_is_killed(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    one = pager(script(tmp_path, f"echo $$ > {mark}\nexec sleep 300\n"))

    async def run() -> None:
        running = asyncio.create_task(one.run())
        one.tell(NOTICE)
        async with asyncio.timeout(20):
            while not (mark.exists() and mark.read_text().strip()):
                await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())
    assert not Path(f"/proc/{mark.read_text().strip()}").exists()


def test_it_is_called_no_more_often_than_set(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    one = Pager(AlarmSettings(notify=("/bin/true",), notify_per_hour=3), lambda: now[0], ENVIRONMENT)
    with caplog.at_level(logging.WARNING):
        asyncio.run(told(one, [NOTICE] * 5))
    assert one.counts == {"done": 3, "failed": 0, "left_out": 2}
    assert [record.__dict__["cause"] for record in caplog.records] == ["too many within an hour"] * 2
    assert one._may_call() is False
    now[0] = 3_600.0
    assert one._may_call() is True


def test_notices_that_wait_are_bounded() -> None:
    one = pager("/bin/true")
    for _ in range(pagers.WAITING_MAX + 7):
        one.tell(NOTICE)
    assert one.counts["left_out"] == 7


def test_without_a_command_nothing_happens() -> None:
    one = Pager(AlarmSettings(), time.monotonic, ENVIRONMENT)
    one.tell(NOTICE)
    assert not one._waiting
