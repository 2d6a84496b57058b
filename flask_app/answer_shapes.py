"""The shapes of the JSON API's answers, for the OpenAPI document; those about runs stand in `run_shapes`."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from flask_app.run_shapes import Figures, Number, State, Status
from models.run import Kind

JobState = State | Literal["foreign", "abandoned", "disabled", "never_run"]


class Ssh(TypedDict):
    port: int | None
    key: str | None


class JobSettingsAnswer(TypedDict):
    bandwidth_limit: int | None
    enabled: bool
    mode: str
    max_retries: int | None
    list_files: bool
    stall_minutes: Number
    verify: Literal["fast", "checksum", "verify_after"] | None
    delete_source_after: bool
    deletion_mode: Literal["verify_then_delete", "per_file"]
    deletion_confirmed: bool
    skip_deletion_this_run: bool
    exclude: list[str]
    include: list[str]
    tags: list[str]
    options: list[str]
    ssh: Ssh


class JobAnswer(TypedDict):
    """`run_id` and `progress` are of the backup that matters now; `active_run_id` may be of any kind of run."""

    id: str
    name: str
    type: str
    source: str
    dest: str
    status: Status
    state: JobState
    problem: str
    unbuilt: list[str]
    settings: JobSettingsAnswer
    progress: Figures | None
    run_id: str | None
    active_run_id: str | None
    active_kind: Kind | None
    last_good_at: str | None
    last_proven_at: str | None
    actions: list[str]
    created_at: str
    updated_at: str


class AuditAnswer(TypedDict):
    """`names` are of settings, fields, remotes, keys; never values. `left_out`: refused attempts before, not listed."""

    at: str
    action: str
    outcome: str
    code: str
    status: int | None
    account: str
    role: str
    via: str
    address: str
    asked: str
    job_id: str
    job_name: str
    run_id: str
    names: list[str]
    left_out: int


class Stats(TypedDict):
    jobs: int
    active: int
    waiting: int
    attention: int
    protected: int
    never_run: int
    failed_24h: int
    total_bytes: int
    last_good_at: str | None


class ToolAnswer(TypedDict):
    name: str
    installed: bool
    path: str | None
    version: str | None
    message: str
    warning: str


class RemoteAnswer(TypedDict):
    """`is_usable`: a job can name it. `warning` is a sentence about what is unsafe."""

    name: str
    type: str
    description: str
    is_usable: bool
    warning: str


class RemoteTest(TypedDict):
    name: str
    sentence: str


class Entry(TypedDict):
    name: str
    path: str
    token: str
    is_folder: bool
    size: int | None
    modified: str | None


class Folder(TypedDict):
    """What is no UTF-8 in a name travels as lone surrogates; `token` stands for any name."""

    folder: str
    total: int
    page: int
    pages: int
    entries: list[Entry]


class ProposalAnswer(TypedDict):
    """One job of an imported file. `fields` is what is wrong with it, `not_understood` what is left out of it."""

    line: int
    name: str
    id: str | None
    type: str | None
    source: str | None
    dest: str | None
    settings: JobSettingsAnswer | None
    fields: dict[str, str]
    not_understood: dict[str, str]
    warnings: list[str]


class Imported(TypedDict):
    """`ready` (of a dry run): nothing is wrong with any of them."""

    ready: NotRequired[bool]
    jobs: list[ProposalAnswer]


class ErrorWords(TypedDict):
    """`code` is a stable word, `message` a sentence, `fields` has a sentence for each field that will not do."""

    code: str
    message: str
    fields: NotRequired[dict[str, str]]


class Refusal(TypedDict):
    status: Literal["error"]
    error: ErrorWords
