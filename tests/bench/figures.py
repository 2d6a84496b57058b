"""Small statistics for the measurements; not the measuring."""

from collections.abc import Sequence
from statistics import median


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0..1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def p95(values: Sequence[float]) -> float:
    return percentile(values, 0.95)


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def middle(values: Sequence[float]) -> float:
    return median(values)
