"""Lines of many log files as one row by time, from either end; what answers a question is `log_streams`' matter.

A file is opened when the row has come to its time, and read no further than is asked for.
"""

from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heapreplace

from storage.log_chunks import TAIL
from storage.log_files import LogFile
from storage.log_streams import Entry, Key, Question, backward, forward, next_of, rest_of

_Item = tuple[int, int, int, int, Entry, Iterator[Entry], LogFile]


class Merge:
    """Entries of all files in the order of their keys; `is_backward`: newest first, what stands before `key`."""

    def __init__(
        self, files: list[LogFile], question: Question, key: Key, *, is_backward: bool, limit: int = 0
    ) -> None:
        self._sign = -1 if is_backward else 1
        largest, all_together = (1 << 16, 1 << 19) if is_backward else (1 << 18, 16 << 20)
        wanted = max(TAIL, min(largest, all_together // max(1, len(files))))
        self._heap: list[_Item] = []
        self.unreadable: list[str] = []
        for rank, file in enumerate(sorted(files, key=_order)):
            stream = (
                backward(file, question, key, limit, wanted) if is_backward else forward(file, question, key, wanted)
            )
            if (is_backward and file.high >= question.since) or (not is_backward and file.high >= key.moment):
                self._heap.append(self._item(rank, next(stream), stream, file))
        heapify(self._heap)

    def _item(self, rank: int, entry: Entry, stream: Iterator[Entry], file: LogFile) -> _Item:
        sign = self._sign
        return (sign * entry.key.moment, sign * rank, sign * entry.key.offset, rank, entry, stream, file)

    def __iter__(self) -> Iterator[Entry]:
        heap = self._heap
        while heap:
            if len(heap) == 1:
                yield heap[0][4]
                yield from self._rest(heap.pop())
                return
            yield heap[0][4]
            *_, rank, _entry, stream, file = heap[0]  # only now: `keep` may have put another stream in its place
            following = next_of(stream, file, self.unreadable)
            if following is None:
                heappop(heap)
            else:
                heapreplace(heap, self._item(rank, following, stream, file))

    def _rest(self, item: _Item) -> Iterator[Entry]:
        """Of the only file that is left."""
        *_, stream, file = item
        return rest_of(stream, file, self.unreadable)

    def keep(self, holders: Callable[[list[str]], list[str]]) -> None:
        """Leave out plain files in which nothing can be found any more."""
        if not self._heap:
            return
        asked = [item[-1].path for item in self._heap if item[4].line is None and not item[-1].is_packed]
        gone = set(asked) - set(holders(asked))
        head, *others = self._heap
        if head[-1].path in gone:  # the row stands at its mark, so it keeps its place and ends there
            head = (*head[:5], iter(()), head[-1])
        self._heap[:] = [head, *(item for item in others if item[-1].path not in gone or item[4].line)]
        heapify(self._heap)


def _order(file: LogFile) -> str:
    return file.order
