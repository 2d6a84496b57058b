"""What a new run takes over."""

import pytest

from core.carrying_on import carrying_on, knowing
from models.progress import Progress
from models.run import RunState, Statistics
from tests import build

SEEN = Statistics(files_seen=12, total_bytes=3400)


def test_a_comparison_knows_the_size_of_the_last_backup() -> None:
    previous = build.run(statistics=SEEN)
    assert knowing(build.run(), previous).progress == Progress(files_total=12, total_bytes=3400)
    assert knowing(build.run(dest="/elsewhere"), previous).progress == Progress()
    assert knowing(build.run(), None).progress == Progress()


@pytest.mark.parametrize(("state", "settled"), [(RunState.PAUSED, 7), (RunState.FAILED, 7), (RunState.DONE, 0)])
def test_only_work_that_was_not_finished_is_carried_on(state: RunState, settled: int) -> None:
    previous = build.run(state=state, settled_bytes=7, unfinished=("/d/.x",), progress=Progress(total_bytes=14))
    run = carrying_on(build.run(), previous)
    assert (run.settled_bytes, run.progress.percent) == (settled, 50.0 if settled else None)
    assert run.unfinished == ("/d/.x",)
