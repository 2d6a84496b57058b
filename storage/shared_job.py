"""A definition as YAML to share: no id, no state, no secret, no consent; read more strictly than a file of ours."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, ValidationError

from models.job import JobDraft, JobSettings
from storage.file_problem import Unreadable
from storage.file_text import decoded
from storage.job_document import (
    SettingsDocument,
    SshDocument,
    StrictDocument,
    merged_settings,
    settings_of,
    unreadable,
)
from storage.strict_yaml import read_yaml
from storage.yaml_scalars import dump_yaml
from utils.text import HOSTILE, without_password

BYTES_LIMIT = 64 << 10
VERSION = 1
_HEAD = "# A job to share. Backup Manager takes it in under Jobs, Templates, Import.\n"
_LINE_LIMIT = 4096


def _shown(text: str) -> str:
    if HOSTILE.search(text):
        raise ValueError("it holds a character that cannot be shown")
    return text


Line = Annotated[str, Field(min_length=1, max_length=_LINE_LIMIT), AfterValidator(_shown)]
Lines = Annotated[list[Line], Field(max_length=1000)]
Values = dict[str, Any]
_FORBID = ConfigDict(strict=True, extra="forbid")


class _Ssh(SshDocument):
    model_config = _FORBID


class _Settings(SettingsDocument):
    model_config = _FORBID

    mode: Literal["copy"] = "copy"
    exclude: Lines = Field(default=[])
    include: Lines = Field(default=[])
    tags: list[Line] = Field(default=[], max_length=50)
    ssh: _Ssh = _Ssh()


class _Shared(StrictDocument):
    model_config = _FORBID

    name: Annotated[Line, Field(max_length=200)]
    source: Line
    dest: Line
    type: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
    settings: _Settings = _Settings()


def shared_values(draft: JobDraft) -> Values:
    """What of a definition is shared, in the order in which people read it."""
    settings = merged_settings({}, JobSettings(), impersonal(draft.settings))
    values: Values = {"name": draft.name, "type": draft.type, "source": draft.source, "dest": draft.dest}
    return values | ({"settings": settings} if settings else {})


def impersonal(settings: JobSettings) -> JobSettings:
    """Without what is one job's or one person's (on or off, consent, the wish for one run), or not carried out."""
    own = settings._replace(enabled=True, deletion_confirmed=False, skip_deletion_this_run=False)
    return own._replace(mode="copy", unbuilt=())


def shared_text(draft: JobDraft) -> str:
    """The file to share."""
    return _HEAD + dump_yaml({"backup_manager_job": VERSION, **shared_values(draft)})


def read_shared(content: bytes) -> JobDraft:
    """The definition in a file that somebody shared; `Unreadable` with line and reason."""
    if len(content) > BYTES_LIMIT:
        raise Unreadable(None, f"this has more than {BYTES_LIMIT >> 10} KiB, which is more than one job needs")
    lines: dict[tuple[str | int, ...], int] = {}
    values = read_yaml(decoded(content.replace(b"\r\n", b"\n")), lines)
    if not isinstance(values, dict) or "backup_manager_job" not in values:
        raise Unreadable(1, "this is not a shared job: there is no `backup_manager_job`")
    version = values.pop("backup_manager_job")
    if version is True or version != VERSION:
        raise Unreadable(lines.get(("backup_manager_job",), 1), f"this is not version {VERSION} of the format")
    return draft_of_values(values, lines)


def draft_of_values(values: Any, lines: dict[tuple[str | int, ...], int] | None = None) -> JobDraft:
    """The definition in `shared_values`; `Unreadable` where they are not."""
    try:
        found = _Shared.model_validate(values)
    except ValidationError as error:
        raise unreadable(error, lines or {}) from error
    settings = impersonal(settings_of(found.settings, values.get("settings", {})))
    return JobDraft(found.name, found.type, without_password(found.source), without_password(found.dest), settings)
