"""Deliberately broken builds of the storage, to show that its harnesses can fail; never product code.

`PROVE_BROKEN=no-lock`, `no-atomic-rename` or `no-reassertion` in the environment of `script/prove`.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from storage import shared_file
from storage.file_lock import FileLock
from storage.foreign_writes import ForeignWrites
from storage.reassertion import Correction

VARIABLE = "PROVE_BROKEN"


def apply(name: str) -> None:
    """Break this process in the named way; "" breaks nothing."""
    if name == "no-lock":
        setattr(FileLock, "hold", _no_lock)  # noqa: B010
        setattr(shared_file, "exchange", lambda left, right: False)  # noqa: B010
    elif name == "no-atomic-rename":
        shared_file._put = _in_place
    elif name == "no-reassertion":
        setattr(ForeignWrites, "corrected", lambda _self, reading, _known, _changes: Correction(reading))  # noqa: B010
    elif name:
        raise SystemExit(f"{VARIABLE}={name}: no such broken build")


def chosen() -> str:
    return os.environ.get(VARIABLE, "")


@contextmanager
def _no_lock(_lock: FileLock) -> Iterator[None]:
    yield


def _in_place(
    target: Path, content: bytes, expected: bytes | None, durable: bool, begin: Callable[[], None] | None = None
) -> tuple[bytes | None, shared_file.Written | None]:
    if begin is not None:
        begin()
    with target.open("wb", buffering=0) as stream:
        for start in range(0, len(content), 64):
            stream.write(content[start : start + 64])
        os.fsync(stream.fileno())
        own = os.fstat(stream.fileno())
    return expected, shared_file.Written(content, (own.st_mtime_ns, own.st_size, own.st_ino))
