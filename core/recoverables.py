"""What the recovery prompt offers: runs that were interrupted, and jobs that only claim to run."""

from collections.abc import Iterable
from pathlib import Path

from core.foreign import ForeignRuns, explains_running
from core.run_index import RunIndex
from core.views import Recoverable
from models.job import Job
from models.run import Run, RunState
from storage.data_folder import DataFolder
from storage.job_store import JobStore
from utils.clock import Clock

_HOLDS = 1.0  # seconds: every page asks, and only another process may dismiss unseen
_DOUBT = "jobs.yaml says that it runs, but no process of it was found here. It may still run on another machine."


class Recoverables:
    """A dismissed run is marked in its folder, so that no other browser or process asks again."""

    def __init__(self, folder: DataFolder, jobs: JobStore, index: RunIndex, foreign: ForeignRuns, clock: Clock) -> None:
        self._folder, self._jobs, self._index, self._foreign, self._clock = folder, jobs, index, foreign, clock
        self._known: tuple[object, float, tuple[Recoverable, ...]] = (None, 0.0, ())
        self._dismissed: set[tuple[str, str]] = set()
        self._possible: tuple[object, ...] = ()
        self._possible_jobs: list[Job] = []

    def offered(self, active: Iterable[Run]) -> tuple[Recoverable, ...]:
        busy = frozenset(run.job_id for run in active)
        possible, now = self._possible_now(), self._clock.monotonic()
        if self._known[0] != (self._possible[1:], busy) or now >= self._known[1]:
            offers = (self._offer(job) for job in possible if job.id not in busy)
            found = tuple(offer for offer in offers if offer)
            self._known = ((self._possible[1:], busy), now + _HOLDS, found)
        return self._known[2]

    def _possible_now(self) -> list[Job]:
        """The jobs to look at; every page asks, so it is worked out again only when a job or a run changed."""
        jobs, known = self._jobs.snapshot().jobs, self._index.known
        key = (jobs, known.version, known.filled)
        if not self._possible or self._possible[0] is not jobs or self._possible[1:] != key[1:]:
            self._possible_jobs = [job for job in jobs.values() if self._is_possible(job)]
            self._possible, self._known = key, (None, 0.0, ())
        return self._possible_jobs

    def _is_possible(self, job: Job) -> bool:
        return job.status == "running" or self._index.last_state(job.id) is RunState.INTERRUPTED

    def _offer(self, job: Job) -> Recoverable | None:
        last = self._index.latest(job.id).last
        if job.status == "running" and self._is_abandoned(job, last):
            return Recoverable(job, None, _DOUBT, abandoned=True)
        if last and last.state is RunState.INTERRUPTED and not self._mark(last).exists():
            return Recoverable(job, last, last.outcome.reason)
        return None

    def _is_abandoned(self, job: Job, last: Run | None) -> bool:
        if (job.id, job.updated_at) in self._dismissed or explains_running(job, last):
            return False
        return self._foreign.doubt(job) == "abandoned"

    def _mark(self, run: Run) -> Path:
        return self._folder.run_folder(run.job_id, run.id) / "dismissed"

    def dismiss(self, active: Iterable[Run]) -> None:
        for offer in self.offered(active):
            self._dismiss(offer.job, offer.run)

    def settle(self, job: Job) -> None:
        """The job is paused and no longer asked about; only a person's click comes here."""
        last = self._index.latest(job.id).last
        if job.status == "running":
            self._jobs.set_status(job.id, "paused")
        self._dismiss(job, last if last and last.state is RunState.INTERRUPTED else None)

    def _dismiss(self, job: Job, run: Run | None) -> None:
        self._known = (None, 0.0, ())
        if run is None:
            self._dismissed.add((job.id, job.updated_at))
        else:
            self._mark(run).touch(mode=0o600)
