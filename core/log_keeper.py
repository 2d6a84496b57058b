"""Keeps logs and the folders of ended runs within their limits, now and then; what the limits mean is `retention`'s."""

from contextlib import suppress

from models.errors import AppError
from models.settings import Config
from storage.config_store import ConfigStore
from storage.data_folder import DataFolder
from storage.job_store import JobStore
from storage.log_archive import LogLimits
from storage.retention import Retention
from utils.clock import Clock

_AFTER_START = 60.0  # seconds: a server that has just started has better things to do
_BETWEEN_ROUNDS = 3600.0


def log_limits(config: Config) -> LogLimits:
    return LogLimits(config.log_megabytes, config.log_days, config.log_total_megabytes)


class LogKeeper:
    """`look` is called by one thread only, as often as it likes."""

    def __init__(self, folder: DataFolder, configs: ConfigStore, jobs: JobStore, clock: Clock) -> None:
        self._folder, self._configs, self._jobs, self._clock = folder, configs, jobs, clock
        self._due_at = clock.monotonic() + _AFTER_START

    def look(self) -> None:
        """Once an hour. A disk that refuses costs only this round; limits that cannot be read remove nothing."""
        if self._clock.monotonic() < self._due_at:
            return
        self._due_at = self._clock.monotonic() + _BETWEEN_ROUNDS
        if self._configs.problems():
            return
        retention = Retention(self._folder, log_limits(self._configs.load()), lambda: self._clock.sleep(0))
        with suppress(AppError, OSError):
            retention.tidy(self._clock.now(), self._existing())

    def _existing(self) -> frozenset[str] | None:
        """The ids of all jobs; None while jobs.yaml cannot be trusted to name them all."""
        found = self._jobs.snapshot()
        if found.problems or found.missing or not found.writable:
            return None
        return frozenset(found.jobs)
