"""What supervision costs: a supervised run beside the same argv alone, and beside the control's own spread."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from core.container import Container, build_container
from models.job import JobDraft
from tests.bench.figures import middle, milliseconds, p95
from tests.bench.server import ROOT
from tests.bench.table import Row
from utils.clock import parse_utc

NAME = "runs"
PAIRS = 9
STARTS = 30
_LARGE = 2 * 1024**3
_SMALL_FILES = 100_000


# Runs the supervisor as it is and writes down what it and its children have used.
_METERED = """
import resource, runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_module("core.supervisor", run_name="__main__")
finally:
    own, tool = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    with open(sys.argv[1] + "/usage", "w") as file:
        file.write(f"{own.ru_utime + own.ru_stime} {tool.ru_utime + tool.ru_stime} ")
"""


@dataclass(frozen=True)
class Taken:
    wall: float
    cpu: float
    own_cpu: float = 0.0


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        place = Path(folder)
        return [
            *_overhead(place, "2 GiB file", _make_large),
            *_overhead(place, "100,000 small files", _make_small),
            *_starts(place),
        ]


def _make_large(source: Path) -> None:
    block = os.urandom(1024**2)
    with (source / "large").open("wb") as file:
        for _ in range(_LARGE // len(block)):
            file.write(block)


def _make_small(source: Path) -> None:
    for number in range(_SMALL_FILES):
        folder = source / f"{number // 1000:03}"
        if number % 1000 == 0:
            folder.mkdir()
        (folder / f"{number}.txt").write_text(f"{number}\n" * 20)


def _overhead(place: Path, what: str, make: Callable[[Path], None]) -> list[Row]:
    source, dest = place / "source", place / "dest"
    source.mkdir()
    make(source)
    container = build_container(place / "data")
    job = container.manager.create(JobDraft("Bench", "rsync", f"{source}/", str(dest)))
    supervised, bare, again = [], [], []
    for _ in range(PAIRS):
        bare.append(_bare(place, source, dest))
        supervised.append(_supervised(container, job.id, dest))
        again.append(_bare(place, source, dest))
    shutil.rmtree(source)
    shutil.rmtree(dest)
    shutil.rmtree(place / "data")
    # Each supervised run stands between two bare ones, so that a machine that slows down favours neither.
    ratio = middle(
        [2 * run.wall / (one.wall + two.wall) for run, one, two in zip(supervised, bare, again, strict=True)]
    )
    spread = middle([abs(one.wall / other.wall - 1) for one, other in zip(again, bare, strict=True)])
    share = middle([one.own_cpu / one.cpu for one in supervised])
    return [
        Row(
            f"supervised run ÷ the same argv, {what}",
            "≤ 1.03 + the control's spread",
            f"{ratio:.3f} ({middle([one.wall for one in supervised]):.2f} s)",
            f"bare twice: {middle([one.wall for one in bare]):.2f} s, spread {spread:.3f}",
            ratio <= 1.03 + spread,
        ),
        Row(f"supervisor's CPU ÷ the tool's, {what}", "≤ 3 %", f"{share * 100:.1f} %", "", share <= 0.03),
    ]


def _argv(source: Path, dest: Path) -> list[str]:
    switches = "-a --no-h --info=progress2,stats2 --no-inc-recursive --outbuf=L --partial-dir=.rsync-partial --mkpath"
    return ["nice", "-n", "10", "rsync", *switches.split(), "--", f"{source}/", str(dest)]


def _bare(place: Path, source: Path, dest: Path) -> Taken:
    shutil.rmtree(dest, ignore_errors=True)
    before, began = os.times(), time.perf_counter()
    with (place / "bare.out").open("wb") as output:
        subprocess.run(_argv(source, dest), stdout=output, check=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Taken(time.perf_counter() - began, cpu)


def _supervised(container: Container, job_id: str, dest: Path) -> Taken:
    """The run as its record has it, from its start to its end; the supervisor's own CPU beside the tool's."""
    shutil.rmtree(dest, ignore_errors=True)
    folders: list[Path] = []

    def spawn(folder: Path) -> "subprocess.Popen[bytes]":
        folders.append(folder)
        command = [sys.executable, "-s", "-c", _METERED, "core.supervisor", str(folder)]
        return subprocess.Popen(command, cwd=ROOT, start_new_session=True)

    with patch("core.dispatch.spawn_supervisor", spawn):
        run = container.manager.start(job_id)
        while (now := container.manager.run(run.id)).is_active:
            time.sleep(0.05)  # its record tells the times; looking more often would take a core from the tool
    usage = folders[0] / "usage"
    while not usage.exists() or len(usage.read_text().split()) < 2:
        time.sleep(0.005)
    own, tool = map(float, usage.read_text().split())
    taken = (parse_utc(now.ended_at) - parse_utc(now.started_at)).total_seconds()
    return Taken(taken, tool, own)


def _starts(place: Path) -> list[Row]:
    """From the spawn to the first durable record of the supervisor, and what it needs in memory."""
    source = place / "few"
    source.mkdir()
    (source / "a").write_text("a")
    container = build_container(place / "starts")
    job = container.manager.create(JobDraft("Bench", "rsync", f"{source}/", str(place / "few-copy")))
    taken, memory = [], []
    for _ in range(STARTS):
        began = time.perf_counter()
        run = container.manager.start(job.id)
        asked = time.perf_counter()
        while not (now := container.manager.run(run.id)).has_started:
            time.sleep(0.001)
        taken.append(time.perf_counter() - asked)
        if now.supervisor:
            memory.append(_peak(now.supervisor.pid))
        while container.manager.run(run.id).is_active:
            time.sleep(0.002)
        assert asked - began < 5
    peak = max(memory) / 1e6
    return [
        Row("supervisor: spawn → recorded", "p95 < 100 ms", milliseconds(p95(taken)), _python(), p95(taken) < 0.1),
        Row("supervisor: peak memory", "< 20 MB", f"{peak:.1f} MB", "", peak < 20),
    ]


def _peak(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return max((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), default=0)


def _python() -> str:
    taken = []
    for _ in range(9):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-s", "-c", "pass"], check=True)
        taken.append(time.perf_counter() - began)
    return f"an empty Python: {milliseconds(middle(taken))}"
