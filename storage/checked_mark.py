"""Which jobs.yaml was last found good, for processes that cannot read YAML; not whether it is good now."""

import os

from storage.data_folder import DataFolder
from storage.file_text import FileKey, file_key
from storage.shared_file import best_effort


def mark_checked(folder: DataFolder, key: FileKey) -> None:
    """Note that the file with this key is good. A folder that cannot be written costs only this."""
    with best_effort():
        descriptor = os.open(folder.jobs_checked, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            os.pwrite(descriptor, _text(key), 0)  # in place: a torn mark only asks for another check
        finally:
            os.close(descriptor)


def is_checked(folder: DataFolder, key: FileKey | None = None) -> bool:
    """Whether jobs.yaml (or the one with that key) is, unchanged, the file that was last found good."""
    try:
        return folder.jobs_checked.read_bytes() == _text(key or file_key(folder.jobs_file))
    except OSError:
        return False


def _text(key: FileKey) -> bytes:
    return " ".join(f"{part:020}" for part in key).encode()
