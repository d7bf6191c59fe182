"""The house's smaller settings: what it shows on HTTP, and how it logs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """The one HTTP server: health and metrics, for machines on this host."""

    host: str = "127.0.0.1"
    port: Annotated[int, Ge(0), Le(65535)] = 9708
    """0 takes a free one."""


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What the log looks like; numbers, texts and secrets are masked in both styles."""

    style: Literal["readable", "json"] = "readable"
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
