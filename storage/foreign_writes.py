"""What another program did to jobs.yaml, and what of ours has to be made again there; it writes no jobs.yaml."""

import os
import time
from contextlib import suppress
from datetime import timedelta

from storage.change_journal import KEPT, Change, ChangeJournal
from storage.data_folder import DataFolder
from storage.jobs_edit import differences
from storage.jobs_reader import JobsReader
from storage.jobs_reading import Reading
from storage.jobs_snapshot import PendingChange
from storage.reassertion import STALE_FOR, Correction, Ours, reasserted
from storage.shared_file import best_effort
from utils.clock import Clock, utc_text

LONGEST_PAUSE = 4.0  # seconds that the legacy app may take between its read and its write
_BETWEEN_MARKS = 60.0
_NOTED_FOR = STALE_FOR / 3


class ForeignWrites:
    """Compares with the change journal, which is whole only for whoever holds the lock of jobs.yaml."""

    def __init__(self, folder: DataFolder, reader: JobsReader, clock: Clock) -> None:
        self._mark, self._reader, self._clock = folder.foreign_seen, reader, clock
        self._journal = ChangeJournal(folder.changes_file, clock)
        self._ours = Ours()

    def changes(self) -> tuple[Change, ...]:
        """Ours that a foreign writer may not have seen yet."""
        try:
            return self._journal.recent(STALE_FOR)
        except OSError:
            return ()

    def has_written(self, job_id: str, field: str, text: str, since: str) -> bool:
        """Whether a change of ours since then (UTC text) gave a field that value."""
        with suppress(OSError):
            changes = ChangeJournal(self._journal.path, self._clock).recent(KEPT.total_seconds())
            wanted = (job_id, field, text)
            return any((each.job_id, each.field, each.new) == wanted and each.at >= since for each in changes)
        return False

    def corrected(self, reading: Reading, known: Reading | None, changes: tuple[Change, ...]) -> Correction:
        """The reading with what it undid of those changes; the same object where it undid nothing.

        What is made again is noted as a change of its own, or a writer that never reads ours in its
        haste would be believed in the end; but not each time.
        """
        if not reading.may_be_corrected:
            return Correction(reading)
        if self._ours.changes is not changes:
            self._ours = Ours(changes)
        noted_since = utc_text(self._clock.now() - timedelta(seconds=_NOTED_FOR))
        return reasserted(reading, self._ours, self._reader, known, noted_since)

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
        with best_effort():
            self._journal.begin(self._change.changes)
            if stood:
                final = self._reader.read(edit.content)
                for content in stood:
                    self._journal.begin(differences(self._reader.read(content), final), LONGEST_PAUSE)

    def withdraw(self) -> None:
        with best_effort():
            self._journal.withdraw()

    def settle(self) -> None:
        with best_effort():
            self._journal.settle(self._durable)
