"""Pin the newest versions of everything we install, for Linux on x86-64 and ARM and every Python we run on, with the hashes of all files.

requirements.lock is what the product needs to be installed and run, requirements-dev.lock the same and what its tests need.
The index is pip's main one; extra ones may hold only some files of a release. Its address is not written down.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from index import setting

ROOT = Path(__file__).resolve().parent.parent
UV = "uv==0.13.9"
OLDEST_PYTHON = "3.11.2"


def main() -> None:
    """Write both lock files."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--target", folder, UV], check=True)
        compile_ = [f"{folder}/bin/uv", "pip", "compile", "--quiet", "--upgrade", "--universal", "--python-version", OLDEST_PYTHON]
        form = ["--generate-hashes", "--no-emit-index-url", "--no-header", "--group", "build"]
        where = ["--default-index", page] if (page := setting("index-url")) else []
        command = [*compile_, *form, *where, "pyproject.toml"]
        dev = ["--group", "dev", "--constraints", "requirements.lock"]
        subprocess.run([*command, "--output-file", "requirements.lock"], cwd=ROOT, check=True)
        subprocess.run([*command, *dev, "--output-file", "requirements-dev.lock"], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
