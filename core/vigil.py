"""Watches whether a tool still does anything; it reports silence and leaves the judgement to its caller."""

from collections.abc import Callable

from models.progress import Progress


class Vigil:
    """Silence is: no bytes, no file, and no input or output of the tool's processes.

    Building the file list of a huge tree shows no figures but reads a lot, so it is no silence.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._seen: tuple[int, int, int] = (0, 0, 0)
        self._since = monotonic()

    def look(self, progress: Progress, io_total: int) -> float:
        """Seconds of silence up to now."""
        seen = (progress.bytes_transferred, progress.files_done, io_total)
        if seen != self._seen:
            self._seen, self._since = seen, self._monotonic()
        return self._monotonic() - self._since
