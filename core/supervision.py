"""A run from its first to its last state: tries, back-off, verdict; the work of one supervisor."""

import os
import sys
from functools import cached_property
from typing import TYPE_CHECKING

from core import guard, leftovers
from core.at_source import AtSource, SourceStays
from core.carrier import carrier_of
from core.journal import RunJournal
from core.orders import CANCEL, PAUSE, SHUTDOWN, Orders
from core.pipeline import Pipeline
from core.plan import Plan
from core.proof import Proof
from core.runner import StepEnd
from core.verdicts import closing_figures, outcome_of, source_went_away, stayed_silent, stopped
from engines.base import Verdict
from engines.registry import engine
from models.errors import AppError, StoreUnavailable
from models.run import GOOD, Outcome, Run, RunState, job_status
from storage.data_folder import DataFolder
from storage.findings import FindingsLog
from storage.job_status import write_status
from storage.run_log import RunLog
from storage.run_store import RunStore
from utils.clock import Clock
from utils.text import plural

_BETWEEN_CLOSES = 1.0

if TYPE_CHECKING:
    from core.back_off import BackOff


class Supervision:
    """Carries one run out. Nothing here is used by two threads."""

    def __init__(
        self, folder: DataFolder, store: RunStore, run: Run, plan: Plan, orders: Orders, clock: Clock, umask: int
    ) -> None:
        self._data, self._store, self._plan, self._orders = folder, store, plan, orders
        self._clock = clock
        self._engine = engine(plan.job.type)
        log = RunLog(folder, plan.job.type, run.job_id, run.id, plan.logs)
        run = run._replace(attempts=plan.tries)
        self._journal = RunJournal(store, log, run, clock, self._write_status)
        self._folder = folder.run_folder(run.job_id, run.id)
        self._findings = FindingsLog(folder, run.job_id, run.id)
        self._proof = Proof(self._findings)
        at_source = self._at_source()
        pipeline = Pipeline(
            folder, self._journal, self._orders, self._engine, plan, self._proof, at_source, clock, umask
        )
        self._carrier = carrier_of(
            folder, self._journal, self._orders, self._engine, plan, self._proof, pipeline, clock
        )

    def _at_source(self) -> AtSource:
        """What follows a comparison. Imported late, like the waits: most runs start without, in well under 100 ms."""
        plan = self._plan
        is_copy = plan.kind in ("backup", "retry")
        if plan.kind == "verify" or (is_copy and (plan.verify == "verify_after" or plan.deletion_mode)):
            from core.meanwhile import Meanwhile

            self._proof.tell = Meanwhile(self._engine, plan.job, self._clock.now()).told
        if not plan.deletion_mode:
            return SourceStays(self._journal)
        from core.deletion import SourceDeletion
        from storage.deletions_log import DeletionsLog

        run = self._journal.run
        log = DeletionsLog(self._data, run.job_id, run.id, self._clock)
        return SourceDeletion(
            self._journal, self._orders, self._engine, plan, self._proof, self._findings, log, self._clock
        )

    @cached_property
    def _back_off(self) -> "BackOff":
        from core.back_off import BackOff
        from core.network import Network

        plan, run = self._plan, self._journal.run
        network = Network(self._engine, plan, run.id, self._orders, self._clock)
        return BackOff(self._journal, self._orders, network, self._clock, plan.network_seconds, plan.tries)

    def carry_out(self) -> None:
        """Never leaves the run without an end, except when this process is killed."""
        try:
            self._try_until_judged()
        except AppError as refusal:
            self._end(RunState.FAILED, Outcome(refusal.message))
        except OSError as error:
            sys.excepthook(type(error), error, error.__traceback__)
            self._end(RunState.FAILED, _refused(error))
        except Exception as defect:  # noqa: BLE001  a boundary: a run never lacks an end
            sys.excepthook(type(defect), defect, defect.__traceback__)
            self._end(
                RunState.FAILED,
                Outcome(
                    f"Backup Manager met a defect of its own: {type(defect).__name__}: {defect}",
                    "Start the job again. If it happens again, report it with the run's supervisor.log.",
                ),
            )
        finally:
            self._folder.joinpath("password").unlink(missing_ok=True)

    def _try_until_judged(self) -> None:
        attempt = 1
        while True:
            if order := self._orders.current:
                return self._end_by_order(order, killed=False)
            end, verdict = self._one_try()
            if end.order and verdict.state not in GOOD:
                return self._end_by_order(end.order, end.killed)
            if not verdict.retry or attempt >= self._plan.tries:
                return self._end_judged(end, verdict)
            self._journal.say("warn", verdict.reason)
            self._expect_leftovers()
            wait = self._back_off.before(attempt + 1, verdict)
            if wait.order:
                return self._end_by_order(wait.order, killed=False)
            if wait.gave_up:
                return self._end_judged(end, stayed_silent(self._back_off.host))
            attempt += wait.is_counted

    def _expect_leftovers(self) -> None:
        """Whatever ended the try may have kept the tool from tidying up; the next good end looks."""
        run = self._journal.run
        self._journal.record(sweep_since=run.sweep_since or run.started_at)

    def _one_try(self) -> tuple[StepEnd, Verdict]:
        """All steps once; the first that fails ends the try."""
        guard.refuse_problems(*self._engine.locations(self._plan.job))
        self._journal.move(RunState.CHECKING)
        self._write_status(self._journal.run)
        context = self._plan.context(self._has_partial_files(), os.geteuid() == 0)
        return self._carrier.one_try(context)

    def _has_partial_files(self) -> bool:
        """Whether a stopped try left something that the next one can build on."""
        return any(
            os.path.lexists(path) and self._engine.partial_files(path) == (path,)
            for path in self._journal.run.unfinished
        )

    def _end_by_order(self, order: str, killed: bool) -> None:
        state = {PAUSE: RunState.PAUSED, CANCEL: RunState.CANCELLED, SHUTDOWN: RunState.INTERRUPTED}[order]
        if state is RunState.CANCELLED and self._journal.run.state is not RunState.WAITING:
            state = RunState.PAUSED
        self._end(state, stopped(order, self._journal.run.kind), sweep=killed)

    def _end_judged(self, end: StepEnd, verdict: Verdict) -> None:
        if end.code != 0:
            verdict = self._unless_source_is_gone(verdict)
        outcome = outcome_of(end, verdict, self._journal.run)
        if verdict.state in GOOD:
            self._complete()
        self._end(verdict.state, outcome, sweep=verdict.state not in GOOD)

    def _unless_source_is_gone(self, verdict: Verdict) -> Verdict:
        """Files may vanish from a good run; a source that is not there any more was not backed up."""
        source, _ = self._engine.locations(self._plan.job)
        is_gone = source.is_local and not os.path.lexists(source.path)
        return source_went_away(source.path) if is_gone and verdict.state in GOOD else verdict

    def _complete(self) -> None:
        """What a good end needs besides its record: nothing of ours left behind, the disks noted."""
        run, job = self._journal.run, self._plan.job
        source, dest = self._engine.locations(job)
        if dest.is_local and (removed := leftovers.sweep(self._engine, job, run)):
            self._journal.say("info", f"Removed {plural(removed, 'temporary file')} of stopped tries.")
        self._journal.remember(())
        if run.kind != "backup":
            return
        try:
            guard.record_identities(self._data.identity_file(job.id), source, dest)
        except (AppError, OSError) as error:
            self._journal.say("warn", f"Where this run was made could not be noted: {error}")

    def _end(self, state: RunState, outcome: Outcome, sweep: bool = False) -> None:
        run = self._journal.run
        if not run.is_active:
            return  # it has ended; only the record of that could not be written
        self._folder.joinpath("password").unlink(missing_ok=True)  # before anyone hears of the end
        since = "" if state in GOOD else run.sweep_since or (run.started_at if sweep else "")
        level = "info" if state in GOOD or state is RunState.PAUSED else "error"
        self._journal.say(level, " ".join(filter(None, (outcome.reason, outcome.next_step))))
        self._journal.move(state, outcome=outcome, sweep_since=since, progress=closing_figures(run, state), tool=None)
        self._close()

    def _close(self) -> None:
        """On a full disk as soon as there is room again; an end that was seen is not given up."""
        while True:
            try:
                return self._journal.close()
            except StoreUnavailable:
                if self._orders.current == SHUTDOWN or not self._folder.exists():
                    raise
                self._orders.wait(_BETWEEN_CLOSES)

    def _write_status(self, run: Run) -> None:
        """Into jobs.yaml, as text. Where that cannot be, a web process does it from our record."""
        if run.kind != "backup":
            return
        try:
            write_status(self._data, run.job_id, job_status(run), run.progress, self._clock)
        except AppError as refusal:
            self._journal.say("warn", f"The status could not be written to jobs.yaml: {refusal.message}")


def _refused(error: OSError) -> Outcome:
    return Outcome(
        f"This machine refused what the run needs: {(error.strerror or str(error)).lower()}.",
        "Look at its free space, memory, processes and open files, then start the job again.",
    )
