"""Making, changing and deleting job definitions, checked against engine and disks; starts nothing."""

from collections.abc import Callable
from typing import Any

from core import guard
from core.host_keys import HostKeys
from core.remotes import Remotes
from core.tools import Tools
from core.views import DraftCheck
from engines.registry import engine, names
from models.errors import InvalidInput
from models.job import Job, JobDraft
from storage.job_store import JobStore
from storage.secret_store import SHARED, SecretStore
from storage.shared_job import impersonal
from utils.clock import Clock, local_text
from utils.ids import new_job_id
from utils.text import HOSTILE

Offload = Callable[..., Any]
PASSWORD = "rsync_password"  # noqa: S105  the name of the secret, not the secret
MAX_PASSWORD_BYTES = 500  # rsync reads 511 bytes of a password file and drops the rest
_NO_ENGINE = "Choose an engine that is installed here: {names}."


class Definitions:
    """What a person owns. Looking at disks is done through `offload`, because a dead mount blocks."""

    def __init__(
        self,
        jobs: JobStore,
        secrets: SecretStore,
        tools: Tools,
        host_keys: HostKeys,
        remotes: Remotes,
        offload: Offload,
        clock: Clock,
    ) -> None:
        self._jobs, self._secrets, self._tools, self._remotes = jobs, secrets, tools, remotes
        self._host_keys, self._offload, self._clock = host_keys, offload, clock

    def create(self, draft: JobDraft) -> Job:
        """Save a new definition; `InvalidInput` with a sentence beside each bad field."""
        now = local_text(self._clock.now())
        job = job_of(draft)._replace(id=new_job_id(), created_at=now, updated_at=now)
        self._refuse_problems(job, draft.password)
        created = self._jobs.create(job)
        self._keep_password(job.id, draft.password)
        return created

    def update(self, job_id: str, draft: JobDraft, expected: Job | None = None) -> Job:
        """Save a changed definition under its id; `JobChanged` where it is not the `expected` one any more.

        What the file asks for and this version cannot do keeps the job from starting, not from
        being changed, and stays in the file.
        """
        present = self._jobs.get(job_id)
        changed = present._replace(**_definition(job_of(draft)), settings=draft.settings)
        self._refuse_problems(changed, draft.password)
        settings = draft.settings._replace(unbuilt=present.settings.unbuilt)
        updated = self._jobs.update(changed._replace(settings=settings), present, expected)
        self._keep_password(job_id, draft.password)
        return updated

    def duplicate(self, job: Job, name: str) -> Job:
        """The same definition under another id and name, with its password: disabled, and without consent to delete.

        Nothing is checked: the original may lie on a disk that is not there now.
        """
        now = local_text(self._clock.now())
        settings = impersonal(job.settings)._replace(enabled=False)
        copy = Job(new_job_id(), name, job.source, job.dest, job.type, "pending", settings, now, now)
        created = self._jobs.create(copy)
        self._keep_password(copy.id, self.password(job.id) or None)
        return created

    def delete(self, job_id: str, expected: Job | None = None) -> None:
        self._jobs.delete(job_id, expected)
        self.forget(job_id)

    def forget(self, job_id: str) -> None:
        """What is kept of a job outside jobs.yaml and its runs."""
        self._secrets.forget(job_id)

    def check(self, draft: JobDraft) -> DraftCheck:
        """What saving the draft would say, without saving it."""
        job = job_of(draft)
        problems = self._problems(job, draft.password)
        if job.type not in names():
            return DraftCheck(problems)
        chosen = engine(job.type)
        folder = "" if {"source", "dest"} & problems.keys() else chosen.resulting_folder(job)
        return DraftCheck(problems, folder, self.warnings(job))

    def warnings(self, job: Job) -> tuple[str, ...]:
        """Sentences about what this job loses, from engine and tool."""
        state = self._tools.state(job.type)
        own = engine(job.type).warnings(job, guard.as_root())
        return (*own, state.warning) if state.warning else own

    def _refuse_problems(self, job: Job, password: str | None) -> None:
        if problems := self._problems(job, password):
            raise InvalidInput(problems)

    def _problems(self, job: Job, password: str | None) -> dict[str, str]:
        """All that is wrong with the fields; disks are looked at only where the text is sound."""
        if job.type not in names():
            return {"type": _NO_ENGINE.format(names=", ".join(names()))}
        chosen = engine(job.type)
        state = self._tools.state(job.type)
        problems = dict(chosen.problems(job, state.tool))
        if sentence := password_problem(password or ""):
            problems["password"] = sentence
        if not {"source", "dest"} & problems.keys():
            problems.update(self._offload(guard.folder_problems, *chosen.locations(job)))
            problems.update(self.remote_problems(job))
        return problems

    def remote_problems(self, job: Job) -> dict[str, str]:
        """Field → sentence for sides that lie on remotes which are not configured."""
        sides = zip(("source", "dest"), engine(job.type).locations(job), strict=True)
        return {field: sentence for field, side in sides if (sentence := self._remotes.absent(side))}

    def _keep_password(self, job_id: str, password: str | None) -> None:
        if password is None:
            return
        if password:
            self._secrets.set(job_id, PASSWORD, password)
        else:
            self._secrets.forget(job_id)

    def password(self, job_id: str) -> str:
        """The rsync daemon's password of a job ("" = none)."""
        return self._secrets.get(job_id, PASSWORD)

    def secret(self, job: Job) -> str:
        """What the job's tool gets by file ("" = nothing)."""
        name = engine(job.type).secret(job)
        return (self._secrets.get(job.id, name) or self._secrets.get(SHARED, name)) if name else ""


def password_problem(password: str) -> str:
    """Why the tool could not read it back from the file that it gets it by ("" = it can)."""
    if len(password.encode(errors="replace")) > MAX_PASSWORD_BYTES:
        return f"A password can have up to {MAX_PASSWORD_BYTES} bytes."
    if HOSTILE.search(password):
        return "A password is one line without characters that cannot be shown."
    return ""


def job_of(draft: JobDraft) -> Job:
    """The draft as a job that has no id yet."""
    return Job(
        id="",
        name=draft.name,
        source=draft.source,
        dest=draft.dest,
        type=draft.type,
        settings=draft.settings,
    )


def _definition(job: Job) -> dict[str, Any]:
    return {name: getattr(job, name) for name in ("name", "source", "dest", "type")}
