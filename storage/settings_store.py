"""settings.yaml, the six settings shared with the legacy app; our own stand in config.yaml."""

import re
from dataclasses import asdict, fields, replace
from typing import Any

from models.errors import InvalidInput, StoreBroken
from models.settings import Settings
from storage.data_folder import DataFolder
from storage.file_lock import FileLock
from storage.file_problem import FileProblem, Unreadable
from storage.file_text import ABSENT, FileKey, file_key, read_text
from storage.map_file import Lines, read_map
from storage.shared_file import best_effort, read_file, replace_file, rewrite_file
from storage.yaml_scalars import Trap, dump_yaml

FILE = "settings.yaml"
NAMES = tuple(item.name for item in fields(Settings))
_RANGES = {
    "default_bandwidth_limit": (0, 1 << 31),
    "network_check_interval": (5, 86_400),
    "max_retry_attempts": (1, 20),
    "auto_refresh_interval": (1, 60),
}
_MODES = ("fast", "checksum", "verify_after")


class SettingsStore:
    """Cached while the file is unchanged. What is wrong in it is named; the last good value stands."""

    def __init__(self, folder: DataFolder) -> None:
        self._path = folder.settings_file
        self._kept = folder.generations / FILE
        self._lock = FileLock(folder.settings_lock)
        self._key: FileKey | None = None
        self._settings: Settings | None = None
        self._problems: tuple[FileProblem, ...] = ()

    def load(self) -> Settings:
        """The settings in force; defaults for what is not in the file."""
        key = file_key(self._path)
        if self._settings is None or key != self._key:
            self._settings = self._read(key)
            self._key = key
        return self._settings

    def problems(self) -> tuple[FileProblem, ...]:
        """What is wrong in the file now."""
        self.load()
        return self._problems

    def save(self, settings: Settings) -> None:
        """Put what differs into the file, durable; comments, order and other keys stay.

        `InvalidInput` by field; `StoreBroken` while the file is broken.
        """
        faults = {name: f"Must be {fault}." for name, fault in faults_of(asdict(settings)).items()}
        if faults:
            raise InvalidInput(faults)
        with self._lock.hold():
            written = rewrite_file(self._path, lambda content: _merged(content, settings))
            self._keep(written.content)
        self._settings, self._key, self._problems = settings, written.key, ()

    def _read(self, key: FileKey) -> Settings:
        former = self._settings or self._last_good()
        self._problems = ()
        if key == ABSENT:
            return Settings()
        try:
            content = read_text(self._path)[1]
            values, lines = read_map(content)
        except Unreadable as error:
            self._problems = (error.problem(FILE),)
            return former
        self._problems = problems_of(values, lines)
        bad = faults_of(values)
        if not bad:
            self._keep(content)
        good = {name: values[name] for name in NAMES if name in values and name not in bad}
        kept = {name: getattr(former, name) for name in bad}
        return replace(Settings(), **good, **kept)

    def _last_good(self) -> Settings:
        """What an earlier process found good, or the defaults."""
        try:
            values, _ = read_map(self._kept.read_bytes())
        except (OSError, Unreadable):
            return Settings()
        return replace(Settings(), **{name: values[name] for name in NAMES if name in values})

    def _keep(self, content: bytes) -> None:
        with best_effort():
            if read_file(self._kept) != content:
                replace_file(self._kept, content)


def faults_of(values: dict[Any, Any]) -> dict[str, str]:
    """Name → what the value must be, for every known setting with a wrong value."""
    faults = {}
    for name in NAMES:
        if name in values and (wanted := _wanted(name, values[name])):
            faults[name] = wanted
    return faults


def _wanted(name: str, value: Any) -> str:
    if name == "auto_start_on_launch":
        return "" if isinstance(value, bool) else "true or false"
    if name == "verification_mode":
        return "" if value in _MODES else "fast, checksum or verify_after"
    low, high = _RANGES[name]
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return "" if is_number and low <= value <= high else f"a whole number from {low:,} to {high:,}"


def problems_of(values: dict[Any, Any], lines: Lines) -> tuple[FileProblem, ...]:
    return tuple(
        FileProblem(FILE, lines.get((name,)), "", f"`{name}` is {_shown(values[name])}, must be {wanted}")
        for name, wanted in faults_of(values).items()
    )


def _shown(value: Any) -> str:
    return str(value) if isinstance(value, Trap) else dump_yaml(value).split("\n")[0][:60]


def _merged(content: bytes | None, settings: Settings) -> bytes:
    """The file's text with the settings in it."""
    wanted = asdict(settings)
    if content is None:
        return _sorted(wanted)
    try:
        values, lines = read_map(content)
    except Unreadable as error:
        raise StoreBroken(error.problem(FILE).sentence) from error
    problems = problems_of(values, lines)
    if problems:
        raise StoreBroken(problems[0].sentence)
    text = content.decode()
    for name, value in wanted.items():
        if name not in values or values[name] != value:
            text = _with_line(text, name, value)
    return _checked(text, {**values, **wanted})


def _with_line(text: str, name: str, value: Any) -> str:
    line = dump_yaml({name: value}).rstrip("\n")
    pattern = re.compile(rf"^{name}:[^#\n]*?([ \t]+#.*)?$", re.MULTILINE)
    changed, count = pattern.subn(lambda match: line + (match[1] or ""), text, count=1)
    if count:
        return changed
    return f"{text}{'' if text.endswith(chr(10)) else chr(10)}{line}\n"


def _checked(text: str, values: dict[Any, Any]) -> bytes:
    """The text if it means the values; else the values in the legacy app's form."""
    try:
        if read_map(text.encode())[0] == values:
            return text.encode()
    except Unreadable:
        pass
    return _sorted(values)


def _sorted(values: dict[Any, Any]) -> bytes:
    return dump_yaml({name: values[name] for name in sorted(values, key=str)}).encode()
