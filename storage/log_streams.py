"""The lines of one log file that answer a question, from either end, a little at a time; merging is `log_merge`'s.

A stream gives entries in the order of their keys. One without a line says how far it has looked: whoever merges
streams may give others a turn, or stop and go on from there later.
"""

import re
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from os.path import basename
from typing import NamedTuple, TypeVar

from storage.log_chunks import LARGEST, Chunk, OpenFile, chunks_forward, last_dated, opened
from storage.log_files import LogFile
from storage.log_line import Form, LogLine, Told, text_of
from storage.log_spans import lines_back, lines_on
from utils.needle import literals, matcher

FAR = 1 << 62
Head = re.Match[bytes] | None
Item = TypeVar("Item")
_LAST = 200_000_000_000_000  # ms; no log is from after the year 8000
_PROBLEMS = {"warn": (b"] warning: ", b"] error: "), "error": (b"] error: ",)}
_OWN_PROBLEMS = {"warn": (b"z warn ", b"z error "), "error": (b"z error ",)}
_LEVELS = {"warn": frozenset({"warn", "error"}), "error": frozenset({"error"})}


class Question(NamedTuple):
    """Which lines: `level` is "", "warn" (and worse) or "error"; `since` and `until` (exclusive) in ms since 1970."""

    text: str = ""
    level: str = ""
    since: int = 0
    until: int = FAR

    def literals(self, form: Form) -> tuple[bytes, ...]:
        """Bytes of which one is in every line that answers, in lower case; none where all lines may."""
        if self.text:
            return literals(self.text)
        return (_PROBLEMS if form.is_shared else _OWN_PROBLEMS).get(self.level, ())


class Key(NamedTuple):
    """The place of a line among all: its moment, its file, its offset there. Stays while logs grow."""

    moment: int
    order: str
    offset: int


class Entry(NamedTuple):
    """A line, or how far a stream has come. Where it may not stop, it would have to begin again."""

    key: Key
    line: LogLine | None
    may_stop: bool = True


class Reader:
    """Finds the lines of chunks that answer; remembers where it is in time."""

    def __init__(self, file: LogFile, question: Question, is_backward: bool) -> None:
        self._file, self.form = file, file.form
        self._levels = _LEVELS.get(question.level)
        self.literals = question.literals(file.form)
        self._matches = matcher(question.text) if question.text else None
        self._is_backward = is_backward
        self.moment = file.high if is_backward else file.low

    def entry(self, chunk: Chunk, start: int, end: int, own: Head, dated: Head) -> Entry:
        """Of the line in the chunk; `own` is its head, `dated` that of the line which gives it its time."""
        at = self.take(self.form.told(dated)) if dated else ""
        key = Key(self.moment, self._file.order, chunk.start + start)
        level, start = (self.form.level(own), own.end()) if own else ("info", start)
        if (self._levels and level not in self._levels) or (end <= start and not own):
            return Entry(key, None)
        line = chunk.content[start:end]
        if self._matches and not self._matches(line):
            return Entry(key, None)
        beyond = chunk.end - chunk.start - len(chunk.content) if end == len(chunk.content) - 1 else 0
        return Entry(key, LogLine(at, level, text_of(line, beyond), self._file.job_id))

    def mark(self, chunk: Chunk) -> Key:
        """The key of the chunk's first line."""
        head = self.form.dated.match(chunk.content)
        if head:
            self.take(self.form.told(head))
        return Key(self.moment, self._file.order, chunk.start)

    def end_of(self, chunk: Chunk) -> None:
        """Nothing behind the chunk is older than its last line."""
        place = last_dated(self.form, chunk.content, len(chunk.content))
        head = self.form.dated.match(chunk.content, place) if place >= 0 else None
        if head:
            self.take(self.form.told(head))

    def take(self, told: Told) -> str:
        """The time a line tells; what it counts as never goes against the file's order.

        Of two moments that are possible it is the one on this side of the line that was read before it.
        """
        early, late, early_text, late_text = told
        if not early_text:
            return ""
        if self._is_backward:
            at, text = (late, late_text) if late <= self.moment else (early, early_text)
            if at < self.moment:
                self.moment = max(self._file.low, at)
        else:
            at, text = (late, late_text) if early < self.moment else (early, early_text)
            if at > self.moment:
                self.moment = min(self._file.high, at)
        return text


