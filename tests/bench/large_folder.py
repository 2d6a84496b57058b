"""Fills a data folder with many jobs and run records, in the store's own form but fast; judges nothing."""

import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from models.job import Job
from models.progress import Progress
from models.run import Outcome, PhaseMark, Run, RunState, Statistics
from storage.data_folder import DataFolder
from storage.job_document import values_of_new
from storage.run_json import encoded
from storage.yaml_scalars import dump_yaml
from tests import build
from utils.clock import local_text, parse_utc, utc_text

S = RunState
_STATES = (S.DONE,) * 92 + (S.DONE_WITH_WARNINGS,) * 4 + (S.FAILED,) * 2 + (S.INTERRUPTED, S.PAUSED)
_STATUS = {S.FAILED: "failed", S.INTERRUPTED: "paused", S.PAUSED: "paused"}
_REASON = "The connection was closed by the other side while files were being copied."


def fill(place: Path, jobs: int, records: int, logs: bool = True) -> DataFolder:
    """`records` in all, spread evenly over the jobs, one a day back from now."""
    folder = DataFolder(place)
    folder.prepare()
    chance, now = random.Random(7), datetime.now(UTC)
    values, ended = [], []
    for number in range(jobs):
        job = _job(number, now)
        runs = [_run(job, chance, now, age, number) for age in reversed(range(records // jobs))]
        job = job._replace(status=_STATUS.get(runs[-1].state, "completed")) if runs else job
        values.append(values_of_new(job))
        ended += [(run.ended_at, run.id, job.id) for run in runs]
        _write_history(folder, job, runs)
        if logs and runs:
            _write_log(folder, job, runs[-1])
    folder.jobs_file.write_text(dump_yaml({"jobs": values}))
    stream = b"".join(encoded({"job_id": job_id, "run_id": run_id}) for _, run_id, job_id in sorted(ended)[-500:])
    folder.ended_file.write_bytes(stream)
    folder.ended_file.chmod(0o600)
    return folder


def _job(number: int, now: datetime) -> Job:
    written = local_text(now)
    return build.job(
        name=f"Photos of project {number:05}",
        source=f"/srv/projects/{number:05}/photos/",
        dest=f"/srv/backup/projects/{number:05}",
        created_at=written,
        updated_at=written,
    )


def _run(job: Job, chance: random.Random, now: datetime, age: int, number: int) -> Run:
    began = now - timedelta(days=age, seconds=(number * 8) % 80_000 + 60)
    seconds = chance.randrange(40, 900)
    state = chance.choice(_STATES)
    marks = [(S.QUEUED, 0), (S.STARTING, 1), (S.CHECKING, 1), (S.TRANSFERRING, 4), (state, seconds)]
    sent = chance.randrange(10**6, 10**9)
    return build.run(
        id=f"{began:%Y%m%dT%H%M%S}{began.microsecond // 1000:03}Z-{number % 0xFFFFFF:06x}",
        job_id=job.id,
        job_name=job.name,
        source=job.source,
        dest=job.dest,
        state=state,
        created_at=utc_text(began),
        started_at=utc_text(began + timedelta(seconds=1)),
        ended_at=utc_text(began + timedelta(seconds=seconds)),
        phases=tuple(PhaseMark(mark, utc_text(began + timedelta(seconds=after))) for mark, after in marks),
        outcome=Outcome() if state is S.DONE else Outcome(_REASON, "Start it again.", 12),
        progress=Progress(sent, sent, 100.0, 118_000_000, None, 3812, 6120),
        statistics=Statistics(6120, 3812, 12, 0, sent * 40, sent, sent, 0),
        seq=120,
    )


def _write_history(folder: DataFolder, job: Job, runs: list[Run]) -> None:
    place = folder.job_folder(job.id)
    place.mkdir(0o700)
    path = place / "history.jsonl"
    path.write_bytes(b"".join(encoded(run) for run in runs))
    path.chmod(0o600)


def _write_log(folder: DataFolder, job: Job, run: Run) -> None:
    stamp = run.started_at[:19].replace("T", " ")
    lines = (f"{stamp} [INFO] Copied photos/2026/{number:04}.jpg" for number in range(20))
    path, ended = folder.log_file(job.type, job.id), parse_utc(run.ended_at).timestamp()
    path.write_text("\n".join(lines) + "\n")
    os.utime(path, (ended, ended))
