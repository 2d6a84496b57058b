"""When a run may begin: several processes, one data folder."""

from pathlib import Path

import pytest

from core.admission import in_the_way_of, obstacle
from core.views import JobView
from models.errors import JobBusy, JobNotFound, NotRunning
from models.run import RunState
from tests import build
from tests.core.arena import Arena
from tests.core.house import House, use_tool
from tests.core.starts import start_at_once


def test_fifty_starts_at_once_give_one_run_each_time(arena: Arena) -> None:
    assert start_at_once(arena, rounds=6) == 6


def test_a_running_job_cannot_be_started_changed_or_deleted(house: House) -> None:
    go = house.arena.root / "go"
    use_tool(house.arena, [["until", str(go)], ["end", 0]])
    other = House(house.arena)
    job = other.create()
    run = other.start(job)
    with pytest.raises(JobBusy, match="already running"):
        house.start(job)
    with pytest.raises(JobBusy, match="cannot be deleted"):
        house.parts.manager.delete(job.id)
    go.touch()
    assert other.ended(run).state is RunState.DONE
    other.parts.manager.delete(job.id)
    with pytest.raises(JobNotFound):
        house.start(job)


def test_a_job_deleted_at_the_last_moment_does_not_start(house: House) -> None:
    use_tool(house.arena, [["end", 0]])
    job = house.create()
    spec: dict[str, object] = {"job": "as it was when the start was asked for"}
    house.parts.manager.delete(job.id)
    admission = house.parts.chores._admission
    with pytest.raises(JobNotFound):
        admission.admit(build.run(job_id=job.id, source=job.source, dest=job.dest), spec)
    assert house.arena.store.active() == ()


@pytest.mark.parametrize(
    ("dest", "waits"),
    [
        ("dest", True),
        ("dest/", True),
        ("dest/below", True),
        ("", True),
        ("dest2", False),
        ("de", False),
    ],
)
def test_runs_that_write_the_same_place_wait_for_each_other(arena: Arena, dest: str, waits: bool) -> None:
    run = build.run(source=f"{arena.source}/", dest=str(arena.dest), job_name="First")
    other = build.run(source="/elsewhere", dest=f"{arena.root}/{dest}", job_name="Second")
    words = f"{arena.dest} is being written by First." if waits else ""
    assert obstacle(other, run) == words


def test_reading_what_another_writes_waits_too() -> None:
    first = build.run(source="/a", dest="/b", job_name="First")
    assert obstacle(build.run(source="/b/sub", dest="/c"), first) == "/b is being written by First."
    assert obstacle(build.run(source="/c", dest="/a/sub"), first) == "/a is being written by First."
    assert obstacle(build.run(source="/a", dest="/c"), first) == ""


def test_the_same_path_on_another_host_is_another_place() -> None:
    first = build.run(source="/a", dest="user@one:/b", job_name="First")
    assert obstacle(build.run(source="/c", dest="/b"), first) == ""
    assert obstacle(build.run(source="/c", dest="user@two:/b"), first) == ""
    assert obstacle(build.run(source="/c", dest="user@one:/b/c"), first) == "one:/b is being written by First."


def test_what_was_handed_on_goes_before_an_older_run_that_was_queued_behind_it() -> None:
    note = "/copy is being written by Second."
    older = build.run(id="20261121T070204100Z-a1b2c3", source="/a", dest="/copy", note=note)
    newer = build.run(id="20261121T070204200Z-a1b2c3", source="/b", dest="/copy", job_name="Second")
    assert (in_the_way_of(older, [older, newer]), in_the_way_of(newer, [older, newer])) == (newer, None)
    waiting = newer._replace(note="/copy is being written by First.")
    assert (in_the_way_of(older, [older, waiting]), in_the_way_of(waiting, [older, waiting])) == (None, older)
    begun = newer._replace(state=RunState.STARTING)
    assert in_the_way_of(older, [older, begun]) == begun


def test_a_run_waits_in_the_queue_and_starts_when_its_way_is_free(house: House) -> None:
    go = house.arena.root / "go"
    use_tool(house.arena, [["until", str(go)], ["end", 0]])
    first, second = house.start(house.create("First")), house.start(house.create("Second"))
    assert second.note == f"{house.arena.dest} is being written by First."
    house.parts.watcher.step()
    view = house.parts.queries.job_view(second.job_id)
    assert (view.state, *view.actions) == ("queued", "cancel")
    assert house.parts.jobs.get(second.job_id).status == "pending"
    go.touch()
    assert house.ended(first).state is RunState.DONE
    done = house.ended(second)
    assert (done.state, done.note) == (RunState.DONE, "")


def test_the_queue_survives_the_process_that_filled_it(house: House) -> None:
    go = house.arena.root / "go"
    use_tool(house.arena, [["until", str(go)], ["end", 0]])
    other = House(house.arena)
    first, second = other.start(other.create("First")), other.start(other.create("Second"))
    go.touch()
    house.ended(first)
    assert house.ended(second).state is RunState.DONE


@pytest.mark.parametrize("how", ["cancel", "pause"])
def test_a_waiting_run_can_be_taken_out_of_the_queue(house: House, how: str) -> None:
    go = house.arena.root / "go"
    use_tool(house.arena, [["until", str(go)], ["end", 0]])
    first, second = house.start(house.create("First")), house.start(house.create("Second"))
    ended = getattr(house.parts.manager, how)(second.job_id)
    assert ended.state is RunState.CANCELLED
    assert ended.outcome.reason == "Taken out of the queue before it started."
    go.touch()
    assert house.ended(first).state is RunState.DONE
    assert house.arena.tries() == 1
    view = house.parts.queries.job_view(second.job_id)
    assert isinstance(view, JobView)
    assert (view.state, view.job.status) == ("never_run", "pending")
    with pytest.raises(NotRunning):
        house.parts.manager.cancel(second.job_id)


def test_a_run_whose_process_never_comes_fails_in_words(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    use_tool(house.arena, [["end", 0]])
    job = house.create()
    monkeypatch.setattr("core.dispatch.spawn_supervisor", _refuse)
    run = house.start(job)
    ended = house.parts.manager.run(run.id)
    assert ended.state is RunState.FAILED
    assert ended.outcome.reason == "The process for this run could not be started: Resource temporarily unavailable."
    assert house.parts.jobs.get(job.id).status == "failed"


def _refuse(run_folder: Path) -> None:
    raise BlockingIOError(11, "Resource temporarily unavailable")


def test_a_supervisor_that_cannot_read_its_spec_is_given_up_after_three_tries(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.admission._BETWEEN_SUBMITS", 0.2)
    job = house.create()
    run = build.run(job_id=job.id, source=job.source, dest=job.dest)._replace(note="")
    house.arena.runs.append(run)
    house.parts.chores._admission.admit(run, {"foreign": True})
    failed = house.ended(run)
    assert failed.state is RunState.FAILED
    assert failed.outcome.reason == "The process for this run could not be started."
    assert "KeyError" in house.arena.supervisor_log(run)
