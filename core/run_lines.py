"""An ended run as a line of the ledger: which of its facts lists and statistics need; not where it is kept."""

from datetime import UTC

from models.run import Run, RunState
from models.run_summary import summary_of
from storage.run_ledger import LedgerLine
from utils.clock import parse_utc

# Bits: it proved the copy, found it wanting, completed a backup; it never started; it saw no file.
PROOF, UNPROVEN, SETTLES, UNSTARTED, NO_FILES = 1, 2, 4, 8, 16


# What `line_of` raises for a record whose facts make no run, as one that was written by hand may have.
ODD = (AttributeError, OverflowError, TypeError, ValueError)


def line_of(since: int, end: int, run: Run) -> LedgerLine:
    """The line of a run whose record lies there in the history; one of `ODD`."""
    if not all(isinstance(text, str) for text in (run.id, run.kind, run.job_name, run.engine)):
        raise TypeError(run.id)
    found = summary_of(run)
    return LedgerLine(
        since=since,
        end=end,
        marks=marks_of(run),
        job_id=run.job_id,
        run_id=run.id,
        kind=run.kind,
        state=run.state.value,
        moment=_moment(run.started_at or run.created_at),
        ended=_moment(run.ended_at or run.created_at),
        seconds=found.seconds,
        total_bytes=_number(found.total_bytes),
        sent_bytes=_number(found.transferred_bytes),
        files=_number(found.files_transferred),
        job_name=run.job_name,
        engine=run.engine,
        places=found.places,
    )


def is_sound(run: Run) -> bool:
    """Whether `line_of` can make a line of it."""
    try:
        line_of(0, 0, run)
    except ODD:
        return False
    return True


def marks_of(run: Run) -> int:
    marks = 0 if run.has_started else UNSTARTED
    if not run.statistics.files_seen:
        marks |= NO_FILES
    if run.kind == "retry" and run.settles and run.state is RunState.DONE:
        marks |= SETTLES
    if is_proof(run):
        marks |= PROOF
    elif run.kind == "verify" and run.state is RunState.FAILED and run.verification:
        marks |= UNPROVEN if run.verification.passed is False else 0
    return marks


def is_proof(run: Run) -> bool:
    """Whether it found every file's content to be the same on both sides."""
    found = run.verification
    return run.kind in ("backup", "verify") and found is not None and bool(found.passed and found.files_checked)


def is_counted(run: Run) -> bool:
    """Whether it is one of the job's backups, and not one that was taken out of the queue."""
    return run.kind == "backup" and run.state is not RunState.CANCELLED


def _moment(text: str) -> int:
    return round(parse_utc(text).astimezone(UTC).timestamp() * 1000) if text else 0


def _number(value: int | None) -> int:
    return -1 if value is None else value
