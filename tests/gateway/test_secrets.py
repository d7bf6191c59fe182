"""Secrets come from the credentials directory or the environment, and are never shown."""

import base64
from pathlib import Path

import pytest

from gateway.secrets import Secrets
from parsers.errors import SettingsError

KEY = bytes(range(32))


def test_a_credential_file_goes_before_the_environment(tmp_path: Path) -> None:
    (tmp_path / "core_token").write_text("from-file\n", encoding="utf-8")
    secrets = Secrets({"CREDENTIALS_DIRECTORY": str(tmp_path), "LAPOR_CORE_TOKEN": "from-env"})
    assert secrets.find("core_token") == "from-file"
    assert secrets.known == ("from-file",)


def test_the_environment_serves_where_there_is_no_file(tmp_path: Path) -> None:
    secrets = Secrets({"CREDENTIALS_DIRECTORY": str(tmp_path), "LAPOR_OPERATOR_TELKOMSEL_PASSWORD": "x"})
    assert secrets.find("operator_telkomsel_password") == "x"
    assert secrets.find("core_token") is None


@pytest.mark.parametrize("written", [KEY.hex(), base64.b64encode(KEY).decode()])
def test_a_key_may_be_hexadecimal_or_base64(written: str) -> None:
    assert Secrets({"LAPOR_MASTER_KEY": written}).key("master_key") == KEY


@pytest.mark.parametrize("written", ["", "abcd", "x" * 44, "!!", "é"])
def test_a_bad_key_is_refused_without_showing_it(written: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Secrets({"LAPOR_MASTER_KEY": written}).key("master_key")
    assert "lapor-gateway key" in str(raised.value)
    assert not written or written not in str(raised.value)


def test_a_credential_that_is_no_text_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "core_token").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="core_token"):
        Secrets({"CREDENTIALS_DIRECTORY": str(tmp_path)}).find("core_token")
