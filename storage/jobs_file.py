"""jobs.yaml as a file: read, locked and tidied; which jobs are in force is `job_store`'s work."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from storage.checked_mark import forget_unmade, is_checked
from storage.data_folder import DataFolder
from storage.displaced import put_back_displaced, sweep
from storage.file_lock import FileLock, try_lock
from storage.file_problem import Unreadable
from storage.file_text import ABSENT, FileKey, file_key, read_text
from storage.jobs_reader import Breather, JobsReader
from storage.jobs_reading import Reading, unreadable
from storage.shared_file import best_effort
from utils.clock import Clock


class JobsFile:
    """Writers of ours take turns by its lock."""

    def __init__(self, folder: DataFolder, reader: JobsReader, clock: Clock) -> None:
        self._folder, self._reader, self._clock = folder, reader, clock
        self._name = os.fspath(folder.jobs_file)
        self.path = folder.jobs_file
        self._lock = FileLock(folder.jobs_lock, clock)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """The lock, waited for, without what a killed writer only announced; `StoreUnavailable` as `FileLock`."""
        with self._lock.hold():
            forget_unmade(self._folder)
            yield

    @contextmanager
    def try_hold(self) -> Iterator[bool]:
        """The same if it is free; `StoreUnavailable` where there cannot be one."""
        descriptor = try_lock(self._folder.jobs_lock)
        try:
            if descriptor is not None:
                forget_unmade(self._folder)
            yield descriptor is not None
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def sweep(self) -> None:
        """Remove what a killed writer left, unless somebody is writing now."""
        with best_effort(), self.try_hold() as is_held:
            if is_held:
                put_back_displaced(self.path)
                sweep(self._folder.root)
                sweep(self._folder.generations)
                sweep(self.path.resolve().parent)

    def key(self) -> FileKey:
        return file_key(self._name)

    def is_checked(self, key: FileKey | None = None) -> bool:
        """Whether it (or the one with that key) was found in order by a process of ours."""
        return is_checked(self._folder, key)

    def read(self, known: Reading | None) -> tuple[FileKey, Reading]:
        """What stands in it now; `known` is given back where it has that very content."""
        key = self.key()
        if key == ABSENT:
            return key, self._reader.read(None)
        try:
            key, content = read_text(self.path)
        except Unreadable as error:
            return key, unreadable(error)
        if known is not None and known.content == content and known.exists:
            return key, known
        return key, self._reader.read(content, Breather(self._clock))

    def put_back_and_read(self, known: Reading | None) -> tuple[FileKey, Reading]:
        """The same for whoever holds the lock, who first mends what a killed writer displaced."""
        if not self.is_checked():
            put_back_displaced(self.path)
        return self.read(known)
