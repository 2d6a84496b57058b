"""Small changes to jobs for which neither disks nor tools are looked at: on and off, tags, a copy; starts nothing."""

import re

from core.admission import Admission
from core.definitions import Definitions
from core.watcher import Watcher
from engines.field_checks import MAX_NAME, MAX_TAG, MAX_TAGS
from models.errors import AppError, InvalidInput
from models.events import JobsChanged
from models.job import Job, JobSettings
from storage.job_store import JobStore
from utils.text import HOSTILE

_RUNNING = "This job is running, so it cannot be disabled now. Pause it first."
_COPY = re.compile(r" \(copy(?: \d+)?\)\Z")


class TooManyTags(AppError):
    code = "too_many_tags"

    def __init__(self) -> None:
        super().__init__(f"This job has {MAX_TAGS} tags already, which is the limit.")


class Upkeep:
    """Every method may be called from any (green) thread; what was answered is on disk."""

    def __init__(self, jobs: JobStore, definitions: Definitions, admission: Admission, watcher: Watcher) -> None:
        self._jobs, self._definitions = jobs, definitions
        self._admission, self._watcher = admission, watcher

    def enable(self, job_id: str) -> Job:
        return self._set(self._jobs.get(job_id), enabled=True)

    def disable(self, job_id: str) -> Job:
        """`JobBusy` while the job has a run."""
        with self._admission.without_run(job_id, _RUNNING):
            return self._set(self._jobs.get(job_id), enabled=False)

    def add_tag(self, job_id: str, tag: str) -> Job:
        job, tag = self._jobs.get(job_id), checked_tag(tag)
        tags = job.settings.tags
        if tag not in tags and len(tags) >= MAX_TAGS:
            raise TooManyTags
        return self._set(job, tags=tags if tag in tags else (*tags, tag))

    def remove_tag(self, job_id: str, tag: str) -> Job:
        job, tag = self._jobs.get(job_id), checked_tag(tag)
        return self._set(job, tags=tuple(other for other in job.settings.tags if other != tag))

    def duplicate(self, job_id: str) -> Job:
        """A copy called "… (copy)" that starts nothing by itself."""
        job = self._jobs.get(job_id)
        names = {other.name for other in self._jobs.snapshot().jobs.values()}
        copy = self._definitions.duplicate(job, copy_name(job.name, names))
        self._watcher.tell(JobsChanged())
        return copy

    def _set(self, job: Job, **changes: object) -> Job:
        settings: JobSettings = job.settings._replace(**changes)  # type: ignore[arg-type]
        if settings == job.settings:
            return job
        changed = self._jobs.update(job._replace(settings=settings), base=job)
        self._watcher.tell(JobsChanged())
        return changed


def checked_tag(text: str) -> str:
    """The tag without spaces around it; `InvalidInput` where it is none."""
    tag = text.strip()
    if not tag:
        raise InvalidInput({"tag": "Write a tag, for example family."})
    if len(tag) > MAX_TAG or HOSTILE.search(tag) or "," in tag:
        raise InvalidInput({"tag": f"A tag has up to {MAX_TAG} characters that can be shown, and no comma."})
    return tag


def copy_name(name: str, taken: set[str]) -> str:
    """`Photos (copy)`, then `Photos (copy 2)`; a name that would get too long loses its end."""
    stem, number = _COPY.sub("", name), 1
    while True:
        end = " (copy)" if number == 1 else f" (copy {number})"
        found = stem[: MAX_NAME - len(end)] + end
        if found not in taken:
            return found
        number += 1
