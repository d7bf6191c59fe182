"""What operators.toml may say, and what it is told when it says something else."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from adapters.smpp.maintenance import Day, Maintenance, Zone
from adapters.smpp.profile import (
    SUBMIT_MEANINGS,
    BindMode,
    HostPort,
    LaterStatus,
    OperatorSettings,
    SmppSettings,
    SubmitMeaning,
)

ROOT = Path(__file__).parents[2]
READER = TypeAdapter(SmppSettings)


def _read(operator: dict[str, Any]) -> OperatorSettings:
    return READER.validate_python({"operator": [{"name": "satu", "hosts": ["smsc.example:2775"], **operator}]}).operator[0]


def test_the_shipped_file_is_read_and_holds_no_secret() -> None:
    text = (ROOT / "config" / "operators.example.toml").read_text()
    settings = READER.validate_python(tomllib.loads(text))
    assert [operator.name for operator in settings.operator] == ["satu", "dua", "tiga"]
    assert settings.operator[0].bind_names() == ("rx1", "rx2", "tx")
    assert settings.operator[2].account is not None
    assert not any(line.lstrip(" #").startswith("password") for line in text.splitlines())


def _keys(kind: type[Any]) -> list[str]:
    return [item.name for item in dataclasses.fields(kind) if not item.metadata.get("secret")]


def test_every_parameter_is_asked_for_in_the_form() -> None:
    form = (ROOT / "docs" / "operator-form.md").read_text()
    plain = OperatorSettings(name="x", hosts=("a:1",))
    groups = {"timers": plain.timers, "reconnect": plain.reconnect, "mt": plain.mt}
    wanted = [f"{group}.{key}" for group, record in groups.items() for key in _keys(type(record))]
    wanted += [key for key in _keys(OperatorSettings) if key not in (*groups, "tls", "account", "outbind")]
    missing = [key for key in wanted if f"`{key}" not in form]
    assert missing == []


@pytest.mark.parametrize(
    ("operator", "where"),
    [
        ({"hosts": ["smsc.example"]}, "is not host:port"),
        ({"hosts": ["2001:db8::1:2775"]}, "needs brackets"),
        ({"hosts": ["smsc.example:0"]}, "1 to 65535"),
        ({"hosts": []}, "give hosts"),
        ({"system_id": "x" * 16}, "system_id"),
        ({"password": "x" * 9}, "password"),
        ({"interface_version": 50}, "interface_version"),
        ({"interface_version": 33}, "3.3 has no transceiver"),
        ({"timers": {"response_seconds": 0}}, "timers.response_seconds"),
        ({"timers": {"enquire_link_seconds": "soon"}}, "timers.enquire_link_seconds"),
        ({"reconnect": {"most_seconds": 61}}, "reconnect.most_seconds"),
        ({"mt": {"window": 0}}, "mt.window"),
        ({"mt": {"rate_per_second": 0}}, "mt.rate_per_second"),
        ({"mt": {"tlvs": [{"tag": 5120, "hex": "0"}]}}, "mt.tlvs"),
        ({"binds": [{"name": "a"}, {"name": "a"}]}, "two binds share a name"),
        ({"binds": [{"name": "a", "mode": "both"}]}, "binds.0.mode"),
        ({"later_status": "never"}, "later_status"),
        ({"submit_statuses": {"many": "sent"}}, "invalid literal"),
        ({"account": {"system_id": "x", "sources": ["everywhere"]}}, "everywhere"),
        ({"account": {"system_id": "x"}}, "there is no [[listener]]"),
        ({"tls": {"certificate": "a.pem"}}, "go together"),
        ({"maintenance": [{"start": "25:00", "end": "01:00"}]}, "maintenance.0.start"),
    ],
)
def test_a_mistake_is_named(operator: dict[str, Any], where: str) -> None:
    with pytest.raises(ValidationError) as caught:
        _read(operator)
    assert where in str(caught.value)


def test_passwords_are_not_shown() -> None:
    assert "rahasia1" not in repr(_read({"password": "rahasia1"}))


@pytest.mark.parametrize("text", ["smsc.example:2775", "192.0.2.1:1", "[2001:db8::1]:2775"])
def test_addresses_read_and_print_the_same(text: str) -> None:
    assert str(HostPort.read(text)) == text


@pytest.mark.parametrize("text", ["", ":", "a:", ":1", "a:b", "a:99999", "[a]:1", "a:-1", "a:1:2"])
def test_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        HostPort.read(text)


def test_statuses_have_the_standard_meaning_unless_the_operator_says_otherwise() -> None:
    settings = _read({"submit_statuses": {"0x58": "refused", "0x0500": "stop_bind"}})
    assert settings.submit_meaning(0x58) is SubmitMeaning.REFUSED
    assert settings.submit_meaning(0x500) is SubmitMeaning.STOP_BIND
    assert settings.submit_meaning(0x14) is SUBMIT_MEANINGS[0x14] is SubmitMeaning.LATER
    assert settings.submit_meaning(0x777) is SubmitMeaning.REFUSED


@pytest.mark.parametrize(
    ("later", "status"), [("temporary", 0x64), ("throttled", 0x58), ("queue_full", 0x14), ("system_error", 0x08), ("unbind", None)]
)
def test_later_has_a_status_or_none(later: str, status: int | None) -> None:
    assert LaterStatus(later).status == status


@pytest.mark.parametrize(
    ("mode", "sends", "receives"),
    [(BindMode.TRANSCEIVER, True, True), (BindMode.RECEIVER, False, True), (BindMode.TRANSMITTER, True, False)],
)
def test_a_mode_says_which_way(mode: BindMode, *, sends: bool, receives: bool) -> None:
    assert (mode.sends, mode.receives) == (sends, receives)


@pytest.mark.parametrize(
    ("utc", "covered"),
    [
        ("2026-11-21T15:59", False),  # Saturday 22:59 WIB
        ("2026-11-22T16:00", True),  # Sunday 23:00
        ("2026-11-22T18:30", True),  # Monday 01:30, still Sunday's hours
        ("2026-11-22T19:00", False),  # Monday 02:00
        ("2026-11-23T16:30", False),  # Monday 23:30
    ],
)
def test_hours_over_midnight_belong_to_the_day_they_began(utc: str, *, covered: bool) -> None:
    hours = Maintenance(dt.time(23), dt.time(2), (Day.SUN,), Zone.WIB)
    instant = dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
    assert hours.covers(int(instant.timestamp() * 1000)) == covered


def test_hours_within_a_day_follow_the_zone() -> None:
    hours = Maintenance(dt.time(1), dt.time(4), (Day.SUN,), Zone.WIT)
    assert hours.covers(int(dt.datetime(2026, 11, 21, 16, 30, tzinfo=dt.UTC).timestamp() * 1000))
    assert not hours.covers(int(dt.datetime(2026, 11, 21, 19, 30, tzinfo=dt.UTC).timestamp() * 1000))
