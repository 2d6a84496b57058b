"""How far a comparison is."""

import pytest

from core.comparing import comparing, with_total
from models.progress import Progress
from models.run import Statistics
from tests import build


@pytest.mark.parametrize(
    ("seen", "done", "words"),
    [
        (5000, 1203, "comparing: 1,203 of 5,000 files"),
        (1, 1, "comparing: 1 of 1 file"),
        (None, 1203, "comparing: 1,203 files so far"),
        (1000, 1001, "comparing: 1,001 files so far"),
    ],
)
def test_a_total_is_told_as_long_as_it_holds(seen: int | None, done: int, words: str) -> None:
    run = build.run(statistics=Statistics(files_seen=seen))
    assert comparing(with_total(Progress(files_done=done), run)) == words


def test_the_tools_own_total_comes_first() -> None:
    run = build.run(statistics=Statistics(files_seen=9), progress=Progress(files_total=8))
    assert with_total(Progress(files_done=1, files_total=7), run).files_total == 7
    assert with_total(Progress(files_done=1), build.run(progress=Progress(files_total=8))).files_total == 8
