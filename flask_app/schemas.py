"""What the JSON API takes and gives: the shapes of bodies and answers, and sentences for what does not fit."""

from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from core.views import DashboardView, JobView
from engines.base import ToolState
from flask_app.utils.kinds import told_status
from models.errors import InvalidInput
from models.job import Job, JobDraft, JobSettings, SshAccess
from models.run import Run

NO_CONSENT = "This must be true where delete_source_after is: files at the source are deleted for good."
TEXT, PATTERNS, PATTERN = 10_000, 1_000, 4_096
Body = TypeVar("Body", bound="Strict")
KINDS = {"int": "a whole number", "string": "text", "bool": "true or false", "list": "a list", "float": "a number"}
PLAIN = (
    "bandwidth_limit", "enabled", "mode", "max_retries", "list_files", "stall_minutes", "verify",
    "delete_source_after", "deletion_mode", "deletion_confirmed", "skip_deletion_this_run",
)  # fmt: skip
LISTS = ("exclude", "include", "tags", "options")
Text = Field(default="", max_length=TEXT)


class Strict(BaseModel):
    """No field is guessed and none is ignored."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SshBody(Strict):
    port: int | None = Field(default=None, ge=1, le=65535)
    key: str | None = Field(default=None, max_length=PATTERN)


class SettingsBody(Strict):
    """The settings of a job that this version carries out; absent means the global default."""

    bandwidth_limit: int | None = Field(default=None, ge=0, le=100_000_000)
    enabled: bool = True
    mode: Literal["copy"] = "copy"
    exclude: list[str] = Field(default=[], max_length=PATTERNS)
    include: list[str] = Field(default=[], max_length=PATTERNS)
    max_retries: int | None = Field(default=None, ge=0, le=20)
    tags: list[str] = Field(default=[], max_length=50)
    options: list[str] = Field(default=[], max_length=50)
    ssh: SshBody = SshBody()
    list_files: bool = False
    stall_minutes: float = Field(default=2.0, ge=0.01, le=100_000)
    verify: Literal["fast", "checksum", "verify_after"] | None = None
    delete_source_after: bool = False
    deletion_mode: Literal["verify_then_delete", "per_file"] = "verify_then_delete"
    deletion_confirmed: bool = False
    skip_deletion_this_run: bool = False

    @field_validator("options", mode="before")
    @classmethod
    def _switched_on(cls, options: Any) -> Any:
        """Also `{"compress": true, "sparse": false}`."""
        if isinstance(options, dict) and all(isinstance(value, bool) for value in options.values()):
            return [name for name, is_on in options.items() if is_on]
        return options

    def values(self) -> JobSettings:
        """`InvalidInput` where files are to be deleted and nobody agreed."""
        if self.delete_source_after and not self.deletion_confirmed:
            raise InvalidInput({"settings.deletion_confirmed": NO_CONSENT})
        values: dict[str, Any] = {name: getattr(self, name) for name in PLAIN}
        values |= {name: tuple(getattr(self, name)) for name in LISTS}
        return JobSettings(**values, ssh=SshAccess(self.ssh.port, self.ssh.key))


class JobBody(Strict):
    """A whole definition. `password` is for an rsync daemon; it is taken and never given."""

    name: str = Text
    type: str = Text
    source: str = Text
    dest: str = Text
    settings: SettingsBody = SettingsBody()
    password: str | None = Field(default=None, max_length=1_000)

    def draft(self) -> JobDraft:
        return JobDraft(self.name, self.type, self.source, self.dest, self.settings.values(), self.password)

    @classmethod
    def changed(cls, job: Job, changes: dict[str, Any]) -> Self:
        """The definition of `job` with `changes` laid over it; settings and ssh are merged by key."""
        present = {name: getattr(job, name) for name in ("name", "type", "source", "dest")}
        settings = changes.get("settings", {})
        if isinstance(settings, dict):
            settings = _merged(editable_settings(job.settings), settings)
        return parsed(cls, {**present, **changes, "settings": settings})


class StartBody(Strict):
    """`accept_identity`: a person has seen that source or destination is another file system now."""

    accept_identity: bool = False


def _merged(present: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = {**present, **changes}
    if isinstance(changes.get("ssh"), dict):
        merged["ssh"] = {**present["ssh"], **changes["ssh"]}
    return merged


def parsed(body: type[Body], values: Any) -> Body:
    """The body, or `InvalidInput` with a sentence per field."""
    try:
        return body.model_validate(values)
    except ValidationError as error:
        raise InvalidInput({_field(detail): _sentence(detail) for detail in error.errors()}) from error


def _field(detail: ErrorDetails) -> str:
    """The path as it stands in the body: `settings.ssh.port`."""
    return ".".join(str(part) for part in detail["loc"] if not isinstance(part, int)) or "body"


def _sentence(detail: ErrorDetails) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return "There is no such field in this version."
    if kind in {"greater_than_equal", "less_than_equal"}:
        word = "least" if kind.startswith("greater") else "most"
        return f"This must be at {word} {context.get('ge', context.get('le'))}."
    if kind in {"string_too_long", "too_long"}:
        return f"This is too long: at most {context['max_length']} are allowed."
    if kind == "literal_error":
        return f"Allowed is {context['expected']}."
    return f"This must be {KINDS.get(kind.split('_')[0], 'an object')}."


def editable_settings(settings: JobSettings) -> dict[str, Any]:
    """The settings as the API takes them."""
    values: dict[str, Any] = {name: getattr(settings, name) for name in PLAIN}
    values |= {name: list(getattr(settings, name)) for name in LISTS}
    return {**values, "ssh": {"port": settings.ssh.port, "key": settings.ssh.key}}


def job_answer(view: JobView) -> dict[str, Any]:
    """A job with the backup run that matters now, the active one, else the last; `active_run_id` may be of any kind."""
    job, active = view.job, view.active
    run = active if active and active.kind == "backup" else view.last
    return {
        "id": job.id,
        "name": job.name,
        "type": job.type,
        "source": job.source,
        "dest": job.dest,
        "status": told_status(view.settled if view.settled and run is view.last else run) if run else job.status,
        "state": view.state,
        "problem": view.problem,
        "unbuilt": list(job.settings.unbuilt),
        "settings": editable_settings(job.settings),
        "progress": run.progress.to_json() if run else None,
        "run_id": run.id if run else None,
        "active_run_id": active.id if active else None,
        "active_kind": active.kind if active else None,
        "last_good_at": view.last_good.ended_at if view.last_good else None,
        "last_proven_at": getattr(view, "last_proven", "") or None,
        "actions": sorted(view.actions),
        "created_at": job.created_at,
        "updated_at": job.updated_at,
    }


def run_answer(run: Run) -> dict[str, Any]:
    """A run's record; `result` is what the tool itself reported."""
    outcome, statistics = run.outcome, run.statistics
    return {
        "id": run.id,
        "run_id": run.id,
        "job_id": run.job_id,
        "job_name": run.job_name,
        "kind": run.kind,
        "state": run.state.value,
        "status": told_status(run),
        "percent": run.progress.percent,
        "note": run.note,
        "progress": run.progress.to_json(),
        "attempt": run.attempt,
        "attempts": run.attempts,
        "trigger": run.trigger,
        "resumes": run.resumes or None,
        "retries": run.retries or None,
        "created_at": run.created_at,
        "started_at": run.started_at or None,
        "ended_at": run.ended_at or None,
        "exit_code": outcome.exit_code,
        "signal": outcome.signal,
        "reason": outcome.reason,
        "next_step": outcome.next_step,
        "failed_files": list(outcome.failed_files),
        "failed_count": outcome.failed_count,
        "result": statistics._asdict(),
        "verification": run.verification._asdict() if run.verification else None,
        "deletion": run.deletion._asdict() if run.deletion else None,
        "tallies": {tally.what: {"files": tally.files, "bytes": tally.bytes} for tally in run.tallies},
        "phases": [{"state": mark.state.value, "at": mark.at} for mark in run.phases],
        "seq": run.seq,
    }


def started_answer(run: Run) -> dict[str, Any]:
    return {"run_id": run.id, "job_id": run.job_id, "state": run.state.value}


def stats_answer(board: DashboardView) -> dict[str, Any]:
    return {
        "jobs": board.total,
        "active": len(board.active),
        "waiting": len(board.waiting),
        "attention": len(board.attention),
        "protected": board.protected,
        "never_run": board.never_run,
        "failed_24h": board.failed_24h,
        "total_bytes": board.total_bytes,
        "last_good_at": board.last_good_at or None,
    }


def tool_answer(state: ToolState) -> dict[str, Any]:
    tool = state.tool
    version = ".".join(str(part) for part in tool.version) if tool else None
    return {
        "name": state.name,
        "installed": tool is not None,
        "path": tool.path if tool else None,
        "version": version,
        "message": state.sentence,
        "warning": state.warning,
    }
