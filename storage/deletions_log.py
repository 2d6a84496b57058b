"""What a run is about to delete at the source, and what it did: on disk before the file goes; it decides nothing."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from storage.data_folder import DataFolder
from storage.line_file import lines_backwards
from storage.shared_file import sync_folder, unavailable
from utils.clock import Clock, utc_text

Word = Literal["begun", "about", "deleted", "kept", "ended"]


class DeletionsLog:
    """`deletions.jsonl` in the run's folder: one record a line, only ever appended to.

    A name with `about` and neither `deleted` nor `kept` behind it may have been deleted: the run was
    cut off there. `StoreUnavailable` where it cannot be written: then nothing may be deleted.
    """

    def __init__(self, folder: DataFolder, job_id: str, run_id: str, clock: Clock) -> None:
        self._run_id = run_id
        self.path: Path = folder.run_folder(job_id, run_id) / "deletions.jsonl"
        self._clock = clock

    def write(self, what: Word, records: Iterable[dict[str, Any]]) -> None:
        """Append a line for each; durable where it says what is to happen."""
        head = {"at": utc_text(self._clock.now()), "what": what}
        lines = [json.dumps(head | record).encode() + b"\n" for record in records]
        if not lines:
            return
        try:
            self._append(lines, what in ("begun", "about"))
            if what == "begun":
                sync_folder(self.path.parent)
        except OSError as error:
            raise unavailable(self.path, error) from error

    def aside(self, number: int) -> bytes:
        """What the file of that number is called for the moment in which it is deleted."""
        return f".backup-manager-{self._run_id}-{number}".encode()

    def in_hand(self) -> tuple[str, tuple[tuple[int, bytes], ...]]:
        """Where names are rooted, and the files, numbered, that were about to go when the list ended."""
        waiting = []
        for line in lines_backwards(self.path):
            record = json.loads(line)
            if record["what"] != "about" or "n" not in record:
                break
            waiting.append((int(record["n"]), os.fsencode(record["name"])))
        return (self._root(), tuple(waiting)) if waiting else ("", ())

    def _root(self) -> str:
        with self.path.open("rb") as lines:
            return str(json.loads(next(lines))["source"])

    def _append(self, lines: list[bytes], durable: bool) -> None:
        with open(os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600), "ab") as file:
            file.write(b"".join(lines))
            file.flush()
            if durable:
                os.fdatasync(file.fileno())


def named(name: bytes, **more: Any) -> dict[str, Any]:
    """A record of one file; bytes that are no UTF-8 travel as lone surrogates."""
    return {"name": os.fsdecode(name), **more}
