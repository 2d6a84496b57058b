"""The shapes of the JSON API's answers about runs, for the OpenAPI document; `answer_shapes` has all others."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from models.findings import What
from models.run import Kind

State = Literal[
    "queued", "waiting", "starting", "checking", "transferring", "verifying", "deleting", "pausing",
    "done", "done_with_warnings", "failed", "paused", "interrupted", "cancelled",
]  # fmt: skip
Status = Literal["pending", "running", "paused", "completed", "failed"]
Number = int | float


class Figures(TypedDict):
    """Null is unknown. Speed is bytes per second."""

    bytes_transferred: int
    total_bytes: int | None
    percent: Number | None
    speed_bytes: Number
    eta_seconds: Number | None
    files_done: int
    files_total: int | None
    current_file: str


class Result(TypedDict):
    """What the tool itself reported; null where it said nothing."""

    files_seen: int | None
    files_transferred: int | None
    files_created: int | None
    files_deleted: int | None
    total_bytes: int | None
    transferred_bytes: int | None
    literal_bytes: int | None
    matched_bytes: int | None


class VerificationAnswer(TypedDict):
    mode: str
    files_checked: int
    bytes_checked: int
    mismatches: int
    missing: int
    unproven: int
    passed: bool | None


class DeletionAnswer(TypedDict):
    mode: str
    phase: str
    files_total: int
    files_deleted: int
    bytes_deleted: int
    files_kept: int
    reason: str


class Count(TypedDict):
    files: int
    bytes: int


class Phase(TypedDict):
    state: State
    at: str


class RunAnswer(TypedDict):
    """One attempt at a job. An ended one never changes again."""

    id: str
    run_id: str
    job_id: str
    job_name: str
    kind: Kind
    state: State
    status: Status
    percent: Number | None
    note: str
    progress: Figures
    attempt: int
    attempts: int
    trigger: str
    resumes: str | None
    retries: str | None
    created_at: str
    started_at: str | None
    ended_at: str | None
    exit_code: int | None
    signal: int | None
    reason: str
    next_step: str
    failed_files: list[str]
    failed_count: int
    result: Result
    verification: VerificationAnswer | None
    deletion: DeletionAnswer | None
    tallies: dict[str, Count]
    phases: list[Phase]
    seq: int


class Started(TypedDict):
    run_id: str
    job_id: str
    state: State


class FindingAnswer(TypedDict):
    """`name_base64`: the bytes of a name that is no UTF-8."""

    what: What
    name: str
    size: int | None
    name_base64: NotRequired[str]
