"""Where secrets come from: a file of the credentials directory (systemd), else the environment; never a settings file."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from pathlib import Path

from parsers.errors import SettingsError

KEY_OCTETS = 32  # AES-256
KEY_ID_MAX = 255  # one octet of what a master key seals


class Secrets:
    """Finds a secret by its name: `$CREDENTIALS_DIRECTORY/core_token`, else `$LAPOR_CORE_TOKEN`."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._found: dict[str, str] = {}

    @classmethod
    def of_process(cls) -> Secrets:
        """The secrets this process was given."""
        return cls(os.environ)

    @property
    def known(self) -> tuple[str, ...]:
        """Every value given out so far: what logs must never show."""
        return tuple(value for value in self._found.values() if value)

    def find(self, name: str) -> str | None:
        """The secret, without a final line end; None when nobody gave it. SettingsError when its file cannot be read."""
        directory = self._environment.get("CREDENTIALS_DIRECTORY")
        path = Path(directory, name) if directory else None
        if path is not None and path.is_file():
            try:
                value: str | None = path.read_text(encoding="utf-8").rstrip("\r\n")
            except (OSError, UnicodeDecodeError) as error:
                raise SettingsError([f"secret {name}: {path} cannot be read: {type(error).__name__}"]) from None
        else:
            value = self._environment.get(variable(name))
        if value is not None:
            self._found[name] = value
        return value

    def masters(self, name: str = "master_key") -> dict[int, bytes]:
        """Master keys by their ids, as `master_keys` reads them; read anew each time."""
        value = self.find(name)
        if not value or not value.split():
            raise SettingsError([f"secret {name} is missing: make one with `lapor-gateway key` and {how_to_give(name)}"])
        for word in value.replace(",", " ").split():
            self._found[f"{name} {word}"] = word.rpartition(":")[2]
        return master_keys(value, name)

    def key(self, name: str) -> bytes:
        """A secret of 32 octets, written in base64 or hexadecimal."""
        value = self.find(name)
        if not value:
            raise SettingsError([f"secret {name} is missing: make one with `lapor-gateway key` and {how_to_give(name)}"])
        octets = _octets(value)
        if octets is None or len(octets) != KEY_OCTETS:
            raise SettingsError([f"secret {name} must be {KEY_OCTETS} octets in base64 or hexadecimal; make one with `lapor-gateway key`"])
        return octets


def master_keys(value: str, name: str = "master_key") -> dict[int, bytes]:
    """Master keys by their ids: `KEY` or `ID:KEY` each, on lines of their own or between commas; without an id it is 1."""
    found: dict[int, bytes] = {}
    for word in value.replace(",", " ").split():
        key_id, _, key = word.rpartition(":")
        octets = _octets(key)
        if octets is None or len(octets) != KEY_OCTETS:
            raise SettingsError([f"secret {name} must be {KEY_OCTETS} octets in base64 or hexadecimal; make one with `lapor-gateway key`"])
        number = int(key_id or "1") if (key_id or "1").isascii() and (key_id or "1").isdigit() else 0
        if not 1 <= number <= KEY_ID_MAX or number in found:
            raise SettingsError([f"secret {name}: each key has an id of its own from 1 to {KEY_ID_MAX}, written ID:KEY"])
        found[number] = octets
    return found


def variable(name: str) -> str:
    """The environment variable of a secret: `LAPOR_CORE_TOKEN`."""
    return "LAPOR_" + re.sub(r"[^A-Z0-9]", "_", name.upper())


def how_to_give(name: str) -> str:
    """One clause for error texts."""
    return f"give it as ${variable(name)} or as file {name} in the credentials directory"


def _octets(value: str) -> bytes | None:
    try:
        return bytes.fromhex(value)
    except ValueError:
        pass
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        return None
