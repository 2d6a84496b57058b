"""The newest lines of the process log, kept in the data folder for a report; stderr has them all."""

import fcntl
import logging
import os
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from flask_app.structured_log import OURS

NAME = "server.log"
KEPT = "backup_manager_file"
_LARGEST = 1_000_000  # bytes; there are two such files


class _PrivateFile(RotatingFileHandler):
    """0600 under any umask. A disk that is full costs these lines, not the request that had something to say."""

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        os.fchmod(descriptor, 0o600)
        return open(descriptor, "a", encoding="utf-8", errors="backslashreplace")

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802  the standard library's name
        if self.stream and _was_put_away(self.stream, self.baseFilename):
            self.stream.close()
            self.stream = self._open()
        return bool(super().shouldRollover(record))

    def doRollover(self) -> None:  # noqa: N802  the standard library's name
        """Several servers may write into it: the first one puts it away, the others go on in the new one."""
        with self._open() as held:  # a lock that outlives the stream
            fcntl.flock(held, fcntl.LOCK_EX)
            if self.stream and not _was_put_away(self.stream, self.baseFilename):
                super().doRollover()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the standard library's name
        del record


def _was_put_away(file: TextIOWrapper, path: str) -> bool:
    try:
        return not os.path.samestat(os.stat(path), os.fstat(file.fileno()))
    except FileNotFoundError:
        return True


def keep_server_log(data_dir: Path) -> None:
    """From now on this process writes what it logs into the data folder as well. May be called again."""
    root = logging.getLogger()
    on_stderr = next((handler for handler in root.handlers if handler.name == OURS), None)
    if on_stderr is None:
        return
    kept = _PrivateFile(data_dir / NAME, maxBytes=_LARGEST, backupCount=1, delay=True)
    kept.set_name(KEPT)
    kept.setFormatter(on_stderr.formatter)
    for former in [handler for handler in root.handlers if handler.name == KEPT]:
        root.removeHandler(former)
        former.close()
    root.addHandler(kept)


def newest_lines(data_dir: Path, most: int) -> str:
    """The last whole lines, up to `most` bytes; "" where no server has written any."""
    try:
        with open(data_dir / NAME, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - most, 0))
            found = file.read(most)
    except OSError:
        return ""
    whole = found if size <= most else found.partition(b"\n")[2]
    return whole.decode(errors="replace")
