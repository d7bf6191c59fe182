"""Every command, setting, metric and dependency is documented, pages made from the code are up to date, and links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.qa.tracked import ROOT, files, text

PAGES = [path for path in files() if path.suffix == ".md"]
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)")


def made(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, f"scripts/{script}", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("script", ["make_settings.py", "make_pages.py", "make_texts.py", "make_watch.py"])
def test_the_pages_made_from_the_code_are_up_to_date(script: str) -> None:
    done = made(script)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_command_and_option_says_what_it_does() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        from make_pages import arguments, every_command  # noqa: PLC0415 - needs the path above
    finally:
        sys.path.remove(str(ROOT / "scripts"))
    commands = every_command()
    page = text(Path("docs/commands.md"))
    assert len(commands) > 5
    assert not [command.name for command in commands[1:] if not command.does or f"## {command.name}\n" not in page]
    silent = [
        f"{command.name} {typed}" for command in commands for typed, helped in arguments(command) if not helped or f"`{typed}`" not in page
    ]
    assert not silent


def test_every_setting_is_documented() -> None:
    from gateway.settings import GatewaySettings, records  # noqa: PLC0415 - a broken import fails this test alone

    page = text(Path("docs/settings.md"))
    keys: list[str] = []

    def walk(kind: type, place: str) -> None:
        for key, _, nested in records(kind):
            if nested is None:
                keys.append(place + key)
            else:
                walk(nested, f"{place}{key}.")

    walk(GatewaySettings, "")
    assert len(keys) > 20
    assert not [key for key in keys if not re.search(rf"`(?:{re.escape(key)}|{re.escape(key.rpartition('.')[2])})`", page)]


def test_every_parameter_of_an_operator_is_asked_for() -> None:
    from adapters.smpp.profile import OperatorSettings  # noqa: PLC0415
    from gateway.settings import records  # noqa: PLC0415

    form = text(Path("docs/operator-form.md"))
    missing = []
    for key, entry, nested in records(OperatorSettings):
        inner = [name for name, field, _ in records(nested) if not field.metadata.get("secret")] if nested else []
        if entry.metadata.get("secret"):
            continue
        if not nested and f"`{key}`" not in form:
            missing.append(key)
        missing += [
            f"{key}.{name}" for name in inner if f"`{key}.{name}`" not in form and not (f"`{key}` (" in form and f"`{name}`" in form)
        ]
    assert not missing


def test_every_metric_is_documented() -> None:
    from gateway.metrics import METRICS  # noqa: PLC0415

    page = text(Path("docs/metrics.md"))
    assert not [row.name for row in METRICS if f"| `{row.name}` |" not in page]


def test_every_dependency_has_its_line() -> None:
    project = tomllib.loads(text(Path("pyproject.toml")))
    page = text(Path("docs/dependencies.md"))
    names = [re.split(r"[<>=;\[ ]", one)[0] for one in project["project"]["dependencies"]]
    lines = {line.split("|")[1].strip(): line for line in page.splitlines() if line.startswith("| ")}
    pins = dict(re.findall(r"^([\w.-]+)==([^ \\;]+)", text(Path("requirements.lock")), re.MULTILINE))
    assert not [name for name in names if name not in lines]
    assert not [name for name in names if f" {pins[name]}, 20" not in lines[name]], "the version locked differs from the page"
    for group in ("build", "dev"):
        assert not [name for name in project["dependency-groups"][group] if name not in page]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    assert not [target for target in LINK.findall(text(page)) if not (ROOT / page.parent / target).exists()]


def test_the_goals_of_make_and_the_test_command_are_as_told() -> None:
    makefile, readme = text(Path("Makefile")), text(Path("README.md"))
    goals = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    known = "demo cluster test check score bench faults nightly fuzz docs wheel clean help lock install upgrade rollback uninstall deb"
    assert set(known.split()) == goals
    assert not [goal for goal in goals if not re.search(rf"^{goal}:.*## \S", makefile, re.MULTILINE)]
    assert "make demo" in readme
    assert "make test" in readme
    commands = [line for line in text(Path(".ci/run")).splitlines() if line and not line.startswith(("#", "set", "cd"))]
    assert commands == ["exec make test"]


@pytest.mark.parametrize("number", range(1, 9))
def test_each_decision_has_its_half_page(number: int) -> None:
    (path,) = [path for path in PAGES if path.name.startswith(f"{number:04d}-")]
    content = text(path)
    assert content.startswith(f"# {number:04d} · ")
    assert "**We choose**" in content
    assert "**Why.**" in content
    assert len(content.splitlines()) <= 45


def test_nothing_is_left_to_do() -> None:
    marks = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    assert not [f"{path}:{line}" for path in files() if path.suffix in (".py", ".md", ".toml") for line in marks.findall(text(path))]
