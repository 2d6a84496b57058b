"""A rehearsal with real tools: it finds what is rotten, says what it compared, and leaves nothing behind."""

import os
import signal

import pytest

from models.run import Run, RunState
from tests.core.arena import Arena
from tests.core.house import House, use_tool
from tests.core.way_back import OLD, WayBack, tree


@pytest.fixture(params=["rsync", "rclone"])
def way(arena: Arena, request: pytest.FixtureRequest) -> WayBack:
    """Backed up by each of the tools."""
    return WayBack(arena, request.param)


def rot(way: WayBack, name: bytes) -> None:
    """One byte of the copy flips; size and time stay."""
    path = os.path.join(way.copy, name)
    status = os.stat(path)
    with open(path, "r+b") as file:
        file.write(b"!")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def left_behind(way: WayBack, run: Run) -> bool:
    return way.arena.folder.scratch_folder(run.job_id, run.id).exists()


def test_a_planted_corruption_is_found_and_named(way: WayBack) -> None:
    rot(way, b"hard/<script>alert(1)")
    before = tree(way.source), tree(way.copy)
    run = way.rehearse()
    assert (run.kind, run.state) == ("rehearsal", RunState.FAILED)
    assert "<script>alert(1)" in run.outcome.reason
    assert way.found(run, "mismatch") == {b"hard/<script>alert(1)"}
    assert run.verification
    assert (run.verification.passed, run.verification.mismatches) == (False, 1)
    assert (tree(way.source), tree(way.copy)) == before
    assert not left_behind(way, run)


def test_what_changed_at_the_source_since_is_compared_with_the_copy_read_again(way: WayBack) -> None:
    way.write(way.source, b"top", b"another content", OLD)
    os.unlink(os.path.join(way.source, b"folder/sub/deep"))
    run = way.rehearse()
    assert run.state is RunState.DONE, run.outcome
    assert "5 of 7 restored files equal the source; 2 changed there since" in run.outcome.reason
    assert run.verification
    assert (run.verification.passed, run.verification.files_checked) == (True, 7)
    log = way.parts.manager.log_text(run.id)[0]
    assert "Read twice from the copy: top" in log
    assert log.count("Equal to the source: ") == 5
    assert not left_behind(way, run)


def test_it_can_be_done_when_the_source_is_gone_and_says_so_of_an_empty_copy(arena: Arena) -> None:
    way = WayBack(arena, "rsync")
    way.lose_the_source()
    run = way.rehearse()
    assert run.state is RunState.DONE, run.outcome
    assert "0 of 7 restored files equal the source" in run.outcome.reason
    for name in tree(way.copy):
        os.unlink(os.path.join(way.copy, name))
    empty = way.rehearse()
    assert (empty.state, empty.outcome.reason) == (RunState.FAILED, "The copy holds no file that could be rehearsed.")
    assert way.parts.jobs.get(way.job.id).status == "completed"


def test_a_rehearsal_that_is_killed_leaves_nothing_behind_either(arena: Arena) -> None:
    way = WayBack(arena, "rsync")
    use_tool(arena, [["progress", 10, 5], ["until", str(arena.root / "never")]])
    slow = House(arena)
    run = slow.parts.manager.restores.rehearse(way.job.id)
    arena.runs.append(run)
    arena.until_state(run, RunState.TRANSFERRING)
    scratch = arena.folder.scratch_folder(run.job_id, run.id)
    scratch.mkdir(exist_ok=True)
    (scratch / "half").write_text("half")
    supervisor = arena.store.read(run.job_id, run.id).supervisor
    assert supervisor
    os.kill(supervisor.pid, signal.SIGKILL)
    way.parts.chores._recovery.look()
    ended = slow.ended(run)
    assert (ended.state, scratch.exists()) == (RunState.INTERRUPTED, False)
