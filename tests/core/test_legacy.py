"""The legacy app beside our runs: what its writes ask of them, and what it is told."""

import subprocess
import sys
from pathlib import Path

import pytest

from models.errors import JobBusy, JobNotFound
from models.run import Run, RunState
from tests import build
from tests.core.arena import wait_for
from tests.core.house import House, use_tool
from tests.faults.legacy_watch import structure_fault
from tests.stand_ins import legacy_writer
from tests.storage.test_job_store import SAMPLES
from utils.clock import utc_text


@pytest.fixture
def go(house: House) -> Path:
    """The tool goes on until this file is there."""
    go = house.arena.root / "go"
    use_tool(house.arena, [["progress", 57, 57], ["until", str(go)], ["end", 0]])
    return go


@pytest.fixture
def neighbour(house: House, go: Path) -> House:
    """A process of ours that was started after the legacy app had made a job."""
    job = legacy_writer.new_job("old-1", source=f"{house.arena.source}/", dest=str(house.arena.dest))
    other = legacy_writer.new_job("old-2", source="/srv/other/", dest="/srv/copy-of-other")
    house.arena.folder.jobs_file.write_text("jobs: []\n")
    legacy_writer.save(house.arena.folder.jobs_file, [job, other])
    return House(house.arena)


def running(house: House) -> Run:
    run = house.start(house.parts.jobs.get("old-1"))
    wait_for(lambda: stepped(house) and house.parts.jobs.get("old-1").status == "running")
    return run


def stepped(house: House) -> bool:
    house.parts.watcher.step()
    return True


def its_jobs(house: House) -> dict[str, legacy_writer.Job]:
    return {job["id"]: job for job in legacy_writer.load(house.arena.folder.jobs_file)}


def test_a_recover_over_there_pauses_our_run(neighbour: House) -> None:
    run = running(neighbour)
    file = neighbour.arena.folder.jobs_file
    legacy_writer.rewrite(file, lambda jobs: legacy_writer.edited(jobs, "old-1", status="paused"))
    assert neighbour.ended(run).state is RunState.PAUSED
    assert its_jobs(neighbour)["old-1"]["status"] == "paused"


def test_a_recover_of_a_resumed_run_is_no_stale_rewrite(neighbour: House) -> None:
    """The status goes back to what it was before our change, but by a click."""
    first = running(neighbour)
    neighbour.parts.manager.pause("old-1")
    assert neighbour.ended(first).state is RunState.PAUSED
    second = running(neighbour)
    file = neighbour.arena.folder.jobs_file
    legacy_writer.rewrite(file, lambda jobs: legacy_writer.edited(jobs, "old-1", status="paused"))
    assert neighbour.ended(second).state is RunState.PAUSED


def test_a_stale_rewrite_pauses_nothing(neighbour: House, go: Path) -> None:
    file = neighbour.arena.folder.jobs_file
    stale = legacy_writer.load(file)
    run = running(neighbour)
    legacy_writer.save(file, legacy_writer.edited(stale, "old-2", dest="/srv/elsewhere"))
    wait_for(lambda: stepped(neighbour) and its_jobs(neighbour)["old-1"]["status"] == "running")
    assert its_jobs(neighbour)["old-2"]["dest"] == "/srv/elsewhere"
    go.touch()
    assert neighbour.ended(run).state is RunState.DONE
    assert its_jobs(neighbour)["old-1"]["status"] == "completed"


def test_a_deletion_over_there_pauses_our_run_and_then_deletes_the_job(neighbour: House) -> None:
    run = running(neighbour)
    file = neighbour.arena.folder.jobs_file
    legacy_writer.rewrite(file, lambda jobs: legacy_writer.without(jobs, "old-1"))
    wait_for(lambda: stepped(neighbour) and not neighbour.arena.folder.job_folder("old-1").exists())
    assert list(its_jobs(neighbour)) == ["old-2"]
    assert not neighbour.parts.runs.active()
    with pytest.raises(JobNotFound):
        neighbour.parts.jobs.get("old-1")
    assert run.id not in str(neighbour.parts.manager.recoverable())


