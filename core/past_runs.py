"""Finds ended runs of all jobs by what a person asks for, newest first; it starts, changes and renders nothing."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from core.run_index import RunIndex
from core.run_table import RunTable
from models.job import Job
from models.run_summary import RunSummary
from storage.job_store import JobStore

PER_PAGE = 50


class Wanted(NamedTuple):
    """What is asked for; "" asks for everything. `since` and `until` are ms of the epoch, for the run's start.

    `search` is looked for in the names that the jobs have now, whatever its case.
    """

    search: str = ""
    job_id: str = ""
    state: str = ""
    kind: str = ""
    engine: str = ""
    since: int = 0
    until: int = 1 << 62


class RunsPage(NamedTuple):
    """`older` is the cursor of the next page, "" where this one holds the oldest."""

    rows: tuple[RunSummary, ...]
    older: str


class PastRuns:
    """Only runs of jobs that exist are found, and they bear the name that the job has now."""

    def __init__(self, index: RunIndex, jobs: JobStore) -> None:
        self._known, self._jobs = index.known, jobs
        self._all: tuple[object, int, set[int]] = (None, 0, set())

    def page(self, wanted: Wanted, before: str = "") -> RunsPage:
        """One page, `before` the cursor that an earlier page gave."""
        table = self._known.table
        rows = list(islice(self._rows(wanted, before), PER_PAGE + 1))
        older = table.cursor(rows[PER_PAGE - 1]) if len(rows) > PER_PAGE else ""
        return RunsPage(tuple(map(self._named, rows[:PER_PAGE])), older)

    def each(self, wanted: Wanted) -> Iterator[RunSummary]:
        """All of them, as they are when the first is asked for."""
        return map(self._named, self._rows(wanted, ""))

    def engines(self) -> tuple[str, ...]:
        """Of all runs there are."""
        return tuple(sorted({engine for _, _, engine in self._known.table.combinations if engine}))

    def _named(self, row: int) -> RunSummary:
        found = self._known.table.summary(row)
        job = self._jobs.snapshot().jobs.get(found.job_id)
        return found._replace(job_name=job.name) if job else found

    def _rows(self, wanted: Wanted, before: str) -> Iterator[int]:
        self._known.read_soon(self._jobs.snapshot().jobs)
        table = self._known.table
        codes, jobs = _codes(table, wanted), self._numbers(table, wanted)
        if not codes or not jobs:
            return
        code_of, job_of, moment_of = table.codes, table.jobs, table.moments
        for row in table.newest_first(before):
            if code_of[row] in codes and job_of[row] in jobs and wanted.since <= moment_of[row] < wanted.until:
                yield row

    def _numbers(self, table: RunTable, wanted: Wanted) -> set[int]:
        """Of the jobs whose runs are wanted."""
        jobs, words = self._jobs.snapshot().jobs, wanted.search.casefold()
        if not words and not wanted.job_id:
            return self._of_all(table, jobs)
        chosen = [wanted.job_id] if wanted.job_id else list(jobs)
        named = (job_id for job_id in chosen if job_id in jobs and words in jobs[job_id].name.casefold())
        return {table.past(job_id).number for job_id in named}

    def _of_all(self, table: RunTable, jobs: Mapping[str, Job]) -> set[int]:
        """Remembered: with ten thousand jobs it takes a while, and seldom changes."""
        if self._all[0] is not jobs or self._all[1] != len(table.job_ids):
            count = len(table.job_ids)  # first: another thread may add one meanwhile
            self._all = (jobs, count, {table.past(job_id).number for job_id in jobs})
        return self._all[2]


def _codes(table: RunTable, wanted: Wanted) -> set[int]:
    """Of the combinations of kind, state and engine that are wanted."""
    asked = (wanted.kind, wanted.state, wanted.engine)

    def fits(found: tuple[str, ...]) -> bool:
        return all(ask in ("", there) for ask, there in zip(asked, found, strict=True))

    return {number for number, found in enumerate(table.combinations) if fits(found)}
