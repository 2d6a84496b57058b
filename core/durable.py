"""Puts what was copied on the disk before anything relies on it; copies nothing."""

import ctypes
import os
import threading
from collections.abc import Callable


def make_durable(descriptor: int, is_one_device: bool, meanwhile: Callable[[], bool]) -> bool:
    """All of the file system that holds `descriptor`, or of all file systems, is on the disk at return.

    `meanwhile` is called again and again; once it answers False the wait is given up (False).
    OSError where the disk refused what was written before.
    """
    errors: list[OSError] = []
    work = threading.Thread(target=_sync, args=(descriptor, is_one_device, errors), name="sync", daemon=True)
    work.start()
    while work.is_alive():
        if not meanwhile():
            return False
    if errors:
        raise errors[0]
    return True


def _sync(descriptor: int, is_one_device: bool, errors: list[OSError]) -> None:
    system = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if system is None or not is_one_device:
        os.sync()
    if system is not None and system(descriptor) != 0:
        number = ctypes.get_errno()
        errors.append(OSError(number, os.strerror(number)))
