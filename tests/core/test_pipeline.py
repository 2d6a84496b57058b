"""What a comparison, behind a copy or on its own, makes of a run; real supervisors, mostly real rsync."""

import os
import random
import signal
from pathlib import Path
from typing import Any

import pytest

from core.recovery import Recovery
from engines.base import Tool
from models.findings import Finding
from models.run import Run, RunState
from storage.findings import each_finding, verified_names
from storage.job_store import JobStore
from tests import build
from tests.core.arena import RSYNC, Arena, folder_of, wait_for
from utils.clock import SystemClock

ITEM = "@.f         |10|0123456789abcdef|{}//\n"
Actions = list[list[Any]]
CLOSING = "Number of files: {0} (reg: {0})\n"


def admitted(arena: Arena, kind: str = "backup", tool: Tool = RSYNC, **plan: Any) -> Run:
    job = arena.job()
    run = build.run(job_id=job.id, source=job.source, dest=job.dest, kind=kind)
    return arena.admit(job, tool, run=run, kind=kind, **plan)


def started(arena: Arena, kind: str = "backup", tool: Tool = RSYNC, **plan: Any) -> Run:
    run = admitted(arena, kind, tool, **plan)
    arena.supervise(run)
    return run


def carried_out(arena: Arena, kind: str = "backup", tool: Tool = RSYNC, **plan: Any) -> Run:
    return arena.ended(started(arena, kind, tool, **plan))


def damage(path: Path) -> None:
    """One byte; size and time stay."""
    status, content = path.stat(), bytearray(path.read_bytes())
    content[random.randrange(len(content))] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def named(arena: Arena, run: Run) -> list[Finding]:
    return list(each_finding(arena.folder, run.job_id, run.id))


def states(run: Run) -> list[RunState]:
    return [mark.state for mark in run.phases]


@pytest.fixture
def copied(arena: Arena) -> Arena:
    arena.write(**{f"file{number}": 1000 + number for number in range(20)})
    assert carried_out(arena).state is RunState.DONE
    return arena


def test_a_run_may_prove_its_copy(arena: Arena) -> None:
    arena.write(one=1000, folder__two=500)
    run = carried_out(arena, verify="verify_after")
    assert run.outcome.reason == "2 files copied, 1.5 kB. 2 files compared, 1.5 kB, all the same. Proven."
    assert run.verification is not None
    assert (run.verification.mode, run.verification.passed, run.verification.bytes_checked) == ("checksum", True, 1500)
    assert states(run)[-2:] == [RunState.VERIFYING, RunState.DONE]
    assert set(verified_names(folder_of(arena, run) / "verified")) == {b"one", b"folder/two"}
    assert run.statistics.files_transferred == 2
    assert run.note == ""


def test_flipped_bits_are_all_named_and_the_run_is_not_done(copied: Arena) -> None:
    bad = random.sample(range(20), 5)
    for number in bad:
        damage(copied.dest / f"file{number}")
    assert carried_out(copied).state is RunState.DONE, "size and time are as they were"
    for run in (carried_out(copied, "verify"), carried_out(copied, verify="verify_after")):
        assert run.state is RunState.FAILED
        assert "5 files at the destination differ from the source" in run.outcome.reason
        assert {found.name for found in named(copied, run)} == {b"file%d" % number for number in bad}
        assert {found.what for found in named(copied, run)} == {"mismatch"}
        assert run.verification is not None
        assert (run.verification.mismatches, run.verification.files_checked, run.verification.passed) == (5, 20, False)
    repaired = carried_out(copied, verify="checksum")
    assert repaired.state is RunState.DONE_WITH_WARNINGS
    assert repaired.outcome.reason.startswith("5 files at the destination held other content than the source")
    assert carried_out(copied, "verify").state is RunState.DONE


def test_a_verification_changes_nothing_and_knows_what_it_saw(copied: Arena) -> None:
    (copied.dest / "file3").unlink()
    run = carried_out(copied, "verify")
    assert run.state is RunState.FAILED
    assert "1 file is missing there" in run.outcome.reason
    assert named(copied, run) == [Finding("missing", b"file3", 1003)]
    assert not (copied.dest / "file3").exists()
    assert (run.statistics.files_seen, run.statistics.files_transferred) == (21, None)


def test_a_preview_counts_and_changes_nothing(copied: Arena) -> None:
    (copied.source / "new").write_bytes(b"new")
    (copied.source / "file4").write_bytes(b"longer" * 1000)
    run = carried_out(copied, "preview")
    assert run.state is RunState.DONE
    assert run.outcome.reason == (
        "1 new file would be copied, 3 bytes, and 1 file would be replaced, 6.0 kB. "
        "This was a preview: nothing was changed."
    )
    assert {(found.what, found.name) for found in named(copied, run)} == {("new", b"new"), ("changed", b"file4")}
    assert not (copied.dest / "new").exists()
    assert (copied.dest / "file4").stat().st_size == 1004


