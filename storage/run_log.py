"""Writing one run's log: our own lines and the legacy app's; reading them is `log_store`'s work."""

import os
import stat
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from storage.data_folder import DataFolder
from storage.shared_file import follow_folder, unavailable
from utils.clock import log_stamp, utc_text
from utils.text import plural, visible

LEGACY_LIMIT = 4_500_000
LINE_LIMIT = 8192
_WORDS = {"warn": "Warning: ", "error": "Error: "}


class RunLog:
    """Appends to the run's `output.log` and to `logs/<engine>_<job id>.log`.

    `problem` says in words why lines are being lost, "" while none are; writing goes on by
    itself when there is space again, and the log then says how many lines it lacks.
    """

    def __init__(self, folder: DataFolder, engine: str, job_id: str, run_id: str) -> None:
        own = folder.run_folder(job_id, run_id) / "output.log"
        legacy = folder.log_file(engine, job_id)
        self._own = _LineSink(own, shared=False)
        self._legacy = _LineSink(legacy, shared=True, limit=LEGACY_LIMIT)
        self._stamp: tuple[int, str, str] = (-1, "", "")

    @property
    def problem(self) -> str:
        return self._own.problem or self._legacy.problem

    def write(self, moment: datetime, level: str, text: str) -> None:
        """Add a line to what the next `flush` writes; `text` becomes one harmless line."""
        line = visible(text if len(text) <= LINE_LIMIT else _cut(text))
        second, local = self._stamps(moment)
        own = f"{second}.{moment.microsecond // 1000:03}Z {level} {line}\n"
        self._own.add(own)
        self._legacy.add(f"[{local}] {_WORDS.get(level, '')}{line}\n")

    def _stamps(self, moment: datetime) -> tuple[str, str]:
        """UTC up to the second and local time; made once a second."""
        whole = int(moment.timestamp())
        if whole != self._stamp[0]:
            self._stamp = (whole, utc_text(moment)[:19], log_stamp(moment))
        return self._stamp[1:]

    def flush(self) -> None:
        """Write what was added; never raises for a disk that is full or gone."""
        moment = f"{self._stamp[1]}.000Z warn "
        self._own.flush(moment)
        self._legacy.flush(f"[{self._stamp[2]}] Warning: ")


class _LineSink:
    """A file that lines are appended to, whatever the disk does."""

    def __init__(self, path: Path, shared: bool, limit: int = 0) -> None:
        self._path = path
        self._shared = shared
        self._limit = limit
        self._waiting: list[str] = []
        self._lost = 0
        self._torn = False
        self.problem = ""

    def add(self, line: str) -> None:
        self._waiting.append(line)

    def flush(self, prefix: str) -> None:
        """Append what waits. `prefix` opens a line that tells how many were lost before."""
        if not self._waiting:
            return
        text = "".join(self._waiting)
        if self._lost:
            text = f"{prefix}{plural(self._lost, 'line')} could not be written here.\n{text}"
        try:
            self._append(("\n" if self._torn else "").encode() + text.encode())
        except OSError as error:
            self._lost += len(self._waiting)
            self.problem = unavailable(self._path, error).message
        else:
            self._lost, self._torn, self.problem = 0, False, ""
        self._waiting.clear()

    def _append(self, content: bytes) -> None:
        if self._limit:
            content = self._make_room(content)
        descriptor = self._open()
        try:
            self._write(descriptor, content)
        finally:
            os.close(descriptor)

    def _make_room(self, content: bytes) -> bytes:
        """Keep the file below its limit; the former one gets a name the legacy app does not show."""
        with suppress(FileNotFoundError):
            if self._path.stat().st_size + len(content) > self._limit:
                self._path.replace(self._path.with_name(self._path.name + ".1"))
        if len(content) <= self._limit:
            return content
        return content[-self._limit :].partition(b"\n")[2]

    def _write(self, descriptor: int, content: bytes) -> None:
        rest = memoryview(content)
        while rest:
            written = os.write(descriptor, rest)
            self._torn = rest[written - 1] != ord("\n")
            rest = rest[written:]

    def _open(self) -> int:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(self._path, flags | os.O_NONBLOCK, 0o600)
        with suppress(OSError):
            found = os.fstat(descriptor)
            if found.st_size == 0 and self._shared and stat.S_ISREG(found.st_mode):
                follow_folder(self._path.parent, descriptor)
        return descriptor


def _cut(text: str) -> str:
    return f"{text[:LINE_LIMIT]} … ({plural(len(text) - LINE_LIMIT, 'more character')})"
