"""Reads the audit log newest first, from any place on, without reading what lies outside the time asked for."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from models.audit import AuditRecord, audit_from_json
from storage.audit_log import audit_file, audit_parts
from storage.data_folder import DataFolder
from utils.clock import parse_utc, utc_text

_CHUNK = 1 << 16
_AT = slice(7, 31)  # where the moment stands in a line: `{"at":"2026-11-21T07:02:04.123Z",…`
_HEAD = re.compile(rb'\{"at":"[12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"')
_ACCOUNT = re.compile(rb'"account":"((?:[^"\\]|\\.)*)"')
_PLAIN = re.compile(r"[\w.@ -]+", re.ASCII)
_ASTRAY = timedelta(days=1)  # how far a clock may have been put back and its records are found all the same
_CURSOR = re.compile(r"(\d{1,12})\.(\d{1,15})", re.ASCII)


class Place(NamedTuple):
    """Where a line begins: the number of its part, and the byte. It stays good when parts are renamed."""

    part: int
    offset: int

    @property
    def cursor(self) -> str:
        return f"{self.part}.{self.offset}"


def place_of(cursor: str) -> Place | None:
    """None for what is no cursor."""
    match = _CURSOR.fullmatch(cursor)
    return Place(int(match[1]), int(match[2])) if match else None


class Wanted(NamedTuple):
    """What is asked for; "" asks for everything.

    `account` is a part of the name in any case, `action` a word, or its beginning up to and with the dot. `since` and
    `until` are UTC text; the end is not in it.
    """

    account: str = ""
    action: str = ""
    outcome: str = ""
    since: str = ""
    until: str = ""

    def fits(self, record: AuditRecord) -> bool:
        return (
            self.account.casefold() in record.account.casefold()
            and (record.action.startswith(self.action) if self.action.endswith(".") else self._is_action(record))
            and self.outcome in ("", record.outcome)
        )

    def _is_action(self, record: AuditRecord) -> bool:
        return self.action in ("", record.action)


Found = tuple[Place, AuditRecord | None]


def newest_first(folder: DataFolder, wanted: Wanted, before: Place | None = None) -> Iterator[Found]:
    """Every line before that place that lies in the time asked for: its record, or None where it does not answer.

    A line that is no record, as a kill may leave one, answers nothing. OSError where the log cannot be read.
    """
    since = _moved(wanted.since, -_ASTRAY)
    for part, descriptor in _opened(folder, before):
        try:
            end = min(os.fstat(descriptor).st_size, before.offset if before and before.part == part else 1 << 62)
            if wanted.until and _first_moment(descriptor) > _moved(wanted.until, _ASTRAY):
                continue
            newest = b""
            for offset, line in lines_before(descriptor, end):
                newest = newest or (line[_AT] if _HEAD.match(line) else b"")
                yield Place(part, offset), _answer(line, wanted)
            if newest and newest < since:
                return
        finally:
            os.close(descriptor)


def _opened(folder: DataFolder, before: Place | None) -> Iterator[tuple[int, int]]:
    """The parts' numbers and open descriptors, newest first; the caller closes them.

    The newest is opened before the others are listed: should it be put away in between, it is met among them.
    """
    current = _open(audit_file(folder))
    parts = audit_parts(folder)
    number = parts[-1][0] + 1 if parts else 1
    if current is not None and parts and _is_same(current, parts[-1][1]):
        number = parts.pop()[0]
    if current is not None:
        if before is None or number <= before.part:
            yield number, current
        else:
            os.close(current)
    for number, path in reversed(parts):
        if before is None or number <= before.part:
            descriptor = _open(path)
            if descriptor is not None:
                yield number, descriptor


def _open(path: Path) -> int | None:
    """None for one that is gone: the oldest go while somebody reads."""
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None


def _is_same(descriptor: int, path: Path) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(descriptor), path.stat())
    return False


def _moved(moment: str, by: timedelta) -> bytes:
    return utc_text(parse_utc(moment) + by).encode() if moment else b""


def _first_moment(descriptor: int) -> bytes:
    head = os.pread(descriptor, _AT.stop, 0)
    return head[_AT] if _HEAD.match(head + b'"') else b""


def lines_before(descriptor: int, end: int) -> Iterator[tuple[int, bytes]]:
    """The lines before that byte, last first, each with where it begins; empty ones are passed over."""
    rest, position = b"", end
    while position > 0:
        start = max(0, position - _CHUNK)
        piece = os.pread(descriptor, position - start, start) + rest
        lines, at = piece.split(b"\n"), start + len(piece)
        for line in reversed(lines[1:]):
            at -= len(line)
            if line:
                yield at, line
            at -= 1
        rest, position = lines[0], start
    if rest:
        yield 0, rest


def _may_answer(line: bytes, wanted: Wanted) -> bool:
    """By what stands in the line; no value can look like a field, as its quotes are escaped."""
    for name, value in (("action", wanted.action), ("outcome", wanted.outcome)):
        if value and f'"{name}":"{value}'.encode() not in line:
            return False
    if not wanted.account or not _PLAIN.fullmatch(wanted.account):
        return True
    found = _ACCOUNT.search(line)
    return found is not None and (b"\\" in found[1] or wanted.account.lower().encode() in found[1].lower())


def _answer(line: bytes, wanted: Wanted) -> AuditRecord | None:
    """Most lines are sorted out as they stand, since taking one apart takes ten times as long."""
    is_later = wanted.until and line[_AT] >= wanted.until.encode()
    if not _HEAD.match(line) or line[_AT] < wanted.since.encode() or is_later or not _may_answer(line, wanted):
        return None
    with suppress(ValueError, TypeError, RecursionError):
        record = audit_from_json(json.loads(line))
        return record if wanted.fits(record) else None
    return None
