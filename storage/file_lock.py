"""A lock between our processes and between the threads of one; not a protection against other programs."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from models.errors import StoreUnavailable
from utils.clock import Clock, SystemClock

PATIENCE = 10.0
_POLITE = 1.0  # seconds in the queue; a stopped process at its head keeps nobody longer
_PAUSES = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02)
_mutexes: dict[str, threading.Lock] = {}


class FileLock:
    """Exclusive use of what `path` stands for.

    First a mutex of this process, then `flock` without blocking: a blocking `flock` of two green
    threads would stop the process for good. A holder that never lets go costs `patience` seconds
    and then a `StoreUnavailable`.
    """

    def __init__(self, path: Path, clock: Clock | None = None, patience: float = PATIENCE) -> None:
        self._path = path
        self._clock = clock or SystemClock()
        self._patience = patience
        self._mutex = _mutexes.setdefault(os.path.realpath(path), threading.Lock())

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the lock for a `with` block; not re-entrant."""
        deadline = self._clock.monotonic() + self._patience
        if not self._mutex.acquire(timeout=self._patience):
            raise self._busy()
        try:
            descriptor = self._acquire(deadline)
            try:
                yield
            finally:
                _let_go(descriptor)
        finally:
            self._mutex.release()

    def _acquire(self, deadline: float) -> int:
        """First the queue, so that whoever just let go does not win against those who wait."""
        queue = self._path.with_name(f"{self._path.name}.queue")
        descriptor = self._wait(queue, min(deadline, self._clock.monotonic() + _POLITE))
        try:
            found = self._wait(self._path, deadline)
        finally:
            if descriptor is not None:
                _let_go(descriptor)
        if found is None:
            raise self._busy()
        return found

    def _wait(self, path: Path, deadline: float) -> int | None:
        """The lock as soon as it is free, None if it is not by the deadline."""
        tries = 0
        while True:
            descriptor = try_lock(path)
            if descriptor is not None or self._clock.monotonic() >= deadline:
                return descriptor
            self._clock.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
            tries += 1

    def _busy(self) -> StoreUnavailable:
        return StoreUnavailable(
            f"{self._path.stem} is being written by another program that does not finish. "
            "Nothing was changed; try again in a moment."
        )


def _let_go(descriptor: int) -> None:
    """A failing disk may make `close` fail; the lock is gone all the same."""
    with suppress(OSError):
        os.close(descriptor)


def try_lock(path: Path) -> int | None:
    """An open descriptor that holds `flock` on the file, or None while somebody else holds it.

    The descriptor is closed on exec; closing it releases the lock. `StoreUnavailable` where the
    file cannot be opened.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreUnavailable(
            f"The lock {path.name} cannot be taken in {path.parent}: {error.strerror}. Nothing was changed."
        ) from error
    if _locked(descriptor) and _is_current(descriptor, path):
        return descriptor
    os.close(descriptor)
    return None


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_current(descriptor: int, path: Path) -> bool:
    """False if the lock file was removed and made anew between opening and locking it."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False
