"""On and off, tags and copies of jobs: small changes that look at no disk."""

import pytest

from core.upkeep import TooManyTags, copy_name
from engines.field_checks import MAX_NAME, MAX_TAGS
from models.errors import InvalidInput, JobBusy, JobNotFound
from models.job import JobDraft, JobSettings
from models.run import RunState
from tests import build
from tests.core.arena import Arena
from tests.core.house import House


@pytest.fixture
def house(arena: Arena) -> House:
    return House(arena)


def test_a_job_is_disabled_and_enabled_even_where_its_disk_is_gone(house: House) -> None:
    job = house.parts.jobs.create(build.job(source="/no/such/disk/", dest="/no/such/disk/copy"))
    assert house.parts.upkeep.disable(job.id).settings.enabled is False
    assert house.parts.jobs.get(job.id).settings.enabled is False
    assert house.parts.upkeep.enable(job.id).settings.enabled is True


def test_a_running_job_is_not_disabled(house: House) -> None:
    job = house.parts.jobs.create(build.job())
    house.parts.runs.create(build.run(job_id=job.id, state=RunState.TRANSFERRING), {})
    with pytest.raises(JobBusy, match="cannot be disabled now"):
        house.parts.upkeep.disable(job.id)
    assert house.parts.jobs.get(job.id).settings.enabled


def test_tags_are_added_once_and_removed(house: House) -> None:
    upkeep, job = house.parts.upkeep, house.parts.jobs.create(build.job(settings=JobSettings(tags=("a",))))
    upkeep.add_tag(job.id, "  off site ")
    upkeep.add_tag(job.id, "off site")
    assert house.parts.jobs.get(job.id).settings.tags == ("a", "off site")
    upkeep.remove_tag(job.id, "a")
    upkeep.remove_tag(job.id, "never there")
    assert house.parts.jobs.get(job.id).settings.tags == ("off site",)


@pytest.mark.parametrize("tag", ["", "  ", "a,b", "x" * 51, "line\nbreak", "\u202egnp"])
def test_what_is_no_tag_is_refused(house: House, tag: str) -> None:
    job = house.parts.jobs.create(build.job())
    with pytest.raises(InvalidInput) as refused:
        house.parts.upkeep.add_tag(job.id, tag)
    assert "tag" in refused.value.fields


def test_a_job_full_of_tags_takes_no_more(house: House) -> None:
    tags = tuple(f"tag {number}" for number in range(MAX_TAGS))
    job = house.parts.jobs.create(build.job(settings=JobSettings(tags=tags)))
    assert house.parts.upkeep.add_tag(job.id, tags[0]).settings.tags == tags
    with pytest.raises(TooManyTags, match="the limit"):
        house.parts.upkeep.add_tag(job.id, "one more")


def test_a_copy_is_disabled_and_has_the_password_but_not_the_consent(house: House) -> None:
    settings = JobSettings(exclude=("*.tmp",), delete_source_after=True, deletion_confirmed=True, tags=("a",))
    job = house.create(source=f"{house.arena.source}/", dest="nas::backup", settings=settings)
    house.parts.manager.update(job.id, JobDraft(job.name, job.type, job.source, job.dest, job.settings, "s3cret"))
    copy = house.parts.upkeep.duplicate(job.id)
    assert (copy.name, copy.source, copy.dest, copy.status) == (f"{job.name} (copy)", job.source, job.dest, "pending")
    assert copy.id != job.id
    expected = settings._replace(enabled=False, deletion_confirmed=False)
    assert house.parts.jobs.get(copy.id).settings == expected
    assert house.parts.manager.has_password(copy.id)
    house.parts.manager.delete(job.id)
    assert house.parts.manager.has_password(copy.id)


def test_a_copy_of_nothing_is_refused(house: House) -> None:
    with pytest.raises(JobNotFound):
        house.parts.upkeep.duplicate("nope")


@pytest.mark.parametrize(
    ("name", "taken", "expected"),
    [
        ("Photos", set(), "Photos (copy)"),
        ("Photos", {"Photos (copy)"}, "Photos (copy 2)"),
        ("Photos (copy)", {"Photos", "Photos (copy)"}, "Photos (copy 2)"),
        ("Photos (copy 2)", {"Photos (copy)", "Photos (copy 2)"}, "Photos (copy 3)"),
        ("x" * MAX_NAME, set(), "x" * (MAX_NAME - 7) + " (copy)"),
    ],
)
def test_every_copy_has_a_name_of_its_own(name: str, taken: set[str], expected: str) -> None:
    assert copy_name(name, taken) == expected
