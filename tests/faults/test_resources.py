"""Missing tools, floods of output, full disks: a clear end, and little memory."""

import os
from dataclasses import replace
from pathlib import Path

from core.process_facts import identity
from models.run import RunState
from tests.core.arena import RSYNC, Arena, folder_of, wait_for

PARTIAL = ".rsync-partial"


def test_a_missing_tool_is_a_clear_failure(arena: Arena) -> None:
    run = arena.carry_out(arena.job(), replace(RSYNC, path="/nowhere/rsync"))
    assert run.state is RunState.FAILED
    assert run.outcome.reason == "/nowhere/rsync is not installed any more. Install it again, then start the job."


def test_a_tool_that_is_not_executable_is_a_clear_failure(arena: Arena) -> None:
    tool = arena.root / "tool"
    tool.write_text("#!/bin/sh\n")
    run = arena.carry_out(arena.job(), replace(RSYNC, path=str(tool)))
    assert run.state is RunState.FAILED
    assert "may not be executed by this user" in run.outcome.reason


def test_a_tool_that_is_no_program_is_a_clear_failure(arena: Arena) -> None:
    tool = arena.root / "tool"
    tool.write_bytes(b"\x7fnothing")
    tool.chmod(0o700)
    run = arena.carry_out(arena.job(), replace(RSYNC, path=str(tool)))
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
