"""All ended runs as columns of small values in memory: 100,000 take 25 MB; it neither reads nor writes files."""

import struct
import threading
from array import array
from bisect import bisect_left, insort
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from core.job_past import Past
from core.run_columns import Columns
from core.run_lines import NO_FILES, UNSTARTED
from models.run import RunState
from models.run_summary import RunSummary
from storage.run_ledger import LedgerLine
from utils.clock import moment_text

_ROW = struct.Struct("<qqqdqqqIIB")  # since, end, ended, seconds, total, sent, files, name, places, marks
_COMBINATIONS = 10_000
ROW_BYTES = _ROW.size


class RunTable:
    """Rows are numbered in the order they were added and never change. Any thread may add and read."""

    def __init__(self) -> None:
        self._changing = threading.Lock()  # held for moments: what it guards neither waits nor calls anybody
        self.ids: list[str] = []
        self._rows = bytearray()
        self.codes, self.jobs, self.moments = array("H"), array("I"), array("q")
        self.combinations: list[tuple[str, RunState, str]] = []  # kind, state, engine
        self._code_of: dict[tuple[str, str, str], int] = {}
        self.job_ids: list[str] = []
        self.names: list[str] = []
        self._name_of: dict[str, int] = {}
        self._pasts: dict[str, Past] = {}
        self._by_moment: list[int] | None = None
        self._by_end: list[int] | None = None

    @classmethod
    def of(cls, columns: Columns) -> "RunTable":
        """A table with these columns, which are its own from now on."""
        table = cls()
        table.ids, table.codes, table.jobs, table.moments = columns.ids, columns.codes, columns.jobs, columns.moments
        table._rows = bytearray(columns.rows)
        table.combinations, table.job_ids, table.names = columns.combinations, columns.job_ids, columns.names
        table._code_of = {
            (kind, state, engine): code for code, (kind, state, engine) in enumerate(columns.combinations)
        }
        table._name_of = {name: number for number, name in enumerate(columns.names)}
        table._pasts = {columns.job_ids[past.number]: past for past in columns.pasts}
        return table

    def columns(self) -> Columns:
        """A copy of all columns."""
        with self._changing:
            pasts = [replace(past, rows=past.rows[:], backups=past.backups[:]) for past in self._pasts.values()]
            return Columns(
                self.ids.copy(), bytes(self._rows), self.codes[:], self.jobs[:], self.moments[:],
                self.combinations.copy(), self.job_ids.copy(), self.names.copy(), pasts,
            )  # fmt: skip

    def without_gaps(self, breathe: Callable[[], object]) -> "RunTable":
        """This table, or where jobs were dropped a new one that has only what is left of it."""
        with self._changing:
            rows = sorted(self._live())
        if len(rows) == len(self.ids):
            return self
        table = RunTable()
        for row in rows:
            table.add_alone(self._line(row))
            breathe()
        return table

    def __len__(self) -> int:
        return len(self.ids)

    def past(self, job_id: str) -> Past:
        """What is known of the job, to be read."""
        return self._pasts.get(job_id) or Past()

    def known_jobs(self) -> tuple[str, ...]:
        return tuple(self._pasts)

    def add(self, line: LedgerLine) -> bool:
        """Add the run that follows what is known of its job; False for any other, and for what is no run."""
        with self._changing:
            return self.add_alone(line)

    def add_alone(self, line: LedgerLine) -> bool:
        """As `add`, for whoever fills a table that nobody else has yet."""
        try:
            past = self._past_to_change(line.job_id)
            if line.since != past.end or line.end <= line.since:
                return False
            self._append(line, past, self._code(line.kind, line.state, line.engine))
        except (TypeError, ValueError, OverflowError, struct.error):
            return False
        return True

    def _past_to_change(self, job_id: str) -> Past:
        known = self._pasts.get(job_id)
        if known is None:
            known = self._pasts[job_id] = Past(len(self.job_ids))
            self.job_ids.append(job_id)
        return known

    def _append(self, line: LedgerLine, past: Past, code: int) -> None:
        name = self._name(line.job_name)
        packed = _ROW.pack(
            line.since, line.end, line.ended, line.seconds, line.total_bytes, line.sent_bytes, line.files,
            name, line.places, line.marks,
        )  # fmt: skip
        self.moments.append(line.moment)  # what raises for a wrong type comes first
        row = len(self.ids)
        self._rows += packed
        self.codes.append(code)
        self.jobs.append(past.number)
        self.ids.append(line.run_id)
        past.take_in(row, line, self.combinations[code][1])
        if self._by_moment is not None:
            insort(self._by_moment, row, key=self._place)
        if self._by_end is not None:
            insort(self._by_end, row, key=self._ended)

    def _code(self, kind: str, state: str, engine: str) -> int:
        known = self._code_of.get((kind, state, engine))
        if known is None:
            known = len(self.combinations)
            if known >= _COMBINATIONS:
                raise ValueError(kind, state, engine)
            self.combinations.append((kind, RunState(state), engine))
            self._code_of[kind, state, engine] = known
        return known

    def _name(self, name: str) -> int:
        known = self._name_of.get(name)
        if known is None:
            known = self._name_of[name] = len(self.names)
            self.names.append(name)
        return known

    def drop(self, *job_ids: str) -> None:
        """The runs of these jobs are gone, or have to be read again."""
        with self._changing:
            gone = {row for job_id in job_ids for row in self._pasts.pop(job_id, Past()).rows}
            for order in (self._by_moment, self._by_end):
                if order is not None and gone:
                    order[:] = [row for row in order if row not in gone]

    def newest_first(self, before: str = "") -> Iterator[int]:
        """Rows by their moment; `before` is the `cursor` of the row after which to go on."""
        moment, _, run_id = before.partition(".")
        with self._changing:
            order = self._starts()
            place = bisect_left(order, (int(moment), run_id), key=self._place) if moment.isdecimal() else len(order)
            found = order[:place]
        yield from reversed(found)

    def _starts(self) -> list[int]:
        if self._by_moment is None:
            self._by_moment = sorted(self._live(), key=self._place)
        return self._by_moment

    def _ends(self) -> list[int]:
        if self._by_end is None:
            self._by_end = sorted(self._live(), key=self._ended)
        return self._by_end

    def cursor(self, row: int) -> str:
        return f"{self.moments[row]}.{self.ids[row]}"

    def ended_since(self, moment: int) -> Sequence[int]:
        """The rows of runs that ended at that moment (ms of the epoch) or later, oldest first."""
        with self._changing:
            order = self._ends()
            return order[bisect_left(order, moment, key=self._ended) :]

    def newest_ended(self, count: int, job_ids: Container[str]) -> Sequence[int]:
        """Of these jobs, newest first."""
        with self._changing:
            rows = (row for row in reversed(self._ends()) if self.job_ids[self.jobs[row]] in job_ids)
            return tuple(islice(rows, count))

    def _live(self) -> Iterator[int]:
        for past in self._pasts.values():
            yield from past.rows

    def _place(self, row: int) -> tuple[int, str]:
        return self.moments[row], self.ids[row]

    def _ended(self, row: int) -> int:
        return int(self._facts(row)[2])

    def _facts(self, row: int) -> tuple[Any, ...]:
        """In the order of `_ROW`."""
        return _ROW.unpack_from(self._rows, row * ROW_BYTES)

    def sent(self, row: int) -> int:
        """Bytes, 0 where that is not known."""
        return max(0, int(self._facts(row)[5]))

    def place(self, row: int) -> tuple[int, int]:
        """Between which bytes of its job's history the record lies."""
        since, end, *_ = self._facts(row)
        return int(since), int(end)

    def name(self, row: int) -> int:
        """The number, in `names`, of the name that the job had."""
        return int(self._facts(row)[7])

    def summary(self, row: int) -> RunSummary:
        kind, state, engine = self.combinations[self.codes[row]]
        _since, _end, ended, seconds, total, sent, files, name, places, marks = self._facts(row)
        return RunSummary(
            job_id=self.job_ids[self.jobs[row]],
            run_id=self.ids[row],
            kind=kind,
            state=state,
            started_at="" if marks & UNSTARTED else moment_text(self.moments[row]),
            ended_at=moment_text(ended),
            seconds=seconds,
            total_bytes=_known(total),
            transferred_bytes=_known(sent),
            files_transferred=_known(files),
            job_name=self.names[name],
            engine=engine,
            places=places,
            found_files=not marks & NO_FILES,
        )

    def _line(self, row: int) -> LedgerLine:
        kind, state, engine = self.combinations[self.codes[row]]
        since, end, ended, seconds, total, sent, files, name, places, marks = self._facts(row)
        return LedgerLine(
            since, end, marks, self.job_ids[self.jobs[row]], self.ids[row], kind, state, self.moments[row], ended,
            seconds, total, sent, files, self.names[name], engine, places,
        )  # fmt: skip


def _known(value: int) -> int | None:
    return None if value < 0 else value
