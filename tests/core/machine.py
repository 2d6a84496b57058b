"""Start, pause, cancel, edit, delete, kill in any order: a hypothesis state machine over real processes."""

import os
import shutil
import signal
import tempfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from hypothesis import strategies as some
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from core.process_facts import groups_of_run
from models.errors import AppError, JobBusy, NotRunning
from models.job import Job, JobDraft
from models.run import MOVES, Run, RunState
from tests.core.arena import Arena, wait_for
from tests.core.house import House, use_tool


class Jobs(RuleBasedStateMachine):
    """Two processes of ours on one data folder; the tool goes on until the file `go` is there."""

    jobs = Bundle("jobs")

    @initialize()
    def build(self) -> None:
        self.arena = Arena(Path(tempfile.mkdtemp(prefix="machine-")))
        self.go = self.arena.root / "go"
        use_tool(self.arena, [["progress", 10, 5], ["until", str(self.go)], ["end", 0]])
        self.houses = [House(self.arena), House(self.arena)]
        self.deleted: set[str] = set()

    @rule(target=jobs, shared=some.booleans())
    def create(self, shared: bool) -> str:
        """Some jobs write the same place, so they wait for each other."""
        name = "shared" if shared else os.urandom(4).hex()
        (self.arena.dest / name).mkdir(exist_ok=True)
        return self.houses[0].create(dest=str(self.arena.dest / name)).id

    @rule(job=jobs, which=some.integers(0, 1))
    def start(self, job: str, which: int) -> None:
        busy = self._active(job)
        try:
            run = self.houses[which].parts.manager.start(job)
        except JobBusy:
            assert busy
            return
        assert not busy
        self.arena.runs.append(run)

    @rule(job=jobs, which=some.integers(0, 1), wait=some.booleans())
    def pause(self, job: str, which: int, wait: bool) -> None:
        busy = self._active(job)
        try:
            run = self.houses[which].parts.manager.pause(job)
        except NotRunning:
            assert not busy or not self._active(job)
            return
        if wait:
            assert self.houses[which].ended(run, 20).state in {RunState.PAUSED, RunState.CANCELLED, RunState.DONE}

    @rule(job=jobs, which=some.integers(0, 1))
    def cancel(self, job: str, which: int) -> None:
        try:
            self.houses[which].parts.manager.cancel(job)
        except NotRunning:
            return

    @rule(job=jobs, name=some.text("abc", min_size=1, max_size=5))
    def edit(self, job: str, name: str) -> None:
        manager, before = self.houses[0].parts.manager, self.houses[0].parts.jobs.get(job)
        try:
            after = manager.update(job, _draft(replace(before, name=name)))
        except JobBusy:
            assert self.houses[0].parts.jobs.get(job).name == before.name
            return
        assert (after.name, after.source, after.dest) == (name, before.source, before.dest)

    @rule(target=jobs, job=consumes(jobs))
    def delete(self, job: str) -> object:
        try:
            self.houses[1].parts.manager.delete(job)
        except JobBusy:
            return job
        self.deleted.add(job)
        return multiple()

    @rule(job=jobs)
    def kill_the_supervisor(self, job: str) -> None:
        run = self._active(job)
        if run and run.supervisor:
            _kill(run.supervisor.pid)

    @rule(job=jobs)
    def kill_the_tool(self, job: str) -> None:
        run = self._active(job)
        for group in groups_of_run(run.id) if run else ():
            os.killpg(group, signal.SIGKILL)

    @rule(which=some.integers(0, 1))
    def tend(self, which: int) -> None:
        self.houses[which].parts.chores.tend()

    @rule()
    def let_all_end(self) -> None:
        self.go.touch()
        wait_for(self._all_ended, 30)
        self.go.unlink()

    def _all_ended(self) -> bool:
        for house in self.houses:
            house.parts.watcher.step()
            house.parts.chores.tend()
        return not self.arena.store.active()

    def _active(self, job: str) -> Run | None:
        return self.houses[0].parts.manager.active_run(job)

    @invariant()
    def no_job_has_two_runs(self) -> None:
        if not hasattr(self, "arena"):
            return
        active = [run.job_id for run in self.houses[0].parts.chores._admission.active()]
        assert len(active) == len(set(active))
        assert not self.deleted & set(active)

    @invariant()
    def no_tool_is_without_a_run(self) -> None:
        if not hasattr(self, "arena"):
            return
        for run in self.arena.runs:
            if run.job_id in self.deleted or not self.arena.store.read(run.job_id, run.id).is_active:
                assert groups_of_run(run.id) == []

    @invariant()
    def every_record_moved_along_the_table(self) -> None:
        if not hasattr(self, "arena"):
            return
        for run in self.arena.runs:
            try:
                record = self.arena.store.read(run.job_id, run.id)
            except AppError:
                assert run.job_id in self.deleted
                continue
            states = [RunState.QUEUED, *(mark.state for mark in record.phases)]
            assert all(after in MOVES[before] for before, after in pairwise(states))
            assert states[-1] is record.state

    def teardown(self) -> None:
        if not hasattr(self, "arena"):
            return
        try:
            self.let_all_end()
            self._check_histories()
        finally:
            assert self.arena.close() == []
            for house in self.houses:
                house.close()
            shutil.rmtree(self.arena.root)

    def _check_histories(self) -> None:
        """Each run of a job that is still there is recorded exactly once, and its status follows the last."""
        for job_id in self.houses[0].parts.jobs.snapshot().jobs:
            started = {run.id for run in self.arena.runs if run.job_id == job_id}
            recorded = [run.id for run in self.arena.store.history(job_id, limit=1000)]
            assert sorted(recorded) == sorted(started)


def _draft(job: Job) -> JobDraft:
    return JobDraft(job.name, job.type, job.source, job.dest, job.settings)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
