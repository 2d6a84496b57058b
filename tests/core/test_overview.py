"""The jobs that a glance should fall on, and how long an answer is good for."""

from datetime import date
from functools import partial

from core.overview import JobDays, Overview
from core.queries import Queries
from core.statistics import utc_day
from core.views import Page
from models.run import RunState
from tests.core.house import House, house
from tests.core.threads import at_once
from utils.clock import SystemClock

__all__ = ["house"]


def days(house: House, today: date | None = None, jobs: int = 2) -> tuple[JobDays, ...]:
    return house.parts.overview.days(jobs, 30, today or utc_day(SystemClock().now()), utc_day, "")


def test_an_answer_is_kept_until_a_run_ends_or_the_day_does(house: House) -> None:
    job = house.create()
    house.create(name="Never run", dest=f"{house.arena.dest}-other")
    first = days(house)
    assert days(house) is first
    assert days(house, date(2030, 1, 1)) is not first
    assert house.ended(house.start(job)).state is RunState.DONE
    again = days(house)
    assert [row.view.job.name for row in again] == ["Photos", "Never run"], "who ran stands before who never did"
    assert [cell.state for cell in again[0].cells[-2:]] == ["none", "good"]
    assert len(again[0].cells) == 30


def test_no_more_jobs_are_given_than_asked_for(house: House) -> None:
    for name in ("One", "Two", "Three"):
        house.create(name=name, dest=f"{house.arena.dest}-{name}")
    assert len(days(house)) == 2


class Empty(Queries):
    """Knows of no job."""

    def __init__(self) -> None:
        pass

    def revision(self) -> str:
        return "the same"

    def job_views(self, *_asked: object, **_more: object) -> Page:
        return Page((), 0, 1, 1, {}, (), ())


def test_threads_that_ask_for_different_things_at_once_each_get_an_answer() -> None:
    overview, today = Overview(Empty()), utc_day(SystemClock().now())

    def ask(first: int) -> None:
        for number in range(first, 5000, 4):
            assert overview.days(2, number, today, utc_day, "") == ()

    at_once(*(partial(ask, number) for number in range(4)))
