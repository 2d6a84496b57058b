"""Which jobs.yaml was last found good, for processes that cannot read YAML; not whether it is good now."""

from storage.data_folder import DataFolder
from storage.file_text import FileKey, file_key
from storage.shared_file import best_effort, replace_file


def mark_checked(folder: DataFolder, key: FileKey) -> None:
    """Note that the file with this key is good. A folder that cannot be written costs only this."""
    with best_effort():
        replace_file(folder.jobs_checked, _text(key), durable=False)


def is_checked(folder: DataFolder) -> bool:
    """Whether jobs.yaml is, unchanged, the file that was last found good."""
    try:
        return folder.jobs_checked.read_bytes() == _text(file_key(folder.jobs_file))
    except OSError:
        return False


def _text(key: FileKey) -> bytes:
    return " ".join(str(part) for part in key).encode()
