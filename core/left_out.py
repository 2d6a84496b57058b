"""Which files a backup left out, and whether they can be asked for alone; it starts nothing and copies nothing."""

from dataclasses import dataclass

from engines.registry import UnknownEngine, engine
from models.job import Job
from models.request import RetryWish
from models.run import RESUMABLE, Run, RunState
from storage.data_folder import DataFolder
from storage.findings import each_finding
from storage.run_store import RunStore
from utils.text import plural

_LOOKED_AT = 20
_ENDED_SO = frozenset({RunState.DONE_WITH_WARNINGS, RunState.FAILED})
# What a warning may be about besides files that were left out and named.
_OTHER_TROUBLE = frozenset({"unset", "changed", "unnamed"})


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The names below the job's root that can be copied alone, each once; `others` counts those that cannot."""

    names: tuple[bytes, ...]
    others: int


def count(run: Run) -> int:
    """How many files and folders the run named as not copied."""
    return sum(tally.files for tally in run.tallies if tally.what == "failed")


def is_complete(run: Run) -> bool:
    """Whether all but the named files of a copy were dealt with, so that copying them is all there is to do."""
    code = run.outcome.exit_code
    is_copy = run.kind in ("backup", "retry") and run.state in _ENDED_SO
    return is_copy and count(run) > 0 and code is not None and _has_seen_all(run.engine, code)


def _has_seen_all(name: str, code: int) -> bool:
    try:
        return engine(name).has_seen_all(code)
    except UnknownEngine:  # an old run, and its engine is not installed any more
        return False


def refusal(run: Run, job: Job, last: Run | None, newest: Run | None) -> str:
    """Why the files that `run` left out cannot be asked for alone now ("" = they can).

    `last` is the job's latest backup, `newest` its latest copy of any size.
    """
    if not count(run) or run.kind not in ("backup", "retry") or run.is_active:
        return "This run left no file out."
    if not is_complete(run):
        return "This run did not get through all files, so copying these would not be enough. Start the job again."
    if (run.source, run.dest) != (job.source, job.dest):
        return "The job was changed since. Start it again."
    backup = run.id if run.kind == "backup" else run.retries
    if last is None or last.id != backup or (newest and newest.id != run.id and not _is_unfinished(newest)):
        return "The job ran again since this run. Look at its latest run."
    return ""


def _is_unfinished(retry: Run) -> bool:
    """Whether a retry came to no end of its own, so that the list it was made from still holds."""
    return retry.kind == "retry" and retry.state is not RunState.DONE and not is_complete(retry)


def left_out(folder: DataFolder, job: Job, run: Run) -> LeftOut:
    """From the run's findings."""
    found = dict.fromkeys(item.name for item in each_finding(folder, run.job_id, run.id, ("failed",)))
    names = tuple(name for name in found if engine(job.type).can_select(name))
    return LeftOut(names, len(found) - len(names))


def wish_of(run: Run, found: LeftOut) -> RetryWish:
    """What is asked for. A retry of a retry belongs to the backup that both complete."""
    is_all = not found.others and not any(tally.what in _OTHER_TROUBLE for tally in run.tallies)
    is_all &= run.verification is None or bool(run.verification.passed)
    if run.kind == "retry":
        return RetryWish(run.retries, found.names, is_all and run.settles)
    return RetryWish(run.id, found.names, is_all)


def is_settled_by(backup: Run | None, retry: Run | None) -> bool:
    """Whether the retry copied all that the backup had left open."""
    if backup is None or retry is None:
        return False
    return retry.retries == backup.id and retry.settles and retry.state is RunState.DONE


def retry_since(runs: RunStore, backup: Run) -> Run | None:
    """The latest ended retry behind a job's last backup, among the newest runs."""
    newer = (run for run in runs.history(backup.job_id, limit=_LOOKED_AT) if run.id > backup.id)
    return next((run for run in newer if run.kind == "retry"), None)


def completed(runs: RunStore, backup: Run | None) -> Run | None:
    """The last backup for whoever comes after it: where a retry settled it there is nothing to carry on with."""
    if backup is None or backup.state not in RESUMABLE:
        return backup
    is_whole = is_settled_by(backup, retry_since(runs, backup))
    return backup._replace(state=RunState.DONE) if is_whole else backup


def selected_names(job: Job, wish: RetryWish) -> bytes:
    """The names as a run's folder keeps them, each closed by a NUL."""
    root = engine(job.type).selection_root(job)
    return b"".join(root + name + b"\0" for name in wish.names)


def unnameable(found: LeftOut) -> str:
    """The refusal where no name can be asked for."""
    return (
        f"{plural(found.others, 'entry', 'entries')} of this list cannot be copied alone: it is a folder, or its "
        "name is not known exactly. Start the job again: what is there already is not copied twice."
    )
