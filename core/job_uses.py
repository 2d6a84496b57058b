"""What the jobs rely on: engines, ssh keys, hosts; read from their definitions, it changes nothing."""

import os
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from engines.registry import engine, names
from models.errors import AppError
from models.job import Job
from storage.job_store import JobStore


class _Uses(NamedTuple):
    revision: int
    engines: Mapping[str, int]
    keys: Mapping[str, tuple[Job, ...]]


class JobUses:
    """Counted anew only when a definition has changed."""

    def __init__(self, jobs: JobStore) -> None:
        self._jobs = jobs
        self._uses = _Uses(-1, {}, {})

    def engines(self) -> Mapping[str, int]:
        """How many jobs use an engine."""
        return self._current().engines

    def keys(self) -> Mapping[str, tuple[Job, ...]]:
        """The jobs that name an ssh key, by its path."""
        return self._current().keys

    def of_key(self, path: str) -> tuple[Job, ...]:
        return self.keys().get(os.path.normpath(path), ())

    def of_host(self, host: str, port: int) -> tuple[Job, ...]:
        """The jobs that reach this host by ssh under this name, not under an alias from ssh's configuration."""
        return tuple(job for job in self._jobs.snapshot().jobs.values() if _reaches(job, host, port))

    def _current(self) -> _Uses:
        snapshot = self._jobs.snapshot()
        if self._uses.revision != snapshot.revision:
            keys = defaultdict(list)
            for job in snapshot.jobs.values():
                if job.settings.ssh.key:
                    keys[os.path.normpath(job.settings.ssh.key)].append(job)
            engines = Counter(job.type for job in snapshot.jobs.values())
            self._uses = _Uses(snapshot.revision, engines, {path: tuple(jobs) for path, jobs in keys.items()})
        return self._uses


def _reaches(job: Job, host: str, port: int) -> bool:
    if host not in f"{job.source}\n{job.dest}" or job.type not in names() or (job.settings.ssh.port or 22) != port:
        return False
    try:
        return any(side.kind == "ssh" and side.host == host for side in engine(job.type).locations(job))
    except AppError:
        return False