def backward(file: LogFile, question: Question, before: Key, limit: int, wanted: int) -> Iterator[Entry]:
    """Newest first, only what stands before the key; at most `limit` lines of what is compressed."""
    yield Entry(min(before, Key(file.high, file.order, FAR)), None)
    if file.is_packed:
        yield from _packed_backward(file, question, before, limit)
        return
    reader = Reader(file, question, is_backward=True)
    end = -1
    while end:
        with opened(file) as plain:
            if end < 0:
                end = _first_end(plain, reader, before)
            chunk = plain.before(end, wanted)
        for entry in _entries_back(reader, chunk):
            if entry.key.moment < question.since:
                return
            if entry.key < before and entry.line:
                yield entry
        end, wanted = chunk.start, min(wanted * 4, LARGEST // 4)
        mark = reader.mark(chunk)
        if mark.moment < question.since:
            return
        yield Entry(min(before, mark), None)


def _first_end(plain: OpenFile, reader: Reader, before: Key) -> int:
    if before.moment >= reader.moment:
        return plain.size
    end = plain.end_of(before.moment + _doubt(before.moment))
    stamp = plain.stamp_at(end)
    reader.moment = min(reader.moment, stamp.late) if stamp else reader.moment
    return end


def _doubt(moment: int) -> int:
    """How far around a moment times of a log may mean another one: where a clock repeats an hour, two."""
    shift, second = timedelta(seconds=5400), datetime.fromtimestamp(min(moment, _LAST) // 1000, UTC)
    before, after = ((second + away).astimezone().utcoffset() for away in (-shift, shift))
    return 0 if before == after else 7_200_000


def _entries_back(reader: Reader, chunk: Chunk) -> Iterator[Entry]:
    content, match, place = chunk.content, reader.form.dated.match, FAR
    dated: Head = None
    for start, end in lines_back(content, reader.literals):
        own = match(content, start)
        if own:
            dated, place = own, start
        elif place > start:
            place = last_dated(reader.form, content, start)
            dated = match(content, place) if place >= 0 else None
        yield reader.entry(chunk, start, end, own, dated)


def _packed_backward(file: LogFile, question: Question, before: Key, limit: int) -> Iterator[Entry]:
    """What is compressed can only be read from its beginning, so that is done once and the last lines are kept."""
    here = Entry(min(before, Key(file.high, file.order, FAR)), None, may_stop=False)
    last: deque[Entry] = deque(maxlen=limit)
    for entry in forward(file, question, Key(question.since, "", 0), 1 << 18):
        if entry.key >= before:
            break
        if entry.line:
            last.append(entry)
        else:
            yield here
    yield from reversed(last)


def forward(file: LogFile, question: Question, after: Key, wanted: int) -> Iterator[Entry]:
    """Oldest first, only what stands after the key."""
    yield Entry(max(after, Key(file.low, file.order, -1)), None)
    reader = Reader(file, question, is_backward=False)
    for chunk in chunks_after(file, after, wanted):
        for entry in entries_on(reader, chunk):
            if entry.key.moment >= question.until:
                return
            if entry.key > after and entry.line:
                yield entry
        yield Entry(max(after, Key(reader.moment, file.order, chunk.end - 1)), None)


def next_of(stream: Iterator[Item], file: LogFile, unreadable: list[str]) -> Item | None:
    """A file that was taken away meanwhile has no more lines; one that cannot be read is named."""
    try:
        return next(stream, None)
    except FileNotFoundError:
        return None
    except OSError:
        unreadable.append(basename(file.path))
        return None


def rest_of(stream: Iterator[Item], file: LogFile, unreadable: list[str]) -> Iterator[Item]:
    """As `next_of`, one after the other."""
    try:
        yield from stream
    except FileNotFoundError:
        return
    except OSError:
        unreadable.append(basename(file.path))


def chunks_after(file: LogFile, after: Key, wanted: int) -> Iterator[Chunk]:
    """All in which something may stand after the key."""
    start = 0
    if not file.is_packed and after.moment > file.low:
        with opened(file) as plain:
            start = plain.start_of(after.moment - _doubt(after.moment))
    return chunks_forward(file, start, wanted)


def entries_on(reader: Reader, chunk: Chunk) -> Iterator[Entry]:
    content, match, floor = chunk.content, reader.form.dated.match, 0
    dated: Head = None
    for start, end in lines_on(content, reader.literals):
        own = match(content, start)
        place = start if own else last_dated(reader.form, content, start, floor)
        if place >= 0:
            dated = own or match(content, place)
        floor = start
        yield reader.entry(chunk, start, end, own, dated)
