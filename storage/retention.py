"""What of finished runs and full logs is kept, and for how long; records in history.jsonl are kept for ever.

For a process that has time: it reads whole folders.
"""

import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from models.errors import StoreUnavailable
from models.run import Run
from storage.data_folder import DataFolder
from storage.displaced import sweep
from storage.live_figures import make_private
from storage.log_archive import LogLimits, archives, compress, pack, stamp_of
from storage.run_json import read_json, run_of
from storage.shared_file import best_effort
from utils.ids import is_job_id, is_run_id

NEWEST = 10
_A_DAY = 86400
_OURS = re.compile(r"[a-z0-9]+_(?P<job>[0-9a-f]{8}-[0-9a-f-]{27})\.log")


@dataclass(frozen=True, slots=True)
class _Kept:
    """Something that may go: an archive, or the folder of an ended run (of `job_id`). `stamp` is its time and sorts."""

    stamp: str
    size: int
    path: Path
    job_id: str = ""


class Retention:
    """Applies limits to a data folder. `between` is called often, so that others get their turn.

    Never removed are an active run and, of each job, the newest run, the last backup, the last good one and the
    last one that proved the copy; the ten newest do not grow too old either.
    """

    def __init__(self, folder: DataFolder, limits: LogLimits, between: Callable[[], object] = lambda: None) -> None:
        self._folder, self._limits, self._between = folder, limits, between
        self._jobs: Collection[str] | None = None
        self._staying: dict[str, set[Path]] = {}

    def tidy(self, now: datetime, jobs: Collection[str] | None) -> None:
        """Put everything within the limits. `jobs` are those that exist, None if that is not certain."""
        self._jobs, self._staying = jobs, {}
        sweep(self._folder.logs)
        self._pack()
        oldest = self._limits.oldest(now)
        self._remove_logs_without_job(oldest)
        kept = [item for item in self._archives() if not self._is_removed(item, oldest)]
        for job_id in filter(is_job_id, _names(self._folder.runs)):
            self._between()
            runs = self._ended(job_id)
            newest = 0 if self._is_gone(job_id) else NEWEST
            kept += runs[:newest] + [item for item in runs[newest:] if not self._is_removed(item, oldest)]
        self._fit(kept)

    def _is_gone(self, job_id: str) -> bool:
        return self._jobs is not None and job_id not in self._jobs

    def _pack(self) -> None:
        """What a supervisor could not compress."""
        for archive in archives(self._folder.logs):
            if not archive.is_packed:
                path = archive.path
                with best_effort():
                    if path.name.endswith(".1"):
                        path = path.rename(path.with_name(f"{path.name[:-2]}.{archive.stamp}"))
                    pack(path, self._between)

    def _archives(self) -> Iterator[_Kept]:
        for archive in archives(self._folder.logs):
            yield _Kept(archive.stamp, archive.size, archive.path)

    def _is_removed(self, item: _Kept, oldest: str) -> bool:
        return item.stamp < oldest and self._remove(item)

    def _remove(self, item: _Kept) -> bool:
        """What has to stay, or cannot go now, stays; what another process removed meanwhile is gone."""
        if not os.path.lexists(item.path):
            return True
        if item.job_id and (self._stays(item) or not _is_over(item.path)):
            return False
        try:
            if item.job_id:
                _keep_deletions(item)
                shutil.rmtree(item.path)
            else:
                item.path.unlink(missing_ok=True)
        except FileNotFoundError:
            return True
        except (OSError, StoreUnavailable):
            return False
        return True

    def _stays(self, item: _Kept) -> bool:
        if self._is_gone(item.job_id):
            return False
        if item.job_id not in self._staying:
            self._staying[item.job_id] = _to_keep(self._ended(item.job_id))
        return item.path in self._staying[item.job_id]

    def _remove_logs_without_job(self, oldest: str) -> None:
        """Of a job that is gone and that we ran; of no other program's job."""
        for path in self._folder.logs.glob("*.log"):
            found = _OURS.fullmatch(path.name)
            if found and self._is_gone(found["job"]) and (self._folder.runs / found["job"]).is_dir():
                with best_effort():
                    if stamp_of(datetime.fromtimestamp(path.lstat().st_mtime, UTC)) < oldest:
                        path.unlink()

    def _ended(self, job_id: str) -> list[_Kept]:
        """The folders of its ended runs, newest first. A marker comes before its folder and goes after the end."""
        place, active = self._folder.job_folder(job_id), self._folder.active
        names = sorted(filter(is_run_id, _names(place)), reverse=True)
        ended = [name for name in names if not (active / name).exists()]
        return [_Kept(f"{name[:8]}-{name[9:15]}", _size(place / name), place / name, job_id) for name in ended]

    def _fit(self, kept: list[_Kept]) -> None:
        """Remove the oldest until the rest is within the total."""
        size = sum(item.size for item in kept)
        for item in sorted(kept, key=lambda item: (item.stamp, item.path.name)):
            if not self._limits.total_bytes or size <= self._limits.total_bytes:
                return
            if self._remove(item):
                size -= item.size


def _to_keep(runs: list[_Kept]) -> set[Path]:
    """The newest of all, the last backup, the last good one, the last that proved the copy."""
    wanted, kept = list(_WORTH), {item.path for item in runs[:1]}
    for item in runs:
        run = _record(item.path)
        met = [asked for asked in wanted if run and asked(run)]
        if met:
            kept.add(item.path)
            wanted = [asked for asked in wanted if asked not in met]
        if not wanted:
            break
    return kept


_WORTH: tuple[Callable[[Run], bool], ...] = (
    lambda run: run.kind == "backup",
    lambda run: run.kind == "backup" and run.is_good,
    lambda run: run.verification is not None and run.verification.passed is True,
)


def _record(path: Path) -> Run | None:
    return run_of(read_json(path / "run.json"))


def _keep_deletions(item: _Kept) -> None:
    """What was deleted at a source stays on record with the job: `deletions/<run id>.jsonl.gz` beside its runs."""
    record = item.path / "deletions.jsonl"
    if record.exists():
        place = item.path.parent / "deletions"
        make_private(place)
        compress(record, place / f"{item.path.name}.jsonl.gz")


def _is_over(path: Path) -> bool:
    """Whether the run has ended; a folder without a record is what an interrupted removal or start left."""
    run = _record(path)
    if run is not None:
        return not run.is_active
    try:
        return path.stat().st_mtime < datetime.now(UTC).timestamp() - _A_DAY
    except OSError:
        return False


def _size(folder: Path) -> int:
    """Bytes on the disk of the files in the folder."""
    try:
        with os.scandir(folder) as entries:
            return sum(entry.stat(follow_symlinks=False).st_size for entry in entries)
    except OSError:
        return 0


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
