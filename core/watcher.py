"""Turns changed files into events, for this process; the files are the truth, the events only news."""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.bus import EventBus
from models.errors import AppError
from models.events import Event, JobsChanged, RunChanged, RunLogged, RunProgressed
from models.run import Run
from storage.data_folder import DataFolder
from storage.job_store import JobStore
from storage.log_store import LogStore
from storage.run_store import RunStore
from utils.clock import Clock
from utils.ids import is_run_id

_FAST = 0.02  # seconds between looks while runs are active and somebody listens
_SLOW = 0.5
_BETWEEN_CHORES = 1.0
_BETWEEN_LOG_READS = 0.1
_COARSE = 50_000_000  # nanoseconds: two changes of a folder within them may carry the same time
_log = logging.getLogger(__name__)
Signature = tuple[int, int]


@dataclass(slots=True)
class Watched:
    """An active run as this process last saw it; `offset` is how far its log was told."""

    run: Run
    live: Path
    log: Path
    signature: Signature = (0, 0)
    offset: int = -1


class Watcher:
    """Looks at the active runs and at jobs.yaml; does the chores once a second.

    `has_listeners` says whether a client is connected, `wants_log` whether somebody reads the log
    of a job's run. Either `start` is called, or one thread calls `step` again and again.
    """

    def __init__(
        self,
        folder: DataFolder,
        runs: RunStore,
        jobs: JobStore,
        logs: LogStore,
        bus: EventBus,
        clock: Clock,
    ) -> None:
        self._folder, self._runs, self._jobs = folder, runs, jobs
        self._logs, self._bus, self._clock = logs, bus, clock
        self.has_listeners: Callable[[], bool] = lambda: False
        self.wants_log: Callable[[str], bool] = lambda _job_id: False
        self.chores: list[Callable[[], object]] = []
        self._watched: dict[str, Watched] = {}
        self._active_changed = 0
        self._ended_position = runs.ended_position()
        self._revision = -1
        self._chores_at = self._logs_at = clock.monotonic() - _BETWEEN_CHORES
        self._stopped = False
        self._thread: threading.Thread | None = None

    def start(self) -> threading.Thread:
        """Watch in a daemon thread until `stop`; chores may take a while, so they have one of their own."""
        self._thread = threading.Thread(target=self._repeat, args=(self._look,), name="watcher", daemon=True)
        self._thread.start()
        threading.Thread(target=self._repeat, args=(self._do_chores,), name="chores", daemon=True).start()
        return self._thread

    def stop(self) -> None:
        self._stopped = True

    def _repeat(self, work: Callable[[], float]) -> None:
        while not self._stopped:
            try:
                pause = work()
            except Exception:  # noqa: BLE001  a boundary: the next look may well succeed
                _log.exception("The watcher failed at one look")
                pause = _SLOW
            self._clock.sleep(pause)

    def step(self) -> float:
        """One look at everything that may have changed, and the chores if they are due; seconds until the next."""
        now = self._clock.monotonic()
        if now - self._chores_at >= _BETWEEN_CHORES:
            self._chores_at = now
            self._do_chores()
        return self._look()

    def _look(self) -> float:
        now = self._clock.monotonic()
        self._look_for_jobs()
        self._look_for_runs()
        for watched in list(self._watched.values()):
            self._look_at(watched)
        if now - self._logs_at >= _BETWEEN_LOG_READS:
            self._logs_at = now
            self._read_logs()
        return _FAST if self._watched and self.has_listeners() else _SLOW

    def active(self) -> tuple[Run, ...]:
        """The active runs as last seen; a process that does not watch looks now."""
        if self._thread is None:
            self._look_for_runs()
            for watched in list(self._watched.values()):
                self._look_at(watched)
        return tuple(watched.run for watched in list(self._watched.values()))

    def notice(self, run: Run) -> None:
        """A run that this process itself admitted; told at once instead of at the next look."""
        self._watched.setdefault(run.id, self._watch_run(run))
        self._active_changed = 0  # it may have ended meanwhile
        self._bus.publish(RunChanged(run))

    def tell(self, event: Event) -> None:
        """News of this process's own making."""
        self._bus.publish(event)

    def _look_for_runs(self) -> None:
        """The folder of markers changes with every run that comes or goes."""
        changed = _changed_at(self._folder.active)
        if changed == self._active_changed:
            return
        markers = {run_id: job_id for job_id, run_id in self._runs.active()}
        self._active_changed = changed if self._is_settled(changed, markers) else 0
        for run_id in markers.keys() - self._watched.keys():
            self._meet(markers[run_id], run_id)
        left = self._watched.keys() - markers.keys()
        for run_id in left:
            watched = self._watched.pop(run_id)
            self._tell_log(watched)
            self._tell_end(watched.run.job_id, run_id)
        self._tell_of_short_runs(left)

    def _is_settled(self, changed: int, markers: Mapping[str, str]) -> bool:
        """Whether this look need not be repeated: the folder's time is coarse, and a marker comes before its run."""
        if time.time_ns() - changed < _COARSE:
            return False
        return all(name in markers for name in os.listdir(self._folder.active) if is_run_id(name))

    def _meet(self, job_id: str, run_id: str) -> None:
        try:
            run = self._runs.read(job_id, run_id)
        except AppError:
            self._active_changed = 0
            return
        if run.is_active:
            self._watched[run_id] = self._watch_run(run)
            self._bus.publish(RunChanged(run))

    def _tell_of_short_runs(self, told: set[str]) -> None:
        """Runs that came and went between two looks, from the stream of ended runs."""
        ended, self._ended_position = self._runs.ended_since(self._ended_position)
        for job_id, run_id in ended:
            if run_id not in told and run_id not in self._watched:
                self._tell_end(job_id, run_id)

    def _tell_end(self, job_id: str, run_id: str) -> None:
        try:
            self._bus.publish(RunChanged(self._runs.read(job_id, run_id)))
        except AppError:
            self._bus.publish(JobsChanged())

    def _watch_run(self, run: Run) -> Watched:
        log = self._folder.run_folder(run.job_id, run.id) / "output.log"
        return Watched(run, self._runs.live_path(run.id), log)

    def _look_at(self, watched: Watched) -> None:
        signature = _signature(watched.live)
        if signature == watched.signature:
            return
        watched.signature = signature
        run = self._runs.read_live(watched.run.job_id, watched.run.id)
        if run is None or not run.is_active or run.seq <= watched.run.seq:
            return
        moved = (run.state, run.waits_for) != (watched.run.state, watched.run.waits_for)
        watched.run = run
        self._bus.publish(RunChanged(run) if moved else RunProgressed(run))

    def _read_logs(self) -> None:
        for watched in list(self._watched.values()):
            if self.wants_log(watched.run.job_id):
                self._tell_log(watched)
            else:
                watched.offset = -1

    def _tell_log(self, watched: Watched) -> None:
        run = watched.run
        if not self.wants_log(run.job_id):
            return
        if watched.offset < 0:
            watched.offset = _size(watched.log)
            return
        text, offset = self._logs.run_text(run.job_id, run.id, watched.offset)
        while text:
            self._bus.publish(RunLogged(run.id, run.job_id, watched.offset, text))
            watched.offset = offset
            text, offset = self._logs.run_text(run.job_id, run.id, watched.offset)

    def _look_for_jobs(self) -> None:
        """Looking is also what makes again what another program undid in jobs.yaml."""
        revision = self._jobs.snapshot().revision
        if revision != self._revision:
            self._revision = revision
            self._bus.publish(JobsChanged())

    def _do_chores(self) -> float:
        for chore in self.chores:
            chore()
        return _BETWEEN_CHORES


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _changed_at(folder: os.PathLike[str]) -> int:
    try:
        return os.stat(folder).st_mtime_ns
    except FileNotFoundError:
        return 0


def _signature(path: os.PathLike[str]) -> Signature:
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_ino)
