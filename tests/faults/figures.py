"""What is made of many measurements."""

from __future__ import annotations


def percentile(values: list[float], share: float) -> float:
    """The value that this share of them does not exceed; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
