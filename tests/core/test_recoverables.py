"""What the recovery prompt offers, and what "dismiss" and "mark as paused" do to it."""

from datetime import timedelta

from models.run import RunState
from tests import build
from tests.core.house import House
from utils.clock import SystemClock, local_text


def interrupted(house: House) -> str:
    """A job whose last run was interrupted."""
    job = house.create()
    run = build.run(
        job_id=job.id, source=job.source, dest=job.dest,
        state=RunState.INTERRUPTED, started_at=build.MOMENT, ended_at=build.MOMENT,
    )  # fmt: skip
    house.arena.store.create(run, {})
    house.arena.store.finish(run)
    return job.id


def abandoned(house: House) -> str:
    """A job that says it runs, since long, and nobody carries it."""
    job = house.create()
    house.parts.jobs.set_status(job.id, "running")
    file = house.arena.folder.jobs_file
    old = local_text(SystemClock().now() - timedelta(minutes=5))
    file.write_text(file.read_text().replace(house.parts.jobs.get(job.id).updated_at, old))
    return job.id


def offered(house: House) -> list[str]:
    return [offer.job.id for offer in house.parts.manager.recoverable()]


def test_an_interrupted_run_is_offered_until_it_is_resumed(house: House) -> None:
    job = interrupted(house)
    assert offered(house) == [job]
    run = house.parts.manager.resume(job)
    house.arena.runs.append(run)
    assert run.resumes
    assert house.ended(run).state is RunState.DONE
    house.parts.watcher.step()
    assert offered(house) == []


def test_dismissing_changes_no_job_and_holds_for_every_process(house: House) -> None:
    interrupted(house)
    before = house.arena.folder.jobs_file.read_bytes()
    house.parts.manager.dismiss_recovery()
    assert offered(house) == offered(House(house.arena)) == []
    assert house.arena.folder.jobs_file.read_bytes() == before


def test_an_abandoned_job_is_offered_with_the_doubt_named(house: House) -> None:
    job = abandoned(house)
    (offer,) = house.parts.manager.recoverable()
    assert (offer.job.id, offer.run, offer.abandoned) == (job, None, True)
    assert "may still run on another machine" in offer.reason
    house.parts.manager.mark_paused(job)
    assert house.parts.jobs.get(job).status == "paused"
    assert offered(house) == []


def test_a_running_job_is_not_offered(house: House) -> None:
    job = interrupted(house)
    other = build.run(job_id=job)
    house.arena.store.create(other, {})
    assert offered(house) == []
