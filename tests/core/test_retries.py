"""Asking for the files alone that a backup left out: with real tools, and what it does to the job's state."""

import os
import shutil
from pathlib import Path

import pytest

from core.retries import Retries
from models.errors import CannotStart
from models.job import Job
from models.run import Run, RunState
from storage.findings import each_finding
from tests.core.arena import Arena
from tests.core.house import House
from tests.e2e.hostile_tree import deepen

HOSTILE = "#a\nb [x]{*}?\\ -v\x1b \u202e"
BLOCKED = ("folder/blocked", "-rf", "#hash", HOSTILE)


@pytest.fixture(params=["rsync", "rclone"])
def tool(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place(arena: Arena) -> House:
    return House(arena)


def block(dest: Path, *names: str) -> None:
    """A folder with something in it where a file is to go: neither tool can put the file there, not even as root."""
    for name in names:
        (dest / name / "in the way").mkdir(parents=True)


def prepared(place: House, tool: str, closed: bool = True) -> Job:
    """A job of which four files cannot be copied, and a folder of the destination that holds them."""
    source = place.arena.source
    for name in (*BLOCKED, "good", "folder/also good"):
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_bytes(os.urandom(100))
    job = place.create(source=f"{source}/" if closed else str(source), type=tool)
    block(copy_of(place, job), *BLOCKED)
    return job


def copy_of(place: House, job: Job) -> Path:
    makes_folder = job.type == "rsync" and not job.source.endswith("/")
    return place.arena.dest / place.arena.source.name if makes_folder else place.arena.dest


def backup(place: House, job: Job) -> Run:
    return place.ended(place.start(job))


def retry(place: House, run: Run) -> Run:
    begun = place.parts.manager.retries.start(run.job_id, run.id)
    place.arena.runs.append(begun)
    return place.ended(begun)


def free(place: House, job: Job, *names: str) -> None:
    for name in names or BLOCKED:
        shutil.rmtree(copy_of(place, job) / name)


def named(place: House, run: Run) -> set[bytes]:
    return {item.name for item in each_finding(place.arena.folder, run.job_id, run.id, ("failed",))}


@pytest.mark.parametrize("closed", [True, False], ids=["contents", "folder"])
def test_exactly_the_files_that_were_left_out_are_copied(place: House, tool: str, closed: bool) -> None:
    job = prepared(place, tool, closed)
    left = backup(place, job)
    assert named(place, left) == {os.fsencode(name) for name in BLOCKED}
    copy, source = copy_of(place, job), place.arena.source
    free(place, job)
    (source / "new since").write_bytes(b"not asked for")
    (source / "good").write_bytes(b"changed since, not asked for")
    done = retry(place, left)
    assert (done.kind, done.state, done.retries) == ("retry", RunState.DONE, left.id)
    assert done.statistics.files_transferred == len(BLOCKED)
    for name in BLOCKED:
        assert (copy / name).read_bytes() == (source / name).read_bytes(), name
    assert not (copy / "new since").exists()
    assert (copy / "good").read_bytes() != (source / "good").read_bytes()


def test_the_job_is_whole_again_as_of_its_backup(place: House, tool: str) -> None:
    job = prepared(place, tool)
    left = backup(place, job)
    assert place.parts.queries.job_view(job.id).needs_attention
    free(place, job)
    done = retry(place, left)
    view = place.parts.queries.job_view(job.id)
    assert (view.state, view.is_protected, view.needs_attention) == ("done", True, False)
    assert view.last_good is not None
    assert (view.last_good.id, view.settled and view.settled.id) == (left.id, done.id)
    again = House(place.arena).parts.queries.job_view(job.id)
    assert (again.state, again.settled and again.settled.id) == ("done", done.id)
    place.parts.chores._reconcile_status()
    assert place.parts.jobs.get(job.id).status == "completed"


def test_the_job_stays_as_it_was_while_one_file_is_still_left_out(place: House, tool: str) -> None:
    job = prepared(place, tool)
    left = backup(place, job)
    state = place.parts.queries.job_view(job.id).state
    free(place, job, "-rf", "#hash")
    part = retry(place, left)
    assert part.state in {RunState.FAILED, RunState.DONE_WITH_WARNINGS}
    assert len(named(place, part)) == 2
    view = place.parts.queries.job_view(job.id)
    assert (view.state, view.settled, view.is_protected) == (state, None, left.is_good)
    with pytest.raises(CannotStart, match="ran again since"):
        place.parts.manager.retries.start(job.id, left.id)
    free(place, job, "folder/blocked", HOSTILE)
    rest = retry(place, part)
    assert (rest.state, rest.retries, rest.statistics.files_transferred) == (RunState.DONE, left.id, 2)
    assert place.parts.queries.job_view(job.id).state == "done"


def test_a_retry_of_a_folder_job_names_the_rest_once(place: House) -> None:
    job = prepared(place, "rsync", closed=False)
    left = backup(place, job)
    free(place, job, "-rf")
    part = retry(place, left)
    free(place, job, "#hash", "folder/blocked", HOSTILE)
    rest = retry(place, part)
    assert (rest.state, rest.statistics.files_transferred) == (RunState.DONE, 3)
    assert (copy_of(place, job) / "folder/blocked").read_bytes() == (place.arena.source / "folder/blocked").read_bytes()


def test_a_whole_backup_goes_on_from_the_last_whole_one(place: House, tool: str) -> None:
    job = prepared(place, tool)
    left = backup(place, job)
    free(place, job)
    retry(place, left)
    whole = backup(place, job)
    assert (whole.state, whole.resumes) == (RunState.DONE, "")
    view = place.parts.queries.job_view(job.id)
    assert view.last_good is not None
    assert (view.last_good.id, view.settled) == (whole.id, None)
    with pytest.raises(CannotStart, match="ran again since"):
        place.parts.manager.retries.start(job.id, left.id)


def test_a_file_that_is_gone_since_is_no_failure(place: House, tool: str) -> None:
    job = prepared(place, tool)
    left = backup(place, job)
    free(place, job)
    (place.arena.source / "-rf").unlink()
    done = retry(place, left)
    assert (done.state, done.statistics.files_transferred) == (RunState.DONE, len(BLOCKED) - 1)


def test_a_retry_compares_what_it_copied_and_proves_no_more(place: House) -> None:
    job = prepared(place, "rsync")
    left = backup(place, job)
    free(place, job)
    place.parts.jobs.update(job._replace(settings=job.settings._replace(verify="verify_after")))
    done = retry(place, left)
    assert done.verification is not None
    assert (done.verification.passed, done.verification.files_checked) == (True, len(BLOCKED))
    assert place.parts.queries.job_view(job.id).last_proven == ""


def test_a_retry_deletes_nothing_at_the_source(place: House) -> None:
    job = prepared(place, "rsync")
    left = backup(place, job)
    free(place, job)
    moving = job.settings._replace(delete_source_after=True, deletion_confirmed=True)
    place.parts.jobs.update(job._replace(settings=moving))
    assert retry(place, left).deletion is None
    assert all((place.arena.source / name).exists() for name in BLOCKED)


def test_what_cannot_be_asked_for_is_refused_with_the_reason(place: House) -> None:
    job = prepared(place, "rsync")
    left = backup(place, job)
    retries: Retries = place.parts.manager.retries
    whole = place.create("Other", dest=str(place.arena.root / "other"))
    with pytest.raises(CannotStart, match="left no file out"):
        retries.start(whole.id, backup(place, whole).id)
    shutil.rmtree(place.arena.dest)
    place.parts.jobs.update(job._replace(dest=str(place.arena.root / "elsewhere")))
    with pytest.raises(CannotStart, match="The job was changed since"):
        retries.start(job.id, left.id)
    place.parts.jobs.update(job)
    (place.arena.folder.run_folder(job.id, left.id) / "findings.jsonl").unlink()
    with pytest.raises(CannotStart, match="not kept any more"):
        retries.start(job.id, left.id)


def test_a_folder_that_rclone_could_not_list_cannot_be_asked_for_alone(place: House) -> None:
    job = prepared(place, "rclone")
    left = backup(place, job)
    findings = place.arena.folder.run_folder(job.id, left.id) / "findings.jsonl"
    findings.write_text('{"what": "failed", "name": "folder/", "size": null}\n')
    with pytest.raises(CannotStart, match="cannot be copied alone"):
        place.parts.manager.retries.start(job.id, left.id)
    findings.write_text(
        '{"what": "failed", "name": "folder/", "size": null}\n{"what": "failed", "name": "#hash", "size": null}\n'
    )
    free(place, job)
    part = retry(place, left)
    assert (part.state, part.settles, part.statistics.files_transferred) == (RunState.DONE, False, 1)
    assert place.parts.queries.job_view(job.id).state == "failed"


def test_a_retry_does_not_settle_what_was_left_out_without_a_name(place: House) -> None:
    job = prepared(place, "rsync")
    deepen(place.arena.source)
    left = backup(place, job)
    free(place, job)
    part = retry(place, left)
    assert (part.state, part.settles, part.statistics.files_transferred) == (RunState.DONE, False, len(BLOCKED))
    view = place.parts.queries.job_view(job.id)
    assert (view.state, view.settled) == ("done_with_warnings", None)
    assert {what: files for what, files, _ in left.tallies} == {"failed": len(BLOCKED), "unnamed": 1}
    assert all(item.what == "failed" for item in each_finding(place.arena.folder, job.id, left.id))


def test_a_run_that_ended_this_moment_can_be_asked_about(place: House) -> None:
    """Its end stands in its record before it stands in the job's history."""
    job = prepared(place, "rsync")
    left = backup(place, job)
    history = place.arena.folder.runs / job.id / "history.jsonl"
    lines = history.read_bytes()
    history.unlink()
    assert House(place.arena).parts.manager.retries.refusal(left, job) == ""
    history.write_bytes(lines)
    free(place, job, "-rf")
    part = retry(place, left)
    history.write_bytes(lines)
    assert House(place.arena).parts.manager.retries.refusal(part, job) == ""
