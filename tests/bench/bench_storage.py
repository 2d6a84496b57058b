"""What reading and changing jobs.yaml costs, beside a bare durable write of the same bytes."""

import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from models.job import Job
from models.progress import Progress
from storage.data_folder import DataFolder
from storage.job_document import values_of_new
from storage.job_status import write_status
from storage.job_store import JobStore
from storage.yaml_scalars import dump_yaml
from tests import build
from tests.bench.figures import middle, milliseconds
from tests.bench.table import Row

NAME = "storage"
_SIZES = (20, 1_000, 10_000)
_ROUNDS = 15


def measure() -> list[Row]:
    rows = []
    with tempfile.TemporaryDirectory(prefix="bench-storage-") as place:
        for count in _SIZES:
            folder = _filled(Path(place) / str(count), count)
            rows += _saving(folder, count)
            if count == 1_000:
                rows += _reading(folder)
    return rows


def _filled(place: Path, count: int) -> DataFolder:
    place.mkdir()
    folder = build.data_folder(place)
    values = values_of_new(build.job(created_at="2026-11-21T03:34:41.543712", updated_at="2026-11-21T03:34:41.543712"))
    jobs = [values | {"id": build.job().id, "name": f"Photos {number}"} for number in range(count)]
    folder.jobs_file.write_text(dump_yaml({"jobs": jobs}))
    return folder


def _saving(folder: DataFolder, count: int) -> list[Row]:
    """A status with figures, by the web process and by a supervisor, against the bare write, in turns."""
    store = JobStore(folder)
    jobs = list(store.snapshot().jobs.values())
    bare, ours, supervisors = [], [], []
    for number in range(_ROUNDS):
        job = jobs[number * 7 % count]
        content = folder.jobs_file.read_bytes()
        bare.append(_timed(partial(bare_durable_write, folder.root / "control", content)))
        ours.append(_timed(partial(store.set_status, job.id, "running", Progress(percent=3.0))))
        supervisors.append(_timed(partial(_by_supervisor, folder, job)))
        store.snapshot()
    (folder.root / "control").unlink()
    return [
        _saved(f"one state change saved, durable, {count:,} jobs", ours, bare),
        _saved(f"the same by a supervisor, {count:,} jobs", supervisors, bare),
    ]


def _by_supervisor(folder: DataFolder, job: Job) -> None:
    if not write_status(folder, job.id, "paused", Progress(percent=4.0)):
        raise RuntimeError("the supervisor's way was declined")


def _saved(what: str, ours: list[float], bare: list[float]) -> Row:
    ratio = middle(ours) / middle(bare)
    figure = f"{milliseconds(middle(ours))}, {ratio:.1f} × the control"
    return Row(what, "≤ 4 × the control", figure, f"bare write {milliseconds(middle(bare))}", ratio <= 4)


def _reading(folder: DataFolder) -> list[Row]:
    store = JobStore(folder)
    store.snapshot()
    time.sleep(0.05)  # past the moment in which a second change could look like the first
    store.snapshot()
    unchanged = _timed(lambda: [store.snapshot() for _ in range(1_000)]) / 1_000
    stat = _timed(lambda: [os.stat(folder.jobs_file) for _ in range(1_000)]) / 1_000
    reloads, parses = [], []
    for number in range(_ROUNDS):
        _edit_outside(folder.jobs_file, number)
        parses.append(_timed(folder.jobs_file.read_bytes))
        reloads.append(_timed(store.snapshot))
    return [
        Row(
            "unchanged read of all jobs, 1,000 jobs",
            "< 20 µs",
            f"{unchanged * 1e6:.1f} µs",
            f"one stat {stat * 1e6:.1f} µs",
            unchanged < 20e-6,
        ),
        Row(
            "reload after one outside edit, 1,000 jobs",
            "< 20 ms",
            milliseconds(middle(reloads)),
            f"reading the bytes {milliseconds(middle(parses))}",
            middle(reloads) < 0.02,
        ),
    ]


def _edit_outside(path: Path, number: int) -> None:
    text = path.read_text().replace(f"name: Photos {number}\n", f"name: Holidays {number}\n")
    other = path.with_name("edited")
    other.write_text(text)
    other.replace(path)


def bare_durable_write(path: Path, content: bytes) -> None:
    """write + fsync + rename + fsync of the folder, and nothing else."""
    temporary = path.with_name("control.tmp")
    with temporary.open("wb", buffering=0) as stream:
        stream.write(content)
        os.fsync(stream.fileno())
    temporary.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def _timed(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started
