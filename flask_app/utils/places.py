"""Folders and disks worth offering to somebody who has no job yet; it looks, and changes nothing."""

import os
from dataclasses import dataclass
from pathlib import Path

# Only file systems of local disks: asking a dead network mount for its size can hang for minutes.
_LOCAL = frozenset({"btrfs", "exfat", "ext2", "ext3", "ext4", "f2fs", "ntfs3", "vfat", "xfs", "zfs"})
_HOMELY = ("Documents", "Pictures", "Photos", "Music", "Videos", "Projects")


@dataclass(frozen=True, slots=True)
class Disk:
    """A mounted disk; bytes."""

    path: str
    free: int
    total: int

    @property
    def used_percent(self) -> int:
        return round(100 * (self.total - self.free) / self.total) if self.total else 0


def folders(home: Path | None = None) -> tuple[str, ...]:
    """Up to two folders of the person who runs the server."""
    start = home or Path.home()
    return tuple(str(start / name) for name in _HOMELY if (start / name).is_dir())[:2]


def disks(mounts: Path = Path("/proc/self/mounts")) -> tuple[Disk, ...]:
    """Up to three local disks that are mounted for people (below /mnt, /media or /srv)."""
    for_people = ("/mnt/", "/media/", "/srv/")
    found = [path for path, kind in _mounted(mounts) if kind in _LOCAL and path.startswith(for_people)]
    return tuple(_measured(path) for path in found[:3])


def free_space(path: str) -> Disk | None:
    """The disk under `path`, or None where it cannot be asked."""
    try:
        return _measured(path)
    except OSError:
        return None


def _mounted(mounts: Path) -> list[tuple[str, str]]:
    lines = mounts.read_text(errors="surrogateescape").splitlines() if mounts.exists() else []
    fields = [line.split(" ") for line in lines]
    return [(_unescaped(parts[1]), parts[2]) for parts in fields if len(parts) > 2]


def _unescaped(path: str) -> str:
    return path.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")


def _measured(path: str) -> Disk:
    facts = os.statvfs(path)
    return Disk(path, facts.f_bavail * facts.f_frsize, facts.f_blocks * facts.f_frsize)
