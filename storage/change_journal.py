"""What we changed in jobs.yaml in the last minutes, so that a stale rewrite can be told from a wish; not a history."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any

from storage.line_file import append_line, lines_backwards
from storage.run_json import decoded
from storage.shared_file import replace_file
from utils.clock import Clock, SystemClock, utc_text

KEPT = timedelta(minutes=10)
_PRUNED_ABOVE = 1 << 18


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one job went from `old` to `new` at `at` (UTC).

    `field` is a key of the job, or `job` for the whole of it: then a value is the block's text,
    None where there was, or is, no such job.
    """

    job_id: str
    field: str
    old: Any
    new: Any
    at: str = ""


NAMES = ("job_id", "field", "old", "new")


class ChangeJournal:
    """The file changes.jsonl; whoever appends holds the lock of jobs.yaml."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        self._path = path
        self._clock = clock or SystemClock()

    def append(self, changes: Iterable[Change]) -> None:
        """Add the changes, durable, in one line; OSError or `StoreUnavailable` if it cannot be."""
        at = utc_text(self._clock.now())
        records = [{name: getattr(change, name) for name in NAMES} | {"at": at} for change in changes]
        if not records:
            return
        append_line(self._path, json.dumps({"changes": records}).encode())
        if self._path.stat().st_size > _PRUNED_ABOVE and self._is_old():
            self._prune()

    def recent(self, seconds: float) -> tuple[Change, ...]:
        """The changes of the last seconds, oldest first."""
        oldest = self._clock.now() - timedelta(seconds=seconds)
        found: list[Change] = []
        for line in lines_backwards(self._path):
            changes = _changes(line)
            if changes and _moment(changes) < oldest:
                break
            found.extend(reversed(changes))
        return tuple(reversed(found))

    def _is_old(self) -> bool:
        """Whether it begins twice as long ago as is kept: so a busy journal is not pruned each time."""
        with self._path.open("rb") as stream:
            changes = _changes(stream.readline())
        return not changes or _moment(changes) < self._clock.now() - 2 * KEPT

    def _prune(self) -> None:
        oldest = self._clock.now() - KEPT
        kept = takewhile(lambda line: _moment(_changes(line)) >= oldest, lines_backwards(self._path))
        replace_file(self._path, b"".join(line + b"\n" for line in reversed(list(kept))))


def _moment(changes: list[Change]) -> datetime:
    """When they were made; a line that is none of ours is older than all."""
    return datetime.fromisoformat(changes[0].at) if changes else datetime.min.replace(tzinfo=UTC)


def _changes(line: bytes) -> list[Change]:
    try:
        found = [Change(**record) for record in decoded(line).get("changes", ())]
        return [change for change in found if datetime.fromisoformat(change.at)]
    except (TypeError, ValueError):
        return []
