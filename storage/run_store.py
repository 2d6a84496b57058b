"""The records of runs on disk: claim, facts, orders, the end; not what a run does, nor its log."""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from models.errors import AppError, JobBusy, RunNotFound, StoreUnavailable
from models.run import ENDED, Run
from storage.data_folder import DataFolder
from storage.displaced import sweep
from storage.file_lock import try_lock
from storage.live_figures import LiveFigures
from storage.run_history import RunHistory
from storage.run_json import encoded, read_json, run_of
from storage.run_places import JobOf, nobody_knows, possible_jobs
from storage.shared_file import replace_file, sync_folder, unavailable
from utils.ids import is_job_id, is_run_id

_ORPHAN_AGE = 10.0


class RunLock(NamedTuple):
    """Held by the one supervisor of a run; the kernel lets go when it dies."""

    descriptor: int

    def release(self) -> None:
        os.close(self.descriptor)


class RunStore:
    """Runs under `runs/`, their markers under `active/`, live figures on tmpfs.

    Safe to use from several processes. Standard library only. `job_of` may be given by whoever knows ended runs.
    """

    def __init__(self, folder: DataFolder) -> None:
        self.folder = folder
        self._history = RunHistory(folder)
        self.job_of: JobOf = nobody_knows
        self._markers: dict[str, str] = {}
        self._live = LiveFigures(folder)

    def create(self, run: Run, spec: dict[str, Any]) -> None:
        """Claim the run's folder and write its spec and record, durable.

        `JobBusy` if the folder is there: somebody else claimed the same run.
        """
        place = self.folder.run_folder(run.job_id, run.id)
        marker = self.folder.active / run.id
        try:
            replace_file(marker, run.job_id.encode())
            _private_folder(place.parent, exist_ok=True)
            _private_folder(place)
        except FileExistsError as error:
            self._unmark_ended(run)
            raise JobBusy("This run has been started already.") from error
        except OSError as error:
            marker.unlink(missing_ok=True)
            raise unavailable(place, error) from error
        try:
            self._fill(place, run, spec)
        except (OSError, AppError):
            _remove_tree(place)
            marker.unlink(missing_ok=True)
            raise

    def _fill(self, place: Path, run: Run, spec: dict[str, Any]) -> None:
        self._live.choose(run.job_id, run.id)
        replace_file(place / "spec.json", encoded(spec))
        replace_file(place / "run.json", encoded(run))
        sync_folder(place.parent)
        sync_folder(self.folder.runs)

    def _unmark_ended(self, run: Run) -> None:
        with suppress(RunNotFound):
            if not self.read(run.job_id, run.id).is_active:
                (self.folder.active / run.id).unlink(missing_ok=True)

    def read(self, job_id: str, run_id: str) -> Run:
        """The run's record, active or ended; `RunNotFound`."""
        record = read_json(self.folder.run_folder(job_id, run_id) / "run.json")
        run = run_of(record) or self._history.find(job_id, run_id)
        if run is None:
            raise RunNotFound
        return run

    def find(self, run_id: str) -> Run:
        """The run of this id, whichever job it belongs to; `RunNotFound`."""
        if not is_run_id(run_id):
            raise RunNotFound
        for job_id in possible_jobs(self.folder, run_id, self._marker(run_id), self.job_of):
            with suppress(RunNotFound):
                return self.read(job_id, run_id)
        raise RunNotFound

    def spec(self, job_id: str, run_id: str) -> dict[str, Any]:
        """What the supervisor was told; `RunNotFound`."""
        return read_json(self.folder.run_folder(job_id, run_id) / "spec.json") or _missing()

    def write(self, run: Run, durable: bool = True) -> None:
        """Replace the record; readers see the old or the new."""
        path = self.folder.run_folder(run.job_id, run.id) / "run.json"
        replace_file(path, encoded(run), durable=durable)

    def finish(self, run: Run) -> None:
        """Record the end everywhere, durable; may be repeated after a kill at any point."""
        if run.state not in ENDED:
            raise ValueError(f"{run.id} has not ended: {run.state}")
        self.write(run)
        self._history.append(run)
        self._tidy(self.folder.run_folder(run.job_id, run.id))
        self.remove_live(run)
        (self.folder.active / run.id).unlink(missing_ok=True)
        self._markers.pop(run.id, None)

    def _tidy(self, place: Path) -> None:
        """Remove what only the living run needed: a secret, raw output, files half written, a rehearsal's files."""
        sweep(place)
        (place / "password").unlink(missing_ok=True)
        (place / "tool.out").unlink(missing_ok=True)
        _remove_tree(place / "scratch")

    def active(self) -> tuple[tuple[str, str], ...]:
        """(job id, run id) of every run whose end is not recorded, oldest first."""
        marked = sorted(filter(is_run_id, _names(self.folder.active)))
        for gone in self._markers.keys() - set(marked):
            self._markers.pop(gone, None)
        pairs = [(self._marker(run_id), run_id) for run_id in marked]
        return tuple((job_id, run_id) for job_id, run_id in pairs if job_id and self._is_live(job_id, run_id))

    def _is_live(self, job_id: str, run_id: str) -> bool:
        """Whether the marked run has its folder; a marker without one is removed when it is old."""
        if (self.folder.run_folder(job_id, run_id) / "run.json").exists():
            return True
        marker = self.folder.active / run_id
        with suppress(OSError):
            if time.time() - marker.stat().st_mtime > _ORPHAN_AGE:
                marker.unlink()
        return False

    def _marker(self, run_id: str) -> str:
        """The job id in the marker, "" if there is none; remembered, for it never changes."""
        marker = self.folder.active / run_id
        try:
            if run_id not in self._markers:
                job_id = marker.read_text("utf-8")
                if not is_job_id(job_id):
                    return ""
                self._markers[run_id] = job_id
        except (OSError, UnicodeDecodeError):
            return ""
        return self._markers[run_id]

    def history(self, job_id: str, limit: int = 50, before: str = "") -> tuple[Run, ...]:
        """Ended runs, newest first; `before` is the id after which an earlier page ended."""
        found: list[Run] = []
        for run in self._history.runs(job_id):
            if len(found) >= limit:
                break
            if not before or run.id < before:
                found.append(run)
        return tuple(found)

    def last(self, job_id: str, kind: str = "") -> Run | None:
        """The run (of that kind, "" = any) that ended last, or None; cheap while nothing changed."""
        return self._history.last(job_id, kind)

    def ended_since(self, position: int) -> tuple[tuple[tuple[str, str], ...], int]:
        return self._history.ended_since(position)

    def ended_position(self) -> int:
        return self._history.ended_position()

    def request(self, job_id: str, run_id: str, action: str) -> None:
        """Leave an order for the supervisor."""
        path = self.folder.run_folder(job_id, run_id) / "request.json"
        replace_file(path, encoded({"action": action}))

    def requested(self, job_id: str, run_id: str) -> str:
        """The order left for the supervisor, "" if there is none."""
        record = read_json(self.folder.run_folder(job_id, run_id) / "request.json")
        return str(record.get("action", ""))

    def write_live(self, run: Run) -> None:
        """Show the run's present figures; atomic, not durable. A full tmpfs costs only these."""
        with suppress(StoreUnavailable):
            self._live.write(run)

    def read_live(self, job_id: str, run_id: str) -> Run | None:
        """The figures last shown, None if there are none."""
        return self._live.read(job_id, run_id)

    def live_path(self, run_id: str) -> Path:
        """The file to watch for new figures of an active run; `RunNotFound`."""
        job_id = self._marker(run_id) if is_run_id(run_id) else ""
        return self._live.path(job_id or self.find(run_id).job_id, run_id)

    def remove_live(self, run: Run) -> None:
        self._live.remove(run.job_id, run.id)

    def lock(self, job_id: str, run_id: str) -> RunLock | None:
        """The right to supervise this run, None while somebody has it."""
        place = self.folder.run_folder(job_id, run_id)
        if not place.is_dir():
            raise RunNotFound
        descriptor = try_lock(place / "lock")
        return None if descriptor is None else RunLock(descriptor)

    def remove_job(self, job_id: str) -> None:
        """Remove everything recorded about a deleted job."""
        for marked_job, run_id in self.active():
            if marked_job == job_id:
                self._live.remove(job_id, run_id)
                (self.folder.active / run_id).unlink(missing_ok=True)
        self._history.forget(job_id)
        _remove_tree(self.folder.job_folder(job_id))


def _private_folder(folder: Path, exist_ok: bool = False) -> None:
    folder.mkdir(0o700, exist_ok=exist_ok)
    folder.chmod(0o700)


def _remove_tree(folder: Path) -> None:
    if not os.path.lexists(folder):
        return
    from shutil import rmtree  # late: the supervisor's start time counts

    rmtree(folder, ignore_errors=True)


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []


def _missing() -> dict[str, Any]:
    raise RunNotFound
