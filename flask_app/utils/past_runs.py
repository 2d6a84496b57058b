"""The figures of a job's last good runs for small charts, with a sentence about each; it draws nothing."""

from typing import NamedTuple

from core.estimate import Spread, spread
from flask_app.utils.estimates import between
from flask_app.utils.moments import local, moment_of
from models.run_summary import RunSummary
from utils.sizes import duration, size, size_range
from utils.text import plural

_POINTS, _FEW = 30, 2


class Chart(NamedTuple):
    """Figures of a job's runs, oldest first, with the newest in words and a sentence about them all."""

    values: tuple[float, ...]
    newest: str
    sentence: str


def durations(runs: tuple[RunSummary, ...]) -> Chart | None:
    """How long the newest good runs took; None where there are none."""
    good = _good(runs)
    found = spread([(run.seconds, run) for run in good])
    if found is None:
        return None
    values = tuple(run.seconds for run in good)
    usually = f"Usually {between(found.low, found.high)}."
    extreme = _extreme(found, f"Longest {duration(found.highest)}")
    return Chart(values, duration(values[-1]), _told(len(good), f"{usually}{extreme}"))


def amounts(runs: tuple[RunSummary, ...]) -> Chart | None:
    """What the newest good runs copied; None where none said."""
    good = [run for run in _good(runs) if run.transferred_bytes is not None]
    found = spread([(float(run.transferred_bytes or 0), run) for run in good])
    if found is None:
        return None
    usually = f"Usually {size_range(found.low, found.high)}."
    extreme = _extreme(found, f"Most {size(found.highest)}")
    values = tuple(float(run.transferred_bytes or 0) for run in good)
    return Chart(values, size(values[-1]), _told(len(good), f"{usually}{extreme}"))


def _told(runs: int, sentence: str) -> str:
    """Two runs have nothing usual yet."""
    return sentence if runs > _FEW else f"{plural(runs, 'good run')} so far."


def _good(runs: tuple[RunSummary, ...]) -> list[RunSummary]:
    return [run for run in reversed(runs) if run.is_good][-_POINTS:]


def _extreme(found: Spread, words: str) -> str:
    moment = local(moment_of(found.run.ended_at))
    return f" {words}, {moment.day}\N{NO-BREAK SPACE}{moment:%b}." if found.highest > found.high else ""
