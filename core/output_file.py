"""The file a tool writes its output to, read as it grows; it knows lines, not what they mean.

A file and not a pipe, so that a killed supervisor neither blocks nor kills the tool. What has been
read is punched out of the file (the room goes back to the disk, the offsets stay), because
truncating it would lose what the tool appends between our read and the truncation.
"""

import ctypes
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_READ = 256 * 1024
_READS_AT_ONCE = 8
_FREE_AFTER = 1024 * 1024
_LONGEST_LINE = 64 * 1024
_IN_MODIFY = 0x2
_KEEP_SIZE_AND_PUNCH_HOLE = 0x1 | 0x2
_FILE_BOUNDARY = b"(xfr#"


class Line(NamedTuple):
    """`is_whole`: it ended with a newline. Otherwise it is a figure that the next one overwrites."""

    text: bytes
    is_whole: bool


class OutputFile:
    """Hands out what was appended since the last read. `descriptor` becomes readable on a change."""

    def __init__(self, path: Path) -> None:
        self.path = path
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
        self.tool_end = os.fdopen(os.open(path, flags, 0o600), "ab", buffering=0)
        self._reader = os.open(path, os.O_RDWR)
        self._position = os.fstat(self._reader).st_size
        self._freed = self._position
        self._rest = b""
        self.descriptor = _watch(path)

    def read(self) -> Iterator[Line]:
        """Lines since the last call; of figures that overwrote each other only the newest ones.

        At most 2 MiB at once: a tool that writes without end keeps nobody from stopping it.
        """
        self._drain_watch()
        for _ in range(_READS_AT_ONCE):
            chunk = os.pread(self._reader, _READ, self._position)
            if not chunk:
                break
            self._position += len(chunk)
            yield from self._split(chunk)
        self._free()

    @property
    def has_more(self) -> bool:
        """Whether something stands there that was not read."""
        return os.fstat(self._reader).st_size > self._position

    def _split(self, chunk: bytes) -> Iterator[Line]:
        *whole, rest = (self._rest + chunk).split(b"\n")
        for line in whole:
            yield from _figures(line)
            yield Line(_shown(line), True)
        yield from _figures(rest)
        # A CR at the very end may be the first half of a line's ending.
        ending = b"\r" if rest.endswith(b"\r") else b""
        self._rest = _shown(rest)[:_LONGEST_LINE] + ending

    def remainder(self) -> bytes:
        """What stands after the last newline once the tool has ended."""
        return _shown(self._rest)

    def _free(self) -> None:
        if self._position - self._freed >= _FREE_AFTER:
            _punch_hole(self._reader, self._freed, self._position - self._freed)
            self._freed = self._position

    def _drain_watch(self) -> None:
        try:
            if self.descriptor >= 0:
                os.read(self.descriptor, 65536)
        except BlockingIOError:
            return

    def close(self) -> None:
        """Close and remove the file: everything that matters is in the log."""
        for descriptor in (self._reader, self.descriptor):
            if descriptor >= 0:
                os.close(descriptor)
        self.tool_end.close()
        self.path.unlink(missing_ok=True)


def _shown(line: bytes) -> bytes:
    """What a terminal would show of a line: the text after the last CR. ssh ends its lines with CR LF."""
    return line.rstrip(b"\r").rsplit(b"\r", 1)[-1]


def _figures(line: bytes) -> Iterator[Line]:
    """The newest figure of a line, and before it the newest one that closed a file."""
    if b"\r" not in line and not line.startswith(b" "):
        return
    line = line.rstrip(b"\r")
    newest = line[line.rfind(b"\r") + 1 :]
    if _FILE_BOUNDARY not in newest and (boundary := line.rfind(_FILE_BOUNDARY)) >= 0:
        end = line.find(b"\r", boundary)
        yield Line(line[line.rfind(b"\r", 0, boundary) + 1 : end], False)
    if newest:
        yield Line(newest, False)


def _watch(path: Path) -> int:
    """An inotify descriptor for changes of `path`; -1 where the system grants none (then we poll)."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = int(libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
    if descriptor >= 0 and libc.inotify_add_watch(descriptor, os.fsencode(path), _IN_MODIFY) < 0:
        os.close(descriptor)
        return -1
    return descriptor


def _punch_hole(descriptor: int, start: int, length: int) -> None:
    """Give the room back; a file system that cannot (none of the usual ones) just keeps it."""
    fallocate = ctypes.CDLL(None, use_errno=True).fallocate
    fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
    fallocate(descriptor, _KEEP_SIZE_AND_PUNCH_HOLE, start, length)
