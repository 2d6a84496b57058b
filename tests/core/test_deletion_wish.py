"""core/deletion_wish.py, through the manager: consent, the one run that is skipped, folders that are one."""

import pytest

from models.errors import CannotStart, InvalidInput
from models.job import Job, JobSettings
from models.run import RunState
from tests.core.arena import RSYNC, wait_for
from tests.core.house import House, use_tool
from tests.core.mounts import mounted, needs_mounts

WISH = JobSettings(delete_source_after=True, deletion_confirmed=True)


@pytest.fixture
def mover(house: House) -> House:
    """A house with the real rsync and two files to move."""
    (house.arena.folder.config_file).write_text(f"rsync: {RSYNC.path}\n")
    house.arena.write(one=b"first", two=b"second")
    return House(house.arena)


def create(house: House, **settings: object) -> Job:
    return house.create(settings=WISH._replace(**settings))  # type: ignore[arg-type]


def left(house: House) -> set[str]:
    return {path.name for path in house.arena.source.iterdir()}


def skips(house: House, job: Job) -> bool:
    return house.parts.jobs.get(job.id).settings.skip_deletion_this_run


def test_a_move_of_a_job_as_it_is_saved(mover: House) -> None:
    run = mover.ended(mover.start(create(mover, verify="fast")))
    assert run.state is RunState.DONE, run.outcome
    assert left(mover) == set()
    assert {path.name for path in mover.arena.dest.iterdir()} == {"one", "two"}


def test_without_consent_no_such_job_is_saved(mover: House) -> None:
    with pytest.raises(InvalidInput) as refused:
        create(mover, deletion_confirmed=False)
    assert refused.value.fields.keys() == {"deletion_confirmed"}


def test_without_consent_such_a_job_in_the_file_does_not_start_and_says_so_beside_the_field(mover: House) -> None:
    job, file = create(mover), mover.arena.folder.jobs_file
    file.write_text(file.read_text().replace("deletion_confirmed: true", "deletion_confirmed: false"))
    with pytest.raises(CannotStart) as refused:
        mover.parts.manager.start(job.id)
    assert "deletion_confirmed" in refused.value.fields
    assert left(mover) == {"one", "two"}


def test_a_job_of_the_legacy_app_that_deletes_its_source_is_carried_out(mover: House) -> None:
    job, file = create(mover), mover.arena.folder.jobs_file
    legacy = "    deletion_mode: per_file\n    skip_deletion_this_run: false\n    deletion_confirmed: true\n"
    file.write_text(file.read_text().replace("    deletion_confirmed: true\n", legacy))
    assert mover.parts.jobs.get(job.id).settings.unbuilt == ()
    run = mover.ended(mover.start(job))
    assert run.deletion is not None
    assert (run.deletion.mode, run.deletion.files_deleted) == ("per_file", 2)


def test_the_run_that_was_to_be_skipped_deletes_nothing_and_the_next_one_does(mover: House) -> None:
    job = create(mover, skip_deletion_this_run=True)
    run = mover.start(job)
    assert not skips(mover, job)
    ended = mover.ended(run)
    assert ended.state is RunState.DONE
    assert ended.deletion is not None
    assert (ended.deletion.phase, ended.deletion.reason) == (
        "skipped",
        "This run was told to leave the source as it is.",
    )
    assert ended.deletion.reason in mover.arena.log(ended)
    assert left(mover) == {"one", "two"}
    assert mover.ended(mover.start(job)).state is RunState.DONE
    assert left(mover) == set()


def test_a_run_that_leaves_the_queue_gives_its_skip_back(house: House) -> None:
    go = house.arena.root / "go"
    use_tool(house.arena, [["until", str(go)], ["end", 0]])
    house = House(house.arena)
    first = house.create(name="In the way")
    running = house.start(first)
    job = create(house, skip_deletion_this_run=True)
    waiting = house.start(job)
    assert waiting.note
    assert not skips(house, job)
    house.parts.manager.cancel(job.id)
    assert skips(house, job)
    go.touch()
    wait_for(lambda: house.ended(running).state is RunState.DONE)


@pytest.mark.parametrize("kind", ["verify", "preview"])
def test_other_kinds_of_runs_delete_nothing_and_use_up_no_skip(mover: House, kind: str) -> None:
    mover.ended(mover.start(mover.create(name="Copy")))
    job = create(mover, skip_deletion_this_run=True)
    run = getattr(mover.parts.manager, kind)(job.id)
    mover.arena.runs.append(run)
    assert mover.ended(run).deletion is None
    assert left(mover) == {"one", "two"}
    assert skips(mover, job)


@needs_mounts
def test_a_destination_that_is_bound_into_the_source_is_refused_at_the_start(mover: House) -> None:
    job = create(mover)
    (mover.arena.source / "inside").mkdir()
    bound = mounted(mover.arena.dest, "--bind", str(mover.arena.source / "inside"))
    with bound, pytest.raises(CannotStart) as refused:
        mover.parts.manager.start(job.id)
    assert "dest" in refused.value.fields
    assert left(mover) == {"one", "two", "inside"}
