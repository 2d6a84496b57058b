"""config.yaml, our own global settings; the six that the legacy app shares stand in settings.yaml."""

from dataclasses import fields
from typing import Any

from models.errors import StoreBroken
from models.settings import Config
from storage.data_folder import DataFolder
from storage.file_problem import FileProblem
from storage.map_file import load_map

_NUMBERS = {
    "nice": (0, 19),
    "log_megabytes": (1, 100),
    "log_days": (0, 36_500),
    "log_total_megabytes": (0, 10_000_000),
}


class ConfigStore:
    """Reads the file; people write it."""

    def __init__(self, folder: DataFolder) -> None:
        self._path = folder.config_file

    def load(self) -> Config:
        """The values, defaults for what is not there; `StoreBroken` with line and reason."""
        values, lines = load_map(self._path)
        known = {item.name for item in fields(Config)}
        for key, value in values.items():
            reason = "is not a setting" if key not in known else _fault(key, value)
            if reason:
                line = lines.get((str(key),))
                raise StoreBroken(FileProblem(self._path.name, line, "", f"`{key}` {reason}").sentence)
        return Config(**values)


def _fault(key: str, value: Any) -> str:
    if key in _NUMBERS:
        least, most = _NUMBERS[key]
        is_fine = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return "" if is_fine else f"must be a whole number from {least:,} to {most:,}"
    is_path = isinstance(value, str) and (not value or value.startswith("/"))
    return "" if is_path else "must be an absolute path"
