"""Taking in many jobs at once: what is wrong with each, and all of them or none; it reads no file."""

from collections.abc import Sequence

from core.definitions import Definitions, job_of
from core.drafts import Drafts
from core.templates import draft_of
from core.watcher import Watcher
from models.events import JobsChanged
from models.job import Job, JobDraft
from storage.job_store import JobStore
from storage.shared_jobs import shared_jobs_text
from utils.clock import Clock, local_text
from utils.ids import new_job_id

Twin = tuple[str, str, str]


class Imports:
    """Gives way to other green threads after each job that it looked at."""

    def __init__(
        self, jobs: JobStore, definitions: Definitions, drafts: Drafts, watcher: Watcher, clock: Clock
    ) -> None:
        self._jobs, self._definitions, self._drafts = jobs, definitions, drafts
        self._watcher, self._clock = watcher, clock

    def text(self) -> str:
        """All jobs as YAML: no secret, no state, no consent."""
        drafts = (_whole_draft(job) for job in self._jobs.snapshot().jobs.values())
        return shared_jobs_text(drafts, self.breathe)

    def breathe(self) -> None:
        """Let other green threads go on."""
        self._clock.sleep(0)

    def present(self) -> set[Twin]:
        """What tells the jobs that are there from each other, for a person."""
        return {(job.name, job.source, job.dest) for job in self._jobs.snapshot().jobs.values()}

    def problems(self, drafts: Sequence[JobDraft]) -> list[dict[str, str]]:
        """For each, field → sentence, as saving it by itself would say; empty where it would be saved."""
        pairs = zip(drafts, self._drafts.silent(drafts), strict=True)
        return [silent or self._checked(draft) for draft, silent in pairs]

    def _checked(self, draft: JobDraft) -> dict[str, str]:
        self.breathe()
        return dict(self._definitions.check(draft).fields)

    def create(self, drafts: Sequence[JobDraft]) -> tuple[Job, ...]:
        """All of them with one write, or none. The caller has seen to it that none has problems."""
        now = local_text(self._clock.now())
        jobs = [job_of(draft)._replace(id=new_job_id(), created_at=now, updated_at=now) for draft in drafts]
        made = self._jobs.create_all(jobs)
        self._watcher.tell(JobsChanged())
        return made


def _whole_draft(job: Job) -> JobDraft:
    """What is off stays off: this is a move to another machine, not a job for somebody else."""
    draft = draft_of(job)
    return draft._replace(settings=draft.settings._replace(enabled=job.settings.enabled))
