"""Changes of jobs.yaml worked out as a new text and its journal entries; nothing is written here."""

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from models.errors import AppError, JobChanged, JobNotFound
from models.job import Job
from models.progress import Progress
from storage.block_segments import segments
from storage.change_journal import Change
from storage.job_document import merged_settings, values_of_new
from storage.jobs_reader import read_block
from storage.jobs_reading import Reading
from storage.status_text import FIGURE_NAMES, NotPlain, changed_fields, legacy_figures, with_status
from storage.yaml_blocks import NotBlocks, trailing_comments
from storage.yaml_scalars import UNFIT, dump_yaml

Values = dict[str, Any]
SETTINGS = "settings."
_NO_JOB = Job("", "", "", "", "")
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Edit:
    """A new content and what was changed in it. `reading` is what it reads as, where that is known."""

    content: bytes
    changes: tuple[Change, ...]
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Addition:
    """A new job as values and as the text of its block."""

    job_id: str
    values: Values
    text: str


def as_expected(reading: Reading, expected: Job | None) -> Reading:
    """The reading, if that job in it is still what somebody has read (None: whatever it is); else `JobChanged`."""
    present = reading.jobs.get(expected.id) if expected else None
    if expected and present and present.definition != expected.definition:
        raise JobChanged
    return reading


def nothing(reading: Reading) -> Edit:
    """As it is read."""
    return Edit(reading.content, (), reading)


def addition(job: Job) -> Addition:
    """A job that is not in the file yet; `AppError` where no file can hold it."""
    values = values_of_new(job)
    text = dump_yaml([values])
    if read_block(text).job != job:
        raise AppError(UNFIT)
    return Addition(job.id, values, text)


def create(reading: Reading, additions: Sequence[Addition]) -> Edit:
    """With more jobs, at the end."""
    if any(new.job_id in reading.jobs for new in additions):
        raise AppError("A job with this id exists already.")
    blocks = reading.blocks
    if blocks is None:
        content = _whole(reading, lambda items: [*items, *(new.values for new in additions)])
    else:
        content = blocks.appended(*(_indented(new.text, blocks.indent) for new in additions)).text.encode()
    return Edit(content, tuple(Change(new.job_id, "job", None, new.text) for new in additions))


def delete(reading: Reading, job_id: str) -> Edit:
    """Without the job; comments between jobs stay."""
    index = _index(reading, job_id)
    change = Change(job_id, "job", dump_yaml([reading.entries[index].values]), None)
    if reading.blocks is None:
        content = _whole(reading, lambda items: [*items[:index], *items[index + 1 :]])
        return Edit(content, (change,))
    return Edit(reading.blocks.removed(index).text.encode(), (change,))


def update(reading: Reading, job: Job, base: Job | None, stamp: str) -> Edit:
    """With the job's definition; status, figures and keys that are not ours stay.

    `base` is the job as the caller read it: what is as it was there stays as it is in the file,
    for somebody else may have changed it since.
    """
    index = _index(reading, job.id)
    old, values = base or reading.jobs[job.id], dict(reading.entries[index].values)
    for name in ("name", "source", "dest", "type"):
        if getattr(job, name) != getattr(old, name):
            values[name] = getattr(job, name)
    values["settings"] = merged_settings(values.get("settings", {}), old.settings, job.settings)
    return _changed(reading, index, values | {"updated_at": stamp})


def restore(reading: Reading, values: Values) -> Edit:
    """With the values as the job's; a job that is not there comes last."""
    job_id = str(values["id"])
    if any(entry.job_id == job_id for entry in reading.entries):
        return _changed(reading, _index(reading, job_id), values)
    text = dump_yaml([values])
    if reading.blocks is None:
        return Edit(_whole(reading, lambda items: [*items, values]), ())
    return Edit(reading.blocks.appended(_indented(text, reading.blocks.indent)).text.encode(), ())


def differences(old: Reading, new: Reading, only: Container[str] | None = None) -> tuple[Change, ...]:
    """The journal entries that lead from one reading to another, `only` for those jobs."""
    before = {entry.job_id: entry.values for entry in old.entries}
    after = {entry.job_id: entry.values for entry in new.entries}
    found: list[Change] = []
    for job_id in {**before, **after}:
        if only is not None and job_id not in only:
            continue
        was, now = before.get(job_id), after.get(job_id)
        if was is None or now is None:
            found.append(Change(job_id, "job", was and dump_yaml([was]), now and dump_yaml([now])))
        elif was != now:
            found += _differences(was, now)
    return tuple(found)


