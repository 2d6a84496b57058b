"""What reading, searching and exporting 1 GB of logs in 200 files costs, beside reading and searching it plainly."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from core.log_reading import LogReading
from storage.data_folder import DataFolder
from storage.log_search import LogPage, LogSearch, key_of
from storage.log_streams import Question
from tests import build
from tests.bench.figures import middle, milliseconds
from tests.bench.table import Row
from utils.clock import SystemClock
from utils.garbage import collect_rarely

NAME = "logs"
_FILES, _LINES, _ROUNDS = 200, 50_000, 9
_RARE = "the one needle in this haystack"
_EXPORTED = 1_000_000
_EXPORT = """
import sys
from pathlib import Path
from core.log_reading import LogReading
from storage.data_folder import DataFolder
from storage.log_streams import Question
from utils.clock import SystemClock
def largest():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
reading = LogReading(DataFolder(Path(sys.argv[1])), SystemClock())
before = largest()
lines = 0
for piece in reading.all(("", ""), Question()):
    lines += len(piece)
    if lines >= int(sys.argv[2]):
        break
print(lines, before, largest())
"""


def measure() -> list[Row]:
    collect_rarely()  # as a server does
    with tempfile.TemporaryDirectory(prefix="bench-logs-", dir="/var/tmp") as place:
        folder = build.data_folder(Path(place))
        jobs = _fill(folder)
        for path in folder.logs.iterdir():
            path.read_bytes()  # the first reading of a disk is not what is measured
        return [*_tails(folder, jobs), *_searches(folder), _exported(folder)]


def _fill(folder: DataFolder) -> list[str]:
    """A gigabyte: every job wrote a line a second until now."""
    start = datetime.now().replace(microsecond=0) - timedelta(seconds=_LINES)  # noqa: DTZ005
    stamps = [f"[{start + timedelta(seconds=number):%Y-%m-%d %H:%M:%S}] " for number in range(_LINES)]
    texts = [
        f"copied 2021/photos/img_{number:05}.jpg to /mnt/nas/photos, 8,412,902 bytes, whole\n"
        for number in range(_LINES)
    ]
    content = "".join(map("".join, zip(stamps, texts, strict=True)))
    jobs = [build.job().id for _ in range(_FILES)]
    for job_id in jobs:
        (folder.logs / f"rsync_{job_id}.log").write_text(content)
    oldest = folder.logs / f"rsync_{jobs[7]}.log"
    oldest.write_text(f"{stamps[0]}Error: {_RARE.title()}\n{content}")
    return jobs


def _tails(folder: DataFolder, jobs: list[str]) -> list[Row]:
    reading = LogReading(folder, SystemClock())
    everything = Question()
    one = _timed(lambda: reading.before((jobs[3], ""), everything, None))
    every = _timed(lambda: reading.before(("", ""), everything, None))
    key = key_of(reading.before(("", ""), everything, None).older)
    older = _timed(lambda: reading.before(("", ""), everything, key))
    newer = _timed(lambda: reading.after(("", ""), everything, key)) if key else 0.0
    naive_one = _timed(lambda: (folder.logs / f"rsync_{jobs[3]}.log").read_text().splitlines()[-500:])
    naive = _timed(lambda: _naive_tail(folder), rounds=1)
    beside = f"reading every file whole {milliseconds(naive)}"
    return [
        Row("last 500 lines of one job, 1 GB of logs", "< 2 ms", milliseconds(one), _whole(naive_one), one < 0.002),
        Row("last 500 lines of all jobs, 200 files", "< 20 ms", milliseconds(every), beside, every < 0.02),
        Row("the 500 lines before those", "< 60 ms", milliseconds(older), beside, older < 0.06),
        Row("the 500 lines behind those", "< 60 ms", milliseconds(newer), beside, newer < 0.06),
    ]


def _whole(seconds: float) -> str:
    return f"reading its log whole {milliseconds(seconds)}"


def _naive_tail(folder: DataFolder) -> list[str]:
    lines: list[str] = []
    for path in folder.logs.glob("*.log"):
        lines = sorted([*lines, *path.read_text().splitlines()[-500:]])[-500:]
    return lines


def _searches(folder: DataFolder) -> list[Row]:
    reading, alone = LogReading(folder, SystemClock()), LogSearch()
    frequent = _timed(lambda: reading.before(("", ""), Question("WHOLE"), None))
    pages: list[LogPage] = []
    rare = _timed(lambda: pages.append(reading.before(("", ""), Question(_RARE), None)))
    found = sum(len(page.lines) for page in pages)
    files = reading.files()
    without = _timed(lambda: pages.append(alone.before(files, Question(_RARE))), rounds=3)
    naive = _timed(lambda: _naive_search(folder), rounds=1)
    beside = f"reading and lowering all of it {milliseconds(naive)}"
    words = "found" if found == _ROUNDS else f"found in {found} of {_ROUNDS} rounds, else “searched back to …, go on”"
    came = timedelta(seconds=round(time.time() - pages[-1].reached / 1000)) if pages[-1].reached else "all the way"
    return [
        Row("search of a frequent word", "< 10 ms", milliseconds(frequent), beside, frequent < 0.01),
        Row("search of a rare one", "< 400 ms, or “go on”", f"{milliseconds(rare)}, {words}", beside, rare < 0.4),
        Row(
            "the same without ripgrep",
            "< 400 ms, or “go on”",
            f"{milliseconds(without)}, {came} back",
            beside,
            without < 0.4,
        ),
    ]


def _naive_search(folder: DataFolder) -> int:
    return sum(_RARE in line.lower() for path in folder.logs.glob("*.log") for line in path.read_text().splitlines())


def _exported(folder: DataFolder) -> Row:
    """Lines of all files in the order of time, in a process of its own, so that its memory can be seen."""
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", _EXPORT, str(folder.root), str(_EXPORTED)],
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    lines, before, after = map(int, done.stdout.split())
    grown = (after - before) / 1000
    figure = f"{lines:,} lines in {time.monotonic() - started:.0f} s, memory grows by {grown:.0f} MB"
    met = lines >= _EXPORTED and grown < 100
    return Row("export, its first million lines", "streamed: < 100 MB", figure, "1 GB on disk", met)


def _timed(work: Callable[[], object], rounds: int = _ROUNDS) -> float:
    figures = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        figures.append(time.perf_counter() - started)
    return middle(figures)
