"""The performance table and its rows; not the measuring."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass


@dataclass(frozen=True)
class Row:
    """One measured figure beside its goal and its control, all in words with their units."""

    what: str
    goal: str
    figure: str
    control: str
    met: bool


def markdown(rows: Iterable[Row]) -> str:
    cells = [("what", "goal", "figure", "control", "met"), ("---",) * 5]
    cells += [(*astuple(row)[:4], "yes" if row.met else "NO") for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in cells)
