"""The table of ended runs while several threads add, ask and drop."""

from collections.abc import Callable, Sequence
from functools import partial

import pytest

from core.run_table import RunTable
from storage.run_ledger import LedgerLine
from tests.core.threads import at_once

JOBS = [f"job-{number}" for number in range(300)]


def line(job_id: str, number: int = 0) -> LedgerLine:
    """The `number`th run of the job."""
    return LedgerLine(
        since=number * 10,
        end=number * 10 + 10,
        marks=0,
        job_id=job_id,
        run_id=f"{job_id}-{number:04}",
        kind="backup",
        state="done",
        moment=number,
        ended=number,
        seconds=1.0,
        total_bytes=1,
        sent_bytes=1,
        files=1,
        job_name="Photos",
        engine="rsync",
        places=1,
    )


def test_who_asks_for_a_job_without_runs_adds_nothing() -> None:
    table = RunTable()
    assert list(table.past("nobody").rows) == []
    assert (table.known_jobs(), table.job_ids) == ((), [])
    assert table.add(line("somebody"))
    assert (table.past("somebody").number, table.job_ids) == (0, ["somebody"])


def add_all(table: RunTable, jobs: Sequence[str]) -> None:
    for job_id in jobs:
        table.add(line(job_id))


def drop_all(table: RunTable, jobs: Sequence[str]) -> None:
    for job_id in jobs:
        table.drop(job_id)


def ask_all(table: RunTable) -> None:
    for job_id in JOBS:
        table.past(job_id)


def test_every_job_has_a_number_of_its_own_whoever_asks_meanwhile() -> None:
    for _ in range(20):
        table = RunTable()
        at_once(*(partial(add_all, table, JOBS[part::3]) for part in range(3)), partial(ask_all, table))
        assert [table.past(job_id).number for job_id in table.job_ids] == list(range(len(JOBS)))
        assert table.ids == [f"{table.job_ids[number]}-0000" for number in table.jobs]


@pytest.mark.parametrize(
    "ask",
    [
        lambda table: list(table.newest_first()),
        lambda table: table.ended_since(0),
        lambda table: table.columns(),
    ],
)
def test_an_order_that_is_made_while_runs_are_added_lacks_none(ask: Callable[[RunTable], object]) -> None:
    for _ in range(20):
        table = RunTable()
        add_all(table, JOBS[:200])
        at_once(partial(add_all, table, JOBS[200:]), partial(ask, table), partial(ask, table))
        assert sorted(table.newest_first()) == sorted(table.ended_since(0)) == list(range(len(JOBS)))


def test_jobs_can_be_dropped_while_lists_are_asked_for() -> None:
    table = RunTable()
    for job_id in JOBS:
        for number in range(3):
            table.add(line(job_id, number))
    at_once(
        partial(drop_all, table, JOBS[100:]),
        lambda: [table.newest_ended(10, JOBS) for _ in range(300)],
        lambda: [list(table.newest_first()) for _ in range(300)],
    )
    assert len(table.ended_since(0)) == len(list(table.newest_first())) == len(table.without_gaps(bool)) == 300


def test_only_runs_of_the_jobs_that_are_asked_for_are_the_newest() -> None:
    table = RunTable()
    for number in range(3):
        for job_id in JOBS[:3]:
            table.add(line(job_id, number))
    found = [table.summary(row).run_id for row in table.newest_ended(4, {JOBS[1]})]
    assert found == ["job-1-0002", "job-1-0001", "job-1-0000"]
