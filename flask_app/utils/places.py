"""How much room is under a path of our own; a disk that may not answer is asked by core/places."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Disk:
    """A mounted disk; bytes."""

    path: str
    free: int
    total: int

    @property
    def used_percent(self) -> int:
        return round(100 * (self.total - self.free) / self.total) if self.total else 0


def free_space(path: str) -> Disk | None:
    """The disk under `path`, or None where it cannot be asked."""
    try:
        return _measured(path)
    except OSError:
        return None


def _measured(path: str) -> Disk:
    facts = os.statvfs(path)
    return Disk(path, facts.f_bavail * facts.f_frsize, facts.f_blocks * facts.f_frsize)
