"""A run's own log as text, and a deleted job's put away; the lines of all logs are found by `log_search`."""

from contextlib import suppress
from datetime import UTC, datetime
from io import SEEK_END
from pathlib import Path
from typing import BinaryIO

from storage.data_folder import DataFolder
from storage.log_archive import rotate
from storage.log_files import job_of
from storage.run_log import RunLog

__all__ = ["LogStore", "RunLog"]


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

    def put_away(self, job_id: str) -> None:
        """The log of a job that is deleted becomes an archive, which goes in time; only where we ran the job."""
        if self._folder.job_folder(job_id).is_dir():
            for path in self._folder.logs.glob("*.log"):
                if path.is_file() and job_of(path.name) == job_id:
                    with suppress(OSError):
                        rotate(path, datetime.fromtimestamp(path.stat().st_mtime, UTC))

    def _run_log(self, job_id: str, run_id: str) -> Path:
        return self._folder.run_folder(job_id, run_id) / "output.log"


def _seek(stream: BinaryIO, offset: int) -> int:
    size = stream.seek(0, SEEK_END)
    if offset >= 0:
        stream.seek(min(offset, size))  # a file system has a largest offset, and beyond the end there is nothing
        return offset
    if size + offset <= 0:
        return stream.seek(0)
    stream.seek(size + offset - 1)
    stream.readline()
    return stream.tell()
