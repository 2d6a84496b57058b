"""Definitions: what is kept beside them, and what a change leaves alone."""

import pytest

from models.errors import InvalidInput
from models.job import JobDraft, JobSettings
from tests.core.house import House


def draft(house: House, **changes: object) -> JobDraft:
    values = {
        "name": "Photos", "type": "rsync", "source": f"{house.arena.source}/", "dest": str(house.arena.dest), **changes,
    }  # fmt: skip
    return JobDraft(**values)  # type: ignore[arg-type]


def test_a_password_is_kept_changed_and_forgotten_beside_the_job(house: House) -> None:
    manager, daemon = house.parts.manager, "backup@host::module/path"
    job = manager.create(draft(house, dest=daemon, password="first"))
    assert manager.has_password(job.id)
    assert "first" not in house.arena.folder.jobs_file.read_text()
    manager.update(job.id, draft(house, dest=daemon))
    assert manager.has_password(job.id)
    manager.update(job.id, draft(house, dest=daemon, password=""))
    assert not manager.has_password(job.id)
    manager.update(job.id, draft(house, dest=daemon, password="second"))
    manager.delete(job.id)
    assert "second" not in house.arena.folder.secrets_file.read_text()


def test_a_change_leaves_status_and_time_of_making_alone(house: House) -> None:
    manager = house.parts.manager
    job = manager.create(draft(house))
    house.ended(house.start(job))
    changed = manager.update(job.id, draft(house, name="Films"))
    assert (changed.name, changed.status, changed.created_at) == ("Films", "completed", job.created_at)
    assert changed.updated_at > job.updated_at


def test_a_change_keeps_settings_that_are_not_built_yet(house: House) -> None:
    manager, file = house.parts.manager, house.arena.folder.jobs_file
    job = manager.create(draft(house, settings=JobSettings(tags=("a",))))
    file.write_text(file.read_text().replace("settings:\n", "settings:\n    priority: 7\n"))
    assert house.parts.jobs.get(job.id).settings.unbuilt == ("priority",)
    manager.update(job.id, draft(house, name="Films", settings=JobSettings(tags=("b",))))
    assert "priority: 7" in file.read_text()
    assert house.parts.jobs.get(job.id).settings.unbuilt == ("priority",)


@pytest.mark.parametrize("field", ["name", "source", "dest"])
@pytest.mark.parametrize("value", ["", "x" * 10_000, "/a\nb", "/a\x00b", "/a\u202eb"])
def test_bad_text_is_refused_beside_its_field_and_changes_nothing(house: House, field: str, value: str) -> None:
    job = house.parts.manager.create(draft(house))
    before = house.arena.folder.jobs_file.read_bytes()
    with pytest.raises(InvalidInput) as refused:
        house.parts.manager.update(job.id, draft(house, **{field: value}))
    assert field in refused.value.fields
    assert house.arena.folder.jobs_file.read_bytes() == before


def test_a_copy_of_a_job_goes_without_what_is_said_to_stay_behind(house: House) -> None:
    manager, file = house.parts.manager, house.arena.folder.jobs_file
    job = manager.create(draft(house, settings=JobSettings(tags=("a",))))
    file.write_text(
        file.read_text().replace("settings:\n", "settings:\n    mode: sync\n    skip_deletion_this_run: true\n", 1)
    )
    job = house.parts.jobs.get(job.id)
    assert job.settings.unbuilt == ("mode",)
    assert job.settings.skip_deletion_this_run
    copy = house.parts.upkeep.duplicate(job.id)
    assert house.parts.jobs.get(copy.id).settings == JobSettings(tags=("a",), enabled=False)
    assert file.read_text().count("mode: sync") == 1
