"""The status of one job written by its supervisor, without YAML; all other changes are `job_store`'s."""

import re

from models.errors import AppError
from models.progress import Progress
from storage.change_journal import Change, ChangeJournal
from storage.checked_mark import forget_unmade, is_checked, mark_checked
from storage.data_folder import DataFolder
from storage.file_lock import FileLock
from storage.shared_file import best_effort, rewrite_file
from storage.status_text import NotPlain, changed_fields, with_status
from utils.clock import Clock, SystemClock, local_text


class _Declined(AppError):
    """The file is not ours to change by text; it stays as it is."""


def write_status(
    folder: DataFolder,
    job_id: str,
    status: str,
    figures: Progress | None = None,
    clock: Clock | None = None,
) -> bool:
    """Put status and figures of a job into jobs.yaml, durable.

    False, with nothing written, where that takes YAML: the file was not found good as it stands,
    or the job is not in it in the usual form. Then a process that can must do it
    (`JobStore.set_status`). `StoreUnavailable` where the folder cannot be written.
    """
    clock = clock or SystemClock()
    with FileLock(folder.jobs_lock, clock).hold():
        if not is_checked(folder):
            return False
        forget_unmade(folder)
        edit = _Edit(folder, job_id, status, figures, clock)
        try:
            written = rewrite_file(folder.jobs_file, edit, witness=edit)
        except _Declined:
            return False
        mark_checked(folder, written.key)
        return True


class _Edit:
    """Changes the bytes of jobs.yaml once; bytes that came in between were never checked."""

    def __init__(self, folder: DataFolder, job_id: str, status: str, figures: Progress | None, clock: Clock) -> None:
        self._folder, self._job_id, self._status, self._figures = folder, job_id, status, figures
        self._journal, self._stamp = ChangeJournal(folder.changes_file, clock), local_text(clock.now())
        self._calls = 0
        self._changes: list[Change] = []

    def begin(self, _stood: tuple[bytes, ...]) -> None:
        """Into the change journal. Without it the change stands all the same, less protected."""
        with best_effort():
            self._journal.begin(self._changes)

    def withdraw(self) -> None:
        with best_effort():
            self._journal.withdraw()

    def settle(self) -> None:
        with best_effort():
            self._journal.settle()

    def __call__(self, content: bytes | None) -> bytes:
        self._calls += 1
        if content is None or self._calls > 1 or not is_checked(self._folder):
            raise _Declined("jobs.yaml was changed meanwhile.")
        try:
            return self._changed(content.decode())
        except (NotPlain, UnicodeDecodeError) as error:
            raise _Declined("jobs.yaml has to be changed as YAML.") from error

    def _changed(self, text: str) -> bytes:
        start, end = _place(text, self._job_id)
        block = text[start:end]
        changed = with_status(block, self._status, self._figures, self._stamp)
        self._changes = [Change(self._job_id, key, *texts) for key, texts in changed_fields(block, changed).items()]
        return (text[:start] + changed + text[end:]).encode()


_END = re.compile(r"\n(?=[^\s#]|#)")


def _place(text: str, job_id: str) -> tuple[int, int]:
    """Where the one block of the job begins and ends."""
    first = f"\n- id: {job_id}\n"
    start = text.find(first)
    if start < 0 or text.find(first, start + 1) >= 0:
        raise NotPlain
    end = _END.search(text, start + 1)
    return start + 1, len(text) if end is None else end.end()
