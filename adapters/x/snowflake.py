"""Ids of X carry their time: the upper bits are milliseconds since 2010-11-04 01:42:54.657 UTC (X's own announcement of 2010)."""

from __future__ import annotations

EPOCH_MS = 1_288_834_974_657
SHIFT = 22


def time_of(post_id: int) -> int:
    """When a post was made, in UTC milliseconds."""
    return (post_id >> SHIFT) + EPOCH_MS


def first_of(at_ms: int) -> int:
    """The smallest id of that millisecond; 0 for times before there were such ids."""
    return max(0, at_ms - EPOCH_MS) << SHIFT
