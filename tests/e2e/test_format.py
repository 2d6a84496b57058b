"""What is pushed reads exactly like what is rendered: format.js beside the words of the templates."""

import random
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from flask_app.utils import figures
from models.progress import Progress
from utils.sizes import duration

FORMAT = Path(__file__).parents[2] / "flask_app/static/js/format.js"
EDGES = [
    0,
    1,
    2,
    999,
    1000,
    1250,
    1750,
    1150,
    999_949,
    999_950,
    2_250_000,
    2_750_000,
    99_949_999,
    99_950_000,
    100_500_000,
]
EDGES += [101_500_000, 999_500_000, 1_000_000_000, 1_250_000_000, 5 * 10**12, 10**15, 3 * 10**18]
SECONDS = [0, 1, 4, 5, 59, 60, 89, 90, 91, 149, 150, 210, 3569, 3570, 3599, 3600, 5400, 5430, 86_399, 86_400, 129_600]
SECONDS += [216_000, 302_400, 10**7]


def progresses() -> list[Progress]:
    """Every edge, and a thousand more by chance (always the same)."""
    chance = random.Random(7)
    amounts = EDGES + [chance.randrange(10 ** chance.randrange(1, 16)) for _ in range(1000)]
    found = []
    for number, amount in enumerate(amounts):
        total = None if number % 5 == 0 else amount + EDGES[number % len(EDGES)]
        percent = None if number % 7 == 0 else chance.random() * 100
        seconds = None if number % 11 == 0 else SECONDS[number % len(SECONDS)]
        count = None if number % 3 == 0 else number * 7
        found.append(Progress(amount, total, percent, EDGES[number % len(EDGES)], seconds, number, count))
    return found


@pytest.mark.browser
def test_pushed_and_rendered_figures_read_the_same(chromium: Browser) -> None:
    page = chromium.new_page()
    page.add_script_tag(path=FORMAT)
    shown = progresses()
    names = ("percent", "eta", "bytes", "speed", "files", "files_of")
    pushed: list[list[str]] = page.evaluate(
        "([updates, names]) => updates.map((update) => names.map((name) => Format[name](update)))",
        [[_update(progress) for progress in shown], list(names)],
    )
    for progress, words in zip(shown, pushed, strict=True):
        assert words == _rendered(progress), progress
    agos: list[str] = page.evaluate("(all) => all.map(Format.ago)", SECONDS)
    assert agos == ["just now" if seconds < 10 else f"{duration(seconds)} ago" for seconds in SECONDS]
    page.close()


def _update(progress: Progress) -> dict[str, Any]:
    return progress.to_json()


def _rendered(progress: Progress) -> list[str]:
    return [
        figures.percent(progress),
        figures.eta(progress),
        figures.bytes_of(progress),
        figures.rate(progress),
        figures.files(progress),
        figures.files_of(progress),
    ]
