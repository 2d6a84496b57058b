"""Runs in the process log."""

import json
from typing import Any

import pytest

from flask_app.run_news import RunNews
from flask_app.structured_log import configure_logging
from models.events import JobsChanged, RunChanged
from models.run import Outcome, Run, RunState
from tests import build

S = RunState


def lines(capsys: pytest.CaptureFixture[str], *runs: Run) -> list[dict[str, Any]]:
    """What is written while these are told, one after the other."""
    configure_logging("json")
    news = RunNews()
    for run in runs:
        news.hear(RunChanged(run))
    news.hear(JobsChanged())
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_run_has_a_line_when_it_begins_and_one_when_it_ends_with_its_ids(
    capsys: pytest.CaptureFixture[str],
) -> None:
    queued = build.run(job_name="Photos\x1b[2J")
    begun = queued.moved(S.STARTING, build.MOMENT)
    copying = begun.moved(S.TRANSFERRING, build.MOMENT)
    done = copying.moved(S.DONE, build.MOMENT, outcome=Outcome("3 files copied."))
    written = lines(capsys, queued, begun, begun, copying, done, done, copying)
    assert [(line["event"], line["state"]) for line in written] == [
        ("a run is under way", "starting"),
        ("a run ended", "done"),
    ]
    assert {(line["run_id"], line["job_id"], line["job"]) for line in written} == {
        (queued.id, queued.job_id, "Photos\\x1b[2J")
    }
    assert written[1]["reason"] == "3 files copied."


@pytest.mark.parametrize(
    ("state", "level"),
    [(S.DONE, "info"), (S.PAUSED, "info"), (S.CANCELLED, "info"), (S.FAILED, "warning"), (S.INTERRUPTED, "warning")],
)
def test_an_end_that_nobody_wanted_is_a_warning(
    capsys: pytest.CaptureFixture[str], state: RunState, level: str
) -> None:
    (line,) = lines(capsys, build.run(state=state, ended_at=build.MOMENT))
    assert (line["level"], line["state"]) == (level, state.value)
