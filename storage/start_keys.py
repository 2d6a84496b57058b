"""Which run stands for a key that a caller chose, for a day and over restarts; it begins nothing."""

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from models.errors import StoreUnavailable
from storage.data_folder import DataFolder
from storage.file_lock import FileLock
from storage.shared_file import replace_file
from utils.clock import Clock
from utils.ids import is_run_id

KEPT_SECONDS = 24 * 3600
LIMIT = 10_000
_ABANDONED = 600.0  # seconds until a claim is given up whose run never began: its process was killed in between
_BETWEEN_SWEEPS = 60.0


class Claim(NamedTuple):
    """The run of a key, claimed `at` (seconds of the epoch); `has_begun`: it is known to exist."""

    run_id: str
    at: float
    has_begun: bool = False


class StartKeys:
    """A 0600 file per key, named by a digest of job and key. Durable, and safe to use from several processes."""

    def __init__(self, folder: DataFolder, clock: Clock) -> None:
        self._place, self._clock = folder.root / "start-keys", clock
        self._lock = FileLock(folder.root / "start-keys.lock")
        self._swept_at = clock.monotonic() - _BETWEEN_SWEEPS

    def claim(self, job_id: str, key: str, run_id: str, exists: Callable[[str], bool]) -> Claim:
        """What stands for the key: an earlier claim of a day at most, else this run from now on.

        `exists` says whether there is such a run of the job. `StoreUnavailable` where it cannot be kept.
        """
        path = self._path(job_id, key)
        with self._lock.hold():
            self._sweep()
            now = self._clock.now().timestamp()
            found = _read(path)
            if found and now - found.at < KEPT_SECONDS:
                if found.has_begun or exists(found.run_id):
                    return found._replace(has_begun=True)
                if now - found.at < _ABANDONED:
                    return found
            claim = Claim(run_id, now)
            self._write(path, claim)
            return claim

    def begun(self, job_id: str, key: str, claim: Claim) -> None:
        """The claimed run has begun."""
        with self._lock.hold():
            self._write(self._path(job_id, key), claim._replace(has_begun=True))

    def release(self, job_id: str, key: str, claim: Claim) -> None:
        """The claimed run was refused: the key is free again, unless it stands for another by now, or for a start."""
        path = self._path(job_id, key)
        with suppress(OSError, StoreUnavailable), self._lock.hold():
            found = _read(path)
            if found and found.run_id == claim.run_id and not found.has_begun:
                path.unlink(missing_ok=True)

    def _path(self, job_id: str, key: str) -> Path:
        return self._place / hashlib.sha256(f"{job_id}\0{key}".encode()).hexdigest()

    def _write(self, path: Path, claim: Claim) -> None:
        with suppress(OSError):  # the write itself says why it cannot be done
            self._place.mkdir(mode=0o700, exist_ok=True)
        replace_file(path, json.dumps(claim._asdict()).encode())

    def _sweep(self) -> None:
        """Remove what is older than a day, and the oldest beyond the limit."""
        if self._clock.monotonic() - self._swept_at < _BETWEEN_SWEEPS:
            return
        self._swept_at = self._clock.monotonic()
        with suppress(OSError):
            kept = sorted(((entry.stat().st_mtime, entry.path) for entry in os.scandir(self._place)), reverse=True)
            oldest = self._clock.now().timestamp() - KEPT_SECONDS
            for place, (changed, path) in enumerate(kept):
                if place >= LIMIT or changed < oldest:
                    os.unlink(path)


def _read(path: Path) -> Claim | None:
    """None where there is none, or where it cannot be understood."""
    try:
        claim = Claim(**json.loads(path.read_bytes()))
        return claim if is_run_id(claim.run_id) and isinstance(claim.at, float) else None
    except (OSError, ValueError, TypeError):
        return None
