"""Which file system a path lies on, so that an unplugged disk is noticed; looks, never mounts."""

import os
import re
from pathlib import Path
from typing import NamedTuple

_BY_UUID = Path("/dev/disk/by-uuid")
_EXACT = frozenset({"bcachefs", "btrfs", "ext4", "f2fs", "overlay", "tmpfs", "xfs", "zfs"})
# Their statvfs number is made from their UUID and stays the same; others give the device's number.
_NUMBERED = frozenset({"ext2", "ext3", "ext4", "btrfs", "f2fs"})


class FileSystem(NamedTuple):
    """Its UUID where the system tells one, else the number the file system itself carries, else
    type and source; `mount_point` for the words. "" where there is none."""

    mount_point: str
    kind: str
    source: str
    uuid: str = ""
    number: str = ""

    def is_same(self, other: "FileSystem") -> bool:
        """The same disk, wherever it is mounted."""
        for mine, theirs in ((self.uuid, other.uuid), (self.number, other.number)):
            if mine and theirs:
                return mine == theirs
        return (self.kind, self.source, self.mount_point) == (other.kind, other.source, other.mount_point)


def file_system_of(path: str) -> FileSystem:
    """The file system of `path`, which exists; OSError if it cannot be looked at."""
    real = os.path.realpath(path)
    os.stat(real)
    best = mount_of(real, mounts())
    number = f"{os.statvfs(real).f_fsid:x}" if best.kind in _NUMBERED else ""
    return FileSystem(best.mount_point, best.kind, best.source, _uuid(best.source), number)


def mounts(table: Path = Path("/proc/self/mountinfo")) -> tuple[FileSystem, ...]:
    """Everything that is mounted, in order, without UUID and number; asks no disk."""
    return tuple(_mount(line) for line in table.read_text(errors="surrogateescape").splitlines())


def mount_of(real: str, mounted: tuple[FileSystem, ...]) -> FileSystem:
    """The mount that holds a path without links, judged by its text."""
    best = FileSystem("/", "unknown", "")
    for mount in mounted:
        if contains(mount.mount_point, real) and len(mount.mount_point) >= len(best.mount_point):
            best = mount
    return best


def keeps_exact_times(path: str) -> bool:
    """Whether times are kept to the nanosecond on the file system of `path`; False where that is not certain."""
    try:
        # ext4 with small inodes keeps whole seconds; the time of the last change is the kernel's own.
        has_fraction = os.stat(path).st_ctime_ns % 1_000_000_000 != 0
        return has_fraction and file_system_of(path).kind in _EXACT
    except OSError:
        return False


def _mount(line: str) -> FileSystem:
    """One line of mountinfo (proc_pid_mountinfo(5)); spaces in it are written as \\040."""
    first, _, second = line.partition(" - ")
    kind, source, *_rest = second.split(" ")
    return FileSystem(unescaped(first.split(" ")[4]), kind, unescaped(source))


def unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), text)


def contains(folder: str, path: str) -> bool:
    return folder == "/" or path == folder or path.startswith(folder + "/")


def _uuid(device: str) -> str:
    if not device.startswith("/dev/"):
        return ""
    try:
        links = list(_BY_UUID.iterdir())
    except OSError:
        return ""
    real = os.path.realpath(device)
    return next((link.name for link in links if os.path.realpath(link) == real), "")
