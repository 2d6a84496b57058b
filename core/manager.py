"""The only thing pages, API, command line and scheduler may ask to change anything."""

from collections.abc import Iterable
from shlex import join

from core.admission import Admission
from core.definitions import Definitions
from core.dispatch import Dispatcher
from core.host_keys import HostKey, HostKeys
from core.orders import CANCEL, PAUSE
from core.recoverables import Recoverables
from core.restoring import Restores
from core.retries import Retries
from core.run_index import RunIndex
from core.starting import Starting
from core.views import DraftCheck, Recoverable
from core.watcher import Watcher
from engines.registry import engine
from models.errors import JobBusy, NotRunning, RunNotFound
from models.events import JobsChanged
from models.findings import What
from models.job import Job, JobDraft
from models.request import Request
from models.run import Run, RunState
from storage.findings import FindingsPage, read_findings
from storage.job_store import JobStore
from storage.log_store import LogStore
from storage.run_store import RunStore

_BUSY = "This job is running, so it cannot be {} now. Pause it first."


class JobManager:
    """Create, update, delete, start, pause, cancel, recover. Raises `AppError` with words for the user.

    `restores` is the part for the way back: look into the copy, restore, rehearse; `retries` for files left out.
    Every method may be called from any (green) thread; what was answered is on disk.
    """

    def __init__(
        self,
        jobs: JobStore,
        runs: RunStore,
        logs: LogStore,
        host_keys: HostKeys,
        definitions: Definitions,
        starting: Starting,
        recoverables: Recoverables,
        admission: Admission,
        dispatcher: Dispatcher,
        watcher: Watcher,
        index: RunIndex,
        restores: Restores,
        retries: Retries,
    ) -> None:
        self._jobs, self._runs, self._logs, self._host_keys = jobs, runs, logs, host_keys
        self._definitions, self._starting = definitions, starting
        self._recoverables, self._admission = recoverables, admission
        self._dispatcher, self._watcher, self._index = dispatcher, watcher, index
        self.restores, self.retries = restores, retries

    # Definitions

    def create(self, draft: JobDraft) -> Job:
        job = self._definitions.create(draft)
        self._watcher.tell(JobsChanged())
        return job

    def update(self, job_id: str, draft: JobDraft, expected: Job | None = None) -> Job:
        """`JobBusy` while the job runs; `JobChanged` where it is not the `expected` one any more."""
        self._jobs.get(job_id)
        if self.active_run(job_id):
            raise JobBusy(_BUSY.format("changed"))
        job = self._definitions.update(job_id, draft, expected)
        self._watcher.tell(JobsChanged())
        return job

    def delete(self, job_id: str, expected: Job | None = None) -> None:
        """The definition and its history; never a file that was backed up. `JobBusy` and `JobChanged` as `update`."""
        self._jobs.get(job_id)
        with self._admission.without_run(job_id, _BUSY.format("deleted")):
            self._definitions.delete(job_id, expected)
            self._logs.put_away(job_id)
            self._runs.remove_job(job_id)
        self._index.forget(job_id)
        self._watcher.tell(JobsChanged())

    def check(self, draft: JobDraft) -> DraftCheck:
        return self._definitions.check(draft)

    def warnings(self, job_id: str) -> tuple[str, ...]:
        """What this job loses or cannot do, in sentences."""
        return self._definitions.warnings(self._jobs.get(job_id))

    def has_password(self, job_id: str) -> bool:
        return bool(self._definitions.password(job_id))

    def confirm_missing_jobs(self) -> None:
        """A person says that the jobs that vanished from jobs.yaml are meant to be gone."""
        self._jobs.confirm_missing()
        self._watcher.tell(JobsChanged())

    # Runs

    def start(self, job_id: str, trigger: str = "hand", accept_identity: bool = False, run_id: str = "") -> Run:
        """Begin a run, or carry on with one that did not finish; `run_id` where it was chosen before."""
        return self._begin(job_id, Request("backup", trigger, accept_identity, run_id=run_id))

    def verify(self, job_id: str, trigger: str = "hand") -> Run:
        """Compare the copy with the source, by content; changes neither."""
        return self._begin(job_id, Request("verify", trigger))

    def preview(self, job_id: str, trigger: str = "hand") -> Run:
        """Find out what a run would copy; changes nothing."""
        return self._begin(job_id, Request("preview", trigger))

    def _begin(self, job_id: str, request: Request) -> Run:
        run = self._starting.start(self._jobs.get(job_id), request)
        self._watcher.notice(run)
        return run

    def findings(
        self, run_id: str, what: Iterable[What] = (), search: str = "", offset: int = 0, limit: int = 100
    ) -> FindingsPage:
        """What a run found out about single files, a part of it."""
        run = self._runs.find(run_id)
        return read_findings(self._runs.folder, run.job_id, run.id, what, search, offset, limit)

    def pause(self, job_id: str) -> Run:
        """Stop the job's run and keep what it copied; a run that waits in the queue leaves it."""
        run = self._active_or_refuse(job_id, "pause")
        if run.state is RunState.QUEUED and run.note:
            return self._leave_queue(run)
        self._dispatcher.tell(run, PAUSE)
        return run

    def cancel(self, job_id: str) -> Run:
        """Take a run out of the queue, or out of the wait before another try."""
        run = self._active_or_refuse(job_id, "cancel")
        if run.state is RunState.QUEUED:
            return self._leave_queue(run)
        if run.state is not RunState.WAITING:
            raise NotRunning("This run has begun, so it cannot be cancelled. Pause it instead.")
        self._dispatcher.tell(run, CANCEL)
        return run

    def _active_or_refuse(self, job_id: str, what: str) -> Run:
        self._jobs.get(job_id)
        run = self.active_run(job_id)
        if run is None:
            raise NotRunning(f"This job is not running, so there is nothing to {what}.")
        return run

    def _leave_queue(self, run: Run) -> Run:
        ended = self._admission.cancel(run)
        if ended.is_active:
            self._dispatcher.tell(ended, PAUSE)
        return ended

    def active_run(self, job_id: str) -> Run | None:
        """The job's run under way, as recorded now."""
        return next((run for run in self._admission.active() if run.job_id == job_id), None)

    def run(self, run_id: str) -> Run:
        """The record, with the live figures while it is active; `RunNotFound`."""
        run = self._runs.find(run_id)
        live = self._runs.read_live(run.job_id, run.id) if run.is_active else None
        return live if live and live.seq > run.seq else run

    def runs(self, job_id: str, limit: int = 50, before: str = "") -> tuple[Run, ...]:
        """Newest first; the active one leads."""
        marked = None if before else self._marked(job_id)
        ended = self._runs.history(job_id, limit, before)
        return ended if marked is None or marked.id in {run.id for run in ended} else (marked, *ended)

    def latest(self, job_id: str) -> Run | None:
        """The active run, else the one that ended last, as the files say at this moment."""
        return self._marked(job_id) or self._runs.last(job_id)

    def _marked(self, job_id: str) -> Run | None:
        """The job's run that is active, or whose end is just being recorded."""
        run_id = dict(self._runs.active()).get(job_id)
        try:
            return self.run(run_id) if run_id else None
        except RunNotFound:
            return None

    # Logs

    def log_text(self, run_id: str, offset: int = 0) -> tuple[str, int]:
        """Whole lines from the byte `offset` on, and the offset after them."""
        run = self._runs.find(run_id)
        return self._logs.run_text(run.job_id, run.id, offset)

    # What a job needs from a person

    def command(self, job_id: str) -> tuple[str, ...]:
        """The exact commands of the next run, quoted for a shell; secrets are never in them."""
        return tuple(join(step.argv) for step in self._starting.command(self._jobs.get(job_id)))

    def host_key(self, job_id: str) -> HostKey:
        """The key that the job's ssh host shows now; `NotRunning` for a job without one."""
        host, port = self._ssh_host(job_id)
        return self._host_keys.scan(host, port)

    def accept_host_key(self, job_id: str, fingerprints: tuple[str, ...]) -> None:
        """Trust the host from now on, if it still shows exactly these fingerprints."""
        host, port = self._ssh_host(job_id)
        self._host_keys.accept(host, port, fingerprints)

    def _ssh_host(self, job_id: str) -> tuple[str, int | None]:
        job = self._jobs.get(job_id)
        for side in engine(job.type).locations(job):
            if side.kind == "ssh":
                return side.host, job.settings.ssh.port
        raise NotRunning("This job does not use ssh.")

    # Recovery

    def recoverable(self) -> tuple[Recoverable, ...]:
        """What the recovery prompt offers."""
        return self._recoverables.offered(self._admission.active())

    def resume(self, job_id: str) -> Run:
        return self.start(job_id, trigger="resume")

    def mark_paused(self, job_id: str) -> None:
        """Leave the job as it is, paused, and stop asking."""
        self._recoverables.settle(self._jobs.get(job_id))
        self._watcher.tell(JobsChanged())

    def dismiss_recovery(self) -> None:
        """Stop asking about what is offered now; changes no job."""
        self._recoverables.dismiss(self._admission.active())
        self._watcher.tell(JobsChanged())
