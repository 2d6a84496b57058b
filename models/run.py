"""One attempt at a job: its record, its states and the one table of moves between them."""

from enum import StrEnum
from typing import Any, Literal, NamedTuple

from models.findings import Deletion, Tally, Verification, deletion_of, tallies_of, verification_of
from models.progress import Progress

Kind = Literal["backup", "retry", "verify", "preview", "restore", "rehearsal"]
# Kinds that change files at the run's destination.
WRITING: tuple[Kind, ...] = ("backup", "retry", "restore", "rehearsal")


class RunState(StrEnum):
    QUEUED = "queued"
    WAITING = "waiting"
    STARTING = "starting"
    CHECKING = "checking"
    TRANSFERRING = "transferring"
    VERIFYING = "verifying"
    DELETING = "deleting"
    PAUSING = "pausing"
    DONE = "done"
    DONE_WITH_WARNINGS = "done_with_warnings"
    FAILED = "failed"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    CANCELLED = "cancelled"


S = RunState
ENDED = frozenset({S.DONE, S.DONE_WITH_WARNINGS, S.FAILED, S.PAUSED, S.INTERRUPTED, S.CANCELLED})
ACTIVE = frozenset(set(RunState) - ENDED)
GOOD = frozenset({S.DONE, S.DONE_WITH_WARNINGS})
RESUMABLE = frozenset({S.PAUSED, S.INTERRUPTED, S.FAILED})
_STOPPED = frozenset({S.PAUSED, S.INTERRUPTED, S.FAILED})
_WORKING = frozenset({S.CHECKING, S.TRANSFERRING, S.VERIFYING, S.DELETING})

MOVES: dict[RunState, frozenset[RunState]] = {
    S.QUEUED: frozenset({S.WAITING, S.STARTING, S.CANCELLED, S.FAILED, S.INTERRUPTED}),
    S.WAITING: _WORKING | {S.QUEUED, S.STARTING, S.CANCELLED, S.PAUSING} | _STOPPED,
    S.STARTING: _WORKING | {S.WAITING, S.PAUSING} | _STOPPED | GOOD,
    **{state: (_WORKING | {S.WAITING, S.PAUSING} | _STOPPED | GOOD) - {state} for state in _WORKING},
    S.PAUSING: _STOPPED | GOOD,
    **{state: frozenset() for state in ENDED},
}


class IllegalMove(Exception):
    """A run was asked to go where the table of moves has no way: a defect of ours, not a user's."""


class ProcessIdentity(NamedTuple):
    """Which process, beyond doubt: a pid alone may be reused, also after a reboot.

    `start_ticks` is field 22 of /proc/<pid>/stat (clock ticks since boot), `boot_id` the
    contents of /proc/sys/kernel/random/boot_id.
    """

    pid: int
    start_ticks: int
    boot_id: str


class PhaseMark(NamedTuple):
    """The run entered `state` at `at` (UTC ISO 8601)."""

    state: RunState
    at: str


class Outcome(NamedTuple):
    """How a run ended, in words: `reason` says the cause, `next_step` what to do (may be empty).

    `exit_code` is the tool's (None if it never ran or died of a signal), `signal` the number of
    a signal that ended it. `failed_files` holds the first hundred names, `failed_count` all.
    """

    reason: str = ""
    next_step: str = ""
    exit_code: int | None = None
    signal: int | None = None
    failed_files: tuple[str, ...] = ()
    failed_count: int = 0


class Statistics(NamedTuple):
    """What the tool itself reported at its end. Bytes; `None` where it said nothing."""

    files_seen: int | None = None
    files_transferred: int | None = None
    files_created: int | None = None
    files_deleted: int | None = None
    total_bytes: int | None = None
    transferred_bytes: int | None = None
    literal_bytes: int | None = None
    matched_bytes: int | None = None


