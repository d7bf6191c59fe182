"""How the simulated X is set up: which dialect it speaks, which tier the account has, how it words a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from adapters.x.faults import Endpoint
from adapters.x.simulated_limits import LIMITS, Limit


@dataclass(frozen=True, slots=True)
class SimulatedSettings:
    """Spans in seconds."""

    dialect: Literal["old", "new", "both"] = "both"
    """`both`: as the request writes it, which is what X did in autumn 2026."""
    strict: bool = False
    """Refuse a name of the other dialect, as X's own playground does; X itself takes it and leaves the field out."""
    wording: Literal["engaged", "mentioned"] = "engaged"
    """In which of its two wordings X refuses a reply to somebody who did not call us."""
    enterprise: bool = False
    """Replies to anybody, and long queries."""
    owned: bool = True
    """The app belongs to our account: its own mentions and posts are cheap when it reads them itself (user login)."""
    long_posts: bool = False
    """Our account may post more than 280 characters."""
    gone_status: Literal[403, 400] = 403
    """With which status a reply to something deleted or hidden is refused."""
    expanded_billed: bool = False
    """Users and posts in `includes` are billed too; X does not say."""
    limits: Mapping[Endpoint, Limit] = field(default_factory=lambda: dict(LIMITS))
    hang_seconds: float = 60.0
    """How long the faults `hang-…` are silent."""
    slow_seconds: float = 1.0
    """How much later the fault `slow` answers."""
