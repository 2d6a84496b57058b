"""Missing tools, floods of output, full disks: a clear end, and little memory."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from core.process import ROOT
from core.process_facts import groups_of_run, identity
from core.recovery import Recovery
from models.run import RunState
from storage.job_store import JobStore
from tests.core.arena import RSYNC, Arena, folder_of, wait_for
from tests.core.mounts import memory, mounted, needs_mounts
from utils.clock import SystemClock


def test_a_missing_tool_is_a_clear_failure(arena: Arena) -> None:
    run = arena.carry_out(arena.job(), RSYNC._replace(path="/nowhere/rsync"))
    assert run.state is RunState.FAILED
    assert run.outcome.reason == "/nowhere/rsync is not installed any more. Install it again, then start the job."


def test_a_tool_that_is_not_executable_is_a_clear_failure(arena: Arena) -> None:
    tool = arena.root / "tool"
    tool.write_text("#!/bin/sh\n")
    run = arena.carry_out(arena.job(), RSYNC._replace(path=str(tool)))
    assert run.state is RunState.FAILED
    assert "may not be executed by this user" in run.outcome.reason


def test_a_tool_that_is_no_program_is_a_clear_failure(arena: Arena) -> None:
    tool = arena.root / "tool"
    tool.write_bytes(b"\x7fnothing")
    tool.chmod(0o700)
    run = arena.carry_out(arena.job(), RSYNC._replace(path=str(tool)))
    assert run.state is RunState.FAILED
    assert "could not be started: exec format error" in run.outcome.reason


def test_a_flood_of_lines_is_kept_exactly_and_in_little_memory(arena: Arena) -> None:
    run = arena.start(arena.job(), arena.stand_in([["flood", 30_000, 10_000], ["end", 0]]))
    supervisor = arena.until(run, lambda now: now.supervisor).supervisor
    assert supervisor is not None
    status = Path(f"/proc/{supervisor.pid}/status")
    peak = 0
    while identity(supervisor.pid) == supervisor and arena.record(run).is_active:
        peak = wait_for(lambda: int(status.read_text().split("VmHWM:")[1].split()[0]))
        wait_for(lambda: True)
    arena.ended(run)
    lines = [line.split(" ", 2)[2] for line in arena.log(run).splitlines()[1:-1]]
    assert lines == [f"line {number}" for number in range(30_000)]
    assert peak < 40 * 1024


def test_a_line_without_an_end_does_not_hurt(arena: Arena) -> None:
    go = arena.root / "go"
    run = arena.start(
        arena.job(), arena.stand_in([["pour", 100 << 20], ["say", "\nafter\n"], ["until", str(go)], ["end", 0]])
    )
    wait_for(lambda: (folder_of(arena, run) / "output.log").exists() and "after" in arena.log(run), 30)
    supervisor = arena.record(run).supervisor
    assert supervisor is not None
    status = Path(f"/proc/{supervisor.pid}/status").read_text()
    assert int(status.split("VmHWM:")[1].split()[0]) < 40 * 1024
    assert os.stat(folder_of(arena, run) / "tool.out").st_blocks * 512 < 4 << 20
    go.touch()
    assert arena.ended(run).state is RunState.DONE
    assert len(arena.log(run)) < 20_000


@needs_mounts
def test_a_full_data_folder_loses_no_end_of_a_run(tmp_path: Path) -> None:
    """The tool ends while nothing can be written; the end is recorded when there is room again."""
    with mounted(tmp_path / "data", *memory("2m")) as data:
        arena = Arena(tmp_path)
        go = tmp_path / "go"
        job, jobs = arena.job(), JobStore(arena.folder)
        jobs.create(job)
        run = arena.start(job, arena.stand_in([["progress", 10, 5], ["until", str(go)], ["say", "bye\n"], ["end", 0]]))
        supervisor = arena.until_state(run, RunState.TRANSFERRING).supervisor
        assert supervisor is not None
        fill(data / "filler")
        go.touch()
        wait_for(lambda: not groups_of_run(run.id))
        before = naps(supervisor.pid)
        wait_for(lambda: naps(supervisor.pid) >= before + 3)
        assert arena.record(run).is_active
        (data / "filler").unlink()
        assert arena.ended(run).state is RunState.DONE
        assert arena.store.history(job.id)[0].id == run.id
        assert jobs.get(job.id).status == "completed"
        assert arena.close() == []


@needs_mounts
def test_a_shutdown_with_a_full_data_folder_keeps_no_supervisor_waiting(tmp_path: Path) -> None:
    with mounted(tmp_path / "data", *memory("2m")) as data:
        arena = Arena(tmp_path)
        job, jobs = arena.job(), JobStore(arena.folder)
        jobs.create(job)
        run = arena.start(job, arena.stand_in([["progress", 10, 5], ["until", "/nowhere"]]))
        supervisor = arena.until_state(run, RunState.TRANSFERRING).supervisor
        assert supervisor is not None
        fill(data / "filler")
        os.kill(supervisor.pid, signal.SIGTERM)
        # The tool's output goes before the end is recorded; its room may suffice for the record.
        assert arena.children[0].wait(10) in (0, 1)
        assert groups_of_run(run.id) == []
        (data / "filler").unlink()
        Recovery(arena.store, jobs, SystemClock()).look()
        assert arena.store.read(job.id, run.id).state is RunState.INTERRUPTED
        assert len(arena.store.history(job.id)) == 1
        assert arena.close() == []


def fill(file: Path) -> None:
    """To the last byte."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT)
    try:
        for size in (65536, 512, 1):
            with suppress(OSError):
                while True:
                    os.write(descriptor, b"x" * size)
    finally:
        os.close(descriptor)


def naps(pid: int) -> int:
    """How often the process went to sleep of its own will."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("voluntary_ctxt_switches:")[1].split()[0])


@pytest.mark.parametrize("limit", [5, 9, 11, 13])
def test_too_few_open_files_leave_no_half_state(arena: Arena, limit: int) -> None:
    run = arena.admit(arena.job(), arena.stand_in([["end", 0]]))
    command = f"ulimit -n {limit}; exec {sys.executable} -s -m core.supervisor {folder_of(arena, run)}"
    child = subprocess.Popen(["sh", "-c", command], cwd=ROOT, stderr=subprocess.DEVNULL)
    arena.children.append(child)
    code = child.wait(20)
    record = arena.store.read(run.job_id, run.id)
    assert groups_of_run(run.id) == []
    if record.state is RunState.QUEUED:
        assert code != 0
    elif record.state is RunState.FAILED:
        assert "too many open files" in record.outcome.reason.lower()
    else:
        assert record.state is RunState.DONE or (record.is_active and code != 0)
