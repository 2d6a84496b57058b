"""Which jobs.yaml was last found good, and how long the change journal was then; not whether it is good now."""

import os

from storage.data_folder import DataFolder
from storage.file_text import FileKey, file_key
from storage.shared_file import best_effort


def mark_checked(folder: DataFolder, key: FileKey) -> None:
    """Note that the file with this key is good, and that all that the change journal tells is in it.

    The caller holds the lock of jobs.yaml. A folder that cannot be written costs only this.
    """
    with best_effort():
        descriptor = os.open(folder.jobs_checked, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            # In place: a torn mark only asks for another check.
            os.pwrite(descriptor, _text((*key, _journal_size(folder))), 0)
        finally:
            os.close(descriptor)


def is_checked(folder: DataFolder, key: FileKey | None = None) -> bool:
    """Whether jobs.yaml (or the one with that key) is, unchanged, the file that was last found good."""
    try:
        return folder.jobs_checked.read_bytes().startswith(_text(key or file_key(folder.jobs_file)))
    except OSError:
        return False


def forget_unmade(folder: DataFolder) -> None:
    """Take out of the change journal what a killed writer began there and never put in place.

    The caller holds the lock of jobs.yaml. It came after the mark, and the file is still the marked one.
    """
    with best_effort():
        noted, marked = folder.jobs_checked.read_bytes(), _text(file_key(folder.jobs_file))
        told = noted.removeprefix(marked).strip()
        if noted.startswith(marked) and told.isdigit() and int(told) < _journal_size(folder):
            os.truncate(folder.changes_file, int(told))


def _journal_size(folder: DataFolder) -> int:
    try:
        return folder.changes_file.stat().st_size
    except FileNotFoundError:
        return 0


def _text(parts: tuple[int, ...]) -> bytes:
    return b"".join(b"%020d " % part for part in parts)
