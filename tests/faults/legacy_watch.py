"""A process that reads jobs.yaml all the time and says what was ever wrong with it; it changes nothing."""

import json
import os
import time
from pathlib import Path
from typing import Any

import yaml

from tests.stand_ins.legacy_writer import FIGURES, KEYS, STATUSES, TYPES

_BETWEEN_LOOKS = 0.002


class Observer:
    """Forked at once; `end` gives (versions seen, faults)."""

    def __init__(self, jobs_file: Path) -> None:
        self._pipe, pipe = os.pipe()
        self._stop, stop = os.pipe()
        self._stopper = stop
        self.pid = os.fork()
        if self.pid == 0:
            _observe(jobs_file, pipe, self._stop)
        os.close(pipe)

    def end(self) -> tuple[int, list[str]]:
        os.write(self._stopper, b"x")
        with os.fdopen(self._pipe, "rb") as stream:
            versions, faults = json.loads(stream.read())
        os.waitpid(self.pid, 0)
        os.close(self._stop)
        os.close(self._stopper)
        return versions, faults


def _observe(jobs_file: Path, pipe: int, stop: int) -> None:
    """Never returns."""
    os.set_blocking(stop, False)
    faults: list[str] = []
    versions, last, owner = 0, b"", _owner(jobs_file)
    try:
        while not _told(stop) and len(faults) < 20:
            content, found = jobs_file.read_bytes(), _owner(jobs_file)
            if found != owner:
                faults.append(f"owner, group or mode became {found} instead of {owner}")
            if content != last:
                versions, last = versions + 1, content
                if wrong := structure_fault(content):
                    faults.append(wrong)
            time.sleep(_BETWEEN_LOOKS)
        os.write(pipe, json.dumps([versions, faults]).encode())
    except BaseException as error:  # noqa: BLE001
        os.write(pipe, json.dumps([versions, [f"{type(error).__name__}: {error}"]]).encode())
    finally:
        os._exit(0)


def _told(stop: int) -> bool:
    try:
        return bool(os.read(stop, 1))
    except BlockingIOError:
        return False


def _owner(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_uid, found.st_gid, found.st_mode


def structure_fault(content: bytes) -> str:
    """What the legacy app would choke on, or drop ("" = nothing)."""
    try:
        jobs: list[dict[str, Any]] = yaml.load(content, Loader=yaml.CSafeLoader)["jobs"]
        ids = [job["id"] for job in jobs]
        wrong = [job["id"] for job in jobs if not _is_whole(job)]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        return f"{type(error).__name__}: {error} in {len(content)} bytes"
    if len(set(ids)) < len(ids):
        return "a job stands twice"
    return f"not whole: {wrong}" if wrong or not content.endswith(b"\n") else ""


def _is_whole(job: dict[str, Any]) -> bool:
    known = job["status"] in STATUSES and job["type"] in TYPES and isinstance(job["settings"], dict)
    figures = all(isinstance(job["progress"][name], int | float) for name in FIGURES)
    return known and figures and all(isinstance(job[key], str) for key in KEYS if key not in ("progress", "settings"))
