"""Which file system a path lies on, so that an unplugged disk is noticed; looks, never mounts."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

_BY_UUID = Path("/dev/disk/by-uuid")


@dataclass(frozen=True, slots=True)
class FileSystem:
    """Its UUID where the kernel tells one, else type and source; `mount_point` for the words."""

    mount_point: str
    kind: str
    source: str
    uuid: str = ""

    def is_same(self, other: "FileSystem") -> bool:
        """The same disk, wherever it is mounted."""
        if self.uuid or other.uuid:
            return self.uuid == other.uuid
        return (self.kind, self.source, self.mount_point) == (other.kind, other.source, other.mount_point)


def file_system_of(path: str) -> FileSystem:
    """The file system of `path`, which exists; OSError if it cannot be looked at."""
    real = os.path.realpath(path)
    os.stat(real)
    best = FileSystem("/", "unknown", "")
    for line in Path("/proc/self/mountinfo").read_text(errors="surrogateescape").splitlines():
        mount = _mount(line)
        if _contains(mount.mount_point, real) and len(mount.mount_point) >= len(best.mount_point):
            best = mount
    return FileSystem(best.mount_point, best.kind, best.source, _uuid(best.source))


def _mount(line: str) -> FileSystem:
    """One line of mountinfo (proc_pid_mountinfo(5)); spaces in it are written as \\040."""
    first, _, second = line.partition(" - ")
    kind, source, *_rest = second.split(" ")
    return FileSystem(_unescaped(first.split(" ")[4]), kind, _unescaped(source))


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), text)


def _contains(folder: str, path: str) -> bool:
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
