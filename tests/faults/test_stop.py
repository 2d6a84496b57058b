"""Stopping runs: by a person, by the machine, by a stranger; whatever the tool makes of it."""

import os
import re
import signal
from pathlib import Path

import pytest

from core.process_facts import group_members
from models.run import RunState
from tests import build
from tests.core.arena import Arena, after, same_trees

PARTIAL = ".rsync-partial"


def temporary_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name == PARTIAL or re.fullmatch(r"\..+\.\w{6}", path.name)]


def test_every_pause_keeps_the_part_of_the_file_under_way(arena: Arena) -> None:
    arena.write(big=30_000_000)
    for _ in range(3):
        job = arena.job(dest=str(arena.root / "dest" / build.job().id))
        run = arena.start(job, bandwidth_limit=10_000)
        arena.until(run, lambda now: now.progress.bytes_transferred > 1_000_000)
        arena.order(run, "pause")
        paused = arena.ended(run)
        assert (paused.state, paused.outcome.signal) == (RunState.PAUSED, None)
        assert [path.name for path in Path(job.dest).rglob("*")] == [PARTIAL, "big"]


def test_a_pause_reaches_a_tool_within_two_seconds(arena: Arena) -> None:
    arena.write(big=60_000_000)
    run = arena.start(arena.job(), bandwidth_limit=5_000)
    arena.until_state(run, RunState.TRANSFERRING)
    arena.order(run, "pause")
    assert arena.ended(run, seconds=2.0).state is RunState.PAUSED


def test_a_tool_deaf_to_term_is_killed_with_its_children_after_ten_seconds(arena: Arena) -> None:
    tool = arena.stand_in([["ignore", signal.SIGTERM], ["child"], ["progress", 10, 5], ["until", "/nowhere"]])
    run = arena.start(arena.job(), tool)
    told = arena.until(run, lambda now: now.progress.bytes_transferred and now.tool)
    arena.order(run, "pause")
    ended = arena.ended(run, seconds=14.0)
    assert ended.state is RunState.PAUSED
    assert "It did not stop within 10 s and is ended by force." in arena.log(run)
    assert told.tool is not None
    assert group_members(told.tool.pid) == []
    assert ended.sweep_since == ended.started_at


def test_a_child_that_a_tool_leaves_behind_does_not_outlive_the_run(arena: Arena) -> None:
    run = arena.carry_out(arena.job(), arena.stand_in([["child"], ["end", 0]]))
    assert run.state is RunState.DONE


def test_shutdown_interrupts_a_run_and_says_so(arena: Arena) -> None:
    arena.write(big=60_000_000)
    run = arena.start(arena.job(), bandwidth_limit=5_000)
    now = arena.until_state(run, RunState.TRANSFERRING)
    assert now.supervisor is not None
    os.kill(now.supervisor.pid, signal.SIGTERM)
    ended = arena.ended(run, seconds=5.0)
    assert ended.state is RunState.INTERRUPTED
    assert ended.outcome.reason == "The machine is shutting down. What was copied is kept."


def test_a_hangup_does_not_disturb_a_supervisor(arena: Arena) -> None:
    go = arena.root / "go"
    run = arena.start(arena.job(), arena.stand_in([["progress", 10, 5], ["until", str(go)]]))
    now = arena.until_state(run, RunState.TRANSFERRING)
    assert now.supervisor is not None
    os.kill(now.supervisor.pid, signal.SIGHUP)
    go.touch()
    assert arena.ended(run).state is RunState.DONE


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM, signal.SIGHUP])
def test_a_tool_ended_by_a_signal_of_somebody_else_has_failed_and_the_signal_is_named(
    arena: Arena, number: signal.Signals
) -> None:
    run = arena.carry_out(arena.job(), arena.stand_in([["progress", 10, 5], ["die", number]]))
    assert run.state is RunState.FAILED
    assert number.name in run.outcome.reason
    assert (run.outcome.signal, run.outcome.exit_code) == (number, None)


def test_a_killed_rsync_leaves_files_that_the_next_good_run_removes(arena: Arena) -> None:
    arena.write(
        **{"z": 30_000_000, ".hidden": 1000, ".notes.backup": b"a person's own", "a.b": b"1", ".a.b.ABCDEF": b"2"}
    )
    job = arena.job()
    first = arena.start(job, bandwidth_limit=5_000)
    tool = arena.until(first, lambda run: run.progress.bytes_transferred > 2_000_000 and run.tool).tool
    assert tool is not None
    os.killpg(tool.pid, signal.SIGKILL)
    failed = arena.ended(first)
    assert failed.state is RunState.FAILED
    left = [path for path in temporary_files(arena.dest) if path.name.startswith(".z.")]
    assert len(left) == 1
    second = arena.admit(job, run=after(build.run(job_id=job.id, source=job.source, dest=job.dest), failed))
    arena.supervise(second)
    assert arena.ended(second).state is RunState.DONE
    assert same_trees(arena.source, arena.dest) == ""
    assert "Removed 1 temporary file of stopped tries." in arena.log(second)
    assert (arena.dest / ".a.b.ABCDEF").read_bytes() == b"2"


def test_what_a_failed_try_left_is_removed_by_the_next_try_of_the_same_run(arena: Arena) -> None:
    """The file is never seen open: the tool is gone before anybody looks."""
    arena.write(a=b"1")
    left = arena.dest / ".a.XyZ012"
    tool = arena.stand_in([["hold", str(left)], ["end", 12]], [["end", 0]])
    run = arena.carry_out(arena.job(), tool)
    assert (run.state, run.attempt) == (RunState.DONE, 2)
    assert not left.exists()
