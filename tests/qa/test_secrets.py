"""Nothing tracked looks like a secret, names a machine's own path, or says where packages come from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.qa.tracked import files, text

THIS = Path("tests/qa/test_secrets.py")
HOSTS = ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "debian" + ".org", "golang" + ".org", "crates" + ".io")
SECRETS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*\n[A-Za-z0-9+/=]{40}",
    "a token of GitHub": r"\bgh[pousr]_[A-Za-z0-9]{36}\b",
    "a key of AWS": r"\bAKIA[0-9A-Z]{16}\b",
    "a key of Google": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "a token of Slack": r"\bxox[abprs]-[0-9A-Za-z-]{10,}",
    "a bearer token": r"[Bb]earer [A-Za-z0-9%._-]{40,}",
    "a password in an address": r"\b[a-z][a-z0-9+.-]*://[^\s/:@\"'{}<>$]+:[^\s/@\"'{}<>$]{3,}@(?!127\.0\.0\.1|localhost|example)",
    "a JSON web token": r"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.",
}
PATHS = re.compile(r"(?<![\w.])/(?:work|root|home/[a-z]\w*|Users/\w+|tmp/\w+)/[\w.-]+")
by_path = pytest.mark.parametrize("path", [path for path in files() if path != THIS], ids=str)


@by_path
def test_no_secret_is_tracked(path: Path) -> None:
    content = text(path)
    assert not {name for name, pattern in SECRETS.items() if re.search(pattern, content)}


@by_path
def test_no_path_of_one_machine_is_tracked(path: Path) -> None:
    assert not PATHS.findall(text(path))


@by_path
def test_no_package_registry_is_named(path: Path) -> None:
    content = text(path)
    assert not [host for host in HOSTS if host in content]


@pytest.mark.parametrize("name", ["config", "docs", "systemd"])
def test_settings_and_pages_hold_no_password(name: str) -> None:
    """A key that is called password, token or secret has no value in a file of ours."""
    given = re.compile(r"^\s*\w*(?:password|token|master_key)\w*\s*=\s*(?!\"\"\s*(?:#|$))\S", re.MULTILINE | re.IGNORECASE)
    assert not {str(path): found for path in files() if path.parts[0] == name and (found := given.findall(text(path)))}


@pytest.mark.parametrize(
    ("label", "planted"),
    [
        ("a password in an address", "redis" + "://user:hunter22@db.internal:6379"),
        ("a token of GitHub", "gh" + "p_" + "a" * 36),
        ("a key of AWS", "AKI" + "A" + "B" * 16),
    ],
)
def test_a_planted_secret_would_be_found(label: str, planted: str) -> None:
    assert re.search(SECRETS[label], f"x = '{planted}'")
