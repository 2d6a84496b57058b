"""Many jobs of jobs.yaml replaced at once, from blocks that are known already where they fit; it decides nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from models.errors import AppError
from storage import jobs_edit
from storage.jobs_reader import JobsReader
from storage.jobs_reading import Entry, Reading

Values = dict[str, Any]
_Piece = tuple[str, Entry]


def rebuilt(reading: Reading, plan: Mapping[str, Values | None], known: Reading | None, reader: JobsReader) -> Reading:
    """The reading with each job of the plan as it says, None: without it.

    A block of `known` that means just that is taken over as it is, text and meaning.
    """
    pieces = _pieces(known, plan)
    for job_id, values in plan.items():
        if values is None:
            reading = _read(jobs_edit.delete(reading, job_id), reader)
        elif job_id not in pieces:
            reading = _restored(reading, values, reader)
    return _with_pieces(reading, pieces) if pieces else reading


def _pieces(known: Reading | None, plan: Mapping[str, Values | None]) -> dict[str, _Piece]:
    if known is None or known.blocks is None or known.blocks.indent:
        return {}
    pairs = zip(known.blocks.blocks, known.entries, strict=True)
    found = {entry.job_id: (block, entry) for block, entry in pairs if entry.job_id in plan}
    return {job_id: piece for job_id, piece in found.items() if plan[job_id] == piece[1].values}


def _restored(reading: Reading, values: Values, reader: JobsReader) -> Reading:
    try:
        return _read(jobs_edit.restore(reading, values), reader)
    except AppError:  # what cannot be written as YAML stays as it was found
        return reading


def _read(edit: jobs_edit.Edit, reader: JobsReader) -> Reading:
    return edit.reading or reader.read(edit.content)


def _with_pieces(reading: Reading, pieces: dict[str, _Piece]) -> Reading:
    """All known blocks put in at once; those of jobs that are missing come last."""
    blocks = reading.blocks
    if blocks is None or blocks.indent:
        return _one_by_one(reading, pieces)
    present = {entry.job_id for entry in reading.entries}
    pairs = zip(blocks.blocks, reading.entries, strict=True)
    merged = [pieces.get(entry.job_id, (block, entry)) for block, entry in pairs]
    blocks = replace(blocks, blocks=tuple(block for block, _ in merged))
    missing = [piece for job_id, piece in pieces.items() if job_id not in present]
    blocks = blocks.appended(*(block for block, _ in missing))
    merged += missing
    entries = tuple(entry for _, entry in merged)
    jobs = {entry.job.id: entry.job for entry in entries if entry.job is not None}
    return replace(reading, content=blocks.text.encode(), blocks=blocks, entries=entries, jobs=jobs, exists=True)


def _one_by_one(reading: Reading, pieces: dict[str, _Piece]) -> Reading:
    """In an unusual form."""
    reader = JobsReader()
    for _, entry in pieces.values():
        reading = _restored(reading, entry.values, reader)
    return reading
