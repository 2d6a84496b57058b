"""What a process does besides serving."""

import errno
import os
from contextlib import nullcontext

import pytest

from core.run_index import Latest
from models.job import JobSettings
from models.run import RunState, job_status
from tests import build
from tests.core.house import House
from tests.core.test_recoverables import interrupted
from utils.clock import SystemClock, utc_text


def switch_on(house: House) -> None:
    house.arena.folder.settings_file.write_text("auto_start_on_launch: true\n")


def test_interrupted_jobs_are_resumed_once_at_launch_where_that_is_wanted(house: House) -> None:
    job = interrupted(house)
    House(house.arena).parts.chores.do()
    assert house.parts.manager.active_run(job) is None
    switch_on(house)
    launched = House(house.arena)
    launched.parts.chores.do()
    run = launched.parts.manager.latest(job)
    assert run is not None
    house.arena.runs.append(run)
    assert run.trigger == "launch"
    launched.ended(run)
    launched.parts.chores.do()
    assert len(house.arena.store.history(job)) == 2


def test_what_a_full_table_of_files_keeps_from_the_first_rounds_is_done_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(house)
    job = interrupted(house)
    launched = House(house.arena)
    chores, known = launched.parts.chores, launched.parts.chores._index.known

    def full(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as files:
        files.setattr(launched.parts.manager, "recoverable", full)
        files.setattr(known, "warm", full)
        for fails in (True, False, True):
            with pytest.raises(OSError, match="Too many") if fails else nullcontext():
                chores.do()
    assert (launched.parts.manager.active_run(job), known.filled) == (None, 0)
    for _ in range(6):
        chores.do()
    run = launched.parts.manager.latest(job)
    assert run is not None
    house.arena.runs.append(run)
    assert (run.trigger, known.filled) == ("launch", 1)
    launched.ended(run)


@pytest.mark.parametrize("settle", [True, False])
def test_what_a_person_paused_or_settled_is_not_resumed_at_launch(house: House, settle: bool) -> None:
    switch_on(house)
    job = interrupted(house)
    if settle:
        house.parts.manager.mark_paused(job)
    else:
        run = build.run(job_id=job, state=RunState.PAUSED, started_at=build.MOMENT, ended_at=build.MOMENT)
        house.arena.store.create(run, {})
        house.arena.store.finish(run)
    House(house.arena).parts.chores.do()
    assert house.parts.manager.active_run(job) is None


def test_a_job_that_cannot_start_at_launch_stops_nothing(house: House) -> None:
    switch_on(house)
    job = interrupted(house)
    os.rename(house.arena.source, house.arena.root / "away")
    House(house.arena).parts.chores.do()
    assert [offer.job.id for offer in House(house.arena).parts.manager.recoverable()] == [job]


def test_a_status_that_a_supervisor_could_not_write_is_written(house: House) -> None:
    """By hand the entry got a form that takes YAML to change."""
    job = house.create(settings=JobSettings(tags=("a",)))
    file = house.arena.folder.jobs_file
    file.write_text(file.read_text().replace("status: pending", "status: 'pending' # by hand"))
    run = house.start(job)
    assert house.ended(run).state is RunState.DONE
    for _ in range(5):
        house.parts.chores.do()
    assert house.parts.jobs.get(job.id).status == "completed"


def test_a_status_that_a_person_changed_since_stands(house: House) -> None:
    job = house.create()
    house.ended(house.start(job))
    house.parts.watcher.step()
    house.parts.jobs.set_status(job.id, "failed")
    for _ in range(5):
        house.parts.chores.do()
    assert house.parts.jobs.get(job.id).status == "failed"


def test_a_lost_run_and_the_queue_are_tended_though_a_folder_is_broken(house: House) -> None:
    broken = build.run(job_id=build.job().id, dest="/elsewhere")
    house.arena.store.create(broken, {})
    (house.arena.folder.run_folder(broken.job_id, broken.id) / "lock").mkdir()
    lost = build.run(job_id=build.job().id, state=RunState.TRANSFERRING, started_at=build.MOMENT)
    house.arena.store.create(lost._replace(dest="/elsewhere/2"), {})
    house.parts.chores.tend()
    assert house.arena.store.read(lost.job_id, lost.id).state is RunState.INTERRUPTED


def test_where_every_status_is_right_no_record_is_looked_at_and_others_have_their_turn(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("utils.turns._WORK", 0)
    never, done, failed = (house.create(name, dest=f"{house.arena.dest}/{name}") for name in ("a", "b", "c"))
    for job, state in ((done, RunState.DONE), (failed, RunState.FAILED)):
        now = utc_text(SystemClock().now())
        run = build.run(job_id=job.id, state=state, started_at=now, ended_at=now)
        house.arena.store.create(run, {})
        house.arena.store.finish(run)
        house.parts.jobs.set_status(job.id, job_status(run))
    house.parts.jobs.set_status(done.id, "failed")
    turns, looked_at = list[float](), list[str]()
    chores, index = house.parts.chores, house.parts.chores._index
    latest = index.latest

    def looking(job_id: str) -> Latest:
        looked_at.append(job_id)
        return latest(job_id)

    monkeypatch.setattr(index, "latest", looking)
    monkeypatch.setattr(chores._clock, "sleep", turns.append)
    chores._reconcile_status()
    assert looked_at == [done.id]
    assert turns == [0, 0, 0]
    assert house.parts.jobs.get(never.id).status == "pending"


def test_a_failed_backup_that_a_retry_made_whole_is_put_right(house: House) -> None:
    job = house.create()
    failed = build.run(job_id=job.id, state=RunState.FAILED)
    retry = build.run(job_id=job.id, state=RunState.DONE, kind="retry", retries=failed.id, settles=True)
    house.parts.jobs.set_status(job.id, "failed")
    now = utc_text(SystemClock().now())
    for run in (failed, retry):
        house.arena.store.create(run, {})
        house.arena.store.finish(run._replace(started_at=now, ended_at=now))
    house.parts.chores._reconcile_status()
    assert house.parts.jobs.get(job.id).status == "completed"
