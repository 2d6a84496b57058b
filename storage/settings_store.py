"""settings.yaml, the six settings shared with the legacy app; our own stand in config.yaml."""

import os
import re
from dataclasses import asdict, replace
from typing import Any

from models.errors import InvalidInput, StoreBroken
from models.settings import Settings
from storage.change_journal import ChangeJournal
from storage.data_folder import DataFolder
from storage.file_lock import FileLock, try_lock
from storage.file_problem import FileProblem, Unreadable
from storage.file_text import ABSENT, FileKey, file_key, read_text
from storage.map_file import read_map
from storage.reassertion import STALE_FOR
from storage.settings_values import FILE, NAMES, changes_to, faults_of, problems_of, undone
from storage.shared_file import best_effort, read_file, replace_file, rewrite_file
from storage.yaml_scalars import dump_yaml
from utils.clock import Clock


class SettingsStore:
    """Cached while the file is unchanged. What is wrong in it is named; the last good value stands."""

    def __init__(self, folder: DataFolder, clock: Clock | None = None) -> None:
        self._path, self._lock_path = folder.settings_file, folder.settings_lock
        self._kept = folder.generations / FILE
        self._lock = FileLock(folder.settings_lock)
        self._journal = ChangeJournal(folder.settings_changes_file, clock)
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
            change = _Saving(settings, self._journal)
            written = rewrite_file(self._path, change, witness=change)
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
            content = self._made_again(content, former)
            values = read_map(content)[0]
            self._keep(content)
        good = {name: values[name] for name in NAMES if name in values and name not in bad}
        kept = {name: getattr(former, name) for name in bad}
        return replace(Settings(), **good, **kept)

    def _made_again(self, content: bytes, former: Settings) -> bytes:
        """The file with what another program dropped or put back of ours; written, if nobody writes now."""
        again = self._again(content, former)
        if again == content:
            return content
        with best_effort():
            descriptor = try_lock(self._lock_path)
            if descriptor is not None:
                try:
                    rewrite_file(self._path, lambda present: self._again(present or b"", former))
                finally:
                    os.close(descriptor)
        return again

    def _again(self, content: bytes, former: Settings) -> bytes:
        """A content in order with its lacks made up for; any other as it is."""
        try:
            values, _ = read_map(content)
            changes = self._journal.recent(STALE_FOR)
            missing = undone(values, former, changes)
            return _changed(content, values, missing) if missing and not faults_of(values) else content
        except (OSError, Unreadable):
            return content

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


class _Saving:
    """What is saved, and what of that is noted in the journal before it is in place."""

    def __init__(self, settings: Settings, journal: ChangeJournal) -> None:
        self._settings, self._journal = settings, journal
        self._present: bytes | None = None

    def __call__(self, content: bytes | None) -> bytes:
        self._present = content
        return _merged(content, self._settings)

    def begin(self, _stood: tuple[bytes, ...]) -> None:
        before = read_map(self._present)[0] if self._present is not None else {}
        with best_effort():
            self._journal.begin(changes_to(self._settings, before))

    def withdraw(self) -> None:
        with best_effort():
            self._journal.withdraw()

    def settle(self) -> None:
        with best_effort():
            self._journal.settle()


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
    return _changed(content, values, wanted)


def _changed(content: bytes, values: dict[Any, Any], wanted: dict[str, Any]) -> bytes:
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
