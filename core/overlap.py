"""Whether two folders of this machine are one, or one inside the other, whatever they are called; changes nothing."""

import os
from collections.abc import Iterator
from pathlib import Path

from core.file_systems import contains, unescaped

Place = tuple[str, str]


def overlap(one: str, other: str) -> bool:
    """Judged by real paths, and by where bind mounts lead; the folders need not exist."""
    mounts = list(_mounts())
    first, second = _places(one, mounts), _places(other, mounts)
    return any(
        system == other_system and (contains(path, other_path) or contains(other_path, path))
        for system, path in first
        for other_system, other_path in second
    )


def _places(path: str, mounts: list[tuple[str, str, str]]) -> list[Place]:
    """By name, and within the file system that holds it."""
    real = os.path.realpath(path)
    system, root, point = max(
        (mount for mount in mounts if contains(mount[2], real)), key=lambda mount: len(mount[2]), default=("", "/", "/")
    )
    return [("", real), (system, os.path.normpath(os.path.join(root, os.path.relpath(real, point))))]


def _mounts() -> Iterator[tuple[str, str, str]]:
    """File system (its device's number), folder of it that is mounted, and where (proc_pid_mountinfo(5))."""
    for line in Path("/proc/self/mountinfo").read_text(errors="surrogateescape").splitlines():
        _, _, system, root, point, *_ = line.split(" ")
        yield system, unescaped(root), unescaped(point)
