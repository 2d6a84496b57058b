"""What supervision costs an rclone copy: a supervised run between two runs of the same argv alone."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from shlex import split

from core.container import Container, build_container
from core.process import scrubbed
from models.job import JobDraft
from tests.bench.figures import middle
from tests.bench.table import Row
from utils.clock import parse_utc

NAME = "rclone"
PAIRS = 7
_BLOCK = 1024**2
_KINDS = {"2 GiB in 16 files": (16, 128 * _BLOCK), "30,000 small files": (30_000, 400)}


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        return [_overhead(Path(folder), what, *sizes) for what, sizes in _KINDS.items()]


def _overhead(place: Path, what: str, count: int, size: int) -> Row:
    source, dest = place / "source", place / "dest"
    _fill(source, count, size)
    container = build_container(place / "data")
    job = container.manager.create(JobDraft("Bench", "rclone", str(source), str(dest)))
    argv = ("nice", "-n", "10", *split(container.manager.command(job.id)[0]))
    ratios, bare = [], []
    for _ in range(PAIRS):
        before = _bare(place, argv, dest)
        supervised = _supervised(container, job.id, dest)
        after = _bare(place, argv, dest)
        ratios.append(2 * supervised / (before + after))
        bare.append((before, after))
    for folder in (source, dest, place / "data"):
        shutil.rmtree(folder)
    ratio, spread = middle(ratios), middle([abs(one / other - 1) for one, other in bare])
    return Row(
        f"supervised rclone ÷ the same argv, {what}",
        "≤ 1.05",
        f"{ratio:.3f}",
        f"bare: {middle([one for one, _ in bare]):.2f} s, spread {spread:.3f}",
        ratio <= 1.05,
    )


def _fill(source: Path, count: int, size: int) -> None:
    for number in range(count):
        folder = source / f"{number // 1000:03}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}").write_bytes(os.urandom(size))


def _bare(place: Path, argv: tuple[str, ...], dest: Path) -> float:
    shutil.rmtree(dest, ignore_errors=True)
    began = time.perf_counter()
    with (place / "bare.out").open("wb") as output:
        subprocess.run(argv, stdout=output, stderr=output, check=True, env=scrubbed({"LC_ALL": "C.UTF-8"}))
    return time.perf_counter() - began


def _supervised(container: Container, job_id: str, dest: Path) -> float:
    """As its record has it, from its start to its end."""
    shutil.rmtree(dest, ignore_errors=True)
    run = container.manager.start(job_id)
    while (now := container.manager.run(run.id)).is_active:
        time.sleep(0.05)  # looking more often would take a core from the tool
    container.chores.tend()
    return (parse_utc(now.ended_at) - parse_utc(now.started_at)).total_seconds()
