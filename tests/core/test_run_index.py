"""The latest of every job."""

from datetime import UTC, datetime, timedelta

from core.run_index import RunIndex
from models.events import RunChanged, RunProgressed
from models.findings import Verification
from models.run import Run, RunState, Statistics
from tests import build
from tests.core.arena import Arena
from utils.clock import SystemClock, utc_text


def ended(number: int, state: RunState = RunState.DONE, **changes: object) -> Run:
    moment = datetime.now(UTC) - timedelta(hours=number)
    values = {"id": f"20261121T07{60 - number:02}00000Z-a1b2c3", "ended_at": utc_text(moment), **changes}
    return build.run(state=state, statistics=Statistics(transferred_bytes=10), **values)


def index(arena: Arena) -> RunIndex:
    return RunIndex(arena.store, SystemClock())


def finish(arena: Arena, *runs: Run) -> None:
    for run in runs:
        arena.store.create(run, {})
        arena.store.finish(run)


def test_the_latest_is_rebuilt_from_history_alone(arena: Arena) -> None:
    good, failed = ended(2), ended(1, RunState.FAILED)
    finish(arena, good, failed)
    latest = index(arena).latest(good.job_id)
    assert (latest.last, latest.last_good, latest.transferred_bytes) == (failed, good, 20)


def test_events_keep_it_right_without_reading(arena: Arena) -> None:
    known = index(arena)
    assert known.latest(build.JOB_ID).last is None
    run = ended(1)
    known.hear(RunProgressed(build.run(state=RunState.TRANSFERRING)))
    known.hear(RunChanged(build.run(state=RunState.TRANSFERRING)))
    assert known.latest(build.JOB_ID).last is None
    known.hear(RunChanged(run))
    known.hear(RunChanged(run))
    assert known.latest(build.JOB_ID).last == run
    assert known.transferred_bytes() == 10


def test_an_old_end_that_is_told_late_does_not_become_the_last(arena: Arena) -> None:
    first, second = ended(2, RunState.FAILED), ended(1)
    finish(arena, first, second)
    known = index(arena)
    assert known.latest(build.JOB_ID).last == second
    known.hear(RunChanged(first))
    assert known.latest(build.JOB_ID).last == second
    assert known.transferred_bytes() == 20


def test_a_run_taken_out_of_the_queue_is_not_the_last(arena: Arena) -> None:
    run = ended(2)
    finish(arena, run, ended(1, RunState.CANCELLED))
    assert index(arena).latest(build.JOB_ID).last == run


PROVEN = Verification("checksum", files_checked=3, passed=True)


def test_the_newest_proof_is_known_from_history_and_from_events(arena: Arena) -> None:
    proof = ended(5, verification=PROVEN)
    finish(arena, proof, ended(4), ended(3, RunState.FAILED, kind="verify", verification=PROVEN._replace(passed=False)))
    known = index(arena)
    assert known.latest(proof.job_id).last_proven == proof
    for run in (
        ended(2, kind="verify", verification=PROVEN._replace(passed=None)),
        ended(2, kind="verify", verification=PROVEN._replace(files_checked=0)),
        ended(2, kind="restore", verification=PROVEN),
    ):
        known.hear(RunChanged(run))
        assert known.latest(proof.job_id).last_proven == proof
    newer = ended(1, kind="verify", verification=PROVEN)
    known.hear(RunChanged(newer))
    assert known.latest(proof.job_id).last_proven == newer
    assert known.latest(proof.job_id).last_good != newer


def test_the_newest_of_all_jobs_come_first(arena: Arena) -> None:
    runs = [ended(number, job_id=build.job().id) for number in (3, 2, 1)]
    finish(arena, *runs)
    known = index(arena)
    assert [run.id for run in known.recent()] == [run.id for run in reversed(runs)]
    newest = ended(0, job_id=build.job().id)
    known.hear(RunChanged(newest))
    known.hear(RunChanged(newest))
    assert [run.id for run in known.recent()][:2] == [newest.id, runs[-1].id]
    known.forget(newest.job_id)
    assert newest.id not in {run.id for run in known.recent()}


def test_failures_of_the_last_day_are_counted(arena: Arena) -> None:
    finish(arena, ended(30, RunState.FAILED), ended(2, RunState.FAILED), ended(1))
    assert index(arena).failed_since(24) == 1


def test_warming_reads_what_pages_will_ask_for(arena: Arena) -> None:
    run = ended(1)
    finish(arena, run)
    known = index(arena)
    known.warm([run.job_id])
    arena.store.remove_job(run.job_id)
    assert known.latest(run.job_id).last == run
