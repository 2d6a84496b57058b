"""Fills the table of ended runs from the ledger and the histories, and keeps both up to date; it answers nothing."""

import threading
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache

from core.job_past import Past
from core.run_block import packed, unpacked
from core.run_lines import ODD, line_of
from core.run_table import RunTable
from models.errors import RunNotFound
from models.run import Run
from models.run_summary import RunSummary, run_of_summary
from storage.run_history import RunHistory
from storage.run_ledger import LedgerLine, RunLedger
from utils.clock import Clock

_RECORDS = 512  # whole records kept for pages that show the same rows again and again
_AT_ONCE = 4 << 20  # bytes of histories that are read because somebody asks; then `warm` has to come first
_BREATH = 0.01  # seconds of work between two rests
_AT_A_TIME = 200  # records that are read between two breaths
_BATCH = 2000  # lines that are written together
_STREAM = 12_000  # bytes of the stream of ended runs, about a hundred of them


class KnownRuns:
    """`left` is how many jobs are still to be read; `filled` grows when `warm` has read them all, `version` always.

    `history` reads whole records, `whole` gives the one of a summary. Any thread may call.
    """

    def __init__(self, history: RunHistory, ledger: RunLedger, clock: Clock) -> None:
        self.history, self._ledger, self._clock = history, ledger, clock
        self._changing = threading.RLock()
        self._table: RunTable | None = None
        self._read_jobs: set[str] = set()
        self._has_read_stream = False
        self._loose = 0  # lines of the ledger that are not in its block
        self._is_packed = True
        self.allowance = _AT_ONCE
        self.left = self.filled = self.version = 0
        self.whole = lru_cache(_RECORDS)(self._record)

    @property
    def table(self) -> RunTable:
        """The ledger is read when somebody first asks."""
        if self._table is None:
            with self._changing:
                if self._table is None:
                    self._table = self._from_ledger()
        return self._table

    @property
    def is_used(self) -> bool:
        """Whether anybody has asked yet; before that nothing need be kept right."""
        return self._table is not None

    def _from_ledger(self) -> RunTable:
        block, lines = self._ledger.read()
        try:
            table = unpacked(block)
        except ValueError:  # there is none yet, or another layout has written it
            table, self._is_packed = RunTable(), False
        breathe = self._breather()
        for line in lines:
            self._loose += 1
            table.add_alone(line)
            breathe()
        return table

    def _breather(self, between: Callable[[], object] = lambda: None, rest: float = 0.0) -> Callable[[], None]:
        """Lets other green threads go on now and then, and does what comes between."""
        last = self._clock.monotonic()

        def breathe() -> None:
            nonlocal last
            if self._clock.monotonic() - last > _BREATH:
                self._clock.sleep(rest)
                between()
                last = self._clock.monotonic()

        return breathe

    def read(self, job_id: str) -> None:
        """Take in what the job's history has more than is known."""
        self._write(self._read(job_id, self._breather()))

    def _write(self, added: list[LedgerLine]) -> None:
        self._loose += len(added)
        self._ledger.add(added)

    def _read(self, job_id: str, breathe: Callable[[], None]) -> list[LedgerLine]:
        """The last of the lines that the ledger lacks; it has got those before them."""
        can_look = self.history.size(job_id) >= 0
        added = self._read_on(job_id)
        while len(added) >= _AT_A_TIME:
            self._write(added)
            breathe()
            added = self._read_on(job_id)
        if can_look:
            self._read_jobs.add(job_id)
        return added

    def _read_on(self, job_id: str) -> list[LedgerLine]:
        """The next lines that follow what is known; whoever else reads the job goes on behind them."""
        table, added = self.table, list[LedgerLine]()
        with self._changing:
            size = self.history.size(job_id)
            if 0 <= size < table.past(job_id).end:  # it was put back, or begun anew
                table.drop(job_id)
            if size > table.past(job_id).end:
                for _since, end, run in self.history.pieces(job_id, table.past(job_id).end):
                    added += self._added(end, run._replace(job_id=job_id))
                    if len(added) >= _AT_A_TIME:
                        break
                self.version += 1
        return added

    def _added(self, end: int, run: Run) -> tuple[LedgerLine, ...]:
        """The line of the run; none for a record that is none of ours after all, which is left to the next one."""
        try:
            line = line_of(self.table.past(run.job_id).end, end, run)
        except ODD:
            return ()
        return (line,) if self.table.add(line) else ()

    def is_read(self, job_id: str) -> bool:
        return job_id in self._read_jobs

    def past(self, job_id: str) -> Past:
        """All that the job's history says."""
        if job_id not in self._read_jobs:
            self.read(job_id)
        return self.table.past(job_id)

    def can_read(self, job_id: str) -> bool:
        """Whether all of the job is known, or is so little that it is read at once."""
        if job_id not in self._read_jobs:
            size = self.history.size(job_id)
            if size < 0:  # what the ledger knows has to do until the file can be looked at
                return True
            missing = size - self.table.past(job_id).end
            if missing > self.allowance:
                return False
            self.allowance -= max(0, missing)
            if missing:
                self.read(job_id)
            self._read_jobs.add(job_id)
        return True

    def read_soon(self, job_ids: Collection[str]) -> None:
        """What is little and unread of all jobs, for whoever cannot wait for `warm`."""
        if not self.filled:
            self.read_stream()
            self.left = self._not_at_once(job_ids)

    def _not_at_once(self, job_ids: Iterable[str]) -> int:
        """Reads what is little; how many are left."""
        breathe, left = self._breather(), 0
        for job_id in job_ids:
            left += not self.can_read(job_id)
            breathe()
        return left

    def read_stream(self) -> None:
        """Once: the jobs whose runs ended last, so that nothing new is missing before `warm` has come to them."""
        if self._has_read_stream:
            return
        position = max(0, self.history.ended_position() - _STREAM)
        self._not_at_once(job_id for job_id, _run_id in self.history.ended_since(position)[0])
        self._has_read_stream = True

    def job_of(self, run_id: str) -> str:
        """The job of an ended run, "" if it is not known; `RunNotFound` once all are known."""
        table = self.table
        try:
            return table.job_ids[table.jobs[table.ids.index(run_id)]]
        except ValueError:
            if self.filled:
                raise RunNotFound from None
            return ""

    def _record(self, summary: RunSummary) -> Run:
        """The whole record; what is known of it where that is gone."""
        table = self.table
        for row in reversed(table.past(summary.job_id).rows):
            if table.ids[row] == summary.run_id:
                runs = [run for _, _, run in self.history.pieces(summary.job_id, *table.place(row))]
                if runs and runs[-1].id == summary.run_id:
                    return runs[-1]
        return run_of_summary(summary)

    def forget(self, *job_ids: str) -> None:
        with self._changing:
            self.table.drop(*job_ids)
            self._read_jobs.difference_update(job_ids)
            self.version += 1

    def warm(self, job_ids: Collection[str], between: Callable[[], object] = lambda: None) -> None:
        """Read all that is not known yet, giving way to others now and then; `between` is called as often."""
        breathe, added = self._breather(between, _BREATH), list[LedgerLine]()
        waiting = [job_id for job_id in job_ids if job_id not in self._read_jobs]
        for number, job_id in enumerate(waiting):
            added += self._read(job_id, breathe)
            if len(added) >= _BATCH:
                self._write(added)
                added = []
            self.left = len(waiting) - number - 1
            breathe()
        self._write(added)
        self.left = 0
        self.filled += 1
        self.pack(job_ids, between)

    def pack(self, job_ids: Collection[str], between: Callable[[], object] = lambda: None) -> None:
        """Pack the ledger if that helps the next start, without jobs that are not among these and have no history."""
        breathe, kept, gone = self._breather(between, _BREATH), set(job_ids), list[str]()
        for job_id in self.table.known_jobs():
            breathe()
            if job_id not in kept and not self.history.size(job_id):
                gone.append(job_id)
        if gone:
            self.forget(*gone)
            self._is_packed = False
        if self._loose > _BATCH + len(self.table) // 20 or (len(self.table) and not self._is_packed):
            self._ledger.rewrite(packed(self.table.without_gaps(breathe), breathe))
            self._loose, self._is_packed = 0, True
