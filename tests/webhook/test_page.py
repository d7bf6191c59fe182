"""docs/webhook.md: its example is right, its programs run, and every answer of ours stands there."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from adapters.webhook import body
from adapters.webhook.callback import IDEMPOTENCY_KEY
from adapters.webhook.intake import ANSWERS, Limits
from adapters.webhook.settings import PATH, PartnerSettings, WebhookSettings
from adapters.webhook.signature import FORMS, sign
from adapters.webhook.simulator import MENU
from tests.webhook.peers import NOW_S, Served

PAGE = (Path(__file__).parents[2] / "docs" / "webhook.md").read_text(encoding="utf-8")
EXAMPLE = dict(re.findall(r"^(key|timestamp|nonce|signature) +(\S+)$", PAGE, re.MULTILINE))


def block(language: str) -> str:
    """The one block of code in a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)\n```", PAGE, re.DOTALL)
    return str(found)


def partner(**changes: Any) -> PartnerSettings:
    return PartnerSettings(**({"name": "agam", "title": "Aplikasi Agam", "key": EXAMPLE["key"]} | changes))


def test_the_example_is_signed_as_it_says() -> None:
    octets = block("json").encode()
    made = sign(EXAMPLE["key"].encode(), EXAMPLE["timestamp"], EXAMPLE["nonce"], "POST", PATH, octets)
    assert made == EXAMPLE["signature"]
    assert body.read(octets, partner(), NOW_S * 1000).key == "m-1001"


def ran(program: list[str], folder: Path) -> tuple[str, Served]:
    """Run a program of the page against a served webhook; what it printed."""

    async def story() -> tuple[str, Served]:
        async with Served(WebhookSettings((partner(),)), Limits()) as served:
            served.clock.now_s = time.time()
            code = [part.replace("https://lapor.example", served.address) for part in program]
            child = await asyncio.create_subprocess_exec(*code, cwd=folder, stdout=asyncio.subprocess.PIPE)
            printed, _ = await asyncio.wait_for(child.communicate(), 60)
            return printed.decode(), served

    return asyncio.run(story())


def test_the_program_in_python_runs(tmp_path: Path) -> None:
    printed, served = ran([sys.executable, "-c", block("python")], tmp_path)
    assert printed == "{'number': 'GA0000', 'known': False}\n"
    assert served.inbox.posts[0].text == "AGAM lampu jalan mati"


@pytest.mark.skipif(not (shutil.which("openssl") and shutil.which("curl")), reason="openssl and curl are not installed")
def test_the_program_in_the_shell_runs(tmp_path: Path) -> None:
    (tmp_path / "complaint.json").write_text(block("json") + "\n", encoding="utf-8")
    printed, served = ran(["sh", "-c", block("sh")], tmp_path)
    assert json.loads(printed) == {"number": "GA0000", "known": False}
    assert served.inbox.posts[0].author.value == "app:agam:u-77"


def test_every_answer_of_ours_is_told() -> None:
    rows = {(int(status), error) for status, error in re.findall(r"^\| (\d{3}) \| `(\w+)` \|", PAGE, re.MULTILINE)}
    assert rows == {(status, reason.value) for reason, (status, _) in ANSWERS.items()}


def test_every_answer_of_a_partner_is_told() -> None:
    table = PAGE[PAGE.index("| your answer |") :]
    told = {int(status) for status in re.findall(r"\b\d{3}\b", table.split("\n\n")[0])}
    assert {408, 410, 425, 429} == told
    assert all(word in table for word in ("2xx", "3xx", "5xx", "any other 4xx"))
    assert {trick.status for trick in MENU.values()} >= told


def test_every_header_field_and_limit_is_told() -> None:
    for name in (*FORMS, IDEMPOTENCY_KEY, PATH):
        assert name in PAGE
    fields = set(re.findall(r"^\| `([\w.]+)`(?:, `\w+`)? \|", PAGE, re.MULTILINE))
    assert {"id", "text", "author.id", "author.phone", "at", "version", "conversation", "reply_to", "place", "links"} <= fields
    settings = partner()
    shown = (
        f"{body.TEXT_CHARACTERS_MAX:,} characters",
        f"{body.PLACE_CHARACTERS_MAX} characters",
        f"at most {body.LINKS_MAX} addresses",
        f"{body.LINK_CHARACTERS_MAX} characters each",
        f"{settings.window_seconds} seconds off",
        f"{settings.body_octets_max // 1024} kB",
        f"more than {settings.rate_per_minute} requests a minute",
        f"within {settings.answer_seconds:.0f} seconds",
        f"longer than {Limits().body_seconds:.0f} seconds",
    )
    assert not [words for words in shown if words not in PAGE]
