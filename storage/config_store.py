"""config.yaml, our own global settings; the six that the legacy app shares stand in settings.yaml."""

from dataclasses import fields
from typing import Any

from models.errors import StoreBroken
from models.settings import Config
from storage.data_folder import DataFolder
from storage.file_problem import FileProblem
from storage.map_file import load_map


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
    if key == "nice":
        is_fine = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 19
        return "" if is_fine else "must be a whole number from 0 to 19"
    is_path = isinstance(value, str) and (not value or value.startswith("/"))
    return "" if is_path else "must be an absolute path"
