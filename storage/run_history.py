"""The ended runs of one job, one JSON record a line, and the stream of all that ended; not the active ones."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from models.run import Run
from storage.data_folder import DataFolder
from storage.file_lock import FileLock
from storage.line_file import append_line, lines_backwards
from storage.run_json import decoded, encoded, run_of
from storage.shared_file import read_file, replace_file, unavailable
from utils.ids import is_job_id

_STREAM_LIMIT = 1 << 20
_STREAM_KEPT = 1 << 16


class RunHistory:
    """Appends and reads `runs/<job id>/history.jsonl` and `runs/ended.jsonl`."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder, self._runs = folder, os.fspath(folder.runs)
        self._last: dict[tuple[str, str], tuple[tuple[int, int, int], Run | None]] = {}

    def path(self, job_id: str) -> Path:
        return self._folder.job_folder(job_id) / "history.jsonl"

    def append(self, run: Run) -> None:
        """Record an ended run, durable, once however often it is asked."""
        path = self.path(run.job_id)
        record = encoded(run).rstrip()
        with FileLock(self._folder.ended_lock).hold():
            try:
                append_line(path, record, unless=_mark(run.id))
                self._append_to_stream(run)
            except OSError as error:
                raise unavailable(path, error) from error

    def _append_to_stream(self, run: Run) -> None:
        path = self._folder.ended_file
        line = encoded({"job_id": run.job_id, "run_id": run.id}).rstrip()
        append_line(path, line, unless=line, window=_STREAM_KEPT)
        if path.stat().st_size > _STREAM_LIMIT:
            kept = path.read_bytes()[-_STREAM_KEPT:].partition(b"\n")[2]
            replace_file(path, kept)

    def runs(self, job_id: str) -> Iterator[Run]:
        """Newest first; a line that is not a record of ours is passed over, and what cannot be read ends it."""
        with suppress(OSError):
            for line in lines_backwards(self.path(job_id)):
                run = run_of(decoded(line))
                if run is not None:
                    yield run

    def size(self, job_id: str) -> int:
        """Bytes of the file, 0 if there is none, -1 if it cannot be looked at."""
        try:
            return os.stat(f"{self._runs}/{job_id}/history.jsonl").st_size if is_job_id(job_id) else 0
        except FileNotFoundError:
            return 0
        except OSError:
            return -1

    def pieces(self, job_id: str, since: int, end: int = -1) -> Iterator[tuple[int, int, Run]]:
        """The records from the byte `since` on, oldest first, each with the bytes that it ends a piece of.

        Only what is asked for is read. What follows the last newline is not a whole line; what cannot be read ends it.
        """
        with suppress(OSError), self.path(job_id).open("rb") as stream:
            first = after = stream.seek(since)
            while (end < 0 or after < end) and (line := stream.readline()).endswith(b"\n"):
                after += len(line)
                run = run_of(decoded(line))
                if run is not None:
                    yield first, after, run
                    first = after

    def find(self, job_id: str, run_id: str) -> Run | None:
        if _mark(run_id) not in (read_file(self.path(job_id)) or b""):
            return None
        return next((run for run in self.runs(job_id) if run.id == run_id), None)

    def last(self, job_id: str, kind: str = "") -> Run | None:
        """The run (of that kind, "" = any) that ended last, cached while the file is unchanged."""
        try:
            found = os.stat(self.path(job_id))
        except OSError:
            return None
        state = (found.st_mtime_ns, found.st_size, found.st_ino)
        cached = self._last.get((job_id, kind))
        if cached is None or cached[0] != state:
            last = next((run for run in self.runs(job_id) if kind in ("", run.kind)), None)
            cached = self._last[job_id, kind] = (state, last)
        return cached[1]

    def forget(self, job_id: str) -> None:
        for key in [key for key in self._last if key[0] == job_id]:
            del self._last[key]

    def ended_since(self, position: int) -> tuple[tuple[tuple[str, str], ...], int]:
        """Pairs (job id, run id) appended since the byte position, and the new position.

        A stream that was cut meanwhile is read from its start: pairs may come twice, none is lost.
        """
        size = self.ended_position()
        start = position if 0 <= position <= size else 0
        if start == size:
            return (), size
        with self._folder.ended_file.open("rb") as stream:
            stream.seek(start)
            text = stream.read(_STREAM_LIMIT * 2)
        whole = text[: text.rfind(b"\n") + 1]
        pairs = (_pair(line) for line in whole.splitlines())
        return tuple(pair for pair in pairs if pair is not None), start + len(whole)

    def ended_position(self) -> int:
        try:
            return self._folder.ended_file.stat().st_size
        except FileNotFoundError:
            return 0


def _mark(run_id: str) -> bytes:
    return f'{{"id": "{run_id}"'.encode()


def _pair(line: bytes) -> tuple[str, str] | None:
    record = decoded(line)
    job_id, run_id = record.get("job_id"), record.get("run_id")
    return (job_id, run_id) if isinstance(job_id, str) and isinstance(run_id, str) else None
