"""What config.yaml and settings.yaml have in common: a small map, read again only when its file has changed."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Generic, TypeVar

from storage.file_problem import FileProblem
from storage.file_text import FileKey, file_key
from storage.shared_file import best_effort, read_file, replace_file

Values = TypeVar("Values")


class CachedMap(ABC, Generic[Values]):
    """Cached while the file is unchanged. What is wrong in it is named; the last good values stand."""

    def __init__(self, path: Path, kept: Path) -> None:
        self._path, self._kept = path, kept  # `kept` holds the last good content through a restart
        self._key: FileKey | None = None
        self._values: Values | None = None
        self._problems: tuple[FileProblem, ...] = ()

    def load(self) -> Values:
        """The values in force; defaults for what is not in the file."""
        key = file_key(self._path)
        if self._values is None or key != self._key:
            self._values = self._read(key)
            self._key = key
        return self._values

    def problems(self) -> tuple[FileProblem, ...]:
        """What is wrong in the file now."""
        self.load()
        return self._problems

    @abstractmethod
    def _read(self, key: FileKey) -> Values:
        """The values in the file of that key; sets `_problems`."""

    def _keep(self, content: bytes) -> None:
        with best_effort():
            if read_file(self._kept) != content:
                replace_file(self._kept, content)
