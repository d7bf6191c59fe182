"""The house: who may import whom and what, how long a module and a function may be, and who may look at a clock."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.qa.tracked import PRODUCT, ROOT, modules, text, tree

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60  # STYLE says 40; the checks leave room for a long table inside
BELOW = {
    "gateway": {"adapters", "forwarder", "parsers"},
    "adapters": {"parsers"},
    "forwarder": {"parsers"},
    "parsers": set(),
}
ONLY_IN = {
    "smpplib": ("adapters/smpp/codec.py",),
    "apsw": ("forwarder/journal/",),
    "redis": ("forwarder/shared.py",),
    "rq": ("forwarder/doorbell.py", "forwarder/worker.py"),
    "tweepy": ("adapters/x/client.py",),
    "pydantic": ("gateway/",),
    "aiohttp": ("gateway/", "adapters/webhook/", "adapters/x/", "forwarder/core/"),
    "sqlite3": (),
}
TIMELESS = ("parsers", "adapters", "forwarder")
CLOCKS = {
    "time": {"time", "time_ns", "monotonic", "monotonic_ns", "sleep", "perf_counter", "localtime", "gmtime"},
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "os": {"urandom", "getrandom"},
    "uuid": {"uuid1", "uuid4"},
}
DICE = {"random": {"Random"}, "secrets": {"compare_digest"}, "time": {"struct_time"}}  # module → what may be had of it
FREE = {"forwarder/journal/seal.py os.urandom"}  # a nonce that a caller could choose would be no nonce
NOBODYS_NAMES = ("utils", "util", "helpers", "helper", "manager", "base", "common", "misc")
ALL = modules(*PRODUCT)
by_path = pytest.mark.parametrize("path", ALL, ids=str)


def imported(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, ("." * node.level) + (node.module or "")


def test_there_is_something_to_check() -> None:
    assert {path.parts[0] for path in ALL} == set(PRODUCT)


@by_path
def test_imports_go_down_only(path: Path) -> None:
    floor = path.parts[0]
    up = set(PRODUCT) - BELOW[floor] - {floor}
    assert not [f"{path}:{line} {name}" for line, name in imported(path) if name.partition(".")[0] in up or name.startswith(".")]


@by_path
def test_a_library_is_spoken_to_in_one_place(path: Path) -> None:
    def allowed(name: str) -> bool:
        homes = ONLY_IN.get(name.partition(".")[0])
        return homes is None or any(str(path).startswith(home) for home in homes)

    assert not [f"{path}:{line} {name}" for line, name in imported(path) if not allowed(name)]


@by_path
def test_a_module_is_about_one_noun_and_fits_in_a_head(path: Path) -> None:
    assert path.stem not in NOBODYS_NAMES
    assert len(text(path).splitlines()) <= MODULE_LINES_MAX


@by_path
def test_a_function_fits_on_a_screen(path: Path) -> None:
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    assert not {name: lines for name, lines in long.items() if lines > FUNCTION_LINES_MAX}


def looked_at(path: Path) -> Iterator[str]:
    """Clocks and dice that a module takes by itself, called or handed on: `time.time`, `from time import time`, `random.random`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else node.value.id if isinstance(node.value, ast.Name) else ""
            if node.attr in CLOCKS.get(owner, ()):
                yield f"{path} {owner}.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and node.module in DICE:
            yield from (f"{path} {alias.name}" for alias in node.names if alias.name not in DICE[node.module])
        elif isinstance(node, ast.Import):
            yield from (f"{path} {alias.name}" for alias in node.names if alias.name in ("random", "secrets"))


@pytest.mark.parametrize("path", modules(*TIMELESS), ids=str)
def test_time_and_chance_come_in_as_arguments(path: Path) -> None:
    assert not set(looked_at(path)) - FREE


def test_configuration_holds_data_only() -> None:
    kept = {path.suffix for path in (ROOT / "config").iterdir()}
    assert kept <= {".toml", ".csv", ".yaml", ".json"}, kept
