"""What a killed writer of ours left beside a file: its own new one removed, another's displaced one put back."""

import fcntl
import os
import re
from contextlib import suppress
from pathlib import Path

from storage.shared_file import SUFFIX, digest, read_file, sync_folder

_MARK = re.compile(rf"\.(?P<expected>[0-9a-f]{{8}})-(?P<ours>[0-9a-f]{{8}}){re.escape(SUFFIX)}$")


def put_back_displaced(path: Path) -> bool:
    """Whether another program's file was put back in the place of `path`. The caller holds its lock.

    Between our exchange and the merge of what unexpectedly came out lie milliseconds. Who is killed
    then leaves the other's file under a name that tells what was expected and what was put there.
    """
    target = Path(os.path.realpath(path))
    with suppress(OSError):
        for name in os.listdir(target.parent):
            mark = _MARK.search(name) if name.startswith(f".{target.name}.") else None
            if mark and _put_back(target.parent / name, target, mark["expected"], mark["ours"]):
                return True
    return False


def _put_back(left: Path, target: Path, expected: str, ours: str) -> bool:
    with suppress(OSError):
        descriptor = os.open(left, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if digest(read_file(left)) in (expected, ours) or digest(read_file(target)) != ours:
                return False
            os.replace(left, target)
            sync_folder(target.parent)
            return True
        finally:
            os.close(descriptor)
    return False


def sweep(folder: Path) -> None:
    """Remove new files that a killed writer left in the folder; those being written stay.

    For a shared file the caller holds its lock.
    """
    with suppress(OSError):
        for name in os.listdir(folder):
            if name.endswith(SUFFIX):
                _remove_abandoned(folder / name)


def _remove_abandoned(name: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            name.unlink()
        finally:
            os.close(descriptor)
