"""What we changed in jobs.yaml in the last minutes, so that a stale rewrite can be told from a wish; not a history."""

import json
import os
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

from storage.line_file import append_line, lines_backwards, whole_size
from storage.run_json import decoded
from storage.shared_file import replace_file
from utils.clock import Clock, SystemClock, utc_text

KEPT = timedelta(minutes=10)
_PRUNED_ABOVE = 1 << 18
_TAIL = 64  # bytes by which the place is known again up to which was read


class Change(NamedTuple):
    """One field of one job went from `old` to `new` at `at` (UTC).

    `field` is a key of the job, `settings.<key>` for one of its settings, or `job` for the whole of
    it: then a value is the block's text, None where there was, or is, no such job. `seconds` is how
    long it is told at most (0.0: as long as is asked for).
    """

    job_id: str
    field: str
    old: Any
    new: Any
    at: str = ""
    seconds: float = 0.0


NAMES = ("job_id", "field", "old", "new")


class _Line(NamedTuple):
    """Changes that were made at once, and how long they are told."""

    moment: datetime
    lasting: timedelta
    changes: tuple[Change, ...]


class ChangeJournal:
    """The file changes.jsonl; whoever appends holds the lock of jobs.yaml."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        self.path = path
        self._clock = clock or SystemClock()
        self._known: deque[_Line] = deque()
        self._known_since = datetime.max.replace(tzinfo=UTC)
        self._read_up_to = (0, 0, b"")
        self._begun_at: int | None = None

    def begin(self, changes: Iterable[Change], seconds: float = 0.0) -> None:
        """Add changes that are about to be made, in one line, not durable yet; OSError if it cannot be.

        `recent` tells them for so many seconds at most (0.0: as long as it is asked for).
        """
        at = utc_text(self._clock.now())
        records = [{name: getattr(change, name) for name in NAMES} | {"at": at} for change in changes]
        if not records:
            return
        if self._begun_at is None:
            self._begun_at = _end_of(self.path)[1]
        append_line(self.path, json.dumps({"changes": records, "seconds": seconds}).encode(), durable=False)

    def withdraw(self) -> None:
        """What was begun did not come to be: without it again, as if it had never been there."""
        if self._begun_at is not None:
            os.truncate(self.path, self._begun_at)
            self._read_up_to, self._begun_at = (0, 0, b""), None

    def settle(self, durable: bool = True) -> None:
        """What was begun has been made. Durable: it is on the disk at return."""
        if self._begun_at is None:
            return
        self._begun_at = None
        if durable:
            _sync(self.path)
        if self.path.stat().st_size > _PRUNED_ABOVE and self._is_old():
            self._prune()

    def append(self, changes: Iterable[Change]) -> None:
        """Add changes that were made, durable; OSError or `StoreUnavailable` if it cannot be."""
        self.begin(changes)
        self.settle()

    def recent(self, seconds: float) -> tuple[Change, ...]:
        """The changes of the last seconds, oldest first; only what is new since the last call is read."""
        now = self._clock.now()
        oldest = now - timedelta(seconds=seconds)
        if self._known_since > oldest or not self._read_on():
            self._read_again(oldest)
        while self._known and self._known[0].moment < oldest:
            self._known.popleft()
            self._known_since = oldest
        told = (line for line in self._known if line.moment >= oldest and now - line.moment <= line.lasting)
        return tuple(change for line in told for change in line.changes)

    def _read_on(self) -> bool:
        """Take in what was appended; False where what was read before it is not there any more."""
        inode, offset, last = self._read_up_to
        try:
            with self.path.open("rb") as stream:
                stream.seek(offset - len(last))
                if os.fstat(stream.fileno()).st_ino != inode or stream.read(len(last)) != last:
                    return False
                whole = stream.read().rpartition(b"\n")[0]
        except FileNotFoundError:
            return False
        if whole:
            self._read_up_to = (inode, offset + len(whole) + 1, (last + whole + b"\n")[-_TAIL:])
            self._known.extend(found for line in whole.split(b"\n") if (found := _line(line)))
        return True

    def _read_again(self, oldest: datetime) -> None:
        self._known.clear()
        self._known_since = oldest
        self._read_up_to = _end_of(self.path)
        for line in lines_backwards(self.path):
            found = _line(line)
            if found and found.moment < oldest:
                break
            if found:
                self._known.appendleft(found)

    def _is_old(self) -> bool:
        """Whether it begins twice as long ago as is kept: so a busy journal is not pruned each time."""
        with self.path.open("rb") as stream:
            return _moment(stream.readline()) < self._clock.now() - 2 * KEPT

    def _prune(self) -> None:
        oldest = self._clock.now() - KEPT
        kept = takewhile(lambda line: _moment(line) >= oldest, lines_backwards(self.path))
        replace_file(self.path, b"".join(line + b"\n" for line in reversed(list(kept))))


def deleted_by(changes: Iterable[Change]) -> frozenset[str]:
    """The jobs that are gone after the changes."""
    last = {change.job_id: change.new for change in changes if change.field == "job"}
    return frozenset(job_id for job_id, text in last.items() if text is None)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _end_of(path: Path) -> tuple[int, int, bytes]:
    """Inode, where the last whole line ends, and the bytes before that; what is appended later is read later."""
    try:
        with path.open("rb") as stream:
            end = whole_size(stream.fileno())
            stream.seek(max(0, end - _TAIL))
            return os.fstat(stream.fileno()).st_ino, end, stream.read(min(end, _TAIL))
    except FileNotFoundError:
        return (0, 0, b"")


def _moment(line: bytes) -> datetime:
    """When they were made; a line that is none of ours is older than all."""
    found = _line(line)
    return found.moment if found else datetime.min.replace(tzinfo=UTC)


def _line(line: bytes) -> _Line | None:
    try:
        record = decoded(line)
        seconds = float(record.get("seconds", 0.0))
        changes = tuple(Change(**item, seconds=seconds) for item in record.get("changes", ()))
        lasting = timedelta(seconds=seconds) if seconds else KEPT
        return _Line(datetime.fromisoformat(changes[0].at), lasting, changes) if changes else None
    except (TypeError, ValueError):
        return None
