"""Which files of a copy a rehearsal takes: by chance, evenly, and some big ones; it reads names, not contents."""

import heapq
import os
import random
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from engines.base import Entry
from models.errors import AppError

Folder = Callable[[bytes], Iterable[Entry]]
_BIG_SHARE = 4  # one file in so many is drawn by its weight in bytes
_LOOKS = 1000


class Dice(Protocol):
    def random(self) -> float:
        """0 <= number < 1."""

    def shuffle(self, x: list[bytes]) -> None:
        """In place."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A regular file of the copy; bytes."""

    name: bytes
    size: int


def sample(files: Iterable[Candidate], count: int, budget: int, dice: Dice) -> tuple[Candidate, ...]:
    """Up to `count` files, together at most `budget` bytes.

    Every file that fits has the same chance, big ones a second one. One pass, in the memory of what is drawn.
    """
    plain: list[tuple[float, bytes, int]] = []
    heavy: list[tuple[float, bytes, int]] = []
    largest = max(1, budget // _BIG_SHARE)
    for file in files:
        if file.size <= largest:
            _keep(plain, dice.random(), file, count)
            _keep(heavy, dice.random() ** (1 / (file.size + 1)), file, count)
    by_weight = [Candidate(name, size) for _, name, size in sorted(heavy, reverse=True)]
    by_chance = [Candidate(name, size) for _, name, size in sorted(plain, reverse=True)]
    share = count // _BIG_SHARE
    return _within(dict.fromkeys([*by_weight[:share], *by_chance]), count, budget)


def _keep(drawn: list[tuple[float, bytes, int]], key: float, file: Candidate, count: int) -> None:
    push = heapq.heappush if len(drawn) < count else heapq.heappushpop
    push(drawn, (key, file.name, file.size))


def _within(files: Iterable[Candidate], count: int, budget: int) -> tuple[Candidate, ...]:
    chosen: list[Candidate] = []
    for file in files:
        if len(chosen) < count and file.size <= budget:
            chosen.append(file)
            budget -= file.size
    return tuple(chosen)


def local_files(root: bytes, is_stopped: Callable[[], bool]) -> Iterator[Candidate]:
    """Every regular file below `root`, through no link; ends early when it is told to stop."""
    for count, (place, _folders, names) in enumerate(os.walk(root)):
        if count % _LOOKS == 0 and is_stopped():
            return
        below = os.path.relpath(place, root)
        for name in names:
            try:
                status = os.lstat(os.path.join(place, name))
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode):
                yield Candidate(name if below == b"." else os.path.join(below, name), status.st_size)


def listed_files(
    folder: Folder, is_stopped: Callable[[], bool], is_enough: Callable[[], bool], dice: Dice | None = None
) -> Iterator[Candidate]:
    """Files of a copy elsewhere: folders in an order drawn by chance, until enough of them were looked into.

    A folder that cannot be listed is passed over, unless it is the first.
    """
    waiting = [b""]
    while waiting and not is_stopped() and not (is_enough() and waiting != [b""]):
        (dice or random).shuffle(waiting)
        place = waiting.pop()
        try:
            entries = tuple(folder(place))
        except AppError:
            if not place:
                raise
            continue
        for entry in entries:
            name = os.path.join(place, entry.name) if place else entry.name
            if entry.is_folder:
                waiting.append(name)
            elif entry.size is not None:
                yield Candidate(name, entry.size)