class Run(NamedTuple):
    """The record of one attempt. Times are UTC ISO 8601 text with `Z`, ids are checked text.

    `kind` is `backup`, `retry`, `verify`, `preview`, `restore` or `rehearsal`. `source` and `dest` are what
    this run reads and writes: for a restore, and a preview of one (`is_way_back`), the copy and where it goes back to.
    `trigger` is who asked (`hand`, `api`, `command`, `resume`, `launch`); `resumes` the run
    whose work this one carries on; `attempt` of `attempts` counts tries within the run. A `retry` copies only files
    that the backup `retries` left out; with `settles` its being `done` leaves nothing of that backup open.
    `unfinished` holds temporary and partial files of the tool that may still lie at a local
    destination, `settled_bytes` the bytes of whole files there; since `sweep_since` the tool died
    without cleaning up, so the next good run looks for more. `seq` numbers the updates of this run, growing by one.
    `waits_for` is the host whose answer a waiting run waits for ("" = none).
    """

    id: str
    job_id: str
    state: RunState
    created_at: str
    kind: str = "backup"
    is_way_back: bool = False
    trigger: str = "hand"
    resumes: str = ""
    retries: str = ""
    settles: bool = False
    job_name: str = ""
    engine: str = ""
    source: str = ""
    dest: str = ""
    started_at: str = ""
    ended_at: str = ""
    attempt: int = 1
    attempts: int = 1
    note: str = ""
    waits_for: str = ""
    outcome: Outcome = Outcome()
    progress: Progress = Progress()
    statistics: Statistics = Statistics()
    tallies: tuple[Tally, ...] = ()
    verification: Verification | None = None
    deletion: Deletion | None = None
    phases: tuple[PhaseMark, ...] = ()
    supervisor: ProcessIdentity | None = None
    tool: ProcessIdentity | None = None
    unfinished: tuple[str, ...] = ()
    settled_bytes: int = 0
    sweep_since: str = ""
    status_before: str = "pending"
    seq: int = 0

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def is_good(self) -> bool:
        """Ended well, and there is a copy: warnings about every file there was leave none."""
        empty = self.state is S.DONE_WITH_WARNINGS and not self.statistics.files_seen
        return self.state in GOOD and not empty

    @property
    def has_started(self) -> bool:
        return bool(self.started_at)

    def moved(self, state: RunState, at: str, **changes: Any) -> "Run":
        """This run in `state`, if the table of moves allows it; `IllegalMove` otherwise."""
        if state not in MOVES[self.state]:
            raise IllegalMove(f"{self.id}: {self.state} -> {state}")
        if state is S.STARTING and not self.started_at:
            changes.setdefault("started_at", at)
        if state in ENDED:
            changes.setdefault("ended_at", at)
        changes.setdefault("waits_for", "")
        mark = PhaseMark(state, at)
        return self._replace(state=state, phases=(*self.phases, mark), **changes)


def job_status(run: Run) -> str:
    """The legacy word for a job whose latest backup run is `run` (CONTRACT.md, "States")."""
    if run.state is S.CANCELLED:
        return run.status_before
    if run.state in ENDED:
        return ended_status(run.state)
    return "running" if run.has_started else "pending"


def ended_status(state: RunState) -> str:
    """The legacy word for a job whose latest backup run ended so."""
    if state in GOOD:
        return "completed"
    return "failed" if state is S.FAILED else "paused"


def run_to_json(run: Run) -> dict[str, Any]:
    """The record as plain JSON values, in the order of the fields."""
    return {name: _plain(value) for name, value in run._asdict().items()}


def _plain(value: Any) -> Any:
    if hasattr(value, "_asdict"):
        return {name: _plain(item) for name, item in value._asdict().items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def run_from_json(record: dict[str, Any]) -> Run:
    """The reverse of `run_to_json`; raises KeyError, TypeError or ValueError on a foreign record."""
    known = {name: record[name] for name in Run._fields if name in record}
    known["state"] = RunState(record["state"])
    known["progress"] = Progress.from_json(record.get("progress", {}))
    known["outcome"] = _outcome(record.get("outcome", {}))
    known["statistics"] = Statistics(**record.get("statistics", {}))
    known["tallies"] = tallies_of(record.get("tallies"))
    known["verification"] = verification_of(record.get("verification"))
    known["deletion"] = deletion_of(record.get("deletion"))
    known["phases"] = tuple(PhaseMark(RunState(mark["state"]), mark["at"]) for mark in record.get("phases", ()))
    known["unfinished"] = tuple(record.get("unfinished", ()))
    for name in ("supervisor", "tool"):
        known[name] = ProcessIdentity(**record[name]) if record.get(name) else None
    return Run(**known)


def _outcome(record: dict[str, Any]) -> Outcome:
    return Outcome(**{**record, "failed_files": tuple(record.get("failed_files", ()))})
