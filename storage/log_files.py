"""The files that log lines stand in: logs in use, what was put away of them, a run's own log; not their lines."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple

from storage.data_folder import DataFolder
from storage.log_archive import Archive, archives, moment_of
from storage.log_line import OWN, SHARED, Form
from utils.ids import is_job_id

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW  # others may put links among the shared logs
_IN_USE = "~"  # sorts behind every stamp
_LATELY, _OFTEN = 600.0, 2.0  # seconds


class LogFile(NamedTuple):
    """A file of lines. `order` sorts the files of one log by age and stays the same when a file is compressed.

    No line in it counts as older than `low` or newer than `high`, in ms since 1970, whatever it claims.
    """

    path: str
    order: str
    job_id: str
    low: int
    high: int
    size: int
    inode: int = 0
    is_packed: bool = False
    form: Form = SHARED

    def open(self) -> int:
        """A descriptor of the file, also if it was put away since; FileNotFoundError if it is gone."""
        with suppress(FileNotFoundError):
            descriptor = os.open(self.path, _FLAGS)
            if self._is(os.fstat(descriptor)):
                return descriptor
            os.close(descriptor)
        return os.open(self._renamed(), _FLAGS)

    def _is(self, status: os.stat_result) -> bool:
        """A log only grows, so a smaller file has its inode from one that was removed."""
        return not self.inode or (status.st_ino == self.inode and status.st_size >= self.size)

    def _renamed(self) -> str:
        folder, name = os.path.split(self.path)
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.inode() == self.inode and entry.name.startswith(name) and self._is(entry.stat()):
                    return entry.path
        raise FileNotFoundError(self.path)

    def read(self, start: int, size: int) -> bytes:
        """What stands there; nothing stays open."""
        descriptor = self.open()
        try:
            return os.pread(descriptor, size, start)
        finally:
            os.close(descriptor)

    def packed(self) -> "LogFile":
        """The same, if it was compressed since; FileNotFoundError if it is gone."""
        folder, name = os.path.split(self.path)
        for archive in archives(Path(folder)):
            found = archive.path.name
            is_next = found.startswith(f"{name}.") and moment_of(archive.stamp) > self.low
            if archive.is_packed and (is_next or found == f"{self.order}.gz"):
                return self._replace(path=str(archive.path), inode=0, is_packed=True)
        raise FileNotFoundError(self.path)


@lru_cache(maxsize=16384)
def job_of(name: str) -> str:
    """The id in the name of a log (`rsync_<job id>.log…`), "" where there is none."""
    job_id = name.partition(".log")[0].partition("_")[2]
    return job_id if is_job_id(job_id) else ""


def log_files(folder: DataFolder, job_id: str = "", looks: "Looks | None" = None) -> list[LogFile]:
    """All shared logs with what was put away of them, or one job's. OSError if the folder cannot be read.

    `looks` are the caller's own; with them whoever asks again and again for all is answered sooner.
    """
    in_use, has_archives = _of_job(folder, job_id) if job_id else (looks or Looks()).of(str(folder.logs))
    return _with_archives(folder, job_id, in_use) if has_archives else in_use


def _of_job(folder: DataFolder, job_id: str) -> tuple[list[LogFile], bool]:
    path = str(folder.logs)
    with _opened(path) as descriptor:
        names = [name for name in os.listdir(descriptor) if job_id in name]
        own = [name for name in names if name.endswith(".log") and job_of(name) == job_id]
        in_use = [file for name in own if (file := _in_use(path, name, descriptor))]
    return in_use, len(in_use) < len(names)


@contextmanager
def _opened(folder: str) -> Iterator[int]:
    """To ask for a file by its name alone takes two thirds of the time that its whole path does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _in_use(folder: str, name: str, descriptor: int) -> LogFile | None:
    """None for what is no file, or was put away just now."""
    try:
        status = _status(name, descriptor)
    except FileNotFoundError:
        return None
    if not S_ISREG(status.st_mode):
        return None
    return LogFile(f"{folder}/{name}", name + _IN_USE, job_of(name), 0, _high(status), status.st_size, status.st_ino)


