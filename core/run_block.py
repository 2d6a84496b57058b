"""A table of runs as one block of bytes and back, many times faster than line by line; not where it is kept."""

import json
import sys
from array import array
from collections.abc import Callable

from core.job_past import RULES, Past
from core.run_columns import Columns
from core.run_table import ROW_BYTES, RunTable
from models.run import RunState

# What was written in another layout, or by other rules, is none of ours.
_LAYOUT = f"1 {sys.byteorder} {ROW_BYTES} {RULES}"
_FACTS = ("number", "end", "last", "last_good", "proof", "unproven", "settling", "sent_bytes")
_STEP = len(_FACTS) + 2  # and how many rows and backups there are
_LENGTH = 8  # bytes before each part that say how long it is


def packed(table: RunTable, breathe: Callable[[], object]) -> bytes:
    """All of a table, which has no gaps; `breathe` is called now and then."""
    columns = table.columns()
    numbers, rows, backups = array("q"), array("I"), array("I")
    for past in columns.pasts:
        numbers.extend((*(getattr(past, fact) for fact in _FACTS), len(past.rows), len(past.backups)))
        rows += past.rows
        backups += past.backups
        breathe()
    texts = [_LAYOUT, columns.ids, columns.combinations, columns.job_ids, columns.names]
    parts = [json.dumps(texts).encode(), columns.rows]
    breathe()
    parts += [part.tobytes() for part in (columns.codes, columns.jobs, columns.moments, numbers, rows, backups)]
    return b"".join(len(part).to_bytes(_LENGTH, "little") + part for part in parts)


def unpacked(block: bytes) -> RunTable:
    """The table that was packed; `ValueError` for b"" and for a block of another layout.

    Otherwise it has to be as it was written: a checksum says so beforehand.
    """
    texts, table_rows, *arrays = _parts(block)
    layout, ids, combinations, job_ids, names = json.loads(texts)
    if layout != _LAYOUT:
        raise ValueError(layout)
    codes, jobs, moments, numbers, rows, backups = map(_array, "HIqqII", arrays)
    pasts, row, backup = list[Past](), 0, 0
    for at in range(0, len(numbers), _STEP):
        *facts, runs, found = numbers[at : at + _STEP]
        past = Past(rows=rows[row : row + runs], backups=backups[backup : backup + found])
        for fact, value in zip(_FACTS, facts, strict=True):
            setattr(past, fact, value)
        pasts.append(past)
        row, backup = row + runs, backup + found
    known = [(kind, RunState(state), engine) for kind, state, engine in combinations]
    return RunTable.of(Columns(ids, table_rows, codes, jobs, moments, known, job_ids, names, pasts))


def _parts(block: bytes) -> list[bytes]:
    parts, at = list[bytes](), 0
    while at < len(block):
        size = int.from_bytes(block[at : at + _LENGTH], "little")
        parts.append(block[at + _LENGTH : at + _LENGTH + size])
        at += _LENGTH + size
    return parts


def _array(kind: str, part: bytes) -> "array[int]":
    found: array[int] = array(kind)
    found.frombytes(part)
    return found
