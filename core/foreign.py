"""Whether a job that the file calls running may be another program's work; it only looks."""

from datetime import datetime, timedelta
from pathlib import Path

from core.process_facts import all_pids
from models.job import Job
from models.run import Run
from utils.clock import Clock, local_text, parse_utc

_FRESH = timedelta(seconds=60)
_TRUSTED_FOR = 5.0


class ForeignRuns:
    """Foreign: its entry is fresh, or a process here carries its source and destination."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._commands: list[list[str]] = []
        self._read_at = clock.monotonic() - _TRUSTED_FOR

    def doubt(self, job: Job) -> str:
        """ "foreign" or "abandoned" for a job that says it runs without a run of ours."""
        return "foreign" if self._is_fresh(job) or self._is_carried(job) else "abandoned"

    def _is_fresh(self, job: Job) -> bool:
        try:
            updated = datetime.fromisoformat(job.updated_at).astimezone()
        except ValueError:
            return False
        return abs(self._clock.now() - updated) < _FRESH

    def _is_carried(self, job: Job) -> bool:
        if self._clock.monotonic() - self._read_at >= _TRUSTED_FOR:
            self._commands, self._read_at = _commands(), self._clock.monotonic()
        return any(job.source in argv and job.dest in argv for argv in self._commands)


def explains_running(job: Job, last: Run | None) -> bool:
    """Whether our own last run is why the file says "running": its end is just being written."""
    if last is None or not last.started_at or not last.ended_at:
        return False
    return job.updated_at <= local_text(parse_utc(last.ended_at))


def _commands() -> list[list[str]]:
    return [_command(pid) for pid in all_pids()]


def _command(pid: int) -> list[str]:
    try:
        content = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return []
    return content.decode("utf-8", "surrogateescape").split("\0")
