"""Folders and disks of this machine that a source or destination may be chosen from; it changes nothing.

What a dead mount could hold up is asked of another process (`glance`), for a short time, and by a few at once.
"""

import errno
import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.browse import LONGEST, CannotBrowse
from core.file_systems import FileSystem, contains, mount_of, mounts
from core.folder_views import Look, Room, Row
from core.glance import is_open
from core.process import capture
from models.errors import InvalidInput
from utils.text import plural, visible_name

ROWS = 100
_MOST = 200_000  # entries of one folder
_SECONDS, _ROOM_SECONDS, _GRACE = 3.0, 1.0, 2.0
_AT_ONCE = 6
_GLANCE = (sys.executable, "-I", "-S", str(Path(__file__).with_name("glance.py")))
# The kernel's own folders hold nothing to back up, and some of their files hang whoever reads them.
_CLOSED = ("/proc", "/sys", "/dev", "/run")
_LOCAL = frozenset(
    {"bcachefs", "btrfs", "exfat", "ext2", "ext3", "ext4", "f2fs", "fuseblk", "ntfs3", "vfat", "xfs", "zfs"}
)
_DISTANT = frozenset(
    {"9p", "afs", "ceph", "cifs", "fuse.glusterfs", "fuse.rclone", "fuse.sshfs", "nfs", "nfs4", "smb3"}
)
_SYSTEM = ("/boot", "/snap", "/var/lib/docker", "/var/snap", "/etc", "/usr")
_HOMELY = ("Documents", "Pictures", "Photos", "Music", "Videos", "Projects")
_MOST_DISKS = 12


class Silent(CannotBrowse):
    """A disk that does not answer."""

    code = "disk_silent"


class Busy(CannotBrowse):
    """There was no turn among those who ask, or what looks was ended from outside; it says nothing about any disk."""

    code = "places_busy"


