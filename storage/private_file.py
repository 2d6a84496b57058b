"""A small JSON file of ours alone, checked as a whole by its type; not what is in it."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from models.errors import StoreBroken
from storage.file_lock import FileLock
from storage.file_problem import Unreadable
from storage.file_text import ABSENT, FileKey, file_key, read_text
from storage.shared_file import best_effort, replace_file

Values = TypeVar("Values")
_log = logging.getLogger(__name__)


class PrivateFile(Generic[Values]):
    """0600, written whole. Read again only when it has changed; safe to use from several processes.

    `is_spare`: people can do without what is in it, so what cannot be read counts as `empty` and is written anew.
    """

    def __init__(
        self, path: Path, lock: Path, kind: TypeAdapter[Values], empty: Values, *, is_spare: bool = False
    ) -> None:
        self._path, self._lock, self._lock_at_once = path, FileLock(lock), FileLock(lock, patience=0)
        self._kind, self._empty, self._is_spare = kind, empty, is_spare
        self._kept: tuple[FileKey, Values] | None = None

    def load(self) -> Values:
        """What is in the file, `empty` where there is none; `StoreBroken` where it is not what it should be."""
        key = file_key(self._path)
        kept = self._kept
        if kept is None or kept[0] != key:
            kept = self._kept = (key, self._read())
        return kept[1]

    def change(self, change: Callable[[Values], Values]) -> Values:
        """Put what `change` makes of the present content in its place, unless it is the same. Durable at return."""
        with self._lock.hold():
            return self._replace(change, durable=True)

    def note(self, change: Callable[[Values], Values]) -> None:
        """The same for what is worth neither a refusal nor a wait: left out where it cannot be written at once."""
        with best_effort(), self._lock_at_once.hold():
            self._replace(change, durable=False)

    def _replace(self, change: Callable[[Values], Values], *, durable: bool) -> Values:
        present = self._read()
        wanted = change(present)
        if wanted != present:
            replace_file(self._path, self._kind.dump_json(wanted, indent=1) + b"\n", durable=durable)
            self._kept = None  # two changes within one tick of the clock may look alike from outside
        return wanted

    def _read(self) -> Values:
        if file_key(self._path) == ABSENT:
            return self._empty
        try:
            return self._kind.validate_json(read_text(self._path)[1])
        except Unreadable as error:
            reason = error.reason
        except ValidationError as error:
            place = ".".join(map(str, error.errors(include_input=False)[0]["loc"]))
            reason = f"it is not what was written{f' (at {place})' if place else ''}"
        return self._without(reason)  # outside, so that no traceback shows what is in the file

    def _without(self, reason: str) -> Values:
        if self._is_spare:
            _log.warning("%s cannot be read and begins anew: %s", self._path.name, reason)
            return self._empty
        raise StoreBroken(
            f"{self._path.name} in the data folder cannot be read: {reason}. Put back a copy of it, or remove it."
        )
