"""Decides when a run may begin: one per job, and no two that write the same place; starts nothing itself."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress

from core.deletion_wish import set_skip
from core.dispatch import Dispatcher
from engines.base import Location
from engines.registry import engine
from models.errors import AppError, JobBusy, JobNotFound
from models.job import Job
from models.run import WRITING, Outcome, Run, RunState, job_status
from storage.data_folder import DataFolder
from storage.file_lock import FileLock
from storage.job_store import JobStore
from storage.run_store import RunStore
from utils.clock import Clock, utc_text

_BETWEEN_SUBMITS = 5.0
_SUBMITS = 3
_TAKEN_OUT = Outcome("Taken out of the queue before it started.")


class Admission:
    """The queue. A queued run has no process; any web process hands it on when its turn comes."""

    def __init__(
        self, folder: DataFolder, runs: RunStore, jobs: JobStore, dispatcher: Dispatcher, clock: Clock
    ) -> None:
        self._folder, self._runs, self._jobs = folder, runs, jobs
        self._dispatcher, self._clock = dispatcher, clock
        self._lock = FileLock(folder.admission_lock)
        self._submitted: dict[str, list[float]] = {}

    def admit(self, run: Run, spec: dict[str, object], files: Mapping[str, bytes] | None = None) -> Run:
        """Record the run and hand it on if nothing is in its way; `JobBusy` if the job has one.

        `files` are put into the run's folder, 0600, by name.

        `JobNotFound` if the job was deleted meanwhile.
        """
        with self._lock.hold():
            others = self.active()
            if any(other.job_id == run.job_id for other in others):
                raise JobBusy("This job is already running. Pause it first, or wait for its end.")
            self._jobs.get(run.job_id)
            run = run._replace(note=obstacle(run, first_at_its_places(run, others)))
            self._runs.create(run, spec)
            for name, content in (files or {}).items():
                self._keep(run, name, content)
            if _skips_deletion(run):
                with suppress(AppError):  # at worst one more run deletes nothing
                    set_skip(self._jobs, run.job_id, False)
            if not run.note:
                self._submit(run)
            return run

    @contextmanager
    def without_run(self, job_id: str, refusal: str) -> Iterator[None]:
        """Nothing can start the job for a `with` block; `JobBusy` if it has a run already."""
        with self._lock.hold():
            if any(run.job_id == job_id for run in self.active()):
                raise JobBusy(refusal)
            yield

    def _keep(self, run: Run, name: str, content: bytes) -> None:
        path = self._folder.run_folder(run.job_id, run.id) / name
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)

    def active(self) -> tuple[Run, ...]:
        """Every run that has not ended, as recorded."""
        found = []
        for job_id, run_id in self._runs.active():
            try:
                run = self._runs.read(job_id, run_id)
            except AppError:
                continue
            if run.is_active:
                found.append(run)
        return tuple(found)

    def submit_due(self) -> None:
        """Hand on every queued run whose way is free; say of the others what they wait for."""
        if not any(run.state is RunState.QUEUED for run in self.active()):
            return
        with self._lock.hold():
            runs = self.active()
            queued = {run.id: run for run in runs if run.state is RunState.QUEUED}
            self._submitted = {run_id: moments for run_id, moments in self._submitted.items() if run_id in queued}
            for run in queued.values():
                self._advance(run, runs)

    def _advance(self, run: Run, runs: tuple[Run, ...]) -> None:
        note = obstacle(run, in_the_way_of(run, runs))
        if not note:
            self._submit(run)
        elif note != run.note:
            self._change(run._replace(note=note, seq=run.seq + 1))

    def _change(self, run: Run) -> None:
        lock = self._runs.lock(run.job_id, run.id)
        if lock is None:
            return
        try:
            self._runs.write(run)
            self._runs.write_live(run)
        finally:
            lock.release()

    def _submit(self, run: Run) -> None:
        """Twice does no harm: the second supervisor finds the run taken and goes."""
        now = self._clock.monotonic()
        submits = self._submitted.setdefault(run.id, [])
        if submits and now - submits[-1] < _BETWEEN_SUBMITS:
            return
        if len(submits) >= _SUBMITS:
            self.close(run, RunState.FAILED, _NOT_STARTED)
            return
        submits.append(now)
        try:
            self._dispatcher.submit(run)
        except OSError as error:
            self.close(run, RunState.FAILED, _cannot_spawn(error))

    def cancel(self, run: Run, outcome: Outcome = _TAKEN_OUT) -> Run:
        """Take a queued run out of the queue; the run as it is then."""
        with self._lock.hold():
            return self.close(run, RunState.CANCELLED, outcome)

    def close(self, run: Run, state: RunState, outcome: Outcome) -> Run:
        """End a run that no supervisor holds; unchanged if one has it after all."""
        lock = self._runs.lock(run.job_id, run.id)
        if lock is None:
            return run
        try:
            now = self._runs.read(run.job_id, run.id)
            if now.state is not RunState.QUEUED:
                return now
            if _skips_deletion(run):
                self._put_back_skip(run, state)
            ended = now.moved(state, utc_text(self._clock.now()), outcome=outcome, note="", seq=now.seq + 1)
            self._runs.finish(ended)
            self._runs.remove_live(run)
            self._submitted.pop(run.id, None)
            if state is RunState.FAILED and run.kind == "backup":
                self._write_status(ended)
            return ended
        finally:
            lock.release()

    def _put_back_skip(self, run: Run, state: RunState) -> None:
        """The run never began, so the next one is to leave the source as it is.

        A person who cancels it while jobs.yaml cannot be written is refused; a run that failed ends all the same.
        """
        with suppress(JobNotFound if state is RunState.CANCELLED else AppError):
            set_skip(self._jobs, run.job_id, True)

    def _write_status(self, run: Run) -> None:
        """A job that is gone, or a jobs.yaml that cannot be written now, keeps no run from ending."""
        with suppress(AppError):
            self._jobs.set_status(run.job_id, job_status(run), run.progress)


_NOT_STARTED = Outcome(
    "The process for this run could not be started.",
    "Look at supervisor.log in the run's folder; the machine may be out of memory or processes.",
)


def _cannot_spawn(error: OSError) -> Outcome:
    return Outcome(
        f"The process for this run could not be started: {error.strerror}.",
        "The machine may be out of memory, processes or open files.",
    )


def _skips_deletion(run: Run) -> bool:
    return run.deletion is not None and run.deletion.phase == "skipped"


def _goes_first(other: Run, run: Run) -> bool:
    return _place_in_line(other) < _place_in_line(run)


def _place_in_line(run: Run) -> tuple[bool, bool, str]:
    """What has begun comes first, then what was handed on and is about to begin, then what waits, by age."""
    return run.state is RunState.QUEUED, bool(run.note), run.id


def in_the_way_of(run: Run, others: Iterable[Run]) -> Run | None:
    """The run that this queued one waits for; None if its way is free."""
    return first_at_its_places(run, (other for other in others if other.id != run.id and _goes_first(other, run)))


def first_at_its_places(run: Run, others: Iterable[Run]) -> Run | None:
    """The first of the others that cannot go on at the same time as this one, whichever came first."""
    return next((other for other in others if _shared_place(run, other)), None)


def obstacle(run: Run, other: Run | None) -> str:
    """Why the run must wait for the other, in words ("" = its way is free)."""
    place = _shared_place(run, other) if other else ""
    return f"{place} is being written by {other.job_name}." if other and place else ""


def _shared_place(run: Run, other: Run) -> str:
    """A place that the other writes and this one uses, or that it uses and this one writes."""
    source, dest = _locations(run)
    other_source, other_dest = _locations(other)
    pairs = [(mine, other_dest) for mine in (source, dest) if _writes(other)]
    if _writes(run):
        pairs += [(dest, theirs) for theirs in (other_source, other_dest)]
    for mine, theirs in pairs:
        if _overlap(mine, theirs):
            return theirs.path if theirs.is_local else f"{theirs.host}:{theirs.path}"
    return ""


def _writes(run: Run) -> bool:
    return run.kind in WRITING


def _locations(run: Run) -> tuple[Location, Location]:
    return engine(run.engine).locations(
        Job(id=run.job_id, name=run.job_name, source=run.source, dest=run.dest, type=run.engine)
    )


def _overlap(one: Location, other: Location) -> bool:
    if (one.kind, one.host) != (other.kind, other.host):
        return False
    first, second = os.path.normpath(one.path) + "/", os.path.normpath(other.path) + "/"
    return first.startswith(second) or second.startswith(first)