class Places:
    """One per process. `roots` are asked for each time; `program` is what looks (a stand-in in tests)."""

    def __init__(
        self,
        roots: Callable[[], tuple[str, ...]],
        own: Path,
        program: tuple[str, ...] = _GLANCE,
        seconds: float = _SECONDS,
    ) -> None:
        self._set_roots, self._own = roots, (str(own), os.path.realpath(own))
        self._closed = (*_CLOSED, *self._own)
        self._program, self._seconds = program, seconds
        self._free = threading.BoundedSemaphore(_AT_ONCE)

    @property
    def _roots(self) -> tuple[str, ...]:
        return self._set_roots()

    @property
    def starts(self) -> tuple[str, ...]:
        """Where looking may begin besides the disks: the home of who runs the server, and the roots that were set."""
        chosen = () if "/" in self._roots else self._roots
        return tuple(dict.fromkeys((self.home(), *chosen)))

    def look(self, path: bytes, page: int = 1, find: str = "", or_above: bool = False) -> Look:
        """A page of the folders in `path`, or with `or_above` in the closest one that is there.

        `CannotBrowse` in words, `InvalidInput` for what is no path.
        """
        answer = self._ask(
            ask="folder",
            path=os.fsdecode(checked(path)),
            roots=self._roots,
            closed=self._closed,
            first=(page - 1) * ROWS,
            rows=ROWS,
            most=_MOST,
            seconds=self._seconds,
            find=find,
            or_above=or_above,
            distant=distant_mounts(),
        )
        place = os.fsencode(answer["path"])
        if "refused" in answer:
            raise CannotBrowse(self._refusal(place, answer["refused"]))
        return self._shown(place, answer)

    def _shown(self, place: bytes, answer: dict[str, Any]) -> Look:
        above = os.path.dirname(place)
        is_top = place == b"/" or not any(contains(root.rstrip("/") or "/", os.fsdecode(above)) for root in self._roots)
        return Look(
            place,
            tuple(Row(os.fsencode(name), kind == "link") for name, kind in answer["rows"]),
            answer["count"],
            answer["first"] // ROWS + 1,
            max(1, -(-answer["count"] // ROWS)),
            answer["others"],
            answer["is_cut"],
            b"" if is_top else above,
            _room(answer["path"], answer["free"], answer["total"]),
        )

    def _refusal(self, place: bytes, reason: int | str) -> str:
        shown = visible_name(place)
        if reason == "outside":
            if any(contains(own, os.fsdecode(place)) for own in self._own):
                return f"{shown} is where Backup Manager keeps its own files. What is in it is not shown."
            if any(contains(folder, os.fsdecode(place)) for folder in _CLOSED):
                return f"{shown} belongs to the system itself. There is nothing in it to choose."
            return f"{shown} is not among the folders that may be looked into here ({_listed(self._roots)})."
        words = {
            errno.ENOENT: "does not exist. If it is on a disk that can be unplugged, plug it in.",
            errno.ENOTDIR: "is a file, not a folder.",
            errno.EACCES: "may not be looked into by the user that Backup Manager runs as.",
            errno.ELOOP: "is a link that leads nowhere.",
        }
        number = int(reason)
        return f"{shown} {words.get(number) or f'cannot be looked into: {os.strerror(number).lower()}.'}"

    def rooms(self, *paths: str) -> dict[str, Room | None]:
        """The disk under each path, or under what is there of it; None where it does not answer.

        A path that cannot be asked is left out. `Busy` where none was asked.
        """
        if not paths:
            return {}
        try:
            found = self._ask(ask="rooms", paths=list(dict.fromkeys(paths)), seconds=_ROOM_SECONDS)
        except Silent:
            found = {}
        answered = {path: answer for path, answer in found.items() if not isinstance(answer, int)}
        rooms: dict[str, Room | None] = {path: _room(*answer) for path, answer in answered.items()}
        return rooms | {path: None for path in paths if path not in found}

    def disks(self) -> tuple[Room, ...]:
        """The disks that are mounted for people, theirs first; those that do not answer are left out."""
        points = [mount.mount_point for mount in mounts() if self._is_offered(mount)]
        points.sort(
            key=lambda point: (point == "/", not point.startswith(("/mnt/", "/media/", "/srv/", "/run/media/")))
        )
        try:
            rooms = self.rooms(*points[:_MOST_DISKS])
        except Busy:
            return ()
        return tuple(room for point in points if (room := rooms.get(point)) and room.mount == point and room.total)

    def _is_offered(self, mount: FileSystem) -> bool:
        point = mount.mount_point
        if point == "/":
            return "/" in self._roots
        is_disk = mount.kind in _LOCAL | _DISTANT
        is_system = any(contains(folder, point) for folder in _SYSTEM)
        return is_disk and not is_system and self.is_open(point)

    def is_open(self, path: str) -> bool:
        """Whether a path without links may be looked into, by its text."""
        return is_open(path, self._roots, self._closed)

    def homely(self, home: Path | None = None) -> tuple[str, ...]:
        """A few folders of the person who runs the server that are worth a backup."""
        start = home or Path.home()
        return tuple(str(start / name) for name in _HOMELY if os.path.isdir(start / name))[:2]

    def home(self) -> str:
        """Where looking begins: the home of who runs the server, if it may be looked into."""
        home = os.path.expanduser("~")
        return home if self.is_open(home) else next(iter(self._roots), "/")

    def weights(self, root: str, names: list[str]) -> tuple[list[tuple[int, int]], bool]:
        """Files and bytes of each name below `root`, as far as the time went; whether it was too short."""
        try:
            answer = self._ask(ask="weights", root=root, names=names, seconds=self._seconds)
        except (Silent, Busy):
            return [], True
        return [(files, size) for files, size in answer["weights"]], bool(answer["is_cut"])

    def _ask(self, **question: Any) -> dict[str, Any]:
        if not self._free.acquire(timeout=self._seconds):
            raise Busy("Several folders are being looked at already. Try again a little later.")
        try:
            said = capture(
                self._program, timeout=self._seconds + _GRACE, given=json.dumps(question).encode(), apart=True
            )
        finally:
            self._free.release()
        place = visible_name(os.fsencode(question.get("path", ""))) or "The disk"
        if said.timed_out and not said.output:
            waited = round(self._seconds + _GRACE)
            raise Silent(f"{place} did not answer within {waited} s. Its disk or host may be away.")
        try:
            found: dict[str, Any] = json.loads(said.output)
        except ValueError as error:  # what looks was ended from outside
            raise Busy(f"{place} could not be looked at. Try again a little later.") from error
        return found


def checked(path: bytes) -> bytes:
    """An absolute path without a step back; `InvalidInput` for anything else."""
    if not path.startswith(b"/") or b"\0" in path or len(path) > LONGEST or b".." in path.split(b"/"):
        raise InvalidInput({"paths": f"{visible_name(path[:200])} is not the path of a folder on this machine."})
    return path


def distant_mounts() -> tuple[str, ...]:
    """Where hosts are mounted that may be away."""
    return tuple(mount.mount_point for mount in mounts() if mount.kind in _DISTANT)


def _room(path: str, free: int, total: int) -> Room:
    mount = mount_of(path, mounts())
    return Room(mount.mount_point, free, total, mount.kind in _DISTANT)


def _listed(roots: tuple[str, ...]) -> str:
    return f"{', '.join(roots[:5])}{' and ' + plural(len(roots) - 5, 'other') if len(roots) > 5 else ''}"
