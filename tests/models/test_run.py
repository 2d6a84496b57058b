"""The table of moves, and the record of a run."""

import json

import pytest

from models.progress import Progress
from models.run import (
    ACTIVE,
    ENDED,
    GOOD,
    MOVES,
    RESUMABLE,
    IllegalMove,
    Outcome,
    ProcessIdentity,
    RunState,
    Statistics,
    job_status,
    run_from_json,
    run_to_json,
)
from tests import build

WORKING = ["checking", "transferring", "verifying", "deleting"]
STOPS = ["failed", "interrupted", "paused"]
GOOD_ENDS = ["done", "done_with_warnings"]
WAYS = {
    "queued": ["waiting", "starting", "cancelled", "failed", "interrupted"],
    "waiting": [*WORKING, "queued", "starting", "pausing", "cancelled", *STOPS],
    "starting": [*WORKING, "waiting", "pausing", *STOPS, *GOOD_ENDS],
    **{
        state: [*(other for other in WORKING if other != state), "waiting", "pausing", *STOPS, *GOOD_ENDS]
        for state in WORKING
    },
    "pausing": [*STOPS, *GOOD_ENDS],
    **{state: [] for state in [*STOPS, *GOOD_ENDS, "cancelled"]},
}
EVERY_PAIR = [(start, end) for start in RunState for end in RunState]


@pytest.mark.parametrize(("start", "end"), EVERY_PAIR)
def test_a_run_moves_only_along_the_table(start: RunState, end: RunState) -> None:
    run = build.run(state=start)
    if end.value in WAYS[start.value]:
        assert run.moved(end, build.MOMENT).state is end
    else:
        with pytest.raises(IllegalMove):
            run.moved(end, build.MOMENT)


def test_every_state_is_active_or_ended_and_has_its_moves() -> None:
    assert ACTIVE | ENDED == set(RunState) == set(MOVES)
    assert not ACTIVE & ENDED
    assert ENDED > GOOD | RESUMABLE


def test_an_ended_run_never_changes_again() -> None:
    assert all(not MOVES[state] for state in ENDED)


def test_every_active_state_has_a_way_to_an_end() -> None:
    assert all(MOVES[state] & ENDED for state in ACTIVE)


def test_moves_leave_marks_and_times() -> None:
    run = build.run().moved(RunState.STARTING, "1").moved(RunState.CHECKING, "2").moved(RunState.DONE, "3")
    assert (run.started_at, run.ended_at) == ("1", "3")
    assert [(mark.state.value, mark.at) for mark in run.phases] == [("starting", "1"), ("checking", "2"), ("done", "3")]


def test_a_run_that_waits_keeps_its_first_start() -> None:
    run = build.run().moved(RunState.STARTING, "1").moved(RunState.WAITING, "2").moved(RunState.STARTING, "3")
    assert run.started_at == "1"


@pytest.mark.parametrize(
    ("state", "started", "word"),
    [
        ("queued", False, "pending"),
        ("waiting", False, "pending"),
        ("waiting", True, "running"),
        ("starting", True, "running"),
        ("checking", True, "running"),
        ("transferring", True, "running"),
        ("verifying", True, "running"),
        ("deleting", True, "running"),
        ("pausing", True, "running"),
        ("paused", True, "paused"),
        ("interrupted", True, "paused"),
        ("done", True, "completed"),
        ("done_with_warnings", True, "completed"),
        ("failed", True, "failed"),
        ("failed", False, "failed"),
        ("cancelled", False, "completed"),
        ("cancelled", True, "completed"),
    ],
)
def test_each_state_has_its_legacy_word(state: str, started: bool, word: str) -> None:
    run = build.run(state=RunState(state), started_at=build.MOMENT if started else "", status_before="completed")
    assert job_status(run) == word


def test_a_record_survives_json() -> None:
    who = ProcessIdentity(7, 8, "boot")
    run = (
        build.run(supervisor=who, tool=who, unfinished=("/b/.a\udcff.XXXXXX",))
        ._replace(
            outcome=Outcome("Why.", "What next.", 23, None, ("a", "b"), 2),
            progress=Progress(1, 2, 50.0, 3, 4, 5, 6, "file"),
            statistics=Statistics(*range(8)),
        )
        .moved(RunState.STARTING, build.MOMENT)
    )
    assert run_from_json(json.loads(json.dumps(run_to_json(run)))) == run


@pytest.mark.parametrize("record", [{}, {"state": "flying"}, {"id": "x", "state": "done"}, {"state": None}])
def test_a_foreign_record_is_refused(record: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        run_from_json(record)


def test_warnings_about_every_file_there_was_leave_no_good_copy() -> None:
    nothing = build.run(state=RunState.DONE_WITH_WARNINGS, statistics=Statistics(files_seen=0))
    some = build.run(state=RunState.DONE_WITH_WARNINGS, statistics=Statistics(files_seen=3))
    assert not nothing.is_good
    assert some.is_good
    assert build.run(state=RunState.DONE).is_good
