"""Finds which lately made changes of ours a foreign jobs.yaml has undone, and makes them again; writes nothing."""

from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from storage.change_journal import Change
from storage.file_problem import Unreadable
from storage.jobs_edit import SETTINGS, flat
from storage.jobs_reader import JobsReader
from storage.jobs_reading import Reading
from storage.jobs_rebuilding import rebuilt
from storage.strict_yaml import read_yaml
from storage.yaml_scalars import dump_yaml

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
        self.changes: list[Change] = []

    def take(self, change: Change) -> None:
        self.olds.append(_value(change.old))
        self.ours = _value(change.new)
        self.changes.append(change)

    def is_undone_by(self, value: Any) -> bool:
        return value != self.ours and value in self.olds

    def again(self, value: Any) -> Change:
        """What leads from an old value to ours; as late as the last change that it undoes."""
        last = len(self.olds) - 1 - self.olds[::-1].index(value)
        return self.changes[last]._replace(new=self.changes[-1].new)


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
        self.last = Change(job_id, "job", None, None)

    def take(self, change: Change) -> None:
        if change.field != "job":
            self.fields.setdefault(change.field, _Field()).take(change)
            return
        self.last = change
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
        """Whether the status went back by a click: the entry has a new time of its own, and all else is
        as we knew it, so that it was not read before our change."""
        stamp = self.fields.get("updated_at")
        if known is None or stamp is None or "updated_at" in undone:
            return False
        others = flat(known)
        if present.get("updated_at") in (stamp.ours, others.get("updated_at")):
            return False
        return all(
            present.get(name, _ABSENT) == others.get(name, _ABSENT)
            for name in {**present, **others}
            if name not in _OF_A_RUN
        )

    def is_back(self, values: Values) -> bool:
        """Whether a job that we removed stands there unchanged: with what we had changed before, or as it is.

        What was removed again may be older than the changes that are known, so that correcting it would make a third.
        """
        return any(
            all(found.get(key) == removed.get(key) for key in _LEGACY_KEYS if key in removed)
            for found in (values, self.corrected(values))
            for removed in self.removed
        )


class Ours:
    """Our late changes by job; built once for as many comparisons as there are."""

    def __init__(self, changes: tuple[Change, ...] = ()) -> None:
        self.changes = changes
        self.jobs: dict[str, _Job] = {}
        for change in changes:
            self.jobs.setdefault(change.job_id, _Job(change.job_id)).take(change)


def reasserted(
    reading: Reading, ours: Ours, reader: JobsReader, known: Reading | None = None, noted_since: str = ""
) -> Correction:
    """The reading with what it undid made again; the same object where it undid nothing.

    `ours` are the changes of the last `STALE_FOR` seconds; `known` is the file as it was last seen
    in order. What was changed, or made again, `noted_since` is not named as a change once more.
    """
    before = {entry.job_id: entry.values for entry in known.entries if entry.job_id in ours.jobs} if known else {}
    present = {entry.job_id: entry.values for entry in reading.entries if entry.job_id in ours.jobs}
    plan: dict[str, Values | None] = {}
    again: list[Change] = []
    for job in ours.jobs.values():
        values = present.get(job.id)
        wanted = _wanted(job, values, before.get(job.id))
        if wanted is not values:
            plan[job.id] = wanted
            again += _again(job, values, wanted, noted_since)
    return Correction(rebuilt(reading, plan, known, reader), tuple(again)) if plan else Correction(reading)


def _wanted(job: _Job, values: Values | None, known: Values | None) -> Values | None:
    """What the job has to be; the same object where it may stay as it is."""
    if values is None:
        return None if job.made is None else job.corrected(job.made)
    if job.is_back(values):
        return None
    return values if job.removed else job.corrected(values, known)


def _again(job: _Job, values: Values | None, wanted: Values | None, noted_since: str) -> list[Change]:
    if values is None or wanted is None:
        if not _is_worth_noting(job.last, noted_since):
            return []
        return [Change(job.id, "job", values and dump_yaml([values]), wanted and dump_yaml([wanted]))]
    present, after = flat(values), flat(wanted)
    differing = [name for name in job.fields if present.get(name, _ABSENT) != after.get(name, _ABSENT)]
    changes = [job.fields[name].again(present.get(name, _ABSENT)) for name in differing]
    return [change for change in changes if _is_worth_noting(change, noted_since)]


def _is_worth_noting(change: Change, noted_since: str) -> bool:
    """Whether it was last made, or noted, a while ago; what is told for seconds only is not drawn out."""
    return change.at < noted_since and not change.seconds


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
