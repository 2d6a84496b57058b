"""A stand-in for the legacy app's writer, written from CONTRACT.md alone; it knows nothing of our code.

It reads the whole of jobs.yaml, waits (a median of 100 ms, 2 % above 2 s), and writes it whole through
`jobs.tmp` and a rename, without any lock of ours. It drops unknown keys of jobs, keeps unknown keys
inside `settings` and `progress`, and erases jobs whose status or type it does not know.
"""

import random
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

STATUSES = ("pending", "running", "paused", "completed", "failed")
TYPES = ("rsync", "rclone")
FIGURES = ("bytes_transferred", "total_bytes", "percent", "speed_bytes", "eta_seconds")
KEYS = ("id", "name", "source", "dest", "type", "status", "progress", "settings", "created_at", "updated_at")
Job = dict[str, Any]


def now() -> str:
    return datetime.now().isoformat(timespec="microseconds")  # noqa: DTZ005  as the legacy app writes


def new_job(job_id: str, **changes: Any) -> Job:
    """As its form makes one."""
    settings = {
        "delete_source_after": False,
        "deletion_mode": "verify_then_delete",
        "deletion_confirmed": False,
        "skip_deletion_this_run": False,
    }
    job = {
        "id": job_id,
        "name": "Legacy",
        "source": "/srv/data",
        "dest": "/srv/copy",
        "type": "rsync",
        "status": "pending",
        "progress": dict.fromkeys(FIGURES, 0),
        "settings": settings,
        "created_at": now(),
        "updated_at": now(),
    }
    return job | changes


def load(path: Path) -> list[Job]:
    """What it keeps of the file in its memory. A missing progress number is its error 500: KeyError."""
    whole = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return [_known(job) for job in whole["jobs"] if job["status"] in STATUSES and job["type"] in TYPES]


def _known(job: Job) -> Job:
    for name in FIGURES:
        float(job["progress"][name])
    return {key: job[key] for key in KEYS}


def save(path: Path, jobs: list[Job]) -> None:
    """Whole, through `jobs.tmp`, as the user that it runs as."""
    temporary = path.with_name("jobs.tmp")
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    with temporary.open("w") as stream:
        yaml.dump({"jobs": jobs}, stream, Dumper=dumper, sort_keys=False, default_flow_style=False)
    temporary.replace(path)


def pause(dice: random.Random) -> float:
    """Seconds between its read and its write: a median of 100 ms, 2 % above 2 s."""
    return dice.uniform(2.0, 2.5) if dice.random() < 0.02 else min(dice.lognormvariate(-2.3026, 0.5), 2.0)


def rewrite(path: Path, change: Callable[[list[Job]], list[Job]], seconds: float = 0.0) -> list[Job]:
    """One write of it: read, wait, change, write. What it wrote."""
    jobs = load(path)
    time.sleep(seconds)
    jobs = change(jobs)
    save(path, jobs)
    return jobs


def edited(jobs: list[Job], job_id: str, **changes: Any) -> list[Job]:
    """With other values of one job."""
    return [job | changes | {"updated_at": now()} if job["id"] == job_id else job for job in jobs]


def without(jobs: list[Job], job_id: str) -> list[Job]:
    return [job for job in jobs if job["id"] != job_id]
