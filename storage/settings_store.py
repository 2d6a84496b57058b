"""settings.yaml, the six settings shared with the legacy app; our own stand in config.yaml."""

import os
from dataclasses import asdict, replace
from typing import Any

from models.errors import InvalidInput, StoreBroken
from models.settings import Settings
from storage.cached_map import CachedMap
from storage.change_journal import ChangeJournal
from storage.data_folder import DataFolder
from storage.file_lock import FileLock, try_lock
from storage.file_problem import Unreadable
from storage.file_text import ABSENT, FileKey, read_text
from storage.map_edit import sorted_text, with_values
from storage.map_file import read_map
from storage.reassertion import STALE_FOR
from storage.settings_values import FILE, NAMES, changes_to, faults_of, problems_of, undone
from storage.shared_file import best_effort, rewrite_file
from utils.clock import Clock


class SettingsStore(CachedMap[Settings]):
    """settings.yaml, with its lock and the journal of our changes."""

    def __init__(self, folder: DataFolder, clock: Clock | None = None) -> None:
        super().__init__(folder.settings_file, folder.generations / FILE)
        self._lock_path = folder.settings_lock
        self._lock = FileLock(folder.settings_lock)
        self._journal = ChangeJournal(folder.settings_changes_file, clock)

    def save(self, settings: Settings, base: Settings | None = None) -> None:
        """Put what differs into the file, durable; comments, order and other keys stay.

        With `base`, only what differs from that is put there, whatever another program wrote beside it.
        `InvalidInput` by field; `StoreBroken` while the file is broken.
        """
        wanted = asdict(settings)
        if base is not None:
            wanted = {name: value for name, value in wanted.items() if value != getattr(base, name)}
        faults = {name: f"Must be {fault}." for name, fault in faults_of(wanted).items()}
        if faults:
            raise InvalidInput(faults)
        with self._lock.hold():
            change = _Saving(wanted, self._journal)
            written = rewrite_file(self._path, change, witness=change)
            self._keep(written.content)
        values = read_map(written.content)[0]
        self._values = replace(Settings(), **{name: values[name] for name in NAMES if name in values})
        self._key, self._problems = written.key, ()

    def _read(self, key: FileKey) -> Settings:
        former = self._values or self._last_good()
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
            return with_values(content, values, missing) if missing and not faults_of(values) else content
        except (OSError, Unreadable):
            return content

    def _last_good(self) -> Settings:
        """What an earlier process found good, or the defaults."""
        try:
            values, _ = read_map(self._kept.read_bytes())
        except (OSError, Unreadable):
            return Settings()
        return replace(Settings(), **{name: values[name] for name in NAMES if name in values})


class _Saving:
    """What is saved, and what of that is noted in the journal before it is in place."""

    def __init__(self, wanted: dict[str, Any], journal: ChangeJournal) -> None:
        self._wanted, self._journal = wanted, journal
        self._present: bytes | None = None

    def __call__(self, content: bytes | None) -> bytes:
        self._present = content
        return _merged(content, self._wanted)

    def begin(self, _stood: tuple[bytes, ...]) -> None:
        before = read_map(self._present)[0] if self._present is not None else {}
        with best_effort():
            self._journal.begin(changes_to(self._wanted, before))

    def withdraw(self) -> None:
        with best_effort():
            self._journal.withdraw()

    def settle(self) -> None:
        with best_effort():
            self._journal.settle()


def _merged(content: bytes | None, wanted: dict[str, Any]) -> bytes:
    """The file's text with the settings in it; a new file has all of them."""
    if content is None:
        return sorted_text(asdict(Settings()) | wanted)
    try:
        values, lines = read_map(content)
    except Unreadable as error:
        raise StoreBroken(error.problem(FILE).sentence) from error
    problems = problems_of(values, lines)
    if problems:
        raise StoreBroken(problems[0].sentence)
    return with_values(content, values, wanted)
