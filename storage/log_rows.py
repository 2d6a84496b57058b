"""All lines of many log files that answer, by time, in large pieces; what a page of them needs is `log_merge`'s.

Nothing is made of a line but its row, and a whole piece of a file is tried at once for anything that needs care.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heapreplace
from operator import itemgetter

from storage.log_chunks import TAIL, Chunk
from storage.log_files import LogFile
from storage.log_line import SHOWN, shared_head
from storage.log_streams import FAR, Key, Question, Reader, chunks_after, entries_on, next_of

Row = tuple[int, str, str, str, str]  # ms since 1970, then as in LogLine: at, level, text, job's id
_ROUND = 4096  # rows that are read before the next are given out
_LARGEST, _ALL_TOGETHER = 1 << 17, 8 << 20
_HEAD = len("[2026-11-21 07:02:04] ")
_LEVEL_OF = {"Warning": "warn", "Error": "error"}
_LEVELS = tuple(f"{word}: " for word in _LEVEL_OF)
_moment = itemgetter(0)


class Rows:
    """Pieces of rows, oldest first; `pause` is called often. At most a piece of each file is held."""

    def __init__(self, files: list[LogFile], question: Question, pause: Callable[[], object]) -> None:
        self._pause = pause
        self._waiting: dict[int, list[Row]] = {}
        self.unreadable: list[str] = []
        asked = [file for file in sorted(files, key=_order) if file.high >= question.since]
        wanted = max(TAIL, min(_LARGEST, _ALL_TOGETHER // max(1, len(asked))))
        self._heap = [(file.low, rank, _pieces(file, question, wanted), file) for rank, file in enumerate(asked)]
        heapify(self._heap)

    def __iter__(self) -> Iterator[list[Row]]:
        while self._heap:
            self._read()
            yield self._ripe()

    def _read(self) -> None:
        """Read on where the oldest lines are."""
        count = 0
        while self._heap and count < _ROUND:
            _, rank, pieces, file = self._heap[0]
            piece = next_of(pieces, file, self.unreadable)
            if piece is None:
                heappop(self._heap)
                continue
            reach, rows = piece
            if rows:
                self._waiting.setdefault(rank, []).extend(rows)
            heapreplace(self._heap, (reach, rank, pieces, file))
            count += len(rows) + 1
            self._pause()

    def _ripe(self) -> list[Row]:
        """What no file has anything before; of one moment the files follow each other."""
        moment, last = self._heap[0][:2] if self._heap else (FAR, FAR)
        ripe: list[Row] = []
        for rank in sorted(self._waiting):
            rows = self._waiting.pop(rank)
            cut = (bisect_right if rank <= last else bisect_left)(rows, moment, key=_moment)
            ripe += rows[:cut]
            if cut < len(rows):
                self._waiting[rank] = rows[cut:]
        ripe.sort(key=_moment)
        return ripe


def _order(file: LogFile) -> str:
    return file.order


def _pieces(file: LogFile, question: Question, wanted: int) -> Iterator[tuple[int, list[Row]]]:
    """Rows of the file in pieces, each with a moment that no later one is older than."""
    reader = Reader(file, question, is_backward=False)
    is_plain = file.form.is_shared and not question.text and not question.level
    for chunk in chunks_after(file, Key(question.since, "", 0), wanted):
        rows = (_at_once(reader, chunk, file.job_id) if is_plain else None) or _one_by_one(reader, chunk)
        if rows and rows[0][0] < question.since:
            rows = rows[bisect_left(rows, question.since, key=_moment) :]
        if reader.moment >= question.until:
            yield FAR, rows[: bisect_left(rows, question.until, key=_moment)]
            return
        yield reader.moment, rows


def _one_by_one(reader: Reader, chunk: Chunk) -> list[Row]:
    rows = [(entry.key.moment, *entry.line) for entry in entries_on(reader, chunk) if entry.line]
    reader.end_of(chunk)
    return rows


def _at_once(reader: Reader, chunk: Chunk, job_id: str) -> list[Row]:
    """Nothing where something in the chunk needs care: control characters, what is no UTF-8, a very long line."""
    text = chunk.content.decode("utf-8", "surrogateescape")
    lines = text.split("\n")
    is_cut = len(chunk.content) != chunk.end - chunk.start
    if is_cut or not text.replace("\n", "").isprintable() or max(map(len, lines)) > SHOWN:
        return []
    rows: list[Row] = []
    at, known = "", None
    for line in lines:
        told = shared_head(line[:_HEAD])
        if told:
            if told is not known:
                at, known = reader.take(told), told
            if line.startswith(_LEVELS, _HEAD):
                word, _, said = line[_HEAD:].partition(": ")
                rows.append((reader.moment, at, _LEVEL_OF[word], said, job_id))
            else:
                rows.append((reader.moment, at, "info", line[_HEAD:], job_id))
        elif line:
            rows.append((reader.moment, at, "info", line, job_id))
    return rows
