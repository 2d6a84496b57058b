"""Full logs put away: renamed, compressed, removed by age and size; not what stands in them, nor a run's own log.

A line stands in the log, in the renamed file or in a whole archive at every moment; a kill costs none.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from storage.shared_file import best_effort, new_file, sync_folder

MEGABYTE = 1_000_000
_ROTATED = re.compile(r"(?P<log>.+\.log)\.(?P<stamp>1|[0-9]{8}-[0-9]{6}(?:-[0-9]+)?)(?P<packed>\.gz)?")
_PIECE = 1 << 18


class LogLimits(NamedTuple):
    """How large a log may grow before it is put away, and what is put away may take (0 = no limit) in days and MB."""

    megabytes: int = 5
    days: int = 90
    total_megabytes: int = 500

    @property
    def log_bytes(self) -> int:
        """A tenth below, so that a line of the legacy app still fits."""
        return self.megabytes * MEGABYTE * 9 // 10

    @property
    def total_bytes(self) -> int:
        return self.total_megabytes * MEGABYTE

    def oldest(self, now: datetime) -> str:
        """The stamp before which nothing is kept ("" = everything is)."""
        return stamp_of(now - timedelta(days=self.days)) if self.days else ""


class Archive(NamedTuple):
    """A log that was put away. `stamp` is when, UTC, and sorts; `is_packed` once it is compressed."""

    path: Path
    stamp: str
    size: int
    is_packed: bool


def stamp_of(moment: datetime) -> str:
    """`20261121-070204`, UTC."""
    return moment.astimezone(UTC).strftime("%Y%m%d-%H%M%S")


@lru_cache(maxsize=16384)
def moment_of(stamp: str) -> int:
    """ms since 1970 of a stamp; ValueError for what no calendar has."""
    return round(datetime.fromisoformat(f"{stamp[:8]}T{stamp[9:15]}Z").timestamp()) * 1000


def rotate(log: Path, moment: datetime) -> Path:
    """Give the log a name that the legacy app does not show; its new path. OSError leaves it as it was."""
    stamp = stamp_of(moment)
    names = (f"{log.name}.{stamp}{f'-{number}' if number else ''}" for number in range(1_000_000))
    rotated = next(path for name in names if not _is_taken(path := log.with_name(name)))
    log.rename(rotated)
    return rotated


def _is_taken(path: Path) -> bool:
    return os.path.lexists(path) or os.path.lexists(f"{path}.gz")


def pack(rotated: Path, between: Callable[[], object] = lambda: None) -> None:
    """Compress a log that was rotated, and remove it once the archive is on the disk. OSError leaves it as it was.

    `between` is called now and then. Two may do it at once: both make the same archive.
    """
    if compress(rotated, rotated.with_name(f"{rotated.name}.gz"), between):
        rotated.unlink(missing_ok=True)


def compress(original: Path, packed: Path, between: Callable[[], object] = lambda: None) -> bool:
    """Make a compressed file of it, whole and durable or not at all; False if it grew meanwhile."""
    import zlib  # late: the supervisor's start time counts

    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    with original.open("rb") as source, new_file(packed) as (descriptor, name):
        while piece := source.read(_PIECE):
            _write(descriptor, packer.compress(piece))
            between()
        _write(descriptor, packer.flush())
        _follow(source.fileno(), descriptor)
        os.fsync(descriptor)
        os.replace(name, packed)
        sync_folder(packed.parent)
        return os.fstat(source.fileno()).st_size == source.tell()


def _write(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _follow(source: int, descriptor: int) -> None:
    """Owner and mode of the log; where that is not permitted the archive stays ours alone."""
    wanted = os.fstat(source)
    with best_effort():
        os.fchown(descriptor, wanted.st_uid, wanted.st_gid)
        os.fchmod(descriptor, wanted.st_mode & 0o666)


def archives(logs: Path) -> list[Archive]:
    """Everything that was put away in the folder, oldest first."""
    return sorted(_archives(logs), key=lambda archive: (archive.stamp, archive.path.name))


def _archives(logs: Path) -> Iterator[Archive]:
    with os.scandir(logs) as entries:
        for entry in entries:
            found = _ROTATED.fullmatch(entry.name)
            if found is None or not entry.is_file(follow_symlinks=False):
                continue
            with suppress(FileNotFoundError):  # renamed, compressed or removed just now
                status = entry.stat(follow_symlinks=False)
                stamp = _stamp(found["stamp"], status.st_mtime)
                yield Archive(Path(entry.path), stamp, status.st_size, bool(found["packed"]))


def _stamp(told: str, modified: float) -> str:
    """A name of former versions, or a day that no calendar has, says nothing: then it is when it was written."""
    with suppress(ValueError):
        moment_of(told)
        return told
    return stamp_of(datetime.fromtimestamp(modified, UTC))


def trim(logs: Path, limits: LogLimits, now: datetime) -> None:
    """Remove archives that are too old, then the oldest until the rest fits. OSError where one cannot go."""
    oldest, kept = limits.oldest(now), archives(logs)
    size = sum(archive.size for archive in kept)
    for archive in kept:
        is_too_much = bool(limits.total_bytes) and size > limits.total_bytes
        if archive.stamp >= oldest and not is_too_much:
            return
        archive.path.unlink(missing_ok=True)
        size -= archive.size
