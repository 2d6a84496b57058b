"""Swapping two names at once where Linux and the file system can; not a fallback for where they cannot."""

import errno
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_UNSUPPORTED = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.ENOENT, errno.EPERM}


def exchange(left: Path, right: Path) -> bool:
    """Swap what the two names stand for; False, with nothing done, where that is not possible."""
    code = _renameat2()(os.fsencode(left), os.fsencode(right))
    if code == 0:
        return True
    if code in _UNSUPPORTED:
        return False
    raise OSError(code, os.strerror(code))


def give_back(displaced: Path, target: Path, ours: bytes | None) -> None:
    """The other's very file, not a copy, in its place again: whoever is writing it goes on in what stands there."""
    exchange(displaced, target)
    if displaced.read_bytes() != ours:  # somebody else wrote in between: the newest stands
        exchange(displaced, target)


@cache
def _renameat2() -> Callable[[bytes, bytes], int]:
    """The system call, as a function that returns 0 or the error's number."""
    import ctypes  # late: the supervisor's start time counts

    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "renameat2"):
        return lambda _left, _right: errno.ENOSYS

    def call(left: bytes, right: bytes) -> int:
        failed = library.renameat2(_AT_FDCWD, left, _AT_FDCWD, right, _RENAME_EXCHANGE)
        return ctypes.get_errno() if failed else 0

    return call
