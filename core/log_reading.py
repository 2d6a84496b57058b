"""What pages may ask of the logs: a page of lines, all of them, a run's; which lines answer is found in `storage`."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from core.process import capture
from models.errors import AppError
from storage.data_folder import DataFolder
from storage.log_files import LogFile, Looks, log_files, run_file
from storage.log_rows import Row
from storage.log_search import LogPage, LogSearch
from storage.log_streams import Key, Question
from utils.clock import Clock

_RIPGREP = ("--files-with-matches", "--text", "--ignore-case", "--fixed-strings", "--null", "--mmap")
_PLAIN = ("--no-config", "--no-messages", "--encoding=none")
_SHORT = 3  # bytes: what is shorter stands in every file
_PATIENCE = 0.2  # seconds, well within the time that a search has


class LogsUnreadable(AppError):
    """The folder of the logs, or a run's log, cannot be read."""

    code = "logs_unreadable"
    status = 503


class LogReading:
    """Every method may be called from any (green) thread; `LogsUnreadable` where the folder cannot be read."""

    def __init__(self, folder: DataFolder, clock: Clock) -> None:
        self._folder, self._looks = folder, Looks()
        self._search = LogSearch(lambda: clock.sleep(0), holders)

    def before(self, place: "Place", question: Question, key: Key | None, limit: int = 500) -> LogPage:
        """The newest lines that answer, or those before a key."""
        with _refusing(self._folder):
            return self._search.before(self.files(place), question, key, limit)

    def after(self, place: "Place", question: Question, key: Key, limit: int = 500) -> LogPage:
        """The oldest lines after a key."""
        with _refusing(self._folder):
            return self._search.after(self.files(place), question, key, limit)

    def all(self, place: "Place", question: Question) -> Iterator[list[Row]]:
        """Every line that answers, oldest first, some hundreds at a time; what cannot be read is refused at once."""
        with _refusing(self._folder):
            return self._search.all(self.files(place), question)

    def knows(self, job_id: str) -> bool:
        """Whether there are lines of a job, one that was deleted perhaps."""
        with _refusing(self._folder):
            return bool(log_files(self._folder, job_id))

    def files(self, place: "Place" = ("", "")) -> list[LogFile]:
        """The files in which lines of that place stand; OSError where they cannot be listed."""
        job_id, run_id = place
        if run_id:
            return run_file(self._folder, job_id, run_id)
        return log_files(self._folder, job_id, self._looks)


Place = tuple[str, str]  # a job's id and a run's, each "" for all


@contextmanager
def _refusing(folder: DataFolder) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise LogsUnreadable(f"The folder {folder.logs} is gone. A run that starts makes a new one.") from error
    except OSError as error:
        raise LogsUnreadable(f"The logs in {folder.logs} cannot be read: {error.strerror}.") from error


def holders(literal: bytes, paths: list[str]) -> list[str]:
    """Of these files those that hold the text, in either case, as ripgrep finds them; all, where it cannot say so."""
    program = shutil.which("rg") if len(literal) >= _SHORT else None
    if program is None or not paths:
        return paths
    try:
        found = capture(
            [program, *_RIPGREP, *_PLAIN, f"--regexp={literal.decode()}", "--", *paths], timeout=_PATIENCE, apart=True
        )
    except (OSError, UnicodeDecodeError):
        return paths
    if found.timed_out or found.exit_code not in {0, 1}:
        return paths
    return [name.decode("utf-8", "surrogateescape") for name in found.output.split(b"\0") if name]