def wrapped(arena: Arena, script: str) -> Tool:
    """An rsync before whose comparison a shell script runs."""
    place = arena.root / "wrapped"
    place.mkdir()
    tool = place / "rsync"
    tool.write_text(f'#!/bin/sh\ncase " $* " in *" -n "*)\n{script}\n;; esac\nexec /usr/bin/rsync "$@"\n')
    tool.chmod(0o755)
    return Tool(str(tool), RSYNC.version)


def test_what_the_source_changed_meanwhile_is_no_fault_and_not_proven(arena: Arena) -> None:
    arena.write(calm=100, busy=100, brief=100)
    tool = wrapped(arena, f"echo more >> '{arena.source}/busy'; echo new > '{arena.source}/late'")
    run = carried_out(arena, tool=tool, verify="verify_after")
    assert run.state is RunState.DONE_WITH_WARNINGS
    assert "2 files changed at the source during the run and are not proven" in run.outcome.reason
    assert {(found.what, found.name) for found in named(arena, run)} == {("meanwhile", b"busy"), ("meanwhile", b"late")}
    assert run.verification is not None
    assert (run.verification.passed, run.verification.mismatches, run.verification.missing) == (False, 0, 0)
    assert set(verified_names(folder_of(arena, run) / "verified")) == {b"calm", b"brief"}


def test_a_copy_with_warnings_keeps_them_behind_a_good_comparison(arena: Arena) -> None:
    transfer: Actions = [["say", 'rsync: [receiver] chown "/d/a" failed: Operation not permitted (1)\n'], ["end", 23]]
    tool = arena.stand_in(transfer, [["say", ITEM.format("a") + CLOSING.format(1)], ["end", 0]])
    run = carried_out(arena, tool=tool, verify="verify_after")
    assert run.state is RunState.DONE_WITH_WARNINGS
    assert "1 file compared" in run.outcome.reason
    assert run.verification is not None
    assert run.verification.passed is True
    assert run.outcome.exit_code == 23


def slow(arena: Arena, first: Actions | None = None) -> tuple[Tool, Path]:
    """A comparison of 4 files that stands still after two; the path lets it go on."""
    go = arena.root / "go"
    said = "".join(ITEM.format(name) for name in ("a", "b"))
    rest = "".join(ITEM.format(name) for name in ("c", "d")) + CLOSING.format(4)
    look: Actions = [["say", said], ["until", str(go)], ["say", rest], ["end", 0]]
    return arena.stand_in(*([first] if first else []), look), go


def test_progress_is_told_while_files_are_compared_and_percent_stays(arena: Arena) -> None:
    copy: Actions = [
        ["progress", 40, 100, " (xfr#4, to-chk=0/4)\n"],
        ["say", "Number of files: 4 (reg: 4)\n"],
        ["end", 0],
    ]
    tool, go = slow(arena, copy)
    run = started(arena, tool=tool, verify="verify_after")
    now = arena.until(run, lambda now: now.state is RunState.VERIFYING and now.note)
    assert now.note == "comparing: 2 of 4 files"
    percent = now.progress.percent
    go.touch()
    ended = arena.ended(run)
    assert ended.state is RunState.DONE
    assert percent is not None
    assert percent >= 90


@pytest.mark.parametrize("victim", ["tool", "supervisor", "pause"])
@pytest.mark.parametrize("kind", ["verify", "backup"])
def test_a_comparison_that_is_stopped_proves_nothing(arena: Arena, victim: str, kind: str) -> None:
    tool, _ = slow(arena, [["end", 0]] if kind == "backup" else None)
    run = admitted(arena, kind, tool, verify="verify_after", tries=1)
    supervisor = arena.supervise(run)
    now = arena.until(run, lambda now: now.note.startswith("comparing: 2"))
    assert now.tool is not None
    if victim == "pause":
        arena.order(run, "pause")
    elif victim == "tool":
        os.killpg(now.tool.pid, signal.SIGKILL)
    else:
        supervisor.kill()
        supervisor.wait(10)
        Recovery(arena.store, JobStore(arena.folder, SystemClock()), SystemClock()).look()
    ended = arena.ended(run)
    expected = {"tool": RunState.FAILED, "supervisor": RunState.INTERRUPTED, "pause": RunState.PAUSED}[victim]
    assert ended.state is expected
    assert ended.verification is None or ended.verification.passed is None
    assert "Proven" not in ended.outcome.reason
    if victim == "pause" and kind == "verify":
        assert ended.outcome.reason == "Stopped before its end, so it proves nothing and nothing was changed."


def test_an_order_between_the_steps_leaves_no_run_that_is_done_without_its_comparison(arena: Arena) -> None:
    ready, told = arena.root / "ready", arena.root / "told"
    deaf: Actions = [["ignore", int(signal.SIGTERM)], ["tell", str(told)], ["until", str(ready)], ["end", 0]]
    tool = arena.stand_in(deaf, [["say", CLOSING.format(0)], ["end", 0]])
    run = started(arena, tool=tool, verify="verify_after")
    wait_for(told.exists)
    arena.order(run, "pause")
    arena.until_state(run, RunState.PAUSING)
    ready.touch()
    assert arena.ended(run).state is RunState.PAUSED
    assert arena.tries() == 1
