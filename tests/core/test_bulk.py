"""One action on many jobs: each by itself, every refusal told."""

import pytest

from core.bulk import LIMIT, Refused
from models.errors import InvalidInput, StoreUnavailable
from models.job import JobSettings
from models.run import RunState
from tests import build
from tests.core.arena import Arena
from tests.core.house import House


@pytest.fixture
def house(arena: Arena) -> House:
    return House(arena)


def made(house: House, *names: str) -> list[str]:
    return [house.parts.jobs.create(build.job(name=name)).id for name in names]


def test_what_is_refused_for_one_is_done_for_the_others(house: House) -> None:
    first, busy, third = made(house, "First", "Busy", "Third")
    house.parts.runs.create(build.run(job_id=busy, state=RunState.TRANSFERRING), {})
    result = house.parts.bulk.do("disable", [first, busy, "../../etc/passwd", third, first])
    assert result.done == 2
    assert [refused.name for refused in result.refused] == ["Busy", ""]
    assert "running" in result.refused[0].reason
    assert "no such job" in result.refused[1].reason
    assert [house.parts.jobs.get(job).settings.enabled for job in (first, busy, third)] == [False, True, False]


def test_tags_go_on_and_off_many_jobs(house: House) -> None:
    jobs = made(house, "First", "Second")
    assert house.parts.bulk.do("add_tag", jobs, "family").done == 2
    assert all(house.parts.jobs.get(job).settings.tags == ("family",) for job in jobs)
    assert house.parts.bulk.do("remove_tag", jobs[:1], "family").done == 1
    assert [house.parts.jobs.get(job).settings for job in jobs] == [JobSettings(), JobSettings(tags=("family",))]


def test_jobs_are_deleted_with_what_is_kept_of_them(house: House) -> None:
    jobs = made(house, "First", "Second", "Third")
    assert house.parts.bulk.do("delete", jobs[:2]) == (2, ())
    assert list(house.parts.jobs.snapshot().jobs) == jobs[2:]


def test_a_pause_of_idle_jobs_is_refused_for_each(house: House) -> None:
    result = house.parts.bulk.do("pause", made(house, "First", "Second"))
    assert (result.done, len(result.refused)) == (0, 2)


@pytest.mark.parametrize(
    ("action", "jobs", "tag", "field"),
    [
        ("start", 0, "", "job_id"),
        ("start", LIMIT + 1, "", "job_id"),
        ("format the disk", 1, "", "action"),
        ("create", 1, "", "action"),
        ("add_tag", 1, " ", "tag"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_done(
    house: House, action: str, jobs: int, tag: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        house.parts.bulk.do(action, [f"job-{number}" for number in range(jobs)], tag)
    assert field in refused.value.fields


def test_a_folder_that_cannot_be_written_is_waited_for_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = made(house, "First", "Second")
    asked = []

    def full(job: object, base: object = None) -> None:
        asked.append(job)
        raise StoreUnavailable("The disk is full.")

    monkeypatch.setattr(house.parts.jobs, "update", full)
    result = house.parts.bulk.do("add_tag", [first, second], "family")
    assert len(asked) == 1
    assert result.refused == (Refused("First", "The disk is full."), Refused("Second", "The disk is full."))
