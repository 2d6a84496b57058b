"""Logs whose writer is killed while they are put away: every line that was written is there, once."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage.data_folder import DataFolder
from tests.faults import family_logs
from tests.faults.family_logs import check

WRITER = """
import sys
from pathlib import Path
from tests.faults.family_logs import write
write(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
"""
BROKEN = """
import os
from storage import run_log
from storage.shared_file import replace_file
def pack(rotated):
    content = rotated.read_bytes()
    rotated.unlink()
    replace_file(rotated, content)
run_log.pack = pack
"""


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return family_logs.made(tmp_path)


def test_random_kills_of_the_writer_lose_no_line(folder: DataFolder) -> None:
    tally = family_logs.run(folder, 25, seed=8)
    assert tally.fault == ""
    assert tally.kills == 25
    assert tally.archives > 5
    assert tally.lines > 500


# What the writer does when its log is full, in this order; a new kernel may know other names for it.
CALLS = (
    ("rename,renameat,renameat2", 1), ("fchmod", 1), ("fsync", 1), ("rename,renameat,renameat2", 2), ("fsync", 2),
    ("unlink,unlinkat", 1), ("unlink,unlinkat", 2),
)  # fmt: skip


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
@pytest.mark.parametrize(("calls", "number"), CALLS)
@pytest.mark.parametrize("fault", ["signal=KILL", "error=ENOSPC"])
def test_a_fault_at_each_step_of_putting_away_loses_no_line(
    folder: DataFolder, calls: str, number: int, fault: str
) -> None:
    told = _write_with(folder, calls, number, fault, WRITER)
    found = check(folder, told[-1] if told and "KILL" in fault else -1)
    if "KILL" not in fault and not _first_rename_failed(calls, number):
        assert sorted(found) == list(range(40))


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_a_build_that_removes_a_log_before_its_archive_is_whole_is_found_out(folder: DataFolder) -> None:
    told = _write_with(folder, "fsync", 1, "signal=KILL", BROKEN + WRITER)
    with pytest.raises(AssertionError):
        check(folder, told[-1])


def _write_with(folder: DataFolder, calls: str, number: int, fault: str, writer: str) -> list[int]:
    """The lines that a writer told of which met the fault at that call."""
    inject = [argument for call in calls.split(",") for argument in ("-e", f"inject={call}:{fault}:when={number}")]
    trace = folder.root / "strace"
    tool = ["strace", "-f", "-qq", "-e", f"trace={calls}", *inject, "-o", str(trace), "--"]
    ended = subprocess.run(
        [*tool, sys.executable, "-s", "-c", writer, str(folder.root), "0", "40"],
        capture_output=True, check=False, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, timeout=60,
    )  # fmt: skip
    is_killed = "KILL" in fault
    assert ended.returncode in ({-signal.SIGKILL, 137} if is_killed else {0}), ended.stderr
    assert is_killed or "INJECTED" in trace.read_text()
    return [int(line) for line in ended.stdout.split()]


def _first_rename_failed(calls: str, number: int) -> bool:
    """Then the line that had no room is counted as lost in the log itself."""
    return calls.startswith("rename") and number == 1
