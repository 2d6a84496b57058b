"""One job of jobs.yaml between its YAML values and the `Job` they mean; not where it stands in the file."""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from models.job import Job, JobSettings, SshAccess
from models.progress import Progress
from storage.file_problem import Unreadable
from storage.status_text import legacy_figures
from storage.yaml_scalars import Trap
from utils.ids import is_job_id
from utils.text import without_password

Values = dict[str, Any]
Path = tuple[str | int, ...]
_TYPE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
UNBUILT = (
    "mode", "schedule", "expect_every_days", "after", "on_mount",
    "on_host", "priority", "max_hours", "notify", "max_delete", "undo_days", "versions", "hooks",
    "limits", "host",
)  # fmt: skip
_DEFAULTS = {"mode": "copy"}


def _job_id(value: Any) -> Any:
    if isinstance(value, str) and not is_job_id(value):
        raise ValueError("use letters, digits, `-`, `_` and `.` only, at most 64")
    return value


def _type(value: Any) -> Any:
    if isinstance(value, str) and not _TYPE.fullmatch(value):
        raise ValueError("this is not the name of an engine")
    return value


def _names(value: Any) -> Any:
    """A list of names, or a map of name to whether it is on."""
    if isinstance(value, dict) and all(isinstance(item, bool) for item in value.values()):
        return [name for name, on in value.items() if on]
    return value


Text = Annotated[str, Field(min_length=1)]
Natural = Annotated[int, Field(ge=0)]
Number = Annotated[int | float, Field(allow_inf_nan=False)]


class StrictDocument(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class SshDocument(StrictDocument):
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    key: str | None = None


class SettingsDocument(StrictDocument):
    bandwidth_limit: Natural | None = None
    enabled: bool = True
    mode: str = "copy"
    exclude: list[str] = Field(default_factory=list)
    include: list[str] = Field(default_factory=list)
    max_retries: Natural | None = None
    tags: list[str] = Field(default_factory=list)
    options: Annotated[list[str], BeforeValidator(_names)] = Field(default_factory=list)
    ssh: SshDocument = Field(default_factory=SshDocument)
    list_files: bool = False
    stall_minutes: Annotated[int | float, Field(ge=0, allow_inf_nan=False)] = 2.0
    verify: Literal["fast", "checksum", "verify_after"] | None = None
    delete_source_after: bool = False
    deletion_mode: Literal["verify_then_delete", "per_file"] = "verify_then_delete"
    deletion_confirmed: bool = False
    skip_deletion_this_run: bool = False


class _Progress(StrictDocument):
    bytes_transferred: Number = 0
    total_bytes: Number = 0
    percent: Number = 0
    speed_bytes: Number = 0
    eta_seconds: Number = 0


class _Document(StrictDocument):
    id: Annotated[Text, BeforeValidator(_job_id)]
    name: Text
    source: Text
    dest: Text
    type: Annotated[str, BeforeValidator(_type)]
    status: Literal["pending", "running", "paused", "completed", "failed"] = "pending"
    progress: _Progress = Field(default_factory=_Progress)
    settings: SettingsDocument = Field(default_factory=SettingsDocument)
    created_at: str = ""
    updated_at: str = ""


def job_from_values(values: Any, lines: dict[Path, int] | None = None) -> Job:
    """The job, or `Unreadable` with the line (looked up in `lines`) and the reason."""
    try:
        document = _Document.model_validate(values)
    except ValidationError as error:
        raise unreadable(error, lines or {}) from error
    settings = values.get("settings", {})
    return Job(
        id=document.id,
        name=document.name,
        source=without_password(document.source),  # the file keeps it; here it would be shown and logged
        dest=without_password(document.dest),
        type=document.type,
        status=document.status,
        settings=settings_of(document.settings, settings),
        created_at=document.created_at,
        updated_at=document.updated_at,
    )


def settings_of(found: SettingsDocument, raw: Values) -> JobSettings:
    return JobSettings(
        bandwidth_limit=found.bandwidth_limit,
        enabled=found.enabled,
        mode=found.mode,
        exclude=tuple(found.exclude),
        include=tuple(found.include),
        max_retries=found.max_retries,
        tags=tuple(found.tags),
        options=tuple(found.options),
        ssh=SshAccess(found.ssh.port, found.ssh.key),
        list_files=found.list_files,
        stall_minutes=float(found.stall_minutes),
        verify=found.verify,
        delete_source_after=found.delete_source_after,
        deletion_mode=found.deletion_mode,
        deletion_confirmed=found.deletion_confirmed,
        skip_deletion_this_run=found.skip_deletion_this_run,
        unbuilt=tuple(name for name in UNBUILT if raw.get(name) and _asks(name, raw[name])),
    )


def _asks(name: str, value: Any) -> bool:
    return bool(value != _DEFAULTS.get(name))


def unreadable(error: ValidationError, lines: dict[Path, int]) -> Unreadable:
    first = error.errors(include_url=False)[0]
    path = tuple(item for item in first["loc"] if item not in {"int", "float"})
    place = path
    while place and place not in lines:
        place = place[:-1]
    line = lines.get(place, 1)
    name = ".".join(str(item) for item in path)
    return Unreadable(line, f"`{name}` {_reason(first)}" if name else "this is not a job")


_REASONS = {
    "missing": "is missing",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "string_too_short": "is empty",
    "model_type": "must be a map of keys and values",
    "finite_number": "must be a number",
    "float_type": "must be a number",
    "extra_forbidden": "is not known to this version",
    "string_too_long": "is too long",
    "too_long": "has too many entries",
}


def _reason(first: Any) -> str:
    kind, value, context = first["type"], first["input"], first.get("ctx", {})
    if isinstance(value, Trap):
        return f"stands without quotes, and YAML reads {value} as something else; write '{value}'"
    if kind == "literal_error":
        return f"is {value!r}; allowed are {context['expected']}"
    if kind == "value_error":
        return f"is {value!r}: {context['error']}"
    words = _REASONS.get(kind, str(first["msg"])[0].lower() + str(first["msg"])[1:])
    if kind == "string_type" and isinstance(value, bool | int | float):
        return f"{words}: without quotes YAML reads it as {_yaml_word(value)}; put it in quotes"
    return words


def _yaml_word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def values_of_new(job: Job) -> Values:
    """The YAML values of a job that is not in the file yet, in the legacy app's order."""
    return {
        "id": job.id,
        "name": job.name,
        "source": job.source,
        "dest": job.dest,
        "type": job.type,
        "status": job.status,
        "progress": legacy_figures(Progress()),
        "settings": merged_settings({}, JobSettings(), job.settings),
        "created_at": job.created_at,
        "updated_at": job.updated_at,
    }


def merged_settings(raw: Values, old: JobSettings, new: JobSettings) -> Values:
    """`raw` with what differs between `old` and `new`; keys that are not ours stay as they are."""
    merged = dict(raw)
    defaults = JobSettings()
    for name, wanted in new._asdict().items():
        if name == "unbuilt" or wanted == getattr(old, name):
            continue
        if wanted == getattr(defaults, name):
            merged.pop(name, None)
        else:
            merged[name] = _plain(wanted)
    return merged


def _plain(value: Any) -> Any:
    if isinstance(value, SshAccess):
        return {name: item for name, item in (("port", value.port), ("key", value.key)) if item}
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return list(value) if isinstance(value, tuple) else value
