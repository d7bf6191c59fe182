"""What is set per partner of the signed webhook: units in the names, a reason for each default.

gateway/settings.py fills these and puts the keys in from the secrets, `webhook_partner_NAME_key` and `…_previous_key`: they may never
stand in TOML.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from annotated_types import Ge, Gt, Le, MaxLen, MinLen
from yarl import URL

PATH = "/v1/complaints"
"""Where complaints are handed in."""
KEY_CHARACTERS_MIN = 32  # 16 octets in hexadecimal: no key that can be guessed (RFC 2104 §3 asks for the length of the hash, 32 octets)
BODY_OCTETS_MOST = 262_144  # the one HTTP server takes no more (gateway.http.Limits)
NAME = re.compile(r"[a-z][a-z0-9-]*")
KEY = re.compile(rf"[!-~]{{{KEY_CHARACTERS_MIN},}}")
ADDRESS = re.compile(r"[!-~]+")

Key = Annotated[str, MaxLen(256)]


@dataclass(frozen=True, slots=True)
class PartnerSettings:
    """One partner: an app of a region, or a provider who passes on what citizens write on WhatsApp or Telegram."""

    name: Annotated[str, MinLen(1), MaxLen(24)]
    """Ours, for logs, journal and the partner's headers: small letters, digits and dashes, such as `agam`."""
    title: Annotated[str, MinLen(1), MaxLen(40)]
    """The channel as people and the core read it: `Aplikasi Agam`."""
    key: Key = field(default="", repr=False, metadata={"secret": True})
    """What both sides sign with, at least 32 characters; `openssl rand -hex 32` makes a good one. One for each partner."""
    previous_key: Key = field(default="", repr=False, metadata={"secret": True})
    """The key before, taken beside `key` while the partner changes over; take it away afterwards. Nothing of ours is signed with it."""
    callback_url: Annotated[str, MaxLen(500)] = ""
    """Where the partner hears what became of a complaint: https, or http on this machine. Empty: he is not called back."""
    ca: Path | None = None
    """The authority that signed the certificate there (PEM); None: the system's list. There is no switch to skip the check."""
    window_seconds: Annotated[int, Ge(30), Le(900)] = 300
    """How far the partner's clock may be from ours: longer than a request may be under way, shorter than a thief needs."""
    body_octets_max: Annotated[int, Ge(1_024), Le(BODY_OCTETS_MOST)] = 65_536
    """A text of 25,000 characters fits when it is not spelled in escapes; pictures come as addresses."""
    rate_per_minute: Annotated[int, Ge(1), Le(6_000)] = 120
    """Ours: the busiest regional app sends a few an hour. As many may come at once, after a network was down."""
    phones: bool = False
    """True believes the telephone numbers he names: their owners are then the same citizens as by SMS. Only for who checks them."""
    connect_seconds: Annotated[float, Gt(0), Le(60)] = 5.0
    """Name, TCP, TLS and waiting for a free connection together, when he is called back."""
    answer_seconds: Annotated[float, Gt(0), Le(120)] = 10.0
    """The whole callback; what took longer is repeated with the same key."""

    def __post_init__(self) -> None:
        if NAME.fullmatch(self.name) is None:
            raise ValueError("name: small letters, digits and dashes only, and a letter first")
        if not self.title.isprintable() or not self.title.strip():
            raise ValueError("title: needs letters that can be read, on one line")
        for name in ("key", "previous_key"):
            if getattr(self, name) and KEY.fullmatch(getattr(self, name)) is None:
                raise ValueError(f"{name}: at least {KEY_CHARACTERS_MIN} ASCII characters without blanks; `openssl rand -hex 32` makes one")
        if self.key and self.key == self.previous_key:
            raise ValueError("previous_key: is the same as key; take one of them away")
        if self.callback_url:
            _check_address(self.callback_url)
        if self.connect_seconds >= self.answer_seconds:
            raise ValueError("connect_seconds must be shorter than answer_seconds, which it is a part of")

    @property
    def account(self) -> str:
        """What posts of this partner are known by, and their answers carried by: `app:agam`. No operator is called so."""
        return f"app:{self.name}"

    @property
    def keys(self) -> tuple[bytes, ...]:
        """What a request may be signed with, the one we sign with first."""
        return tuple(key.encode() for key in (self.key, self.previous_key) if key)


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """The partners who may hand in complaints over HTTP. Without any the address answers nobody."""

    partner: tuple[PartnerSettings, ...] = ()

    def __post_init__(self) -> None:
        names = [one.name for one in self.partner]
        if len(set(names)) != len(names):
            raise ValueError("two partners share a name")
        keys = [key for one in self.partner for key in one.keys]
        if len(set(keys)) != len(keys):
            raise ValueError("two partners share a key: each could sign as the other")

    def without_key(self) -> Iterator[str]:
        """The names of partners whose key nobody gave."""
        return (one.name for one in self.partner if not one.key)


def _check_address(address: str) -> None:
    """A callback address is the administrator's own word, so it may lead into a private network; but it must be one that works."""
    try:
        url = URL(address)
        whole = (
            bool(url.host and url.port) and url.user is None and not url.fragment and address.isascii() and not re.search(r"\s", address)
        )
    except ValueError:
        whole = False
    if not whole:
        raise ValueError("callback_url: write https://host/path, without name and password")
    if url.scheme != "https" and not (url.scheme == "http" and _is_here(url.host or "")):
        raise ValueError("callback_url: only https, or http to this machine: complaint numbers are not for everybody's ears")
    if url.raw_path == PATH:
        raise ValueError(f"callback_url: any path but {PATH}, else a request of one side could be sent back to it as one of the other")


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
