"""Ends what a dead supervisor left behind, truthfully and once; it never adopts a tool."""

import signal
from dataclasses import replace

from core import leftovers
from core.open_work import open_work
from core.process import end_groups
from core.process_facts import boot_id, group_members, groups_of_run, is_alive
from core.verdicts import closing_figures, supervisor_lost
from engines.registry import engine
from models.errors import AppError
from models.run import Run, RunState, job_status
from storage.job_store import JobStore
from storage.run_store import RunStore
from utils.clock import Clock, utc_text

_GRACE = 3.0
_BETWEEN_LOOKS = 0.05


class Recovery:
    """Looks after runs that are recorded as active; a lock on each run tells whether it is watched."""

    def __init__(self, runs: RunStore, jobs: JobStore, clock: Clock) -> None:
        self._runs, self._jobs, self._clock = runs, jobs, clock

    def look(self) -> tuple[Run, ...]:
        """End every run whose supervisor is gone; the runs that were ended."""
        found = []
        for job_id, run_id in self._runs.active():
            ended = self._look_at(job_id, run_id)
            if ended is not None:
                found.append(ended)
        return tuple(found)

    def _look_at(self, job_id: str, run_id: str) -> Run | None:
        lock = self._runs.lock(job_id, run_id)
        if lock is None:
            return None
        try:
            run = self._runs.read(job_id, run_id)
            if not run.is_active:
                return self._record_end(run)
            return self._interrupt(run) if run.has_started else None
        except AppError:
            return None
        finally:
            lock.release()

    def _interrupt(self, run: Run) -> Run:
        shown = self._runs.read_live(run.job_id, run.id)
        run = replace(run, progress=shown.progress, seq=shown.seq) if shown else run
        unfinished = self._end_tool(run)
        same_boot = run.supervisor is None or run.supervisor.boot_id == boot_id()
        ended = run.moved(
            RunState.INTERRUPTED,
            utc_text(self._clock.now()),
            outcome=supervisor_lost(same_boot),
            progress=closing_figures(run, RunState.INTERRUPTED),
            unfinished=unfinished,
            sweep_since=run.sweep_since or run.started_at,
            note="",
            tool=None,
            seq=run.seq + 1,
        )
        self._runs.write(ended)
        return self._record_end(ended)

    def _end_tool(self, run: Run) -> tuple[str, ...]:
        """End the tool's groups; its temporary and partial files that exist then."""
        groups = groups_of_run(run.id)
        if run.tool and is_alive(run.tool):
            groups = sorted({*groups, run.tool.pid})
        temporary = self._hold(run, groups)
        for number in (signal.SIGTERM, signal.SIGCONT):
            end_groups(groups, number)
        if not self._gone_within(groups, _GRACE):
            end_groups(groups, signal.SIGKILL)
            self._gone_within(groups, _GRACE)
        return leftovers.still_there(engine(run.engine), (*run.unfinished, *temporary))

    def _hold(self, run: Run, groups: list[int]) -> tuple[str, ...]:
        end_groups(groups, signal.SIGSTOP)
        pids = [pid for group in groups for pid in group_members(group)]
        return open_work(engine(run.engine), pids, run.source, run.dest).temporary

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
        """A job that is gone, or a jobs.yaml that cannot be written now, keeps no run from ending."""
        try:
            self._jobs.set_status(run.job_id, job_status(run), run.progress)
        except AppError:
            return
