"""`bind OPERATOR --once`: each thing that can be wrong is named in plain words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.smpp.probe import probe
from adapters.smpp.profile import AccountSettings, OperatorSettings, TlsSettings
from tests.smpp.peers import operator_settings, play, simulator, until, world


def _run(faults: dict[str, Any], changes: dict[str, Any], *, trace: bool = False) -> tuple[bool, list[str]]:
    lines: list[str] = []
    result: list[bool] = []

    async def story() -> None:
        async with simulator(passwords={"lapor": "rahasia1"}) as smsc:
            for name, value in faults.items():
                setattr(smsc.faults, name, value)
            operator = replace(operator_settings(smsc.address), **changes)
            result.append(await probe(operator, world(operator), lines.append, trace=trace))

    play(story())
    return result[0], lines


@pytest.mark.parametrize(
    ("label", "faults", "changes", "words"),
    [
        (
            "wrong password",
            {},
            {"password": "wrong"},
            "ESME_RINVPASWD (0x0e): the password is wrong. Check the secret operator_satu_password",
        ),
        ("wrong system_id", {}, {"system_id": "nobody"}, "ESME_RINVSYSID"),
        ("already bound", {"refuse_bind": 0x05}, {}, "Stop the gateway that still holds the bind"),
        ("status of his own", {"refuse_bind": 0x0412}, {}, "an error of the operator's own"),
        ("nobody there", {}, {"hosts": ("127.0.0.1:1",)}, "connection refused"),
        ("no such name", {}, {"hosts": ("smsc.invalid:2775",)}, "resolve smsc.invalid:2775: FAILED"),
        ("no TLS there", {}, {"tls": TlsSettings(verify=False)}, "FAILED"),
        ("dead peer", {"silent": True}, {}, "enquire_link: FAILED"),
        ("he comes to us", {}, {"hosts": (), "account": None}, "has no hosts"),
        ("a password that cannot be sent", {}, {"password": "much too long"}, "password has 13 characters"),
    ],
)
def test_what_is_wrong_is_said(label: str, faults: dict[str, Any], changes: dict[str, Any], words: str) -> None:
    if changes.get("hosts") == ():
        changes = {**changes, "account": AccountSettings("tiga", "x")}
    ok, lines = _run(faults, changes)
    assert not ok, label
    assert words in "\n".join(lines)


def test_a_good_bind_is_gone_through_step_by_step() -> None:
    ok, lines = _run({}, {})
    assert ok
    assert [line.split(":")[0].split(" ")[0] for line in lines] == ["resolve", "connect", "bind", "enquire_link", "unbind", "OK"]


def test_the_trace_shows_pdus_and_no_password() -> None:
    ok, lines = _run({}, {}, trace=True)
    text = "\n".join(lines)
    assert ok
    assert "bind_transceiver_resp" in text
    assert "rahasia1" not in text
    assert "72 61 68 61" not in text


def test_a_probe_takes_no_message() -> None:
    lines: list[str] = []

    async def story() -> None:
        async with simulator() as smsc:
            operator: OperatorSettings = operator_settings(smsc.address)
            [mo] = smsc.post_mo("6281234567890", "AGAM jalan rusak")
            assert await probe(operator, world(operator), lines.append)
            await until(lambda: 0x64 in mo.answers)
            assert mo.accepted_ms is None

    play(story())
    assert any("asked to come again" in line for line in lines)
