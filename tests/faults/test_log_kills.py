"""Logs whose writer is killed while they are put away: every line that was written is there, once."""

import os
import random
import re
import select
import shutil
import signal
import subprocess
import sys
import time
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.data_folder import DataFolder
from storage.log_archive import LogLimits, archives
from storage.log_store import RunLog
from storage.retention import Retention
from storage.shared_file import SUFFIX
from tests import build
from tests.build import JOB_ID

NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
RUN_ID = "20261121T070204123Z-a1b2c3"
ROUNDS = 25
SMALL = 20_000  # bytes: a log is full after five flushes
WRITER = """
import sys
from pathlib import Path
from tests.faults.test_log_kills import write
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


class SmallLimits(LogLimits):
    log_bytes = SMALL


def write(root: Path, first: int, lines: int) -> None:
    """Numbered lines, five at a time; what is on the disk is told on standard output."""
    log = RunLog(DataFolder(root), "rsync", JOB_ID, RUN_ID, SmallLimits())
    for number in range(first, first + lines):
        log.write(NOON, "info", f"<{number}> {'y' * 800}")
        if number % 5 == 4:
            log.flush()
            os.write(1, b"%d\n" % number)


def numbers(folder: DataFolder) -> list[int]:
    """Of every line in the log and what was put away; a file and the archive that is made of it count once."""
    packed = {archive.path for archive in archives(folder.logs) if archive.is_packed}
    plain = [archive.path for archive in archives(folder.logs) if not archive.is_packed]
    contents = [zlib.decompress(path.read_bytes(), 31) for path in packed]
    contents += [path.read_bytes() for path in plain if path.with_name(f"{path.name}.gz") not in packed]
    live = folder.log_file("rsync", JOB_ID)
    contents += [live.read_bytes()] if live.exists() else []
    return [int(found) for content in contents for found in re.findall(rb"<(\d+)> y{800}\n", content)]


def check(folder: DataFolder, told: int) -> list[int]:
    """That all lines up to `told` are there once, also when a server has tidied up; the lines."""
    found = numbers(folder)
    assert len(found) == len(set(found))
    assert set(range(told + 1)) <= set(found)
    Retention(folder, SmallLimits()).tidy(NOON, None)
    assert sorted(numbers(folder)) == sorted(found)
    assert all(archive.is_packed for archive in archives(folder.logs))
    assert not list(folder.logs.glob(f"*{SUFFIX}"))
    return found


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = build.data_folder(tmp_path)
    folder.run_folder(JOB_ID, RUN_ID).mkdir(parents=True)
    return folder


def test_random_kills_of_the_writer_lose_no_line(folder: DataFolder) -> None:
    chance = random.Random(8)
    told = -1
    rotated = 0
    for _ in range(ROUNDS):
        child, output = _fork(folder, max([told, *numbers(folder)]) + 1)
        told = _kill_after(child, output, chance.uniform(0.005, 0.05), told)
        found = check(folder, told)
        rotated = len(archives(folder.logs))
    assert rotated > 5
    assert len(found) > 500


def _fork(folder: DataFolder, first: int) -> tuple[int, int]:
    output, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return child, output
    try:
        os.dup2(writer, 1)
        write(folder.root, first, 10**9)
    finally:
        os._exit(1)


def _kill_after(child: int, output: int, seconds: float, told: int) -> int:
    """The last line that the writer told of before it died."""
    select.select([output], [], [], 20)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(output, "rb") as said:
        lines = said.read().split()
    assert lines, "the writer did not begin"
    return max(told, int(lines[-1]))


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
