"""format.js and the templates' filters say the same words for the same figures."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser

from flask_app.utils import figures
from flask_app.utils.moments import ago
from models.progress import Progress
from tests.servers import ROOT
from utils.clock import utc_text

pytestmark = pytest.mark.browser

EDGES = (0, 1, 2, 999, 1000, 1001, 1049, 1050, 1450, 1550, 9_949, 9_950, 9_951, 99_949, 99_950, 99_999, 100_000,
         100_500, 101_500, 999_499, 999_500, 999_949, 999_950, 1_000_000, 1_234_567, 2_250_000, 12_345_678, 999_949_999,
         999_950_000, 426_800_000_000, 10**12, 10**15, 999_950 * 10**9, 10**18)  # fmt: skip
SECONDS = (0, 0.4, 0.5, 1, 1.5, 2.5, 4, 5, 59, 59.4, 59.5, 60, 89, 90, 91, 150, 3569, 3570, 3599, 3600, 3630, 5400,
           86_340, 86_399, 86_400, 129_599, 129_600, 10**6)  # fmt: skip
COUNTS = (0, 1, 2, 999, 1000, 20_000, 1_234_567)


@pytest.fixture(scope="module")
def said(chromium: Browser) -> Any:
    """Calls `Format[name]` for every value at once, with the file as it is served."""
    context = chromium.new_context()
    page = context.new_page()
    page.evaluate((ROOT / "flask_app/static/js/format.js").read_text())
    script = "([name, values]) => values.map((value) => Format[name](value))"
    yield lambda name, values: page.evaluate(script, [name, values])
    context.close()


def rows(**columns: tuple[Any, ...]) -> list[Progress]:
    return [Progress(**dict(zip(columns, row, strict=True))) for row in itertools.product(*columns.values())]


@pytest.mark.parametrize(
    ("ours", "theirs", "progresses"),
    [
        (figures.percent, "percent", rows(percent=(None, 0.0, 0.4, 0.99, 1.0, 61.9, 99.9, 100.0))),
        (figures.eta, "eta", rows(eta_seconds=(None, *(int(second) for second in SECONDS)))),
        (figures.bytes_of, "bytes", rows(bytes_transferred=EDGES, total_bytes=(None, *EDGES))),
        (figures.rate, "speed", rows(speed_bytes=EDGES)),
        (figures.files_of, "files", rows(files_done=COUNTS, files_total=(None, *COUNTS))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_figures_of_a_run(said: Any, ours: Any, theirs: str, progresses: list[Progress]) -> None:
    assert said(theirs, [progress.to_json() for progress in progresses]) == [ours(progress) for progress in progresses]


def test_moments_ago(said: Any) -> None:
    values = [0, 5, 12, 75, 4000, 90_000]
    moments = [utc_text(datetime.now(UTC) - timedelta(seconds=value + 0.2)) for value in values]
    assert said("ago", values) == [ago(moment) for moment in moments]
