"""Filters, order and counts of the list of jobs."""

from dataclasses import replace

import pytest

from core.job_board import JobBoard
from core.views import JobView
from models.errors import StoreUnavailable
from models.job import Job, JobSettings
from models.run import RunState
from tests import build


def view(name: str, state: RunState | None = None, ended_at: str = "", **settings: object) -> JobView:
    job = build.job(name=name, settings=JobSettings(**settings))  # type: ignore[arg-type]
    last = build.run(job_id=job.id, state=state, ended_at=ended_at) if state else None
    return JobView(job, last=last, last_good=last if last and last.is_good else None)


VIEWS = [
    view("gamma", RunState.DONE, "2026-11-21T07:00:00.000Z", tags=("family", "off site")),
    view("Alpha", RunState.FAILED, "2026-11-21T09:00:00.000Z", tags=("family",)),
    view("beta", RunState.DONE, "2026-11-21T08:00:00.000Z"),
    JobView(build.job(name="delta", type="rclone"), active=build.run(state=RunState.TRANSFERRING)),
    view("Epsilon"),
]


def board_of(views: list[JobView]) -> JobBoard:
    by_id = {view.job.id: view for view in views}
    board = JobBoard(lambda job: by_id[job.id])
    board.update({view.job.id: view.job for view in views}, ())
    return board


def names(search: str = "", state: str = "", engine: str = "", tag: str = "", sort: str = "name") -> list[str]:
    cards = board_of(VIEWS).sorted(sort)
    return [card.view.job.name for card in cards if card.matches(search.casefold(), state, engine, tag)]


def test_names_are_in_order_whatever_their_case() -> None:
    assert names() == ["Alpha", "beta", "delta", "Epsilon", "gamma"]


def test_the_order_by_state_puts_first_what_needs_a_person() -> None:
    assert names(sort="state") == ["Alpha", "delta", "Epsilon", "beta", "gamma"]


def test_the_order_by_last_run_is_newest_first_and_never_run_last() -> None:
    assert names(sort="updated") == ["delta", "Alpha", "beta", "gamma", "Epsilon"]


def test_filters_are_joined() -> None:
    assert names(tag="family") == ["Alpha", "gamma"]
    assert names(tag="family", state="protected") == ["gamma"]
    assert names(tag="famil") == []
    assert names(engine="rclone") == ["delta"]
    assert names(engine="rclone", tag="family") == []
    assert names(state="attention", search="ALPH") == ["Alpha"]
    assert names(search="off s") == ["gamma"]


def test_the_counts_and_the_choices_are_those_of_all_jobs() -> None:
    board = board_of(VIEWS)
    assert board.counts == {"all": 5, "attention": 1, "active": 1, "protected": 2}
    assert board.choices() == (("rclone", "rsync"), ("family", "off site"))
    assert board_of([]).choices() == ((), ())


def test_what_needs_attention_is_not_counted_as_protected() -> None:
    board = board_of([*VIEWS, view("Zeta", RunState.DONE_WITH_WARNINGS, "2026-11-21T06:00:00.000Z")])
    assert board.counts == {"all": 6, "attention": 2, "active": 1, "protected": 2}


def test_another_tag_is_offered_at_once() -> None:
    board = board_of(VIEWS)
    assert "new" not in board.choices()[1]
    tagged = replace(VIEWS[4], job=VIEWS[4].job._replace(settings=JobSettings(tags=("new",))))
    board._build = lambda job: tagged
    board.update({view.job.id: view.job for view in VIEWS[:4]} | {tagged.job.id: tagged.job}, ())
    assert "new" in board.choices()[1]


@pytest.mark.parametrize("before", [[], VIEWS[:2]])
def test_a_board_that_could_not_be_built_is_whole_when_it_is_next_asked_for(before: list[JobView]) -> None:
    by_id = {view.job.id: view for view in VIEWS}
    jobs = {view.job.id: view.job for view in VIEWS}
    board = board_of(before)
    counts = board.counts

    def fail_at_the_last(job: Job) -> JobView:
        if job is VIEWS[-1].job:
            raise StoreUnavailable("The disk reports an error.")
        return by_id[job.id]

    board._build = fail_at_the_last
    with pytest.raises(StoreUnavailable):
        board.update(jobs, ())
    assert (list(board.cards), board.counts) == ([view.job.id for view in before], counts)
    board._build = lambda job: by_id[job.id]
    board.update(jobs, ())
    assert (list(board.cards), board.counts["all"]) == (list(jobs), 5)
