"""Where a run is carried out: here, by a supervisor process of its own. Another place would stand beside it."""

import os
import signal
import subprocess  # nosec B404 # for a type; core/process.py starts what there is
from typing import Protocol

from core.process import spawn_supervisor
from core.process_facts import is_alive
from models.run import Run
from storage.data_folder import DataFolder
from storage.run_store import RunStore


class Dispatcher(Protocol):
    def submit(self, run: Run) -> None:
        """Have the run carried out; does not wait. OSError where nothing can be started."""

    def tell(self, run: Run, order: str) -> None:
        """Hand an order (`pause`, `cancel`) to whoever carries the run out."""

    def reap(self) -> None:
        """Let go of what has ended; to be called now and then."""


class LocalDispatcher:
    """Starts supervisors on this machine and lets them go on without us."""

    def __init__(self, folder: DataFolder, runs: RunStore) -> None:
        self._folder, self._runs = folder, runs
        self._children: list[subprocess.Popen[bytes]] = []

    def submit(self, run: Run) -> None:
        self._children.append(spawn_supervisor(self._folder.run_folder(run.job_id, run.id)))

    def tell(self, run: Run, order: str) -> None:
        """By file and signal: whoever misses the signal finds the file."""
        self._runs.request(run.job_id, run.id, order)
        if is_alive(run.supervisor) and run.supervisor:
            try:
                os.kill(run.supervisor.pid, signal.SIGUSR1)
            except ProcessLookupError:
                return

    def reap(self) -> None:
        self._children = [child for child in self._children if child.poll() is None]
