"""The lines of small charts as SVG path data; words beside them are the caller's."""

from collections.abc import Iterable, Sequence
from datetime import date

from core.statistics import DayCell

_PITCH = 9  # a bar of 5 and a gap of 4
_MIDDLE = 2.5
# Each state has a shape of its own: round-ended lines 5 wide, which reach 2.5 beyond their ends.
_STROKES = {
    "good": "M{x} 6.5v9",
    "warnings": "M{x} 6.5v1M{x} 14.5v1",
    "failed": "M{x} 2.5v17",
    "interrupted": "M{x} 13.5v2",
    "running": "M{x} 4.5v13",
    "none": "M{x} 11h0",
}
_TOLD = frozenset({"warnings", "failed", "interrupted"})
SIDE = 3.5  # room for the end dot of a line
HEAD = 4.0
_WIDEST = 15  # a few bars stand together at the right, where the newest always is


def strip_paths(states: Iterable[str]) -> dict[str, str]:
    """Path data by state: one path draws all days of a state."""
    paths: dict[str, str] = {}
    for number, state in enumerate(states):
        x = number * _PITCH + _MIDDLE
        paths[state] = paths.get(state, "") + _STROKES[state].format(x=_short(x))
    return paths


def strip_width(cells: Sequence[DayCell]) -> int:
    return max(0, len(cells) * _PITCH - 4)


def strip_days(cells: Sequence[DayCell]) -> list[tuple[int, date, str]]:
    """Where the days stand that a person may ask about, and what was: (x, day, word)."""
    return [(number * _PITCH - 2, cell.day, cell.state) for number, cell in enumerate(cells) if cell.state in _TOLD]


def line_points(values: Iterable[float | None], width: int, height: int) -> list[tuple[float, float]]:
    """Where a line through the known values runs, oldest left, from the ground at zero."""
    known = [value for value in values if value is not None]
    top, step = max(known, default=0) or 1, (width - 2 * SIDE) / max(1, len(known) - 1)
    start = SIDE if len(known) > 1 else width - SIDE
    return [
        (round(start + number * step, 1), round(height - 1 - (height - 1 - HEAD) * value / top, 1))
        for number, value in enumerate(known)
    ]


def line_path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{_short(x)} {_short(y)}" for x, y in points) if points else ""


def bar_paths(values: Iterable[float | None], width: int, height: int) -> tuple[str, str]:
    """The older bars and the newest one; what is not known leaves a gap, and zero a line on the ground."""
    listed = list(values)
    pitch = min((width + 3) / max(1, len(listed)), _WIDEST)
    start = width + 3 - pitch * len(listed)
    top = max((value for value in listed if value is not None), default=0) or 1
    bars = [
        "" if value is None else _bar(start + number * pitch, max(1.0, pitch - 3), height, value / top)
        for number, value in enumerate(listed)
    ]
    return "".join(bars[:-1]), "".join(bars[-1:])


def _bar(x: float, wide: float, height: int, share: float) -> str:
    tall = max(1.0, height * share)
    return f"M{_short(x)} {height}v{_short(-tall)}h{_short(wide)}v{_short(tall)}z"


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


FILTERS = {
    "strip_paths": strip_paths,
    "strip_width": strip_width,
    "strip_days": strip_days,
    "line_points": line_points,
    "line_path": line_path,
    "bar_paths": bar_paths,
}
