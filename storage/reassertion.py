"""Finds which lately made changes of ours a foreign jobs.yaml has undone, and makes them again; writes nothing."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from models.errors import AppError
from storage import jobs_edit
from storage.change_journal import Change
from storage.file_problem import Unreadable
from storage.jobs_edit import SETTINGS, differences, flat
from storage.jobs_reader import JobsReader
from storage.jobs_reading import Reading
from storage.strict_yaml import read_yaml

STALE_FOR = 30.0  # seconds: how long a foreign writer may sit on what it has read
Values = dict[str, Any]
_ABSENT = object()
_LEGACY_KEYS = (
    "id", "name", "source", "dest", "type", "status", "progress", "settings", "created_at", "updated_at",
)  # fmt: skip
_OF_A_RUN = ("status", "progress", "updated_at")


class _Field:
    """What we made of one field: the values it had before each of our changes, and the last one."""

    def __init__(self) -> None:
        self.olds: list[Any] = []
        self.ours: Any = _ABSENT

    def take(self, old: Any, new: Any) -> None:
        self.olds.append(old)
        self.ours = new

    def is_undone_by(self, value: Any) -> bool:
        return value != self.ours and value in self.olds


@dataclass(frozen=True, slots=True)
class Correction:
    """A reading with ours in it again, and what was changed for that, which is a change of ours too."""

    reading: Reading
    changes: tuple[Change, ...] = ()


class _Job:
    """What we did to one job: `made` holds it as we last put it there, `removed` as we took it away."""

    def __init__(self, job_id: str) -> None:
        self.id = job_id
        self.made: Values | None = None
        self.removed: list[Values] = []
        self.fields: dict[str, _Field] = {}

    def take(self, change: Change) -> None:
        if change.field != "job":
            self.fields.setdefault(change.field, _Field()).take(_value(change.old), _value(change.new))
            return
        self.made, removed = _job(change.new), _job(change.old)
        self.removed = [] if removed is None else [*self.removed, removed]

    def corrected(self, values: Values, known: Values | None = None) -> Values:
        """The values with our changes in them again; the same object where none is undone."""
        present = flat(values)
        undone = [name for name, field in self.fields.items() if field.is_undone_by(present.get(name, _ABSENT))]
        if "status" in undone and self._is_wish(present, undone, known):
            undone = [name for name in undone if name not in _OF_A_RUN]
        return _with(values, {name: self.fields[name].ours for name in undone}) if undone else values

    def _is_wish(self, present: Values, undone: list[str], known: Values | None) -> bool:
        """Whether the status went back by a click: the entry has a time of its own, and all else is
        as we knew it, so that it was not read before our change."""
        stamp = self.fields.get("updated_at")
        if known is None or stamp is None or "updated_at" in undone or present.get("updated_at") == stamp.ours:
            return False
        others = flat(known)
        return all(
            present.get(name, _ABSENT) == others.get(name, _ABSENT)
            for name in {**present, **others}
            if name not in _OF_A_RUN
        )

    def is_back(self, values: Values) -> bool:
        """Whether a job that we removed stands there unchanged."""
        found = self.corrected(values)
        return any(
            all(found.get(key) == removed.get(key) for key in _LEGACY_KEYS if key in removed)
            for removed in self.removed
        )


def reasserted(
    reading: Reading, changes: Iterable[Change], reader: JobsReader, known: Reading | None = None
) -> Correction:
    """The reading with what it undid made again; the same object where it undid nothing.

    `changes` are ours of the last `STALE_FOR` seconds, oldest first; `known` is the file as it was
    last seen in order.
    """
    ours: dict[str, _Job] = {}
    for change in changes:
        ours.setdefault(change.job_id, _Job(change.job_id)).take(change)
    if not ours:
        return Correction(reading)
    before = {entry.job_id: entry.values for entry in known.entries if entry.job_id in ours} if known else {}
    present = {entry.job_id: entry.values for entry in reading.entries if entry.job_id in ours}
    found = reading
    for job in ours.values():
        reading = _settled(reading, job, present.get(job.id), before.get(job.id), reader)
    return Correction(reading, differences(found, reading, ours) if reading is not found else ())


def _settled(reading: Reading, job: _Job, values: Values | None, known: Values | None, reader: JobsReader) -> Reading:
    try:
        if values is None:
            return reading if job.made is None else _read(jobs_edit.restore(reading, job.corrected(job.made)), reader)
        if job.is_back(values):
            return _read(jobs_edit.delete(reading, job.id), reader)
        wanted = job.corrected(values, known) if not job.removed else values
        return reading if wanted is values else _read(jobs_edit.restore(reading, wanted), reader)
    except AppError:  # what cannot be written as YAML stays as it was found
        return reading


def _read(edit: jobs_edit.Edit, reader: JobsReader) -> Reading:
    return edit.reading or reader.read(edit.content)


def _with(values: Values, changed: Values) -> Values:
    """Other values for some fields, settings among them."""
    result = dict(values)
    for name, value in changed.items():
        place = result
        if name.startswith(SETTINGS):
            place = result["settings"] = dict(result.get("settings") or {})
        key = name.removeprefix(SETTINGS)
        place.pop(key, None) if value is _ABSENT else place.update({key: deepcopy(value)})
    return result


def _job(text: Any) -> Values | None:
    values = _parsed(text) if isinstance(text, str) else None
    return dict(values[0]) if isinstance(values, list) and values and isinstance(values[0], dict) else None


def _value(text: Any) -> Any:
    values = _parsed(text) if isinstance(text, str) else None
    return next(iter(values.values()), _ABSENT) if isinstance(values, dict) else _ABSENT


@lru_cache(maxsize=8192)
def _parsed(text: str) -> Any:
    try:
        return read_yaml(text)
    except Unreadable:
        return None
