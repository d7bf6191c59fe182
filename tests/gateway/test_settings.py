"""Settings: defaults agree with the shipped file, and whatever is wrong is said at once, with line and remedy."""

from __future__ import annotations

import base64
import tomllib
from pathlib import Path

import pytest

from gateway import settings
from gateway.secrets import Secrets
from gateway.settings import GatewaySettings, Site
from parsers.errors import SettingsError

KEY = base64.b64encode(bytes(range(32))).decode()
GIVEN = {"LAPOR_MASTER_KEY": KEY, "LAPOR_CORE_TOKEN": "{a-token}"}
OPERATOR = '[[operator]]\nname = "satu"\nhosts = ["127.0.0.1:2775"]\nsystem_id = "lapor"\n'


def site(folder: Path, gateway: str = "", operators: str = "", environment: dict[str, str] | None = None) -> Site:
    (folder / "gateway.toml").write_text(gateway, encoding="utf-8")
    (folder / "operators.toml").write_text(operators, encoding="utf-8")
    return settings.load(folder / "gateway.toml", Secrets(GIVEN if environment is None else environment), {})


def problems(folder: Path, gateway: str = "", operators: str = "", environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        site(folder, gateway, operators, environment)
    return raised.value.problems


def test_the_shipped_file_shows_the_defaults_and_nothing_else(tmp_path: Path) -> None:
    shipped = (settings.SHIPPED / "gateway.toml").read_text(encoding="utf-8")
    empty, full = site(tmp_path).settings, site(tmp_path, shipped).settings
    assert full == empty
    known = {key for key, _, _ in settings.records(GatewaySettings)}
    assert set(tomllib.loads(shipped)) <= known


def test_the_example_of_operators_is_right(tmp_path: Path) -> None:
    example = (settings.SHIPPED / "operators.example.toml").read_text(encoding="utf-8")
    assert [one.name for one in site(tmp_path, operators=example).smpp.operator] == ["satu", "dua", "tiga"]


@pytest.mark.parametrize("toml", ["", "[core]\n", "[core]\nkeepalive_seconds = 2\n"])
def test_a_secret_is_found_whether_or_not_its_table_is_there(tmp_path: Path, toml: str) -> None:
    found = site(tmp_path, toml)
    assert found.settings.core.token == "{a-token}"
    assert not settings.disagreements(found)


def test_an_operators_secrets_go_by_his_name(tmp_path: Path) -> None:
    operators = OPERATOR + '[operator.account]\nsystem_id = "x"\n[[listener]]\nlisten = "127.0.0.1:0"\n'
    given = GIVEN | {"LAPOR_OPERATOR_SATU_PASSWORD": "pw", "LAPOR_OPERATOR_SATU_ACCOUNT_PASSWORD": "theirs"}
    [operator] = site(tmp_path, operators=operators, environment=given).smpp.operator
    assert operator.password == "pw"
    assert operator.account is not None
    assert operator.account.password == "theirs"


WRONG = [
    ("[jornal]\n", "", "gateway.toml:1: jornal is no setting here; meant journal?"),
    ("[core]\nurll = 1\n", "", "gateway.toml:2: core.urll is no setting here; meant url?"),
    ("[core]\ntoken = 'hunter2-hunter2'\n", "", "gateway.toml:2: core.token is a secret and must not stand in a file"),
    ("[core]\nurl = 7\n", "", "gateway.toml:2: core.url is wrong"),
    ("[core]\nurl = 'ftp://x'\n", "", "gateway.toml:1: core is wrong"),
    ("[core]\ntracking_id = '['\n", "", "gateway.toml:1: core is wrong"),
    ("[dispatch]\nwindow_max = 0\n", "", "gateway.toml:2: dispatch.window_max must be greater than or equal to 1"),
    ("[dispatch]\nwindow_max = 1e400\n", "", "gateway.toml:2: dispatch.window_max"),
    ("[replies]\nreceipt_wait_seconds = nan\n", "", "gateway.toml:2: replies.receipt_wait_seconds"),
    ("[replies]\nreceipt_wait_seconds = -1\n", "", "gateway.toml:2: replies.receipt_wait_seconds"),
    ("[http]\nport = 65536\n", "", "gateway.toml:2: http.port must be less than or equal to 65535"),
    ("[log]\nstyle = 'loud'\n", "", "gateway.toml:2: log.style must be one of"),
    ("core = 7\n", "", "gateway.toml:1: core is wrong"),
    ("[core\n", "", "gateway.toml: not TOML"),
    ("", '[[operator]]\nname = "a"\n', "operators.toml:1: operator[1] is wrong: operator a: give hosts"),
    ("", OPERATOR + OPERATOR, "two operators share a name"),
    ("", OPERATOR + 'password = "hunter2-hunter2"\n', "operators.toml:5: operator[1].password is a secret"),
    ("", OPERATOR + "windows = 5\n", "operators.toml:5: operator[1].windows is no setting here"),
    ("", OPERATOR + "[operator.mt]\nwindow = -1\n", "operators.toml:6: operator[1].mt.window must be greater than"),
    ("", OPERATOR.replace(":2775", ":99999"), "is not host:port"),
    ("", OPERATOR.replace(":2775", ":0"), "a port to connect to is 1 to 65535"),
]


@pytest.mark.parametrize(("gateway", "operators", "sentence"), WRONG, ids=[row[2][-40:] for row in WRONG])
def test_a_mistake_is_said_with_its_file_line_and_key_and_no_secret(tmp_path: Path, gateway: str, operators: str, sentence: str) -> None:
    found = problems(tmp_path, gateway, operators)
    assert any(sentence in problem for problem in found), found
    assert "hunter2" not in "\n".join(found)


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, "".join(row[0] for row in WRONG[:1]) + "[http]\nport = -1\n[log]\nlevel = 1\n", OPERATOR + OPERATOR, {})
    for word in ("jornal", "http.port", "log.level", "share a name", "master_key"):
        assert any(word in problem for problem in found), word


@pytest.mark.parametrize("octets", [b"\xff\xfe", b"a = \x00", b"\x80"])
def test_a_file_that_is_no_text_is_named(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / "operators.toml").write_text("", encoding="utf-8")
    (tmp_path / "gateway.toml").write_bytes(octets)
    with pytest.raises(SettingsError, match=r"gateway\.toml"):
        settings.load(tmp_path / "gateway.toml", Secrets(GIVEN), {})


def test_a_file_that_is_missing_is_named_with_one_to_copy(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as raised:
        settings.load(tmp_path / "nowhere.toml", Secrets(GIVEN), {})
    [problem] = [one for one in raised.value.problems if "nowhere.toml" in one]
    assert str(settings.SHIPPED / "gateway.toml") in problem


@pytest.mark.parametrize(
    ("given", "environment", "expected"),
    [
        ("/a/b.toml", {"LAPOR_CONFIG": "/c.toml"}, "/a/b.toml"),
        (None, {"LAPOR_CONFIG": "/c.toml", "CONFIGURATION_DIRECTORY": "/d"}, "/c.toml"),
        (None, {"CONFIGURATION_DIRECTORY": "/nowhere"}, str(settings.SHIPPED / "gateway.toml")),
        (None, {}, str(settings.SHIPPED / "gateway.toml")),
    ],
)
def test_which_file_counts(given: str | None, environment: dict[str, str], expected: str) -> None:
    assert settings.find(given, environment) == Path(expected)
