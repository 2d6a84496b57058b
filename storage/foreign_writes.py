"""What another program did to jobs.yaml, and what of ours has to be made again there; it writes no jobs.yaml."""

import os
import time

from storage.change_journal import Change, ChangeJournal
from storage.data_folder import DataFolder
from storage.jobs_edit import differences
from storage.jobs_reader import JobsReader
from storage.jobs_reading import Reading
from storage.jobs_snapshot import PendingChange
from storage.reassertion import STALE_FOR, reasserted
from storage.shared_file import best_effort
from utils.clock import Clock

_BETWEEN_MARKS = 60.0


class ForeignWrites:
    """Compares with the change journal, which is whole only for whoever holds the lock of jobs.yaml."""

    def __init__(self, folder: DataFolder, reader: JobsReader, clock: Clock) -> None:
        self._mark, self._reader, self._clock = folder.foreign_seen, reader, clock
        self._journal = ChangeJournal(folder.changes_file, clock)

    def changes(self) -> tuple[Change, ...]:
        """Ours that a foreign writer may not have seen yet."""
        try:
            return self._journal.recent(STALE_FOR)
        except OSError:
            return ()

    def corrected(self, reading: Reading, known: Reading | None, changes: tuple[Change, ...]) -> Reading:
        """The reading with what it undid of those changes; the same object where it undid nothing."""
        return reasserted(reading, changes, self._reader, known) if reading.may_be_corrected else reading

    def witness(self, change: PendingChange, durable: bool = True) -> "JournalWitness":
        """Who notes that change in the journal."""
        return JournalWitness(self._journal, self._reader, change, durable)

    def mark_seen(self) -> None:
        """Note that somebody else writes the file; at most once a minute."""
        with best_effort():
            if time.time() - self.seen_at() > _BETWEEN_MARKS:
                os.close(os.open(self._mark, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
                os.utime(self._mark)

    def seen_at(self) -> float:
        """When somebody else last wrote the file, as seconds of the epoch; 0.0 if never."""
        try:
            return self._mark.stat().st_mtime
        except OSError:
            return 0.0


class JournalWitness:
    """Into the change journal. Without it a change stands all the same, less protected."""

    def __init__(self, journal: ChangeJournal, reader: JobsReader, change: PendingChange, durable: bool) -> None:
        self._journal, self._reader, self._change, self._durable = journal, reader, change, durable

    def begin(self, stood: tuple[bytes, ...]) -> None:
        """A content of ours that stood for a moment without what it had displaced may have been read:
        that the other's changes came back after it counts as done by us."""
        edit = self._change.edit
        changes = list(edit.changes)
        if stood:
            final = self._reader.read(edit.content)
            for content in stood:
                changes += differences(self._reader.read(content), final)
        with best_effort():
            self._journal.begin(changes)

    def withdraw(self) -> None:
        with best_effort():
            self._journal.withdraw()

    def settle(self) -> None:
        with best_effort():
            self._journal.settle(self._durable)
