"""Changes of jobs.yaml worked out as a new text and its journal entries; nothing is written here."""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from models.errors import AppError, JobNotFound
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
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Edit:
    """A new content and what was changed in it. `reading` is what it reads as, where that is known."""

    content: bytes
    changes: tuple[Change, ...]
    reading: Reading | None = None


def create(reading: Reading, job: Job) -> Edit:
    """With one more job, at the end."""
    if job.id in reading.jobs:
        raise AppError("A job with this id exists already.")
    values = values_of_new(job)
    text = dump_yaml([values])
    if read_block(text).job != job:
        raise AppError(UNFIT)
    change = Change(job.id, "job", None, text)
    if reading.blocks is None:
        return Edit(_whole(reading, lambda items: [*items, values]), (change,))
    blocks = reading.blocks.appended(_indented(text, reading.blocks.indent))
    return Edit(blocks.text.encode(), (change,))


def delete(reading: Reading, job_id: str) -> Edit:
    """Without the job; comments between jobs stay."""
    index = _index(reading, job_id)
    change = Change(job_id, "job", dump_yaml([reading.entries[index].values]), None)
    if reading.blocks is None:
        content = _whole(reading, lambda items: [*items[:index], *items[index + 1 :]])
        return Edit(content, (change,))
    return Edit(reading.blocks.removed(index).text.encode(), (change,))


def update(reading: Reading, job: Job, stamp: str) -> Edit:
    """With the job's definition; status, figures and keys that are not ours stay."""
    index = _index(reading, job.id)
    old, values = reading.jobs[job.id], dict(reading.entries[index].values)
    for name in ("name", "source", "dest", "type"):
        values[name] = getattr(job, name)
    values["settings"] = merged_settings(values.get("settings", {}), old.settings, job.settings)
    return _changed(reading, index, values | {"updated_at": stamp})


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
    """A journal entry for each key that differs, its values as YAML text."""
    return tuple(
        Change(str(new["id"]), str(key), _text(old, key), _text(new, key))
        for key in {**old, **new}
        if old.get(key) != new.get(key) or (key in old) != (key in new)
    )


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
