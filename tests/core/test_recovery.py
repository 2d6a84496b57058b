"""What becomes of runs whose supervisor is gone: real supervisors, really killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.process import ROOT
from core.process_facts import groups_of_run, is_alive
from core.recovery import Recovery
from models.run import ProcessIdentity, Run, RunState
from storage.job_store import JobStore
from tests import build
from tests.core.arena import Arena, folder_of, wait_for
from utils.clock import SystemClock


def recovery(arena: Arena) -> Recovery:
    return Recovery(arena.store, JobStore(arena.folder), SystemClock())


def kill_supervisor(arena: Arena, run: Run) -> None:
    child = arena.children[-1]
    child.kill()
    child.wait(10)


def test_a_run_that_is_watched_is_left_alone(arena: Arena) -> None:
    go = arena.root / "go"
    run = arena.start(arena.job(), arena.stand_in([["until", str(go)], ["end", 0]]))
    arena.until_state(run, RunState.CHECKING)
    assert recovery(arena).look() == ()
    go.touch()
    assert arena.ended(run).state is RunState.DONE


def test_the_tool_of_a_dead_supervisor_is_ended_and_the_run_interrupted(arena: Arena) -> None:
    arena.write(big=60_000_000)
    job = arena.job()
    JobStore(arena.folder).create(job)
    run = arena.start(job, bandwidth_limit=5_000)
    shown = arena.until(run, lambda now: now.progress.bytes_transferred > 5_000_000)
    kill_supervisor(arena, run)
    assert is_alive(shown.tool)
    (ended,) = recovery(arena).look()
    assert groups_of_run(run.id) == []
    assert ended.state is RunState.INTERRUPTED
    assert ended.progress.bytes_transferred >= shown.progress.bytes_transferred
    assert ended.seq > shown.seq
    assert ended.unfinished == (str(arena.dest / ".rsync-partial" / "big"),)
    assert arena.store.history(job.id) == (ended,)
    assert JobStore(arena.folder).get(job.id).status == "paused"
    assert recovery(arena).look() == ()


def test_many_dead_supervisors_cost_no_longer_than_one(arena: Arena) -> None:
    deaf = arena.stand_in([["ignore", signal.SIGTERM], ["progress", 10, 5], ["until", "/nowhere"]])
    runs = [arena.start(arena.job(), deaf) for _ in range(4)]
    for run in runs:
        arena.until_state(run, RunState.TRANSFERRING)
    for child in arena.children:
        child.kill()
        child.wait(10)
    begun = SystemClock().monotonic()
    assert {run.id for run in recovery(arena).look()} == {run.id for run in runs}
    assert SystemClock().monotonic() - begun < 8.0


def test_another_boot_interrupts_and_touches_no_process(arena: Arena) -> None:
    bystander = subprocess.Popen(["sleep", "100"], process_group=0)
    arena.children.append(bystander)
    old = ProcessIdentity(bystander.pid, 1, "00000000-0000-0000-0000-000000000000")
    run = build.run(state=RunState.TRANSFERRING, started_at=build.MOMENT, supervisor=old, tool=old)
    arena.admit(build.job(id=run.job_id), run=run)
    (ended,) = recovery(arena).look()
    assert ended.outcome.reason == "The machine restarted. What was copied is kept."
    assert bystander.poll() is None


def test_a_reused_pid_is_not_signalled(arena: Arena) -> None:
    bystander = subprocess.Popen(["sleep", "100"], process_group=0)
    arena.children.append(bystander)
    from core.process_facts import boot_id

    reused = ProcessIdentity(bystander.pid, 1, boot_id())
    run = build.run(state=RunState.TRANSFERRING, started_at=build.MOMENT, supervisor=reused, tool=reused)
    arena.admit(build.job(id=run.job_id), run=run)
    (ended,) = recovery(arena).look()
    assert ended.state is RunState.INTERRUPTED
    assert bystander.poll() is None


def test_a_queued_run_is_no_business_of_recovery(arena: Arena) -> None:
    run = arena.admit(arena.job(), arena.stand_in([["end", 0]]))
    assert recovery(arena).look() == ()
    assert arena.store.read(run.job_id, run.id).state is RunState.QUEUED


def test_a_secret_does_not_outlive_its_supervisor(arena: Arena) -> None:
    run = arena.start(arena.job(), arena.stand_in([["progress", 10, 5], ["until", "/nowhere"]]))
    (folder_of(arena, run) / "password").write_text("secret\n")
    arena.until_state(run, RunState.TRANSFERRING)
    kill_supervisor(arena, run)
    recovery(arena).look()
    assert not (folder_of(arena, run) / "password").exists()
    assert not (folder_of(arena, run) / "tool.out").exists()


def test_a_broken_run_folder_keeps_no_other_run_from_its_end(arena: Arena) -> None:
    broken = arena.admit(arena.job(), arena.stand_in([["end", 0]]))
    (folder_of(arena, broken) / "lock").mkdir()
    run = arena.start(arena.job(), arena.stand_in([["progress", 10, 5], ["until", "/nowhere"]]))
    arena.until_state(run, RunState.TRANSFERRING)
    kill_supervisor(arena, run)
    assert [ended.id for ended in recovery(arena).look()] == [run.id]


def test_a_newer_run_speaks_for_its_job(arena: Arena) -> None:
    job, jobs = arena.job(status="running"), JobStore(arena.folder)
    jobs.create(job)
    jobs.set_status(job.id, "running")
    old = arena.admit(job, run=build.run(job_id=job.id, state=RunState.DONE, started_at=build.MOMENT))
    arena.admit(job, run=build.run(job_id=job.id)._replace(id="20991121T070204123Z-a1b2c3"))
    recovery(arena).look()
    assert arena.store.history(job.id)[0].id == old.id
    assert jobs.get(job.id).status == "running"


DYING = Path(__file__).parents[1] / "stand_ins" / "dying_supervisor.py"


@pytest.mark.parametrize("moment", range(1, 60, 3))
def test_a_supervisor_killed_while_it_records_the_end_loses_and_doubles_nothing(arena: Arena, moment: int) -> None:
    """Killed before its n-th write once the tool has ended; with 60 it is never killed."""
    job, jobs = arena.job(), JobStore(arena.folder)
    jobs.create(job)
    run = arena.admit(job, arena.stand_in([["progress", 10, 5], ["end", 0]]))
    child = subprocess.Popen([sys.executable, str(DYING), str(moment), str(folder_of(arena, run))], cwd=ROOT)
    arena.children.append(child)
    code = child.wait(20)
    assert code in (0, -signal.SIGKILL)
    wait_for(lambda: not groups_of_run(run.id))
    Recovery(arena.store, jobs, SystemClock()).look()
    ended = arena.store.read(job.id, run.id)
    assert ended.state in (RunState.DONE, RunState.INTERRUPTED)
    assert arena.store.history(job.id) == (ended,)
    assert arena.store.ended_since(0)[0] == ((job.id, run.id),)
    assert arena.store.active() == ()
    assert os.listdir(arena.folder.active) == []
    assert jobs.get(job.id).status == ("completed" if ended.state is RunState.DONE else "paused")
    assert not [path.name for path in folder_of(arena, run).iterdir() if path.name.startswith(".")]
    assert ended.state is RunState.DONE or moment < 20
