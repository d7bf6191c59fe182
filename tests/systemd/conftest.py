"""Machines in short folders: a control socket's path may have 107 octets."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.qa.tracked import ROOT
from tests.systemd.machine import Machine


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This checkout's wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """A release as `install` builds it, on the file system of the machines, so that they can link to it."""
    with tempfile.TemporaryDirectory(prefix="lg") as folder:
        machine = Machine(_made(Path(folder)))
        done = machine.called("install", "built", "--wheel", wheel, "--environment", sys.prefix)
        assert done.code == 0, done.said
        kept = tmp_path_factory.mktemp("release") / "built"
        shutil.move(machine.prefix / "releases" / "built", kept)
        machine.end()
    return kept


@pytest.fixture
def machine() -> Iterator[Machine]:
    """A machine with settings and secrets, on which nothing is installed yet."""
    with tempfile.TemporaryDirectory(prefix="lg") as folder:
        one = Machine(Path(folder))
        one.prepare()
        try:
            yield one
        finally:
            one.end()


def _made(root: Path) -> Path:
    """Settings with which the first start succeeds."""
    Machine(root).prepare()
    return root
