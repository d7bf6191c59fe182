"""One line of figures for each programme: what a night proved, as name=value."""

from __future__ import annotations


def say(programme: str, *, seed: int, **values: float | str) -> None:
    """Print the line."""
    told = " ".join(f"{name}={value:.6g}" if isinstance(value, float) else f"{name}={value}" for name, value in values.items())
    print(f"figures: {programme} seed={seed} {told}", flush=True)


def percentile(values: list[float], share: float) -> float:
    """The value that this share of them does not exceed; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
