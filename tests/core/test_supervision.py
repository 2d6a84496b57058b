"""Tries, back-off, orders and resuming, seen from outside."""

import re
from pathlib import Path

from models.run import RunState
from storage.job_store import JobStore
from tests import build
from tests.core.arena import Arena, after, same_trees

PARTIAL = ".rsync-partial"


def temporary_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name == PARTIAL or re.fullmatch(r"\..+\.\w{6}", path.name)]


def test_resume_sends_nothing_twice_and_builds_on_the_part_of_a_big_file(arena: Arena) -> None:
    arena.write(**{f"a{number:02}": 500_000 for number in range(20)}, z=40_000_000)
    job = arena.job()
    first = arena.start(job, bandwidth_limit=12_000)
    arena.until(first, lambda run: run.progress.bytes_transferred > 14_000_000)
    arena.order(first, "pause")
    paused = arena.ended(first)
    assert paused.state is RunState.PAUSED
    assert paused.outcome.reason == "Paused. What was copied is kept."
    assert [path.name for path in temporary_files(arena.dest)] == [PARTIAL]
    assert paused.unfinished == (str(arena.dest / PARTIAL / "z"),)
    assert paused.settled_bytes == 10_000_000
    assert " error " not in arena.log(first)  # rsync complains when it is stopped; nobody else need

    second = arena.admit(job, run=after(build.run(job_id=job.id, source=job.source, dest=job.dest), paused))
    arena.supervise(second)
    done = arena.ended(second)
    assert done.state is RunState.DONE
    assert done.statistics.files_transferred == 1
    assert (done.statistics.matched_bytes or 0) > 2_000_000
    assert temporary_files(arena.dest) == []
    assert same_trees(arena.source, arena.dest) == ""


def test_a_network_failure_is_tried_again_after_a_while(arena: Arena) -> None:
    arena.write(a=1000)
    tool = arena.stand_in([["say", "rsync: connection unexpectedly closed\n"], ["end", 12]], [["end", 0]])
    run = arena.start(arena.job(), tool)
    waiting = arena.until_state(run, RunState.WAITING)
    assert re.fullmatch(r"trying again in [4-6] s, 2 of 10", waiting.note)
    assert waiting.attempt == 2
    done = arena.ended(run)
    assert (done.state, done.attempt, arena.tries()) == (RunState.DONE, 2, 2)


def test_the_last_try_ends_the_run(arena: Arena) -> None:
    run = arena.carry_out(arena.job(), arena.stand_in([["end", 12]]), tries=1)
    assert (run.state, run.outcome.exit_code) == (RunState.FAILED, 12)


def test_a_run_can_be_paused_while_it_waits_for_another_try(arena: Arena) -> None:
    run = arena.start(arena.job(), arena.stand_in([["end", 30]]))
    arena.until_state(run, RunState.WAITING)
    arena.order(run, "pause")
    assert arena.ended(run, seconds=2.0).state is RunState.PAUSED
    assert arena.tries() == 1


def test_a_run_can_be_cancelled_while_it_waits_for_another_try(arena: Arena) -> None:
    job = arena.job(status="completed")
    jobs = JobStore(arena.folder)
    jobs.create(job)
    queued = build.run(job_id=job.id, source=job.source, dest=job.dest, status_before="completed")
    run = arena.admit(job, arena.stand_in([["end", 30]]), queued)
    arena.supervise(run)
    arena.until_state(run, RunState.WAITING)
    assert jobs.get(job.id).status == "running"
    arena.order(run, "cancel")
    assert arena.ended(run, seconds=2.0).state is RunState.CANCELLED
    assert jobs.get(job.id).status == "completed"


def test_an_order_given_before_the_start_is_obeyed_without_a_tool(arena: Arena) -> None:
    run = arena.admit(arena.job(), arena.stand_in([["end", 0]]))
    arena.store.request(run.job_id, run.id, "pause")
    arena.supervise(run)
    assert arena.ended(run).state is RunState.PAUSED
    assert arena.tries() == 0


def test_the_job_in_the_file_follows_its_run(arena: Arena) -> None:
    arena.write(a=100_000)
    job, jobs = arena.job(), JobStore(arena.folder)
    jobs.create(job)
    go = arena.root / "go"
    run = arena.start(job, arena.stand_in([["progress", 10, 5], ["until", str(go)], ["end", 0]]))
    arena.until_state(run, RunState.TRANSFERRING)
    assert jobs.get(job.id).status == "running"
    go.touch()
    arena.ended(run)
    assert jobs.get(job.id).status == "completed"
