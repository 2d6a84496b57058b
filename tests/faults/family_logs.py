"""kill -9 at random moments while a run's log is written and put away; every line is looked for each time."""

import os
import random
import re
import select
import signal
import tempfile
import time
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from storage.data_folder import DataFolder
from storage.log_archive import LogLimits, archives
from storage.log_store import RunLog
from storage.retention import Retention
from storage.shared_file import SUFFIX
from tests import build
from tests.build import JOB_ID

NAME = "log-kills"
DEFAULT_COUNT = 300
NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
RUN_ID = "20261121T070204123Z-a1b2c3"
SMALL = 20_000  # bytes: a log is full after five flushes


@dataclass
class Tally:
    kills: int = 0
    while_putting_away: int = 0
    lines: int = 0
    archives: int = 0
    fault: str = ""


def prove(count: int) -> int:
    """Exit status 0 if after every kill each line that was written was there, once."""
    seed = random.SystemRandom().getrandbits(32)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="log-kills-") as place:
        tally = run(made(Path(place)), count, seed)
    print(f"log-kills: seed {seed}, {time.monotonic() - started:.0f} s")
    print(f"  kills: {tally.kills} of {count}, {tally.while_putting_away} of them while a log was put away")
    print(f"  lines: {tally.lines}, archives: {tally.archives}")
    if tally.fault:
        print(f"  FAULT: {tally.fault}")
    else:
        print(f"  faults: 0 in {tally.kills} kills (below {3 / tally.kills:.2%} with 95 % confidence)")
    return 1 if tally.fault else 0


def made(place: Path) -> DataFolder:
    """A data folder with a run in it."""
    folder = build.data_folder(place)
    folder.run_folder(JOB_ID, RUN_ID).mkdir(parents=True)
    return folder


def run(folder: DataFolder, count: int, seed: int) -> Tally:
    """Kill the writer `count` times; ends at the first fault."""
    dice, tally, told = random.Random(seed), Tally(), -1
    while tally.kills < count:
        child, output = _fork(folder, max([told, *numbers(folder)]) + 1)
        told = _kill_after(child, output, dice.uniform(0.002, 0.04), told)
        tally.kills += 1
        tally.while_putting_away += _is_putting_away(folder)
        try:
            tally.lines = len(check(folder, told))
        except AssertionError as error:
            tally.fault = f"after kill {tally.kills}: {error}"
            return tally
        tally.archives = len(archives(folder.logs))
    return tally


def _is_putting_away(folder: DataFolder) -> bool:
    return any(not archive.is_packed for archive in archives(folder.logs))


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
