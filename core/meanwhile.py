"""Whether a file differs because its source changed during the run; it looks at times and reads no file."""

import os
from datetime import datetime
from functools import cached_property

from core.deletion import places_of
from engines.base import Engine
from models.findings import Finding
from models.job import Job

# Seconds: the kernel stamps changes with a time that may lie this much behind the clock.
_TICK = 0.05


class Meanwhile:
    """For jobs whose source is on this machine; of another one nothing can be told.

    A file counts as changed by its content or its inode (mtime, ctime), or by being gone.
    """

    def __init__(self, engine: Engine, job: Job, began: datetime) -> None:
        self._engine, self._job = engine, job
        self._began = began.timestamp() - _TICK

    @cached_property
    def _places(self) -> tuple[bytes, bytes]:
        places = places_of(self._engine, self._job)
        return os.fsencode(places.source), os.fsencode(places.copy)

    def told(self, finding: Finding) -> Finding:
        """The finding, or what it is in truth: `meanwhile`, or `unproven` where the copy cannot be read."""
        if finding.what not in ("mismatch", "missing", "unproven") or not finding.name:
            return finding
        source, copy = self._places
        if source and self._has_changed(source, finding.name):
            return finding._replace(what="meanwhile")
        if finding.what == "mismatch" and copy and not _is_readable(os.path.join(copy, finding.name)):
            return finding._replace(what="unproven")
        return finding

    def _has_changed(self, source: bytes, name: bytes) -> bool:
        try:
            found = os.lstat(os.path.join(source, name))
        except FileNotFoundError:
            return os.path.isdir(source)
        except OSError:
            return False
        return max(found.st_mtime, found.st_ctime) >= self._began


def _is_readable(path: bytes) -> bool:
    return os.path.islink(path) or os.access(path, os.R_OK)
