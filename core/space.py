"""What the data folder takes on its disk, measured a little at a time; it removes nothing."""

import os
import threading
from collections.abc import Iterator
from typing import NamedTuple

from storage.data_folder import DataFolder
from utils.clock import Clock, utc_text

_IN_A_REQUEST, _IN_A_ROUND, _WITHOUT_PAUSE = 0.01, 0.2, 0.005
_GOOD_FOR = 300.0  # seconds


class SpaceTaken(NamedTuple):
    """Bytes: the history with the folders of runs, the logs, and everything else. `measured_at` is UTC text."""

    runs: int
    logs: int
    rest: int
    measured_at: str


class Space:
    """`taken` answers at once with what is known; the rest of a large folder is measured by `look`, a chore."""

    def __init__(self, folder: DataFolder, clock: Clock) -> None:
        self._folder, self._clock = folder, clock
        self._known: SpaceTaken | None = None
        self._known_at = 0.0
        self._work: Iterator[SpaceTaken | None] | None = None
        self._busy = threading.Lock()

    def taken(self) -> SpaceTaken | None:
        """The last measure, None before the first is done; one that is too old is made again meanwhile."""
        is_old = self._known is None or self._clock.monotonic() - self._known_at > _GOOD_FOR
        if is_old and self._work is None:
            self._work = self._measured()
        self._go_on(_IN_A_REQUEST)
        return self._known

    def look(self) -> None:
        """Go on with a measure under way; others get their turn in between."""
        self._go_on(_IN_A_ROUND)

    def _go_on(self, seconds: float) -> None:
        if self._work is None or not self._busy.acquire(blocking=False):
            return
        try:
            self._step(self._clock.monotonic() + seconds)
        finally:
            self._busy.release()

    def _step(self, until: float) -> None:
        pause_at = self._clock.monotonic() + _WITHOUT_PAUSE
        for found in self._work or ():
            if found is not None:
                self._known, self._known_at, self._work = found, self._clock.monotonic(), None
                return
            now = self._clock.monotonic()
            if now >= until:
                return
            if now >= pause_at:
                self._clock.sleep(0)
                pause_at = now + _WITHOUT_PAUSE

    def _measured(self) -> Iterator[SpaceTaken | None]:
        """None again and again, at the end the sums."""
        runs = logs = rest = 0
        own = (os.fspath(self._folder.runs), os.fspath(self._folder.logs))
        for path, size in _files(os.fspath(self._folder.root)):
            if path.startswith(own[0] + "/"):
                runs += size
            elif path.startswith(own[1] + "/"):
                logs += size
            else:
                rest += size
            yield None
        yield SpaceTaken(runs, logs, rest, utc_text(self._clock.now()))


def _files(folder: str) -> Iterator[tuple[str, int]]:
    """Path and bytes of every file below, links not followed; what goes meanwhile is left out."""
    folders = [folder]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        yield entry.path, _size(entry)
        except OSError:
            continue


def _size(entry: "os.DirEntry[str]") -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except OSError:
        return 0
