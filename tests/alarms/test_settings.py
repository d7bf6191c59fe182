"""Garbage in [alarms] is a sentence with file, key and remedy; what is right is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway import settings
from gateway.secrets import Secrets
from parsers.errors import SettingsError
from tests.gateway.road import SECRETS
from tests.gateway.test_cli import lapor


def load(tmp_path: Path, toml: str) -> settings.GatewaySettings:
    (tmp_path / "gateway.toml").write_text(toml, encoding="utf-8")
    (tmp_path / "operators.toml").write_text("", encoding="utf-8")
    return settings.load(tmp_path / "gateway.toml", Secrets(SECRETS), {}).settings


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("bind_down_seconds = -1", "alarms.bind_down_seconds"),
        ("bind_down_seconds = nan", "alarms.bind_down_seconds"),
        ("bind_down_seconds = 1e30", "alarms.bind_down_seconds"),
        ('bind_down_seconds = "soon"', "alarms.bind_down_seconds"),
        ("look_seconds = 0", "alarms.look_seconds"),
        ("queue_share = 2", "alarms.queue_share"),
        ("silent_weeks = 9", "alarms.silent_weeks"),
        ("binds_down_seconds = 5", "meant bind_down_seconds?"),
        ("wait_minutes = 5", "alarms.wait_minutes"),
        ("wait_minutes = { reddy = 5 }", "reddy is no state and no reason to be held; known are ready"),
        ("wait_minutes = { ready = 0 }", "alarms.wait_minutes"),
        ('wait_minutes = { ready = "x" }', "alarms.wait_minutes"),
        ('notify = "page"', "alarms.notify"),
        ('notify = ["page", "{code}"]', "name the program by its whole path, such as /usr/local/bin/page"),
        ('notify = ["/bin/page", "{number}"]', "{number} is not known; known are {code}"),
        ('notify = ["/bin/page", "{"]', "cannot be read"),
        ('notify = ["/bin/page", "{}"]', "{} is not known"),
        ('notify = ["/bin/page", "{code.__class__}"]', "is not known"),
        ('notify = ["/bin/page", "{code!r}"]', "stands alone in its braces"),
        ('notify = ["/bin/page", "{code:>9999999999}"]', "stands alone in its braces"),
        ('notify_from = "loud"', "alarms.notify_from"),
        ("notify_per_hour = 0", "alarms.notify_per_hour"),
    ],
)
def test_garbage_is_a_sentence_with_its_line(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load(tmp_path, f"[house]\n[alarms]\n{line}\n")
    (problem,) = raised.value.problems
    assert says in problem
    assert "gateway.toml:" in problem
    assert "alarms" in problem


def test_a_program_that_nobody_can_run_is_found_by_check(tmp_path: Path) -> None:
    (tmp_path / "page").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "operators.toml").write_text("", encoding="utf-8")
    for path in (tmp_path / "page", tmp_path / "none"):
        (tmp_path / "gateway.toml").write_text(f'[alarms]\nnotify = ["{path}"]\n', encoding="utf-8")
        done = lapor("check", "--config", str(tmp_path / "gateway.toml"))
        assert done.returncode == 78
        assert f"alarms.notify: {path} is no program this user may run" in done.stderr
    (tmp_path / "page").chmod(0o755)
    (tmp_path / "gateway.toml").write_text(f'[alarms]\nnotify = ["{tmp_path / "page"}"]\n', encoding="utf-8")
    assert lapor("check", "--config", str(tmp_path / "gateway.toml")).returncode == 0


def test_what_is_right_is_taken(tmp_path: Path) -> None:
    found = load(tmp_path, '[alarms]\nwait_minutes = { question = 5, ready = 1.5 }\nnotify = ["/bin/page", "{code} {{x}} {says}"]\n').alarms
    assert found.wait_minutes == {"question": 5.0, "ready": 1.5}
    assert found.notify == ("/bin/page", "{code} {{x}} {says}")
