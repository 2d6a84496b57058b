"""Files of whole lines: durable appending, and reading from the end; not what the lines mean."""

import os
from collections.abc import Iterator
from pathlib import Path

_CHUNK = 1 << 16


def append_line(path: Path, line: bytes, *, unless: bytes = b"", window: int = 0, durable: bool = True) -> None:
    """Append one line to a 0600 file of ours; nothing is done if `unless` is in it.

    A part of a line that a killed writer left at the end is cut off first. `window` bounds the
    search for `unless` to that many bytes from the end (0: everything). The caller holds a lock.
    OSError leaves the file as it was.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        if size == 0:
            os.fchmod(descriptor, 0o600)
        whole = whole_size(descriptor)
        if whole < size:
            os.ftruncate(descriptor, whole)
        if not unless or not _holds(descriptor, unless, whole - window if window else 0):
            _append(descriptor, line + b"\n", whole)
        if durable:
            os.fsync(descriptor)
        if durable and size == 0:
            _sync_name(path)
    finally:
        os.close(descriptor)


def _append(descriptor: int, content: bytes, size: int) -> None:
    try:
        written = 0
        while written < len(content):
            written += os.pwrite(descriptor, content[written:], size + written)
    except OSError:
        os.ftruncate(descriptor, size)
        raise


def whole_size(descriptor: int) -> int:
    """Where the last whole line ends."""
    end = os.fstat(descriptor).st_size
    while end:
        start = max(0, end - _CHUNK)
        found = os.pread(descriptor, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _holds(descriptor: int, wanted: bytes, start: int) -> bool:
    size = os.fstat(descriptor).st_size
    start = max(0, start)
    return wanted in os.pread(descriptor, size - start, start)


def _sync_name(path: Path) -> None:
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lines_backwards(path: Path, chunk: int = _CHUNK) -> Iterator[bytes]:
    """The whole lines of the file, last first, without their ends; nothing if there is no file.

    Only what is asked for is read. What follows the last newline is not a whole line.
    """
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        return
    with stream:
        position = stream.seek(0, os.SEEK_END)
        pieces: list[bytes] = []
        is_tail = True
        while position:
            start = max(0, position - chunk)
            stream.seek(start)
            lines = stream.read(position - start).split(b"\n")
            position = start
            pieces.append(lines[-1])
            if len(lines) == 1:
                continue
            if not is_tail:
                yield b"".join(reversed(pieces))
            is_tail = False
            yield from reversed(lines[1:-1])
            pieces = [lines[0]]
        if pieces and not is_tail:
            yield b"".join(reversed(pieces))
