"""Writing one run's log: our own lines and the legacy app's; reading them is `log_store`'s work."""

import os
import stat
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from storage.data_folder import DataFolder
from storage.log_archive import LogLimits, pack, rotate, trim
from storage.rights import follow_folder
from storage.shared_file import unavailable
from utils.clock import log_stamp, utc_text
from utils.text import plural, visible

LINE_LIMIT = 8192
RUN_LIMIT = 64_000_000  # bytes of a run's own log; above it only warnings and errors, up to a quarter more
_LAST_LINES = 200
_KEPT_LEVELS = frozenset({"warn", "error"})
_WORDS = {"warn": "Warning: ", "error": "Error: "}


class RunLog:
    """Appends to the run's `output.log` and to `logs/<engine>_<job id>.log`.

    `problem` says in words why lines are being lost, "" while none are; writing goes on by
    itself when there is space again, and the log then says how many lines it lacks. What a run's
    own log leaves out, because it has grown too large, is counted there, and its last lines stand at the end.
    """

    def __init__(
        self,
        folder: DataFolder,
        engine: str,
        job_id: str,
        run_id: str,
        limits: LogLimits | None = None,
        run_limit: int = RUN_LIMIT,
    ) -> None:
        own = folder.run_folder(job_id, run_id) / "output.log"
        self._own = _LineSink(own)
        self._legacy = _SharedSink(folder.log_file(engine, job_id), limits or LogLimits())
        self._room = run_limit
        self._room_for_problems = run_limit // 4
        self._left_out = 0
        self._last: deque[bytes] = deque(maxlen=_LAST_LINES)
        self._stamp: tuple[int, str, str] = (-1, "", "")

    @property
    def problem(self) -> str:
        return self._own.problem or self._legacy.problem

    def write(self, moment: datetime, level: str, text: str) -> None:
        """Add a line to what the next `flush` writes; `text` becomes one harmless line."""
        line = visible(text if len(text) <= LINE_LIMIT else _cut(text))
        second, local = self._stamps(moment)
        self._add(level, f"{second}.{moment.microsecond // 1000:03}Z {level} {line}\n".encode())
        self._legacy.moment = moment
        self._legacy.add(f"[{local}] {_WORDS.get(level, '')}{line}\n".encode())

    def _add(self, level: str, line: bytes) -> None:
        """To the run's own log, as long as there is room for a line of this level."""
        if len(line) <= self._room:
            self._room -= len(line)
            return self._own.add(line)
        if level in _KEPT_LEVELS and len(line) <= self._room_for_problems:
            self._room_for_problems -= len(line)
            return self._own.add(line)
        if not self._left_out:
            self._room = 0
            self._own.add(self._remark("This log is full: from here on it keeps warnings and errors only."))
        self._left_out += 1
        return self._last.append(line)

    def end(self) -> None:
        """Nothing more will come: tell what was left out, and write. May be repeated."""
        if missing := self._left_out - len(self._last):
            self._own.add(self._remark(f"{plural(missing, 'line')} were left out. The last ones follow."))
        for line in self._last:
            self._own.add(line)
        self._left_out = 0
        self._last.clear()
        self.flush()

    def _remark(self, text: str) -> bytes:
        return f"{self._stamp[1]}.000Z warn {text}\n".encode()

    def _stamps(self, moment: datetime) -> tuple[str, str]:
        """UTC up to the second and local time; made once a second."""
        whole = int(moment.timestamp())
        if whole != self._stamp[0]:
            self._stamp = (whole, utc_text(moment)[:19], log_stamp(moment))
        return self._stamp[1:]

    def flush(self) -> None:
        """Write what was added; never raises for a disk that is full or gone."""
        self._own.flush(f"{self._stamp[1]}.000Z warn ")
        self._legacy.flush(f"[{self._stamp[2]}] Warning: ")


class _LineSink:
    """A file that lines are appended to, whatever the disk does."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: list[bytes] = []
        self._lost = 0
        self._torn: bool | None = None
        self.problem = ""

    def add(self, line: bytes) -> None:
        self._waiting.append(line)

    def flush(self, prefix: str) -> None:
        """Append what waits. `prefix` opens a line that tells how many were lost before."""
        if not self._waiting:
            return
        if self._torn is None:
            self._torn = _ends_torn(self._path)
        content = b"".join(self._waiting)
        if self._lost:
            content = f"{prefix}{plural(self._lost, 'line')} could not be written here.\n".encode() + content
        try:
            self._append((b"\n" if self._torn else b"") + content)
        except OSError as error:
            self._lost += len(self._waiting)
            self.problem = unavailable(self._path, error).message
        else:
            self._lost, self._torn, self.problem = 0, False, ""
        self._waiting.clear()

    def _append(self, content: bytes) -> None:
        descriptor = self._open()
        try:
            self._write(descriptor, content)
        finally:
            os.close(descriptor)

    def _write(self, descriptor: int, content: bytes) -> None:
        rest = memoryview(content)
        while rest:
            written = os.write(descriptor, rest)
            self._torn = rest[written - 1] != ord("\n")
            rest = rest[written:]

    def _open(self) -> int:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        return os.open(self._path, flags | os.O_NONBLOCK, 0o600)


class _SharedSink(_LineSink):
    """The log that the legacy app shows: it stays below its limit, and what was full is put away."""

    moment: datetime

    def __init__(self, path: Path, limits: LogLimits) -> None:
        super().__init__(path)
        self._limits = limits

    def _append(self, content: bytes) -> None:
        for piece in _pieces(content, self._limits.log_bytes):
            self._make_room(len(piece))
            super()._append(piece)

    def _make_room(self, amount: int) -> None:
        try:
            size = self._path.stat().st_size
        except FileNotFoundError:
            return
        if not size or size + amount <= self._limits.log_bytes:
            return
        rotated = rotate(self._path, self.moment)
        with suppress(OSError):  # what is not done now, and what takes long, is done by a web process
            if size <= 2 * self._limits.log_bytes:
                pack(rotated)
            trim(self._path.parent, self._limits, self.moment)

    def _open(self) -> int:
        descriptor = super()._open()
        with suppress(OSError):
            found = os.fstat(descriptor)
            if found.st_size == 0 and stat.S_ISREG(found.st_mode):
                follow_folder(self._path.parent, descriptor)
        return descriptor


def _ends_torn(path: Path) -> bool:
    """Whether a writer was killed in the middle of the last line."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        os.lseek(descriptor, -1, os.SEEK_END)
        return os.read(descriptor, 1) != b"\n"
    except OSError:
        return False  # it is empty, or no file
    finally:
        os.close(descriptor)


def _pieces(content: bytes, limit: int) -> Iterator[bytes]:
    """The content in pieces of whole lines, none above the limit."""
    start = 0
    while len(content) - start > limit:
        end = content.rfind(b"\n", start, start + limit) + 1
        if not end:
            end = start + limit
        yield content[start:end]
        start = end
    yield content[start:]


def _cut(text: str) -> str:
    return f"{text[:LINE_LIMIT]} … ({plural(len(text) - LINE_LIMIT, 'more character')})"
