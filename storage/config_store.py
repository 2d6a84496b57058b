"""config.yaml, our own global settings; the six that the legacy app shares stand in settings.yaml."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from models.errors import StoreBroken
from models.settings import Config
from storage.cached_map import CachedMap
from storage.data_folder import DataFolder
from storage.file_lock import FileLock
from storage.file_problem import FileProblem, Unreadable
from storage.file_text import ABSENT, FileKey, file_key, read_text
from storage.map_edit import sorted_text, with_values
from storage.map_file import Lines, read_map
from storage.shared_file import replace_file, rewrite_file

FILE = "config.yaml"
RANGES = {
    "nice": (0, 19),
    "log_megabytes": (1, 100),
    "log_days": (0, 36_500),
    "log_total_megabytes": (0, 10_000_000),
}
_NAMES = tuple(item.name for item in fields(Config))
_FOLDERS = frozenset({"browse_roots"})


class ConfigStore(CachedMap[Config]):
    """config.yaml, with its lock."""

    def __init__(self, folder: DataFolder) -> None:
        super().__init__(folder.config_file, folder.generations / FILE)
        self._lock = FileLock(folder.config_lock)

    def save(self, config: Config, base: Config) -> None:
        """Put what differs from `base` into the file, durable; `StoreBroken` while the file is broken."""
        former = asdict(base)
        wanted = {name: _thawed(value) for name, value in asdict(config).items() if value != former[name]}
        with self._lock.hold():
            if file_key(self._path) == ABSENT:  # a new one is nobody else's, and whole from the first
                replace_file(self._path, sorted_text(wanted))
            written = rewrite_file(self._path, lambda content: self._merged(content, wanted))
        self._values, self._problems = _config(read_map(written.content)[0]), ()
        self._key = written.key
        self._keep(written.content)

    def _read(self, key: FileKey) -> Config:
        former = self._values or self._last_good()
        self._problems = ()
        if key == ABSENT or (key[1] == 0 and not self._kept.exists()):  # absent, or never written
            return Config()
        try:
            content = read_text(self._path)[1]
            values, lines = read_map(content)
        except Unreadable as error:
            self._problems = (error.problem(FILE),)
            return former
        self._problems = _problems_of(values, lines)
        if not self._problems:
            self._keep(content)
        good = {name: _frozen(values[name]) for name in _NAMES if name in values and not _fault(name, values[name])}
        bad = {name: getattr(former, name) for name in _NAMES if name in values and name not in good}
        return replace(Config(), **good, **bad)

    def _merged(self, content: bytes | None, wanted: dict[str, Any]) -> bytes:
        """The file's text with what is wanted in it. One that lost its content is broken, not new."""
        if content is None or (not content and not self._kept.exists()):
            return sorted_text(wanted)
        try:
            values, lines = read_map(content)
        except Unreadable as error:
            raise StoreBroken(error.problem(FILE).sentence) from error
        if problems := _problems_of(values, lines):
            raise StoreBroken(problems[0].sentence)
        return with_values(content, values, wanted)

    def _last_good(self) -> Config:
        """What an earlier process found good, or the defaults."""
        try:
            return _config(read_map(self._kept.read_bytes())[0])
        except (OSError, Unreadable):
            return Config()


def _config(values: Mapping[Any, Any]) -> Config:
    return replace(Config(), **{name: _frozen(values[name]) for name in _NAMES if name in values})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _thawed(value: Any) -> Any:
    """As the file has it."""
    return list(value) if isinstance(value, tuple) else value


def _problems_of(values: dict[Any, Any], lines: Lines) -> tuple[FileProblem, ...]:
    faults = {key: _fault(key, value) for key, value in values.items()}
    return tuple(
        FileProblem(FILE, lines.get((str(key),)), "", f"`{key}` {fault}") for key, fault in faults.items() if fault
    )


def _fault(key: Any, value: Any) -> str:
    if key not in _NAMES:
        return "is not a setting"
    if key in RANGES:
        least, most = RANGES[key]
        is_fine = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return "" if is_fine else f"must be a whole number from {least:,} to {most:,}"
    if key in _FOLDERS:
        is_list = isinstance(value, list) and all(isinstance(one, str) and one.startswith("/") for one in value)
        return "" if is_list else "must be a list of absolute paths"
    is_path = isinstance(value, str) and (not value or value.startswith("/"))
    return "" if is_path else "must be an absolute path"
