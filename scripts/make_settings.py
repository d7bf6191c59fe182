"""Write config/gateway.toml and docs/settings.md from the settings classes, so that a default and its reason stand once.

usage: python scripts/make_settings.py [--check]
"""

from __future__ import annotations

import ast
import dataclasses
import enum
import inspect
import json
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

from gateway.settings import GatewaySettings, records, secret_name

ROOT = Path(__file__).parents[1]
WIDTH = 130
HEAD = """\
# The settings of one gateway, with their defaults; every line is what counts without it. Copy, change, and run
# `lapor-gateway check --config FILE`. Secrets never stand here: they come from the credentials directory or the environment.
# Made by scripts/make_settings.py from the classes that use them.
"""
PAGE = """\
# Settings

`gateway.toml` is looked for in this order: `--config`, `$LAPOR_CONFIG`, `$CONFIGURATION_DIRECTORY/gateway.toml`, the shipped one.
`lapor-gateway check` says every mistake at once, with its line. Operators have a file of their own: [operator-form.md](operator-form.md).
A secret is a file of that name in `$CREDENTIALS_DIRECTORY`, or an environment variable: `core_token` is `$LAPOR_CORE_TOKEN`.
The master key, `master_key`, is required; `lapor-gateway key` makes one. It may be several, `KEY` or `ID:KEY` each, on lines of their own
or between commas: the highest id seals ([operations.md](operations.md), A new master key). An operator's password is
`operator_NAME_password`.

Made by `scripts/make_settings.py`; do not edit.
"""


def reasons(kind: type) -> Mapping[str, str]:
    """The docstring under each field of a class."""
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101 - it is the source of a class
    found: dict[str, str] = {}
    for before, entry in zip(body.body, body.body[1:], strict=False):
        if isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name) and isinstance(entry, ast.Expr):
            found[before.target.id] = " ".join(ast.literal_eval(entry.value).split())
    return found


def written(value: object) -> str:
    """A default as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, enum.Enum):
        return json.dumps(value.value)
    if isinstance(value, tuple | list):
        return "[" + ", ".join(written(one) for one in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {written(one)}" for key, one in value.items()) + " }" if value else "{}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


def tables(kind: type, place: tuple[str, ...] = (), *, many: bool = False) -> Iterator[tuple[tuple[str, ...], type, bool]]:
    """Every table of the file, outer ones first; `many` says that it is a list of tables, which has none without the site's own."""
    if place:
        yield place, kind, many
    for key, entry, nested in records(kind):
        if nested is not None:
            yield from tables(nested, (*place, key), many=entry.default == ())


def entries(place: tuple[str, ...], kind: type) -> Iterator[tuple[str, object, str]]:
    """Key, default and reason; a secret's default is the text that names it."""
    why = reasons(kind)
    for key, entry, nested in records(kind):
        if nested is None:
            secret = entry.metadata.get("secret")
            yield key, secret_name((*place, key), {}) if secret else _default(entry), ("secret: " if secret else "") + why.get(key, "")


def _default(entry: dataclasses.Field[object]) -> object:
    """What counts without it; the text that is needed where nothing does."""
    if entry.default is not dataclasses.MISSING:
        return entry.default
    return entry.default_factory() if entry.default_factory is not dataclasses.MISSING else ""


def toml() -> str:
    """config/gateway.toml."""
    lines = [HEAD]
    for place, kind, many in tables(GatewaySettings):
        name = ".".join(place)
        lines += ["", *_comment(_first(kind)), f"# [[{name}]]" if many else f"[{name}]"]
        for key, value, why in entries((*place[:-1], f"{place[-1]}_NAME") if many else place, kind):
            lines += _comment(why)
            if why.startswith("secret"):
                lines.append(f"# {key}: give the secret {value}")
            elif value is None:
                lines.append(f"# {key} =")
            else:
                lines.append(("# " if many else "") + f"{key} = {written(value)}")
    return "\n".join(lines) + "\n"


def page() -> str:
    """docs/settings.md."""
    lines = [PAGE]
    for place, kind, many in tables(GatewaySettings):
        title = f"[[{'.'.join(place)}]]" if many else f"[{'.'.join(place)}]"
        lines += [f"\n## {title}\n", _first(kind), "\n| key | default | why |", "|---|---|---|"]
        for key, value, why in entries((*place[:-1], f"{place[-1]}_NAME") if many else place, kind):
            shown = f"secret `{value}`" if why.startswith("secret") else "none" if value is None else f"`{written(value)}`"
            lines.append(f"| `{key}` | {shown} | {why.removeprefix('secret: ').replace('|', '/')} |")
    return "\n".join(lines) + "\n"


def _first(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split("\n\n")[0].split())


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, WIDTH)]


def main() -> int:
    """Write both files, or with --check say whether they are as they should be."""
    stale = []
    for path, content in ((ROOT / "config/gateway.toml", toml()), (ROOT / "docs/settings.md", page())):
        if "--check" not in sys.argv:
            path.write_text(content, encoding="utf-8")
        elif path.read_text(encoding="utf-8") != content:
            stale.append(path.name)
    if stale:
        print(f"{' and '.join(stale)} are not what the classes say: run scripts/make_settings.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
