"""Where pip itself would look for packages on this machine, read from pip's own settings, and pip's wheel from there.

Only the standard library: this runs before anything is installed. No host is named here; a machine without any setting has no answer.
"""

from __future__ import annotations

import configparser
import hashlib
import html.parser
import os
import re
import ssl
import urllib.parse
import urllib.request
from base64 import b64encode
from pathlib import Path

WHEEL = re.compile(r"^pip-(\d+(?:\.\d+)*)-py3-none-any\.whl$")
PAGE_OCTETS_MAX = 8_000_000  # Ours: the longest listing of one package is far below.
WHEEL_OCTETS_MAX = 20_000_000  # Ours: pip's wheel has 2 MB.
ANSWER_SECONDS = 30


class NoPipError(Exception):
    """No index is configured, or none of them has a usable wheel of pip."""


def settings_files() -> list[Path]:
    """The configuration files of pip, weakest first (pip documentation, "Configuration", location and precedence)."""
    home, chosen = Path.home(), os.environ.get("PIP_CONFIG_FILE")
    config_home = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    files = [Path("/etc/xdg/pip/pip.conf"), Path("/etc/pip.conf"), home / ".pip/pip.conf", config_home / "pip/pip.conf"]
    return [*files, Path(chosen)] if chosen and chosen != os.devnull else [] if chosen else files


def setting(key: str) -> str:
    """One pip setting (`index-url`); the environment beats the files, a later file an earlier one, `[install]` beats `[global]`."""
    found = ""
    for path in settings_files():
        parsed = configparser.RawConfigParser()
        parsed.read(path, encoding="utf-8")
        for section in ("global", "install"):
            found = parsed.get(section, key, fallback=found)
    return os.environ.get("PIP_" + key.upper().replace("-", "_"), found)


def indexes() -> list[str]:
    """Every configured index, the main one first."""
    return [*setting("index-url").split(), *setting("extra-index-url").split()]


class Links(html.parser.HTMLParser):
    """The links of one page of a simple repository (PEP 503): file name → absolute address."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect an anchor unless its release was withdrawn (PEP 592)."""
        values = dict(attrs)
        if tag == "a" and values.get("href") and "data-yanked" not in values:
            address = urllib.parse.urljoin(self.page, values["href"])
            self.found[urllib.parse.unquote(Path(urllib.parse.urlsplit(address).path).name)] = address


def read(address: str, octets_max: int) -> bytes:
    """The octets behind a `file:`, `http:` or `https:` address; OSError when they cannot be had."""
    parts = urllib.parse.urlsplit(address)
    if parts.scheme not in ("file", "http", "https"):
        raise OSError(f"an address of a kind that is not used here: {parts.scheme}:")
    host = parts.netloc.rpartition("@")[2]
    request = urllib.request.Request(parts._replace(netloc=host, fragment="").geturl(), headers={"Accept": "text/html"})  # noqa: S310 - checked above
    if parts.username:
        secret = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        request.add_header("Authorization", "Basic " + b64encode(secret.encode()).decode())
    trust = ssl.create_default_context(cafile=setting("cert") or None)
    with urllib.request.urlopen(request, timeout=ANSWER_SECONDS, context=trust) as answer:  # noqa: S310 - checked above
        octets = answer.read(octets_max + 1)
    if len(octets) > octets_max:
        raise OSError(f"more than {octets_max} octets")
    return bytes(octets)


def newest_pip(page: str) -> tuple[str, str] | None:
    """Name and address of the newest final wheel of pip that one index lists."""
    address = page.rstrip("/") + "/pip/"
    name = address + "index.html" if address.startswith("file:") else address
    links = Links(name)
    links.feed(read(name, PAGE_OCTETS_MAX).decode("utf-8", "replace"))
    wheels = {tuple(map(int, match[1].split("."))): wheel for wheel in links.found if (match := WHEEL.match(wheel))}
    return (wheels[max(wheels)], links.found[wheels[max(wheels)]]) if wheels else None


def fetch_pip(folder: Path) -> Path:
    """Put pip's wheel into `folder` and return its path; NoPipError says in one sentence why it could not be had."""
    failures = []
    for page in indexes():
        try:
            if (wheel := newest_pip(page)) is None:
                failures.append("an index lists no wheel of pip")
                continue
            name, address = wheel
            octets = read(address, WHEEL_OCTETS_MAX)
        except (OSError, ValueError) as error:
            failures.append(f"an index did not answer ({type(error).__name__})")
            continue
        promised = urllib.parse.parse_qs(urllib.parse.urlsplit(address).fragment).get("sha256", [""])[0]
        if promised != hashlib.sha256(octets).hexdigest():
            failures.append("pip's wheel does not have the hash that its index promises")
            continue
        path = folder / name
        path.write_bytes(octets)
        return path
    raise NoPipError("; ".join(failures) or "no index is configured (PIP_INDEX_URL or pip.conf)")
