"""Start, pause, cancel, edit, delete, kill in any order: a hypothesis state machine over real processes."""

import os
import shutil
import signal
import tempfile
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from core.process_facts import group_members, groups_of_run
from models.errors import AppError, JobBusy, JobNotFound, NotRunning
from models.job import Job, JobDraft
from models.run import MOVES, Run, RunState
from tests.core.arena import Arena, wait_for
from tests.core.house import House, use_tool

ACTIONS = (
    *("start",) * 5, *("pause",) * 2, *("wait",) * 3, "cancel", "edit", "delete",
    "kill_the_supervisor", "kill_the_tool", "tend", "add", "finish",
)  # fmt: skip


class Jobs(RuleBasedStateMachine):
    """Two processes of ours on one data folder; the tool goes on until the file `go` is there."""

    counted: ClassVar[Counter[str]] = Counter()

    @initialize()
    def build(self) -> None:
        self.arena = Arena(Path(tempfile.mkdtemp(prefix="machine-")))
        self.go = self.arena.root / "go"
        use_tool(self.arena, [["progress", 10, 5], ["until", str(self.go)], ["end", 0]])
        self.houses = [House(self.arena), House(self.arena)]
        self.deleted: set[str] = set()
        self.jobs: list[str] = []
        self.hurt: set[str] = set()
        for shared in (True, True, False):
            self.create(shared)
        self.counted["sequences"] += 1

    def create(self, shared: bool) -> None:
        """Some jobs write the same place, so they wait for each other."""
        name = "shared" if shared else os.urandom(4).hex()
        (self.arena.dest / name).mkdir(exist_ok=True)
        self.jobs.append(self.houses[0].create(dest=str(self.arena.dest / name)).id)

    @rule(
        action=some.sampled_from(ACTIONS), number=some.integers(0, 3), which=some.integers(0, 1), flag=some.booleans()
    )
    def ask(self, action: str, number: int, which: int, flag: bool) -> None:
        """One request to one of the two processes; job 3 is the newest one."""
        self.counted[action] += 1
        job = self.jobs[-1] if number == 3 else self.jobs[number % len(self.jobs)]
        getattr(self, action)(job, which, flag)

    def start(self, job: str, which: int, _flag: bool) -> None:
        busy = self._active(job)
        try:
            run = self.houses[which].parts.manager.start(job)
        except JobNotFound:
            assert job in self.deleted
            return
        except JobBusy:
            assert busy
            return
        self.arena.runs.append(run)
        if busy:  # it ended between the question and the start
            assert not self.arena.store.read(job, busy.id).is_active

    def pause(self, job: str, which: int, wait: bool) -> None:
        busy = self._active(job)
        try:
            run = self.houses[which].parts.manager.pause(job)
        except JobNotFound:
            assert job in self.deleted
            return
        except NotRunning:
            assert not busy or not self._active(job)
            return
        if wait:
            after_kills = {RunState.FAILED, RunState.INTERRUPTED} if run.id in self.hurt else set()
            expected = {RunState.PAUSED, RunState.CANCELLED, RunState.DONE} | after_kills
            ended = self.houses[which].ended(run, 20)
            assert ended.state in expected, (ended, self.arena.supervisor_log(run))

    def cancel(self, job: str, which: int, _flag: bool) -> None:
        try:
            self.houses[which].parts.manager.cancel(job)
        except (NotRunning, JobNotFound):
            return

    def edit(self, job: str, which: int, _flag: bool) -> None:
        if job in self.deleted:
            return
        name = os.urandom(4).hex()
        manager, before = self.houses[which].parts.manager, self.houses[which].parts.jobs.get(job)
        try:
            after = manager.update(job, _draft(before._replace(name=name)))
        except JobBusy:
            assert self.houses[which].parts.jobs.get(job).name == before.name
            return
        assert (after.name, after.source, after.dest) == (name, before.source, before.dest)

    def delete(self, job: str, which: int, _flag: bool) -> None:
        """It stays in the bundle: what may be asked for must not depend on how fast a process is."""
        try:
            self.houses[which].parts.manager.delete(job)
        except (JobBusy, JobNotFound):
            return
        self.deleted.add(job)

    def kill_the_supervisor(self, job: str, _which: int, _flag: bool) -> None:
        run = self._active(job)
        if run and run.supervisor:
            self.hurt.add(run.id)
            _kill(run.supervisor.pid)

    def kill_the_tool(self, job: str, _which: int, _flag: bool) -> None:
        run = self._active(job)
        for group in groups_of_run(run.id) if run else ():
            self.hurt.add(run.id if run else "")
            os.killpg(group, signal.SIGKILL)

    def tend(self, _job: str, which: int, _flag: bool) -> None:
        self.houses[which].parts.chores.tend()

    def add(self, _job: str, _which: int, shared: bool) -> None:
        self.create(shared)

    def wait(self, job: str, which: int, _flag: bool) -> None:
        """Until the job's run is under way, or its supervisor was found dead."""
        wait_for(lambda: self._is_under_way(job, which), 20)

    def _is_under_way(self, job: str, which: int) -> bool:
        self.houses[which].parts.chores.tend()
        run = self._active(job)
        return not run or bool(run.note or self.arena.record(run).progress.percent)

    def finish(self, _job: str, _which: int, _flag: bool) -> None:
        self.let_all_end()

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
                left = groups_of_run(run.id)
                assert left == [], (self._described(run), _commands(left))

    def _described(self, run: Run) -> Run | None:
        return None if run.job_id in self.deleted else self.arena.store.read(run.job_id, run.id)

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
            shutil.rmtree(self.arena.root)

    def _check_histories(self) -> None:
        """Each run of a job that is still there is recorded exactly once, and its status follows the last."""
        for job_id in self.houses[0].parts.jobs.snapshot().jobs:
            started = {run.id for run in self.arena.runs if run.job_id == job_id}
            recorded = [run.id for run in self.arena.store.history(job_id, limit=1000)]
            assert sorted(recorded) == sorted(started), (job_id, started ^ set(recorded), len(recorded))


def _commands(groups: list[int]) -> list[str]:
    return [Path(f"/proc/{pid}/stat").read_text() for group in groups for pid in group_members(group)]


def _draft(job: Job) -> JobDraft:
    return JobDraft(job.name, job.type, job.source, job.dest, job.settings)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
