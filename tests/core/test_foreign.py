"""Whose work a job is that the file calls running."""

from datetime import UTC, datetime, timedelta

import pytest

from core.foreign import ForeignRuns, explains_running
from models.run import RunState
from tests import build
from utils.clock import SystemClock, local_text, parse_utc, utc_text

NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("age", "doubt"), [(5, "foreign"), (50, "foreign"), (70, "abandoned"), (-5, "foreign"), (86_400, "abandoned")]
)
def test_a_fresh_entry_is_somebody_elses(age: int, doubt: str) -> None:
    job = build.job(updated_at=local_text(datetime.now(UTC) - timedelta(seconds=age)))
    assert ForeignRuns(SystemClock()).doubt(job) == doubt


@pytest.mark.parametrize("text", ["", "yesterday", "2026-99-99"])
def test_an_entry_without_a_time_is_not_fresh(text: str) -> None:
    assert ForeignRuns(SystemClock()).doubt(build.job(updated_at=text)) == "abandoned"


def test_our_own_end_explains_an_entry_written_before_it() -> None:
    ended = build.run(state=RunState.DONE, started_at=utc_text(NOW), ended_at=utc_text(NOW))
    before = local_text(parse_utc(ended.ended_at) - timedelta(seconds=1))
    after = local_text(parse_utc(ended.ended_at) + timedelta(seconds=1))
    assert explains_running(build.job(updated_at=before), ended)
    assert not explains_running(build.job(updated_at=after), ended)
    assert not explains_running(build.job(updated_at=before), None)
    assert not explains_running(build.job(updated_at=before), build.run(state=RunState.CANCELLED))
