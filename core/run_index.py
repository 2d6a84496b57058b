"""What pages ask about ended runs, answered from memory; the truth is in the histories."""

from collections.abc import Callable, Collection, Container, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from heapq import nlargest
from itertools import islice

from core.ended_run import ended_run
from core.job_past import NONE
from core.known_runs import KnownRuns
from core.left_out import is_settled_by
from core.run_lines import is_counted, is_sound
from models.events import Event, RunChanged
from models.run import Run, RunState, ended_status
from models.run_summary import RunSummary
from storage.run_history import RunHistory
from storage.run_ledger import RunLedger
from storage.run_store import RunStore
from utils.clock import Clock, parse_utc, utc_text

_LOOKED_AT = 20  # records of a job that was not read yet


@dataclass(frozen=True, slots=True)
class Latest:
    """The last ended backup run, the last that ended well, and the bytes copied by all of them.

    `last_proven` is the newest run, backup or verification, that found every file's content to be the same,
    `unproven` a verification since then that found the copy wanting. `settled` is the retry that copied all that `last`
    had left out; then the copy is whole as of `last`.
    """

    last: Run | None = None
    last_good: Run | None = None
    transferred_bytes: int = 0
    last_proven: RunSummary | None = None
    unproven: Run | None = None
    settled: Run | None = None


class RunIndex:
    """Kept right by the events of ended runs. `known` holds the rows."""

    def __init__(self, runs: RunStore, clock: Clock) -> None:
        self.known = KnownRuns(RunHistory(runs.folder), RunLedger(runs.folder), clock)
        runs.job_of = self.known.job_of
        self._clock = clock
        self._glimpses: dict[str, Latest] = {}

    def hear(self, event: Event) -> None:
        """Take in a run that ended; however often it is told, it counts once."""
        if isinstance(event, RunChanged) and not event.run.is_active and self.known.is_used:
            self.known.read(event.run.job_id)

    def latest(self, job_id: str) -> Latest:
        if not self.known.can_read(job_id):
            return self._glimpse(job_id)
        table = self.known.table
        past = table.past(job_id)
        last = self._run(past.last)
        found = Latest(
            last,
            last if past.last_good == past.last else self._run(past.last_good),
            past.sent_bytes,
            None if past.proof == NONE else table.summary(past.proof),
            self._run(past.unproven),
        )
        return _settled(found, self._run(past.settling))

    def last_state(self, job_id: str) -> RunState | None:
        """How the last ended backup run ended; cheaper than `latest`."""
        if not self.known.can_read(job_id):
            last = self._glimpse(job_id).last
            return last.state if last else None
        table = self.known.table
        row = table.past(job_id).last
        return None if row == NONE else table.combinations[table.codes[row]][1]

    def bears_out(self, job_id: str, status: str) -> bool:
        """Whether `latest` can only agree with a job's status; cheaper than to ask it."""
        if not self.known.can_read(job_id):
            latest = self._glimpse(job_id)
            run = latest.settled or latest.last
            return run is None or ended_status(run.state) == status
        past = self.known.table.past(job_id)
        state = self.last_state(job_id)
        return state is None or (past.settling == NONE and ended_status(state) == status)

    def _run(self, row: int) -> Run | None:
        return None if row == NONE else ended_run(self.known.table.summary(row), self.known.whole)

    def _glimpse(self, job_id: str) -> Latest:
        """What the newest records say, until all are read."""
        found = self._glimpses.get(job_id)
        if found is None:
            runs = _to_the_last_good(islice(filter(is_sound, self.known.history.runs(job_id)), _LOOKED_AT))
            backups = [run for run in runs if is_counted(run)]
            good = next((run for run in backups if run.is_good), None)
            found = _settled(Latest(next(iter(backups), None), good), runs[0] if runs else None)
            self._glimpses[job_id] = found
        return found

    def _glimpsed(self, job_ids: Container[str]) -> list[Run]:
        """The last runs of those of the jobs that are not read yet."""
        glimpses = self._glimpses.copy()  # another thread may add meanwhile
        for job_id in list(filter(self.known.is_read, glimpses)):
            self._glimpses.pop(job_id, None)
            glimpses.pop(job_id)
        return [found.last for job_id, found in glimpses.items() if found.last and job_id in job_ids]

    def history(self, job_id: str, limit: int = 60) -> tuple[RunSummary, ...]:
        """The backup runs of a job, newest first."""
        backups = self.known.past(job_id).backups
        return tuple(self.known.table.summary(row) for row in reversed(backups[-limit:]))

    def count(self, job_id: str) -> int:
        """How many ended runs of any kind the job has."""
        return len(self.known.past(job_id).rows)

    def forget(self, job_id: str) -> None:
        self.known.forget(job_id)
        self._glimpses.pop(job_id, None)

    def recent(self, job_ids: Container[str], limit: int = 10) -> tuple[Run, ...]:
        """The newest ended runs of these jobs, newest first."""
        self.known.read_stream()
        table = self.known.table
        found = [ended_run(table.summary(row), self.known.whole) for row in table.newest_ended(limit, job_ids)]
        told = (*found, *self._glimpsed(job_ids))  # twice where a job is in the middle of being read
        each = {(run.job_id, run.id): run for run in told}
        return tuple(nlargest(limit, each.values(), key=lambda run: run.ended_at))

    def failed_since(self, job_ids: Container[str], hours: int) -> int:
        """How many runs of these jobs failed within the last hours."""
        self.known.read_stream()
        since, table = utc_text(self._clock.now() - timedelta(hours=hours)), self.known.table
        failed = {number for number, (_, state, _) in enumerate(table.combinations) if state is RunState.FAILED}
        rows = table.ended_since(round(parse_utc(since).timestamp() * 1000))
        known = sum(table.codes[row] in failed and table.job_ids[table.jobs[row]] in job_ids for row in rows)
        counted = {(table.job_ids[table.jobs[row]], table.ids[row]) for row in rows}
        glimpsed = [run for run in self._glimpsed(job_ids) if (run.job_id, run.id) not in counted]
        return known + sum(run.state is RunState.FAILED and run.ended_at >= since for run in glimpsed)

    def transferred_bytes(self, job_ids: Iterable[str]) -> int:
        """Bytes copied by all runs of these jobs that are known by now."""
        return sum(self.known.table.past(job_id).sent_bytes for job_id in job_ids)

    def warm(self, job_ids: Collection[str], between: Callable[[], object] = lambda: None) -> None:
        """Read all that is not known yet, giving way to others now and then; `between` is called as often."""
        self.known.warm(job_ids, between)

    def pack(self, job_ids: Collection[str], between: Callable[[], object] = lambda: None) -> None:
        """Keep what is known in the form that the next start reads quickest."""
        self.known.pack(job_ids, between)


def _to_the_last_good(runs: Iterable[Run]) -> list[Run]:
    found = []
    for run in runs:
        found.append(run)
        if is_counted(run) and run.is_good:
            break
    return found


def _settled(latest: Latest, retry: Run | None) -> Latest:
    """With the last backup made whole, if the retry did that."""
    if retry is None or not is_settled_by(latest.last, retry):
        return latest
    return replace(latest, last_good=latest.last, settled=retry)
