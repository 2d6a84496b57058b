"""A log file in chunks of whole lines, from any place in either direction; what the lines say is not looked at.

A chunk begins with a line that has a time of its own wherever one is near. Of a line that is longer than a chunk
only the beginning is kept, so that memory is bounded whatever is in the file; a file is read no further than to a line
that has no end within 128 MiB, so that time is.
"""

import errno
import gzip
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from storage.log_files import LogFile
from storage.log_line import Form, Stamp

LARGEST = 1 << 20
LONGEST = 1 << 27
TAIL = 1 << 12
_HEAD = 1 << 16
_STEP = 1 << 11


class LineTooLong(OSError):
    def __init__(self) -> None:
        super().__init__(errno.EFBIG, "A line has no end")


class Chunk(NamedTuple):
    """Whole lines with their ends; the first starts at `start` of the file, what follows them at `end`."""

    content: bytes
    start: int
    end: int


def last_dated(form: Form, content: bytes, end: int, floor: int = 0) -> int:
    """Where the last line with a time starts that starts in `floor` or behind and before `end`; -1 if none does."""
    reach = len(form.anchor) - 2
    while (at := content.rfind(form.anchor, max(0, floor - 1), end + reach)) >= 0:
        if form.dated.match(content, at + 1):
            return at + 1
        end = at + 1
    return 0 if floor == 0 and end > 0 and form.dated.match(content) else -1


class OpenFile:
    """A plain file of lines that is read from any place; what is behind its last line end is no line yet.

    Nor is what came since the folder was looked at, as no line may be newer than the file was then.
    """

    def __init__(self, descriptor: int, file: LogFile) -> None:
        self._descriptor, self._form = descriptor, file.form
        end = min(os.fstat(descriptor).st_size, file.size)
        self._tail_start = max(0, end - TAIL)
        self._tail = os.pread(descriptor, end - self._tail_start, self._tail_start)
        self.size = self._before_line_end(end)

    def _read(self, start: int, end: int) -> bytes:
        """The end of a file is all that is asked of most of them, so that is read once."""
        if start >= self._tail_start:
            return self._tail[start - self._tail_start : end - self._tail_start]
        return os.pread(self._descriptor, end - start, start)

    def _before_line_end(self, end: int) -> int:
        """The end of the last line that ends at `end` or before."""
        step, floor = 512, max(0, end - LONGEST)
        while end > floor:
            start = max(floor, end - step)
            found = self._read(start, end).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end, step = start, _HEAD
        if floor:
            raise LineTooLong
        return 0

    def before(self, end: int, wanted: int) -> Chunk:
        """About `wanted` bytes of lines that end at `end`, where a line ends."""
        start = max(0, end - wanted)
        content = self._read(start, end)
        if not start:
            return Chunk(content, 0, end)
        line = content.find(b"\n") + 1
        head = self._form.dated.search(content, line)
        if head is None and wanted < LARGEST:
            return self.before(end, wanted * 4)
        if head is None and line == len(content):
            return self._head_of_line(self._before_line_end(start), end)
        at = head.start() if head else line
        return Chunk(content[at:], start + at, end)

    def _head_of_line(self, start: int, end: int) -> Chunk:
        content = self._read(start, min(end, start + _HEAD))
        return Chunk(content if content.endswith(b"\n") else content + b"\n", start, end)

    def stamp_at(self, start: int) -> Stamp | None:
        head = self._form.dated.match(self._read(start, start + 64))
        return self._form.stamp(head) if head else None

    def start_of(self, moment: int) -> int:
        """A place before which every line is older than `moment`."""
        return self._bisect(lambda stamp: stamp.late >= moment)[0]

    def end_of(self, moment: int) -> int:
        """A place from which on every line is newer than `moment`."""
        return self._bisect(lambda stamp: stamp.early > moment)[1]

    def _bisect(self, is_behind: Callable[[Stamp], bool]) -> tuple[int, int]:
        low, high = 0, self.size
        while high - low > _STEP:
            at, stamp = self._dated_from((low + high) // 2, high)
            if stamp is None:
                break
            low, high = (low, at) if is_behind(stamp) else (at, high)
        return low, high

    def _dated_from(self, middle: int, high: int) -> tuple[int, Stamp | None]:
        """The first line with a time that starts behind `middle`, else the last before it in reach."""
        for size in (_STEP // 2, LARGEST):
            content = self._read(middle, min(high, middle + size))
            head = self._form.dated.search(content, content.find(b"\n") + 1 or len(content))
            if head:
                return middle + head.start(), self._form.stamp(head)
        return middle, None


@contextmanager
def opened(file: LogFile) -> Iterator[OpenFile]:
    descriptor = file.open()
    try:
        yield OpenFile(descriptor, file)
    finally:
        os.close(descriptor)


class _Bytes:
    """A file from a place on, opened anew for each piece: thousands of logs are read in turn, none is held open.

    As for `OpenFile`, what came to a plain one since the folder was looked at is not there.
    """

    def __init__(self, file: LogFile, place: int = 0) -> None:
        self._file, self._place = file, place

    def read(self, size: int) -> bytes:
        if not self._file.is_packed:
            size = max(0, min(size, self._file.size - self._place))
        piece = self._file.read(self._place, size)
        self.seek(self._place + len(piece))
        return piece

    def seek(self, place: int) -> None:
        self._place = place


class _Text:
    """What a log says from a place on, also if it is put away and compressed meanwhile."""

    def __init__(self, file: LogFile, start: int) -> None:
        self._file, self._place = file, start
        self._stream: _Bytes | gzip.GzipFile | None = None

    def read(self, size: int) -> bytes:
        """Nothing at its end; a damaged archive ends where it is damaged."""
        try:
            self._stream = self._stream or _stream(self._file, self._place)
            piece = self._stream.read(size)
        except FileNotFoundError:
            self._file, self._stream = self._file.packed(), None
            return self.read(size)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            return b""
        self._place += len(piece)
        return piece


def _stream(file: LogFile, start: int) -> "_Bytes | gzip.GzipFile":
    if not file.is_packed:
        return _Bytes(file, start)
    stream = gzip.GzipFile(fileobj=_Bytes(file))
    stream.seek(start)
    return stream


def chunks_forward(file: LogFile, start: int, wanted: int) -> Iterator[Chunk]:
    """All chunks from `start`, where a line starts."""
    text = _Text(file, start)
    rest = b""
    size = 1 << 13
    while piece := text.read(size):
        size = min(size * 4, wanted)
        content = rest + piece
        cut = _cut(file.form, content)
        if not cut and len(content) > LARGEST:
            length, rest = _rest_of_line(text, len(content))
            yield Chunk(content[:_HEAD] + b"\n", start, start + length)
            start += length
        elif cut:
            yield Chunk(content[:cut], start, start + cut)
            start, rest = start + cut, content[cut:]
        else:
            rest = content
    if end := rest.rfind(b"\n") + 1:
        yield Chunk(rest[:end], start, start + end)


def _cut(form: Form, content: bytes) -> int:
    """Where the next chunk starts: at a line with a time if there is one behind the first."""
    end = content.rfind(b"\n") + 1
    return max(last_dated(form, content, end), 0) or (end if len(content) > LARGEST else 0)


def _rest_of_line(text: _Text, length: int) -> tuple[int, bytes]:
    """Pass the rest of a line by, of which `length` is known: its length then, and what was read behind it."""
    while piece := text.read(_HEAD):
        end = piece.find(b"\n") + 1
        length += end or len(piece)
        if end:
            return length, piece[end:]
        if length > LONGEST:
            raise LineTooLong
    return length, b""
