"""Pages of log lines and all of them in a row: what a person asks of the logs, whatever their size; changes nothing.

A page is found within a deadline; where that does not suffice it says how far it has looked, and the next goes on
there.
"""

import re
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from storage.log_files import LogFile
from storage.log_line import LogLine
from storage.log_merge import Merge
from storage.log_rows import Row, Rows
from storage.log_streams import Entry, Key, Question
from utils.text import visible
from utils.turns import Turns

PAGE = 500
_CURSOR = re.compile(r"(\d{1,19})\.(-?\d{1,19})\.([\w.~-]{0,200})", re.ASCII)
_PATIENCE = 0.04  # seconds after which it is worth while to ask which files hold the text at all
_LARGE = 32 << 20
_NEWEST = 250  # files that are looked at first
Holders = Callable[[bytes, list[str]], list[str]]


class LogPage(NamedTuple):
    """Lines, oldest first. `older` and `newer` are cursors ("" = there is nothing there).

    `reached` is the moment, in ms since 1970, that the search had come to when its time was up (0 = it was not).
    """

    entries: tuple[Entry, ...]
    older: str = ""
    newer: str = ""
    reached: int = 0
    unreadable: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[LogLine, ...]:
        return tuple(entry.line for entry in self.entries if entry.line)


def cursor_of(key: Key) -> str:
    """For an address; it stays good while logs grow and are put away."""
    return f"{key.moment}.{key.offset}.{key.order}"


def key_of(cursor: str) -> Key | None:
    """None for what is no cursor."""
    match = _CURSOR.fullmatch(cursor)
    return Key(int(match[1]), match[3], int(match[2])) if match else None


class LogSearch:
    """`give_way` is called between pieces of work; `holders` tells which files hold a text, those in doubt included."""

    def __init__(
        self, give_way: Callable[[], object] = lambda: None, holders: Holders | None = None, deadline: float = 0.35
    ) -> None:
        self._give_way, self._holders, self._deadline = give_way, holders, deadline

    def before(self, files: list[LogFile], question: Question, before: Key | None = None, limit: int = PAGE) -> LogPage:
        """The newest lines that answer, or those that stand before a key."""
        newest, rest = _parted(files) if before is None and not question.text else (files, 0)
        page = self._before(newest, question, before, limit)
        is_enough = page.older and not page.reached and page.entries and page.entries[0].key.moment > rest
        if newest is not files and not is_enough:
            page = self._before(files, question, before, limit)
        return page

    def _before(self, files: list[LogFile], question: Question, before: Key | None, limit: int) -> LogPage:
        end = Key(question.until, "", 0)
        key = min(before, end) if before else end
        merge = Merge(files, question, key, is_backward=True, limit=limit + 1)
        found, reached, is_more = self._collect(merge, limit, key, self._narrowing(files, question, merge))
        older = cursor_of(reached) if reached else cursor_of(found[-1].key) if is_more else ""
        newer = cursor_of(found[0].key if found else key) if before else ""
        reached_at = min(reached.moment, key.moment) if reached else 0
        return LogPage(tuple(found[::-1]), older, newer, reached_at, tuple(merge.unreadable))

    def after(self, files: list[LogFile], question: Question, after: Key, limit: int = PAGE) -> LogPage:
        """The oldest lines that stand after the key."""
        begin = max(after, Key(question.since, "", 0))
        merge = Merge(files, question, begin, is_backward=False)
        found, reached, is_more = self._collect(merge, limit, begin, lambda: None)
        newer = cursor_of(reached) if reached else cursor_of(found[-1].key) if is_more else ""
        older = cursor_of(found[0].key if found else after)
        return LogPage(tuple(found), older, newer, reached.moment if reached else 0, tuple(merge.unreadable))

    def all(self, files: list[LogFile], question: Question) -> Iterator[list[Row]]:
        """Every line that answers, oldest first, in pieces of a page."""
        pause = Turns(self._give_way).pause
        rows = Rows(files, question, pause)
        for piece in rows:
            for start in range(0, len(piece), PAGE):
                yield piece[start : start + PAGE]
                pause()
        for name in rows.unreadable:
            yield [(0, "", "warn", f"The log {visible(name)} could not be read.", "")]

    def _collect(
        self, merge: Merge, limit: int, begin: Key, narrow: Callable[[], object]
    ) -> tuple[list[Entry], Key | None, bool]:
        """Up to `limit` lines, where the search stopped for its time (not at `begin`), and whether there are more."""
        found: list[Entry] = []
        pause, now = Turns(self._give_way).pause, time.monotonic()
        narrow_at, end_at = now + _PATIENCE, now + self._deadline
        for entry in merge:
            if entry.line:
                if len(found) == limit:
                    return found, None, True
                found.append(entry)
                continue
            now = pause()
            if narrow_at < now < end_at:
                narrow()
                narrow_at = end_at  # once: a program that was too slow for all files is so for most of them
            elif now >= end_at and entry.may_stop and entry.key != begin:
                return found, entry.key, True
        return found, None, False

    def _narrowing(self, files: list[LogFile], question: Question, merge: Merge) -> Callable[[], object]:
        """Asks a quicker program than this which files need not be read, where that is worth its start."""
        wanted, holders = question.literals(files[0].form) if files and question.text else (), self._holders
        if holders is None or len(wanted) != 1 or sum(file.size for file in files) < _LARGE:
            return lambda: None
        return lambda: merge.keep(lambda paths: holders(wanted[0], paths))


def _parted(files: list[LogFile]) -> tuple[list[LogFile], int]:
    """The files that were written last, which mostly suffice for a page, and the newest moment in any other."""
    if len(files) <= _NEWEST:
        return files, 0
    by_age = sorted(files, key=_high, reverse=True)
    return by_age[:_NEWEST], by_age[_NEWEST].high


def _high(file: LogFile) -> int:
    return file.high
