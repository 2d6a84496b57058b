"""What pages, API and command line show: values put together for reading, without markup."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.folder_views import Room
from models.job import Job
from models.run import Run, RunState

START_WORDS = {"paused": "resume", "interrupted": "resume", "failed": "retry"}


@dataclass(frozen=True, slots=True)
class JobView:
    """A job with what happened to it.

    `active` is its run under way, `last` the latest ended backup run, `last_good` the latest
    that ended well. `last_proven` is when (UTC text, "" = never) a run last found the whole copy that
    the job makes now to be the same as its source, `unproven` a verification since then that found it
    wanting. `settled` is the retry that copied everything `last` had left out. `doubt` is "foreign" or
    "abandoned" where the file says that the job runs but no run of ours does; `problem` is a sentence why
    it cannot start as it stands ("" = it can).
    """

    job: Job
    active: Run | None = None
    last: Run | None = None
    last_good: Run | None = None
    last_proven: str = ""
    unproven: Run | None = None
    settled: Run | None = None
    doubt: str = ""
    problem: str = ""

    @property
    def state(self) -> str:
        """The active run's state, a doubt, "disabled", the last run's state, or "never_run"."""
        if self.active:
            return self.active.state.value
        if self.doubt:
            return self.doubt
        if not self.job.settings.enabled:
            return "disabled"
        if self.settled:
            return RunState.DONE.value
        return self.last.state.value if self.last else "never_run"

    @property
    def needs_attention(self) -> bool:
        return self.active is None and (
            bool(self.doubt or self.unproven)
            or self.state in {"failed", "interrupted", "done_with_warnings"}
            or bool(self.problem)
        )

    @property
    def is_protected(self) -> bool:
        is_good = self.settled is not None or (self.last is not None and self.last.is_good)
        return is_good and self.unproven is None

    @property
    def actions(self) -> frozenset[str]:
        """What can be asked for now: start, resume, retry, pause, cancel, edit, delete."""
        if self.active is None:
            start = START_WORDS.get(self.state, "start")
            may_start = self.job.settings.enabled and self.doubt != "foreign"
            return frozenset({"edit", "delete"} | ({start} if may_start else set()))
        if self.active.state in {RunState.QUEUED, RunState.WAITING}:
            return frozenset({"cancel"} | ({"pause"} if self.active.has_started else set()))
        return frozenset() if self.active.state is RunState.PAUSING else frozenset({"pause"})

    @property
    def primary(self) -> str:
        """The one action for the button of a list ("" = none)."""
        for action in ("pause", "cancel", "resume", "retry", "start"):
            if action in self.actions:
                return action
        return ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of jobs. `counts` has the numbers for the filters: all, attention, active, protected.

    `engines` and `tags` are those that occur among all jobs.
    """

    rows: tuple[JobView, ...]
    total: int
    page: int
    pages: int
    counts: dict[str, int]
    engines: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DashboardView:
    """The answer to "is everything safe?". Bytes and counts; `last_good_at` is UTC text or "".

    `unreachable` are the hosts that do not answer and that runs wait for.
    """

    total: int
    active: tuple[JobView, ...]
    waiting: tuple[JobView, ...]
    attention: tuple[JobView, ...]
    protected: int
    never_run: int
    failed_24h: int
    total_bytes: int
    last_good_at: str
    recent: tuple[Run, ...]
    unreachable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recoverable:
    """A job for the recovery prompt: its interrupted run, or an abandoned one without a run of ours.

    `reason` is the sentence that names what happened, or the doubt.
    """

    job: Job
    run: Run | None
    reason: str
    abandoned: bool = False


@dataclass(frozen=True, slots=True)
class DraftCheck:
    """What would come of a draft: sentences beside fields, the resulting folder, warnings.

    `rooms` are the disks of the sides on this machine, `commands` the steps of a run, quoted for a shell.
    """

    fields: dict[str, str]
    resulting_folder: str = ""
    warnings: tuple[str, ...] = ()
    rooms: Mapping[str, Room] = field(default_factory=dict)
    commands: tuple[str, ...] = ()
