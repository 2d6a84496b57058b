"""The latest of every job, kept in memory so that a page costs no reading; rebuilt from history alone."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from models.errors import AppError
from models.events import Event, RunChanged
from models.run import Run, RunState
from storage.run_store import RunStore
from utils.clock import Clock, utc_text

_RECENT = 500
_BETWEEN_YIELDS = 50


@dataclass(frozen=True, slots=True)
class Latest:
    """The last ended backup run, the last that ended well, and the bytes copied by all of them.

    `last_proven` is the newest run, backup or verification, that found every file's content to be the same,
    `unproven` a verification since then that found the copy wanting.
    """

    last: Run | None = None
    last_good: Run | None = None
    transferred_bytes: int = 0
    last_proven: Run | None = None
    unproven: Run | None = None


class RunIndex:
    """Filled on demand, kept right by the events of ended runs."""

    def __init__(self, runs: RunStore, clock: Clock) -> None:
        self._runs, self._clock = runs, clock
        self._latest: dict[str, Latest] = {}
        self._recent: deque[Run] | None = None

    def hear(self, event: Event) -> None:
        """Take in a run that ended; one that is known already, from its event or from history, counts once."""
        if not isinstance(event, RunChanged) or event.run.is_active:
            return
        run = event.run
        known = self._latest.get(run.job_id)
        if known is not None and not (known.last and known.last.id >= run.id):
            self._latest[run.job_id] = _after(known, run)
        if self._recent is not None and all(other.id != run.id for other in self._recent):
            self._recent.appendleft(run)

    def latest(self, job_id: str) -> Latest:
        known = self._latest.get(job_id)
        if known is None:
            known = self._latest[job_id] = self._from_history(job_id)
        return known

    def _from_history(self, job_id: str) -> Latest:
        latest = Latest()
        for run in reversed(self._runs.history(job_id, limit=_RECENT)):
            latest = _after(latest, run)
        return latest

    def forget(self, job_id: str) -> None:
        self._latest.pop(job_id, None)
        if self._recent is not None:
            self._recent = deque((run for run in self._recent if run.job_id != job_id), _RECENT)

    def recent(self) -> tuple[Run, ...]:
        """The newest ended runs of all jobs, newest first, at most five hundred."""
        if self._recent is None:
            self._recent = deque(self._read_recent(), _RECENT)
        return tuple(self._recent)

    def _read_recent(self) -> Iterable[Run]:
        pairs, _position = self._runs.ended_since(max(0, self._runs.ended_position() - _RECENT * 120))
        for job_id, run_id in reversed(pairs[-_RECENT:]):
            try:
                yield self._runs.read(job_id, run_id)
            except AppError:
                continue

    def failed_since(self, hours: int) -> int:
        """How many runs failed within the last hours."""
        since = utc_text(self._clock.now() - timedelta(hours=hours))
        return sum(run.state is RunState.FAILED and run.ended_at >= since for run in self.recent())

    def transferred_bytes(self) -> int:
        """Bytes copied by all runs that are known by now."""
        return sum(latest.transferred_bytes for latest in list(self._latest.values()))

    def warm(self, job_ids: Iterable[str]) -> None:
        """Read what pages will ask for, giving way to others now and then."""
        self.recent()
        for count, job_id in enumerate(job_ids):
            self.latest(job_id)
            if count % _BETWEEN_YIELDS == 0:
                self._clock.sleep(0)


def _after(latest: Latest, run: Run) -> Latest:
    if _is_proof(run):
        latest = replace(latest, last_proven=run, unproven=None)
    elif run.kind == "verify" and run.state is RunState.FAILED and run.verification:
        latest = replace(latest, unproven=run) if run.verification.passed is False else latest
    if run.kind != "backup" or run.state is RunState.CANCELLED:
        return latest
    copied = run.statistics.transferred_bytes or 0
    good = run if run.is_good else latest.last_good
    return replace(latest, last=run, last_good=good, transferred_bytes=latest.transferred_bytes + copied)


def _is_proof(run: Run) -> bool:
    found = run.verification
    return run.kind in ("backup", "verify") and found is not None and bool(found.passed and found.files_checked)
