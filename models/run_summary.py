"""An ended run in a few small values, for lists, strips and usual figures; the whole record is `Run`."""

from datetime import datetime
from typing import NamedTuple

from models.run import GOOD, Run, RunState, Statistics

_WAITS = frozenset({RunState.QUEUED, RunState.WAITING})


class RunSummary(NamedTuple):
    """What lists and statistics need of an ended run.

    Times are UTC text ("" = never started), `seconds` its working time without waits, `transferred_bytes` what it sent
    itself. `total_bytes` is the size of everything it looked at. None where the tool did not say. `places` stands for
    engine, source and destination: equal where these are equal. `found_files` is whether it saw any file.
    """

    job_id: str
    run_id: str
    kind: str
    state: RunState
    started_at: str
    ended_at: str
    seconds: float
    total_bytes: int | None = None
    transferred_bytes: int | None = None
    files_transferred: int | None = None
    job_name: str = ""
    engine: str = ""
    places: int = 0
    found_files: bool = True

    @property
    def is_good(self) -> bool:
        """As `Run.is_good`."""
        return self.state in GOOD and (self.state is RunState.DONE or self.found_files)


def summary_of(run: Run) -> RunSummary:
    """The summary of an ended run."""
    report = run.statistics
    sent = report.transferred_bytes if report.literal_bytes is None else report.literal_bytes
    if sent is None and run.has_started:
        sent = run.progress.bytes_transferred
    return RunSummary(
        job_id=run.job_id,
        run_id=run.id,
        kind=run.kind,
        state=run.state,
        started_at=run.started_at,
        ended_at=run.ended_at,
        seconds=_working_seconds(run),
        total_bytes=report.total_bytes,
        transferred_bytes=sent,
        files_transferred=report.files_transferred,
        job_name=run.job_name,
        engine=run.engine,
        places=places_of(run.engine, run.source, run.dest),
        found_files=bool(report.files_seen),
    )


def run_of_summary(found: RunSummary) -> Run:
    """A run of which no more is known than its summary."""
    return Run(
        id=found.run_id,
        job_id=found.job_id,
        state=found.state,
        created_at=found.started_at or found.ended_at,
        kind=found.kind,
        job_name=found.job_name,
        engine=found.engine,
        started_at=found.started_at,
        ended_at=found.ended_at,
        statistics=Statistics(
            files_seen=int(found.found_files),
            files_transferred=found.files_transferred,
            total_bytes=found.total_bytes,
            transferred_bytes=found.transferred_bytes,
        ),
    )


def places_of(engine: str, source: str, dest: str) -> int:
    """A number for engine, source and destination: the same for the same, in every process."""
    from zlib import crc32  # late: the supervisor's start time counts

    return crc32(f"{engine}\0{source}\0{dest}".encode("utf-8", "surrogatepass"))


def _working_seconds(run: Run) -> float:
    """From start to end, less what it spent waiting."""
    if not run.started_at or not run.ended_at:
        return 0.0
    marks = [mark for mark in run.phases if mark.at >= run.started_at]
    ends = [*(mark.at for mark in marks[1:]), run.ended_at]
    waited = sum(_between(mark.at, end) for mark, end in zip(marks, ends, strict=False) if mark.state in _WAITS)
    return round(max(0.0, _between(run.started_at, run.ended_at) - waited), 3)


def _between(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