def set_status(reading: Reading, job_id: str, status: str, progress: Progress | None, stamp: str) -> Edit:
    """With another status and, unless they are None, other figures of the job."""
    index = _index(reading, job_id)
    values = dict(reading.entries[index].values)
    figures = dict.fromkeys(FIGURE_NAMES, 0) | values.get("progress", {})
    if progress is not None:
        figures |= legacy_figures(progress)
    if "status" in figures:
        figures["status"] = status
    values |= {"status": status, "progress": figures, "updated_at": stamp}
    if reading.blocks is not None:
        block = reading.blocks.blocks[index]
        with suppress(NotPlain):
            changed = with_status(block, status, progress, stamp)
            fields = changed_fields(block, changed).items()
            return _spliced(reading, index, changed, values, [Change(job_id, key, *texts) for key, texts in fields])
    return _changed(reading, index, values)


def set_figures(reading: Reading, figures: Mapping[str, Progress], stamp: str) -> Edit:
    """With other figures of those jobs that it calls running."""
    edit = Edit(reading.content, (), reading)
    for job_id, progress in figures.items():
        if (edit.reading or reading).jobs.get(job_id, _NO_JOB).status == "running":
            changed = set_status(edit.reading or reading, job_id, "running", progress, stamp)
            if changed.reading is not None:
                edit = Edit(changed.content, (*edit.changes, *changed.changes), changed.reading)
    return edit


def _index(reading: Reading, job_id: str) -> int:
    try:
        return reading.index_of(job_id)
    except ValueError:
        raise JobNotFound from None


def _changed(reading: Reading, index: int, values: Values) -> Edit:
    """With other values of one job, its keys that stay the same untouched as text."""
    if reading.blocks is None:
        old = reading.entries[index].values
        content = _whole(reading, lambda items: [*items[:index], values, *items[index + 1 :]])
        return Edit(content, _differences(old, values))
    block = reading.blocks.blocks[index]
    fresh = _indented(dump_yaml([values]), reading.blocks.indent) + trailing_comments(block)
    changes = _differences(reading.entries[index].values, values)
    for text in (_edited(block, reading.entries[index].values, values), fresh):
        with suppress(NotPlain):
            return _spliced(reading, index, text, values, changes)
    raise AppError(UNFIT)


def _edited(block: str, old: Values, new: Values) -> str:
    """The block with the keys that differ replaced; as it was, where it has no usual form."""
    try:
        parts = segments(block)
    except NotBlocks:
        return block
    for key, value in new.items():
        if key not in old or old[key] != value:
            parts = parts.replaced(key, dump_yaml({key: value}))
    return parts.text


def _spliced(reading: Reading, index: int, block: str, values: Values, changes: Iterable[Change]) -> Edit:
    """With another text of one job, once that text is seen to mean the values; else `NotPlain`."""
    entry = read_block(block)
    if reading.blocks is None or entry.job is None or entry.values != values:
        raise NotPlain
    blocks = reading.blocks.replaced(index, block)
    content = blocks.text.encode()
    return Edit(content, tuple(changes), reading.with_entry(index, blocks, entry, content))


def _differences(old: Values, new: Values) -> tuple[Change, ...]:
    """A journal entry for each key that differs, its values as YAML text; settings are told apart."""
    job_id = str(new["id"])
    before, after = flat(old), flat(new)
    return tuple(
        Change(job_id, key, _text(before, key), _text(after, key))
        for key in {**before, **after}
        if before.get(key) != after.get(key) or (key in before) != (key in after)
    )


def flat(values: Values) -> Values:
    """The values of a job with its settings beside its other keys, as `settings.<key>`."""
    settings = values.get("settings")
    if not isinstance(settings, dict):
        return values
    rest = {str(key): value for key, value in values.items() if key != "settings"}
    return rest | {f"{SETTINGS}{key}": value for key, value in settings.items()}


def _text(values: Values, key: str) -> str | None:
    return dump_yaml({key: values[key]}) if key in values else None


def _whole(reading: Reading, change: Callable[[list[Any]], list[Any]]) -> bytes:
    """A file in an unusual form comes out in the usual one, with its comments gathered at the top."""
    comments = "".join(f"{line.strip()}\n" for line in _COMMENT.findall(reading.content.decode()))
    whole = dict(reading.whole)
    whole["jobs"] = change([entry.values for entry in reading.entries])
    return (comments + dump_yaml(whole)).encode()


def _indented(text: str, indent: int) -> str:
    margin = " " * indent
    lines = text.splitlines(keepends=True)
    return "".join(margin + line if line.strip() else line for line in lines)