def test_a_queued_run_that_it_starts_first_is_cancelled(neighbour: House) -> None:
    store = neighbour.arena.store
    now = neighbour.parts.watcher._clock.now()
    run = build.run(job_id="old-1", note="/srv is being written by Other.", created_at=utc_text(now))
    store.create(run, {})
    file = neighbour.arena.folder.jobs_file
    legacy_writer.rewrite(file, lambda jobs: legacy_writer.edited(jobs, "old-1", status="running"))
    ended = neighbour.ended(run)
    assert (ended.state, ended.outcome.reason) == (
        RunState.CANCELLED,
        "Another program started this job first, so this run did not begin.",
    )
    assert its_jobs(neighbour)["old-1"]["status"] == "running"
    assert neighbour.parts.queries.job_view("old-1").doubt == "foreign"


def test_its_pages_are_told_our_figures_while_it_is_there(neighbour: House, go: Path) -> None:
    run = running(neighbour)
    shown = wait_for(lambda: stepped(neighbour) and its_jobs(neighbour)["old-1"]["progress"]["percent"])
    assert shown == 57
    go.touch()
    neighbour.ended(run)


def test_nobody_is_told_figures_who_never_was_there(house: House, go: Path) -> None:
    job = house.create()
    run = house.start(job)
    wait_for(lambda: stepped(house) and house.parts.jobs.get(job.id).status == "running")
    assert house.parts.manager.run(run.id).is_active
    before = house.arena.folder.jobs_file.read_bytes()
    figures = house.parts.watcher.chores[3]
    figures()
    assert house.arena.folder.jobs_file.read_bytes() == before
    go.touch()
    house.ended(run)


# Its own files


@pytest.fixture(params=SAMPLES, ids=lambda path: path.stem)
def inherited(request: pytest.FixtureRequest, house: House) -> House:
    """A process of ours on a folder that the legacy app left, its places moved below the test's."""
    place = house.arena.root / "srv"
    for name in ("Photos", "Scans"):
        (place / "source" / name).mkdir(parents=True)
        (place / "source" / name / "one.jpg").write_bytes(b"one")
    (place / "dest").mkdir()
    (place / "dest" / "afile").write_bytes(b"in the way")
    text = request.param.read_text().replace("/srv/data", str(place))
    house.arena.folder.jobs_file.write_text(text)
    return House(house.arena)


def test_every_job_that_it_left_is_shown_and_the_running_ones_with_their_doubt(inherited: House) -> None:
    left = its_jobs(inherited)
    views = {view.job.id: view for view in inherited.parts.queries.job_views(per_page=100).rows}
    assert views.keys() == left.keys()
    assert {view.doubt for job_id, view in views.items() if left[job_id]["status"] == "running"} == {"abandoned"}
    assert {view.doubt for job_id, view in views.items() if left[job_id]["status"] != "running"} == {""}
    assert {offer.job.id for offer in inherited.parts.manager.recoverable()} == {
        job_id for job_id, job in left.items() if job["status"] == "running"
    }


def test_a_tool_of_its_own_with_the_jobs_places_makes_it_foreign(inherited: House) -> None:
    (job, *_rest) = [job for job in its_jobs(inherited).values() if job["status"] == "running"]
    code = "import sys; sys.stdin.read()"
    command = [sys.executable, "-c", code, "copy", job["source"], job["dest"]]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as tool:
        wait_for(lambda: job["dest"].encode() in Path(f"/proc/{tool.pid}/cmdline").read_bytes())
        assert inherited.parts.queries.job_view(job["id"]).doubt == "foreign"
        with pytest.raises(JobBusy, match="Another program"):
            inherited.parts.manager.start(job["id"])


def test_its_other_jobs_start(inherited: House) -> None:
    startable = [job for job in its_jobs(inherited).values() if job["status"] != "running" and _is_here(job)]
    assert {job["type"] for job in startable} == {"rsync", "rclone"}
    for job in startable:
        run = inherited.start(inherited.parts.jobs.get(job["id"]))
        ended = inherited.ended(run)
        assert ended.has_started
        if not job["settings"].get("delete_source_after"):  # what becomes of those is no matter of the file
            assert (job["name"], ended.state) == (job["name"], RunState.DONE), ended.outcome
        assert inherited.arena.folder.log_file(job["type"], job["id"]).read_text().startswith("[20")
    assert structure_fault(inherited.arena.folder.jobs_file.read_bytes()) == ""


def _is_here(job: legacy_writer.Job) -> bool:
    return str(job["dest"]).startswith(("/", ":local:")) and not str(job["dest"]).endswith("afile")
