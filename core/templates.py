"""Definitions kept to make new jobs from, and jobs as YAML to share; it makes no job itself."""

from core.definitions import Definitions
from engines.field_checks import MAX_NAME
from models.errors import InvalidInput, TemplateNotFound
from models.job import Job, JobDraft
from storage.file_problem import Unreadable
from storage.job_store import JobStore
from storage.shared_job import impersonal, read_shared, shared_text
from storage.template_store import TemplateStore
from utils.text import HOSTILE


class Templates:
    """A template is a draft without password and consent, under a name of its own."""

    def __init__(self, store: TemplateStore, jobs: JobStore, definitions: Definitions) -> None:
        self._store, self._jobs, self._definitions = store, jobs, definitions

    def all(self) -> tuple[JobDraft, ...]:
        return self._store.all()

    def get(self, name: str) -> JobDraft:
        for draft in self._store.all():
            if draft.name == name:
                return draft
        raise TemplateNotFound

    def keep_job(self, job_id: str, name: str) -> None:
        """Keep the job's definition as a template; `InvalidInput` where the name will not do."""
        self.keep(draft_of(self._jobs.get(job_id)), name)

    def keep(self, draft: JobDraft, name: str) -> None:
        self._store.add(draft._replace(name=_checked(name), password=None))

    def delete(self, name: str) -> None:
        if not self._store.remove(name):
            raise TemplateNotFound

    def text(self, name: str) -> str:
        """The template as YAML to share."""
        return shared_text(self.get(name))

    def job_text(self, job_id: str) -> str:
        """The job as YAML to share."""
        return shared_text(draft_of(self._jobs.get(job_id)))

    def read(self, content: bytes) -> JobDraft:
        """What somebody shared; `InvalidInput` with line and reason. Whether it can run is judged by the form."""
        try:
            return read_shared(content)
        except Unreadable as error:
            raise InvalidInput({"text": _sentence(error)}) from error

    def stays_behind(self, job: Job) -> tuple[str, ...]:
        """What of this job a template or a shared file does not hold, in words."""
        found = [f"the setting `{name}`, which this version does not carry out" for name in job.settings.unbuilt]
        if self._definitions.password(job.id):
            found.insert(0, "the password of the rsync daemon")
        if job.settings.delete_source_after:
            found.append("your consent to delete files at the source")
        return tuple(found)


def draft_of(job: Job) -> JobDraft:
    return JobDraft(job.name, job.type, job.source, job.dest, impersonal(job.settings))


def _checked(name: str) -> str:
    if not name.strip():
        raise InvalidInput({"name": "Give the template a name."})
    if len(name) > MAX_NAME or HOSTILE.search(name):
        raise InvalidInput({"name": f"A name has up to {MAX_NAME} characters that can be shown."})
    return name.strip()


def _sentence(error: Unreadable) -> str:
    place = "" if error.line is None else f"Line {error.line}: "
    return f"{place}{error.reason}."
