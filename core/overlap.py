"""Whether two folders of this machine are one, or one inside the other, whatever they are called; changes nothing."""

import os
from collections.abc import Iterator
from pathlib import Path

from core.file_systems import contains, unescaped

Place = tuple[str, str]
Mount = tuple[str, str, str]


def overlap(one: str, other: str) -> bool:
    """Judged by real paths, by where bind mounts lead, and by identity; the folders need not exist."""
    mounts = list(_mounts())
    first, second = _places(one, mounts), _places(other, mounts)
    if _is_above(one, other) or _is_above(other, one) or _may_be_bound(first[-1], second[-1]):
        return True
    return any(
        system == other_system and (contains(path, other_path) or contains(other_path, path))
        for system, path in first
        for other_system, other_path in second
    )


def _is_above(folder: str, path: str) -> bool:
    """Whether the path, or what holds it, is that very folder."""
    wanted, real = _identity(folder), Path(os.path.realpath(path))
    return wanted is not None and any(_identity(place) == wanted for place in (real, *real.parents))


def _identity(path: str | Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _may_be_bound(one: Place, other: Place) -> bool:
    """In a chroot no mount is listed for the root, so where it lies in its file system is unknown: a mount whose
    folder is called like one of it, below whatever, counts as a bind mount of that. Rather too much than too little."""
    (system, path), (listed, bound) = sorted((one, other))
    return not system and bool(listed) and f"{path}/" in f"{bound}/"


def _places(path: str, mounts: list[Mount]) -> list[Place]:
    """By name, and within the file system that holds it ("" where no mount is listed for it)."""
    real = os.path.realpath(path)
    system, root, point = max(
        (mount for mount in mounts if contains(mount[2], real)), key=lambda mount: len(mount[2]), default=("", "/", "/")
    )
    return [("", real), (system, os.path.normpath(os.path.join(root, os.path.relpath(real, point))))]


def _mounts() -> Iterator[Mount]:
    """File system (its device's number), folder of it that is mounted, and where (proc_pid_mountinfo(5))."""
    for line in Path("/proc/self/mountinfo").read_text(errors="surrogateescape").splitlines():
        _, _, system, root, point, *_ = line.split(" ")
        yield system, unescaped(root), unescaped(point)
