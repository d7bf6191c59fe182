"""Where the tables of a site are: beside its gateway.toml, else among those that ship with the product."""

from __future__ import annotations

from pathlib import Path

from parsers.errors import SettingsError

SHIPPED = next(path for path in (Path(__file__).parent / "config", Path(__file__).parents[1] / "config") if path.is_dir())
"""The folder of the tables that ship with the product: inside the wheel, or beside the packages in a checkout."""


def octets(path: Path, most: int) -> bytes:
    """The first `most` octets of a file; SettingsError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise SettingsError([f"{path}: cannot be read: {error.strerror}"]) from None


def find_table(folder: Path, name: str) -> Path:
    """Where a table is: in the folder, else among the shipped ones; SettingsError when it is in neither."""
    for candidate in (folder / name, SHIPPED / name):
        if candidate.is_file():
            return candidate
    raise SettingsError([f"{folder / name}: no such file, and none of that name ships; correct [files] or create it"])


def text_of(folder: Path, name: str) -> tuple[str, str]:
    """A table as (path to show, text); SettingsError when it is nowhere or is no UTF-8."""
    path = find_table(folder, name)
    try:
        return str(path), path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError([f"{path}: octet {error.start} is no UTF-8; save the file as UTF-8"]) from None
    except OSError as error:
        raise SettingsError([f"{path}: cannot be read: {error.strerror}"]) from None