def _status(name: str, descriptor: int) -> os.stat_result:
    return os.stat(name, dir_fd=descriptor, follow_symlinks=False)


class _Look(NamedTuple):
    """What a folder held; `lively` are the names that were written lately."""

    folder: str
    changed: int  # the folder's own time, in ns
    at: float
    quiet: list[LogFile]
    lively: list[str]
    has_archives: bool


class Looks:
    """The logs in use of the folder asked for last.

    Of ten thousand logs few are written at a time: one that has been silent for ten minutes is looked at every two
    seconds and not for each page. A log that comes or goes is seen at once.
    """

    def __init__(self) -> None:
        self._last: _Look | None = None

    def of(self, folder: str) -> tuple[list[LogFile], bool]:
        """The logs, and whether there is anything else."""
        with _opened(folder) as descriptor:
            changed, look = os.fstat(descriptor).st_mtime_ns, self._last
            is_fresh = look and (look.folder, look.changed) == (folder, changed) and time.monotonic() - look.at < _OFTEN
            if not look or not is_fresh:
                look = self._last = self._look(folder, changed, descriptor)
            lively = [file for name in look.lively if (file := _in_use(folder, name, descriptor))]
        return look.quiet + lively, look.has_archives or len(lively) < len(look.lively)

    def _look(self, folder: str, changed: int, descriptor: int) -> _Look:
        at, lately = time.monotonic(), (time.time() - _LATELY) * 1000
        names = os.listdir(descriptor)
        found = [file for name in names if name.endswith(".log") and (file := _in_use(folder, name, descriptor))]
        lively = [file.order.removesuffix(_IN_USE) for file in found if file.high >= lately]
        quiet = [file for file in found if file.high < lately]
        return _Look(folder, changed, at, quiet, lively, len(found) < len(names))


def _high(status: os.stat_result) -> int:
    return status.st_mtime_ns // 1_000_000 + 999


def _with_archives(folder: DataFolder, job_id: str, in_use: list[LogFile]) -> list[LogFile]:
    put_away: dict[str, list[Archive]] = {}
    for archive in _whole(archives(folder.logs)):
        base = archive.path.name.partition(".log.")[0] + ".log"
        if not job_id or job_of(base) == job_id:
            put_away.setdefault(base, []).append(archive)
    found: list[LogFile] = []
    for base, kept in put_away.items():
        found += _put_away(base, kept)
    lows = {base: moment_of(kept[-1].stamp) for base, kept in put_away.items()}
    for file in in_use:
        low = lows.get(file.order.removesuffix(_IN_USE), 0)
        found.append(file._replace(low=low) if low else file)
    return found


def _whole(kept: list[Archive]) -> Iterator[Archive]:
    """Without the compressed copies of what is just being compressed."""
    plain = {archive.path.name for archive in kept if not archive.is_packed}
    return (archive for archive in kept if not (archive.is_packed and archive.path.name.removesuffix(".gz") in plain))


def _put_away(base: str, kept: list[Archive]) -> Iterator[LogFile]:
    low = 0
    for archive in kept:
        high = moment_of(archive.stamp) + 999
        name = archive.path.name.removesuffix(".gz")
        yield LogFile(str(archive.path), name, job_of(base), low, high, archive.size, is_packed=archive.is_packed)
        low = high - 999


def run_file(folder: DataFolder, job_id: str, run_id: str) -> list[LogFile]:
    """The run's own log; none where it has none any more."""
    path = folder.run_folder(job_id, run_id) / "output.log"
    try:
        status = path.stat()
    except FileNotFoundError:
        return []
    return [LogFile(str(path), run_id, job_id, 0, _high(status), status.st_size, status.st_ino, form=OWN)]
