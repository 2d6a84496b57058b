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

_DOUBT = "jobs.yaml says that it runs, but no process of it was found here. It may still run on another machine."


class Recoverables:
    """A dismissed run is marked in its folder, so that no other browser or process asks again."""

    def __init__(self, folder: DataFolder, jobs: JobStore, index: RunIndex, foreign: ForeignRuns) -> None:
        self._folder, self._jobs, self._index, self._foreign = folder, jobs, index, foreign
        self._dismissed: set[tuple[str, str]] = set()

    def offered(self, active: Iterable[Run]) -> tuple[Recoverable, ...]:
        busy = {run.job_id for run in active}
        jobs = self._jobs.snapshot().jobs.values()
        offers = (self._offer(job) for job in jobs if job.id not in busy)
        return tuple(offer for offer in offers if offer)

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
        if run is None:
            self._dismissed.add((job.id, job.updated_at))
        else:
            self._mark(run).touch(mode=0o600)
