"""Stand-ins for the core: they keep what they are told and answer at once; nothing is run."""

from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from core.audit import NOBODY, NOTHING, AuditPage, Subject, Who
from core.audit_actions import Action
from core.bus import EventBus
from core.views import DashboardView, DraftCheck, JobView, Page
from engines.base import Tool, ToolState
from models.audit import AuditRecord, Outcome
from models.errors import InvalidInput, JobBusy, JobNotFound, NotRunning, RunNotFound
from models.job import Job, JobDraft
from models.run import Run, RunState
from models.settings import Config, Settings
from storage.audit_reading import Wanted
from storage.log_search import LogPage
from tests import build

if TYPE_CHECKING:
    from core.container import Container

RSYNC = ToolState("rsync", Tool("/usr/bin/rsync", (3, 5, 0)))


class FakeJobs:
    """A job store in memory."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}

    def get(self, job_id: str) -> Job:
        if job_id not in self.jobs:
            raise JobNotFound
        return self.jobs[job_id]

    def unwritable(self) -> str:
        return ""

    def snapshot(self) -> Any:
        return SimpleNamespace(jobs=self.jobs, problems=(), revision=len(self.jobs), writable=True, missing=())


class FakeManager:
    """A manager whose runs only change when a test says so."""

    def __init__(self, jobs: FakeJobs) -> None:
        self._jobs = jobs
        self.recorded: dict[str, Run] = {}
        self.log = ""

    def create(self, draft: JobDraft) -> Job:
        if not draft.name:
            raise InvalidInput({"name": "Give the job a name."})
        job = build.job(name=draft.name, source=draft.source, dest=draft.dest, settings=draft.settings)
        self._jobs.jobs[job.id] = job
        return job

    def update(self, job_id: str, draft: JobDraft, expected: Job | None = None) -> Job:
        job = self._jobs.get(job_id)._replace(name=draft.name, source=draft.source, settings=draft.settings)
        self._jobs.jobs[job_id] = job
        return job

    def delete(self, job_id: str, expected: Job | None = None) -> None:
        self._jobs.get(job_id)
        if self.active_run(job_id):
            raise JobBusy("This job is running. Pause it first.")
        del self._jobs.jobs[job_id]

    def check(self, draft: JobDraft) -> DraftCheck:
        return DraftCheck({})

    def start(self, job_id: str, trigger: str = "hand", accept_identity: bool = False) -> Run:
        self._jobs.get(job_id)
        if self.active_run(job_id):
            raise JobBusy("This job is already running.")
        return self.keep(build.run(job_id=job_id, trigger=trigger))

    def preview(self, job_id: str, trigger: str = "hand") -> Run:
        return self.keep(self.start(job_id, trigger)._replace(kind="preview"))

    def verify(self, job_id: str, trigger: str = "hand") -> Run:
        return self.keep(self.start(job_id, trigger)._replace(kind="verify"))

    def pause(self, job_id: str) -> Run:
        run = self.active_run(job_id)
        if run is None:
            raise NotRunning("This job is not running.")
        return self.keep(run._replace(state=RunState.PAUSING))

    cancel = pause

    def keep(self, run: Run) -> Run:
        self.recorded[run.id] = run
        return run

    def active_run(self, job_id: str) -> Run | None:
        return next((run for run in self.recorded.values() if run.job_id == job_id and run.is_active), None)

    def run(self, run_id: str) -> Run:
        if run_id not in self.recorded:
            raise RunNotFound
        return self.recorded[run_id]

    def latest(self, job_id: str) -> Run | None:
        return next((run for run in reversed(self.recorded.values()) if run.job_id == job_id), None)

    def runs(self, job_id: str, limit: int = 50, before: str = "") -> tuple[Run, ...]:
        return tuple(run for run in self.recorded.values() if run.job_id == job_id)[:limit]

    def logs(self, limit: int = 500, job_id: str = "") -> tuple[Any, ...]:
        return ()

    def recoverable(self) -> tuple[Any, ...]:
        return ()

    def dismiss_recovery(self) -> None:
        """Nothing was offered."""

    def log_text(self, run_id: str, offset: int = 0) -> tuple[str, int]:
        self.run(run_id)
        return self.log[offset:], len(self.log)


class FakeQueries:
    """Views of what the fakes hold."""

    def __init__(self, jobs: FakeJobs, manager: FakeManager) -> None:
        self._jobs, self._manager = jobs, manager

    def job_view(self, job_id: str) -> JobView:
        return JobView(self._jobs.get(job_id), self._manager.active_run(job_id))

    def job_views(self, search: str = "", state: str = "", engine: str = "", tag: str = "", **how: Any) -> Page:
        jobs = [job for job in self._jobs.jobs.values() if search in job.name and tag in ("", *job.settings.tags)]
        page, per_page = how.get("page", 1), how.get("per_page", 50)
        rows = tuple(self.job_view(job.id) for job in jobs[(page - 1) * per_page : page * per_page])
        return Page(rows, len(jobs), page, max(1, -(-len(jobs) // per_page)), {})

    def every_job(self) -> tuple[JobView, ...]:
        return tuple(self.job_view(job_id) for job_id in self._jobs.jobs)

    def blocker(self, run: Run) -> Run | None:
        return None

    def dashboard(self) -> DashboardView:
        return DashboardView(len(self._jobs.jobs), (), (), (), 0, 0, 0, 0, "", ())

    def revision(self) -> str:
        return "1"

    def notices(self) -> tuple[str, ...]:
        return ()


class FakeWatcher:
    """A watcher that sees nothing; it only takes its two questions."""

    def __init__(self) -> None:
        self.has_listeners: Callable[[], bool] = lambda: False
        self.wants_log: Callable[[str], bool] = lambda job_id: False

    def start(self) -> None:
        """Nothing to watch."""


class FakeDrafts:
    """Finds nothing wrong and knows no disks."""

    def check(self, draft: JobDraft, job_id: str = "") -> DraftCheck:
        return DraftCheck({})

    def refuse_silent(self, draft: JobDraft) -> None:
        """Every disk answers."""


class FakePlaces:
    """A machine without disks, folders and remotes."""

    engine = "rclone"

    def disks(self) -> tuple[Any, ...]:
        return ()

    homely = all = disks


class FakeAudit:
    """An audit log in memory; every refusal is kept."""

    trouble = None

    def __init__(self) -> None:
        self.records: list[AuditRecord] = []

    def record(
        self,
        action: Action,
        who: Who = NOBODY,
        about: Subject | Sequence[Subject] = NOTHING,
        outcome: Outcome = "done",
        code: str = "",
        status: int | None = None,
        asked: str = "",
    ) -> None:
        for one in [about] if isinstance(about, Subject) else about:
            self.records.append(
                AuditRecord(build.MOMENT, action, outcome, code, status, *who, asked, *one[:3], names=one.names)
            )

    def page(self, wanted: Wanted, before: str = "", limit: int = 50) -> AuditPage:
        return AuditPage(tuple(self.each(wanted))[:limit])

    def each(self, wanted: Wanted) -> Iterator[AuditRecord]:
        return filter(wanted.fits, reversed(self.records))


class FakeLogs:
    """A machine on which nothing was ever written."""

    def knows(self, _job_id: str) -> bool:
        return False

    def before(self, *_: Any) -> LogPage:
        return LogPage(())

    after = before

    def all(self, *_: Any) -> Any:
        return iter(())


def container() -> "Container":
    """The fakes joined as the real container joins the real parts."""
    jobs = FakeJobs()
    manager = FakeManager(jobs)
    parts = {
        "manager": manager,
        "queries": FakeQueries(jobs, manager),
        "bus": EventBus(),
        "watcher": FakeWatcher(),
        "jobs": jobs,
        "settings": SimpleNamespace(load=Settings, problems=lambda: ()),
        "configs": SimpleNamespace(load=Config, problems=lambda: ()),
        "ssh_keys": SimpleNamespace(all=lambda: ()),
        "tools": SimpleNamespace(all=lambda: (RSYNC,)),
        "drafts": FakeDrafts(),
        "places": FakePlaces(),
        "remote_places": FakePlaces(),
        "log_reading": FakeLogs(),
        "audit": FakeAudit(),
    }
    return cast("Container", SimpleNamespace(**parts))
