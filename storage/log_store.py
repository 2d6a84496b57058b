"""Reading logs: a run's own and the legacy app's, from their ends; writing is `run_log`'s work."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from heapq import merge
from io import SEEK_END
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from storage.data_folder import DataFolder
from storage.line_file import lines_backwards
from storage.log_archive import rotate
from storage.run_log import RunLog
from utils.clock import parse_utc, utc_text
from utils.ids import is_job_id
from utils.text import visible

__all__ = ["LogLine", "LogStore", "RunLog"]

_LEGACY = re.compile(r"\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\] (?:(Warning|Error): )?(.*)", re.DOTALL)
_LEVELS = {"Warning": "warn", "Error": "error", None: "info"}
_FILES_READ = 200


class LogLine(NamedTuple):
    """One line: `at` is UTC ISO 8601 ("" = unknown), `text` fit to show, `job_id` may be ""."""

    at: str
    level: str
    text: str
    job_id: str = ""


class LogStore:
    """Reads what is asked for and no more; a missing log is an empty one."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder

    def run_text(self, job_id: str, run_id: str, offset: int = 0, limit: int = 262_144) -> tuple[str, int]:
        """Whole lines of the run's log from byte `offset`, and the offset after them.

        A negative offset counts from the end and starts at the next whole line.
        """
        path = self._run_log(job_id, run_id)
        try:
            with path.open("rb") as stream:
                offset = _seek(stream, offset)
                content = stream.read(limit)
                if len(content) == limit and b"\n" not in content:
                    content += stream.readline()
        except FileNotFoundError:
            return "", 0
        whole = content[: content.rfind(b"\n") + 1]
        return whole.decode("utf-8", "replace"), offset + len(whole)

    def run_tail(self, job_id: str, run_id: str, lines: int = 500) -> tuple[LogLine, ...]:
        """The last lines of the run's log, oldest first."""
        found = islice(lines_backwards(self._run_log(job_id, run_id)), lines)
        return tuple(_own_line(line, job_id) for line in found)[::-1]

    def tail(self, limit: int = 500, job_id: str = "") -> tuple[LogLine, ...]:
        """The last lines of all logs, or of one job's, merged by time, oldest first."""
        newest: list[LogLine] = []
        for path, modified in self._logs(job_id):
            if len(newest) >= limit and modified < newest[-1].at:
                break
            lines = islice(_legacy_lines(path), limit)
            newest = list(islice(merge(newest, lines, key=_moment, reverse=True), limit))
        return tuple(reversed(newest))

    def put_away(self, job_id: str) -> None:
        """The log of a job that is deleted becomes an archive, which goes in time; only where we ran the job."""
        if self._folder.job_folder(job_id).is_dir():
            for path, modified in self._logs(job_id):
                with suppress(OSError):
                    rotate(path, parse_utc(modified))

    def _run_log(self, job_id: str, run_id: str) -> Path:
        return self._folder.run_folder(job_id, run_id) / "output.log"

    def _logs(self, job_id: str) -> list[tuple[Path, str]]:
        """Log files and when they were last written, newest first."""
        found = []
        for path in self._folder.logs.glob("*.log"):
            if path.is_file() and (not job_id or _job_of(path) == job_id):
                moment = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
                found.append((path, utc_text(moment)))
        return sorted(found, key=lambda item: item[1], reverse=True)[:_FILES_READ]


def _seek(stream: BinaryIO, offset: int) -> int:
    if offset >= 0:
        return stream.seek(offset)
    size = stream.seek(0, SEEK_END)
    if size + offset <= 0:
        return stream.seek(0)
    stream.seek(size + offset - 1)
    stream.readline()
    return stream.tell()


def _moment(line: LogLine) -> str:
    return line.at


def _job_of(path: Path) -> str:
    job_id = path.stem.partition("_")[2]
    return job_id if is_job_id(job_id) else ""


def _own_line(line: bytes, job_id: str) -> LogLine:
    at, _, rest = line.decode("utf-8", "replace").partition(" ")
    level, _, text = rest.partition(" ")
    return LogLine(at, level, visible(text), job_id)


def _legacy_lines(path: Path) -> Iterator[LogLine]:
    """Newest first. A line without a time of its own belongs to the one before it."""
    job_id = _job_of(path)
    undated: list[str] = []
    for raw in lines_backwards(path):
        line = raw.decode("utf-8", "replace").rstrip("\r")
        match = _LEGACY.fullmatch(line)
        if match is None:
            undated.append(visible(line))
            continue
        at = _utc(match[1])
        yield from (LogLine(at, "info", text, job_id) for text in undated if text)
        undated.clear()
        yield LogLine(at, _LEVELS[match[2]], visible(match[3]), job_id)
    yield from (LogLine("", "info", text, job_id) for text in undated if text)


def _utc(local: str) -> str:
    """The legacy app writes local time; "" for a time that does not exist."""
    try:
        return utc_text(datetime.fromisoformat(local).astimezone())
    except (ValueError, OverflowError):
        return ""
