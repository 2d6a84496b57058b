"""Ends what a dead supervisor left behind, truthfully and once; it never adopts a tool."""

import signal

from core import leftovers
from core.deletion_recovery import put_back
from core.hold import hold_still
from core.open_work import open_work
from core.process import end_groups
from core.process_facts import boot_id, group_members, groups_of_run, is_alive
from core.verdicts import closing_figures, supervisor_lost
from engines.registry import engine
from models.errors import AppError
from models.run import Run, RunState, job_status
from storage.job_store import JobStore
from storage.run_store import RunLock, RunStore
from utils.clock import Clock, utc_text

_GRACE = 3.0
_BETWEEN_LOOKS = 0.05


class Recovery:
    """Looks after runs that are recorded as active; a lock on each run tells whether it is watched."""

    def __init__(self, runs: RunStore, jobs: JobStore, clock: Clock) -> None:
        self._runs, self._jobs, self._clock = runs, jobs, clock

    def look(self) -> tuple[Run, ...]:
        """End every run whose supervisor is gone; the runs that were ended."""
        locks: list[RunLock] = []
        try:
            lost = [run for pair in self._runs.active() if (run := self._claim(*pair, locks))]
            unfinished = self._end_tools([run for run in lost if run.is_active])
            return tuple(ended for run in lost if (ended := self._end(run, unfinished.get(run.id, ()))))
        finally:
            for lock in locks:
                lock.release()

    def was_told(self, run: Run) -> bool:
        """Whether a person had asked for its stop, and it was lost before it could obey."""
        return bool(self._runs.requested(run.job_id, run.id))

    def _claim(self, job_id: str, run_id: str, locks: list[RunLock]) -> Run | None:
        """The run, if nobody watches it and it is not just queued; its lock goes to `locks`."""
        try:
            lock = self._runs.lock(job_id, run_id)
            if lock is None:
                return None
            locks.append(lock)
            run = self._runs.read(job_id, run_id)
        except AppError:
            return None
        return run if run.has_started or not run.is_active else None

    def _end(self, run: Run, unfinished: tuple[str, ...]) -> Run | None:
        """What one folder refuses keeps no other run from ending; the next look tries again."""
        try:
            return self._interrupt(run, unfinished) if run.is_active else self._record_end(run)
        except AppError:
            return None

    def _interrupt(self, run: Run, unfinished: tuple[str, ...]) -> Run:
        shown = self._runs.read_live(run.job_id, run.id)
        if shown and shown.seq >= run.seq:
            run = run._replace(progress=shown.progress, settled_bytes=shown.settled_bytes, seq=shown.seq)
        if run.deletion:
            put_back(self._runs.folder, run.job_id, run.id, self._clock)
        same_boot = run.supervisor is None or run.supervisor.boot_id == boot_id()
        ended = run.moved(
            RunState.INTERRUPTED,
            utc_text(self._clock.now()),
            outcome=supervisor_lost(same_boot, run.kind),
            progress=closing_figures(run, RunState.INTERRUPTED),
            unfinished=unfinished,
            sweep_since=run.sweep_since or run.started_at,
            note="",
            tool=None,
            seq=run.seq + 1,
        )
        self._runs.write(ended)
        return self._record_end(ended)

    def _end_tools(self, runs: list[Run]) -> dict[str, tuple[str, ...]]:
        """End the tools of all the runs together; the temporary and partial files that exist then, by run."""
        groups = {run.id: _groups(run) for run in runs}
        temporary = {run.id: self._hold(run, groups[run.id]) for run in runs}
        everything = [group for found in groups.values() for group in found]
        for number in (signal.SIGTERM, signal.SIGCONT):
            end_groups(everything, number)
        if not self._gone_within(everything, _GRACE):
            end_groups(everything, signal.SIGKILL)
            self._gone_within(everything, _GRACE)
        return {
            run.id: leftovers.still_there(engine(run.engine), (*run.unfinished, *temporary[run.id])) for run in runs
        }

    def _hold(self, run: Run, groups: list[int]) -> tuple[str, ...]:
        """Held still while its open files are noted, so that none is missed."""
        if not groups:
            return ()
        return open_work(engine(run.engine), hold_still(groups, self._clock), run.source, run.dest).temporary

    def _gone_within(self, groups: list[int], seconds: float) -> bool:
        deadline = self._clock.monotonic() + seconds
        while any(group_members(group) for group in groups):
            if self._clock.monotonic() >= deadline:
                return False
            self._clock.sleep(_BETWEEN_LOOKS)
        return True

    def _record_end(self, run: Run) -> Run:
        """Everywhere an end is recorded; whatever of it stands already is left as it is."""
        if run.kind == "backup":
            self._write_status(run)
        self._runs.finish(run)
        self._runs.remove_live(run)
        return run

    def _write_status(self, run: Run) -> None:
        """A job that is gone, or a jobs.yaml that cannot be written now, keeps no run from ending.

        A run that was started since speaks for the job.
        """
        if any(job_id == run.job_id and run_id > run.id for job_id, run_id in self._runs.active()):
            return
        try:
            self._jobs.set_status(run.job_id, job_status(run), run.progress)
        except AppError:
            return


def _groups(run: Run) -> list[int]:
    """The process groups of the run's tool that live now."""
    groups = groups_of_run(run.id, run.supervisor.pid if run.supervisor else 0)
    return sorted({*groups, run.tool.pid}) if run.tool and is_alive(run.tool) else groups
