"""Reads what rsync prints during one step; judges lines, never how the run ends."""

import re

from engines.base import Notice
from engines.rsync_notices import read_notice
from engines.rsync_total import TotalEstimate
from models.findings import Finding
from models.progress import Progress
from models.run import Statistics

_PROGRESS = re.compile(
    rb"\A\s*(?P<bytes>[0-9][0-9,.]*)\s+(?P<percent>[0-9]{1,3})%\s+(?P<rate>[0-9]+[.,][0-9]{2})"
    rb"(?P<unit>[kMG])B/s\s+[0-9?]{1,6}:[0-9?]{2}:[0-9?]{2}"
    rb"(?:\s+\(xfr#(?P<files>[0-9]+), (?P<mode>ir|to)-chk=(?P<left>[0-9]+)/(?P<all>[0-9]+)\))?\s*"
)
_MAX_PROGRESS_LINE = 200
_UNITS = {b"k": 1024, b"M": 1024**2, b"G": 1024**3}  # rsync counts its rates in 1024s
_SMOOTHING = 0.25
_STATISTICS = {
    "files_seen": rb"Number of files: ([0-9.,]+)",
    "files_created": rb"Number of created files: ([0-9.,]+)",
    "files_deleted": rb"Number of deleted files: ([0-9.,]+)",
    "files_transferred": rb"Number of (?:regular )?files transferred: ([0-9.,]+)",
    "total_bytes": rb"Total file size: ([0-9.,]+)",
    "transferred_bytes": rb"Total transferred file size: ([0-9.,]+)",
    "literal_bytes": rb"Literal data: ([0-9.,]+)",
    "matched_bytes": rb"Matched data: ([0-9.,]+)",
}
_STATISTIC = re.compile(b"|".join(b"(?:%s)(?: bytes)?(?: \\(.*\\))?" % pattern for pattern in _STATISTICS.values()))
# Above this share of untouched entries a run is taken for one that finds most files in place;
# below the lower one the untouched entries are taken for folders and links.
_MOSTLY_FOLDERS, _MOSTLY_IN_PLACE = 0.3, 0.6
_ENOUGH_ENTRIES = 50
_SHARE_OF_ENTRIES = 0.9


class RsyncReader:
    """The running figures of one rsync, from its `progress2` and `stats2` lines.

    `settled_bytes` is what earlier tries of the same work had completed, `expected_bytes` the total
    they found. Lines may be left out; the last one of a burst is enough.
    """

    def __init__(self, settled_bytes: int = 0, expected_bytes: int | None = None) -> None:
        self._base = max(0, settled_bytes)
        self._settled = self._base
        self._expected = expected_bytes
        self._total = TotalEstimate(expected_bytes)
        self._speed = 0.0
        self._still_listing = False
        self._entries: tuple[int, int, int] = (0, 0, 0)  # dealt with, all, transferred
        self._progress = Progress(bytes_transferred=self._base)
        self._statistics = Statistics()

    def progress(self, line: bytes) -> Progress | None:
        found = _PROGRESS.match(line, 0, _MAX_PROGRESS_LINE)
        if found is None:
            return None
        transferred = _number(found["bytes"])
        if found["all"] is not None:
            self._boundary(found, transferred)
        if not self._still_listing:
            self._total.learn(transferred, int(found["percent"]))
        self._note_speed(float(found["rate"].replace(b",", b".")) * _UNITS[found["unit"]])
        self._progress = self._progress.advance(self._figures(transferred))
        return self._progress

    def notice(self, line: bytes) -> Notice | None:
        # An error goes to another stream than a figure, so it may stand right behind one. No file's
        # name ever begins a line: rsync escapes line breaks and a word or our mark comes first.
        line = _PROGRESS.sub(b"", line.strip(b"\r\n"), count=1) if line[:1].isspace() else line.strip(b"\r\n")
        if not line.strip() or self._note_statistic(line):
            return None
        return self._read(line)

    def _read(self, line: bytes) -> Notice:
        return read_notice(line)

    def statistics(self) -> Statistics:
        return self._statistics

    def settled_bytes(self) -> int:
        return self._settled

    def findings(self) -> tuple[Finding, ...]:
        return ()

    def has_lost_host(self) -> bool:
        return False  # then rsync ends by itself

    def _boundary(self, found: re.Match[bytes], transferred: int) -> None:
        """A line with `xfr#` is printed where one file ends and the next has not begun."""
        is_listing = found["mode"] == b"ir"
        if is_listing is not self._still_listing:
            # While the list grows a percent is one of what is listed so far.
            self._total = TotalEstimate(self._expected)
        self._still_listing = is_listing
        entries, left = int(found["all"]), int(found["left"])
        self._entries = (max(0, entries - left), entries, int(found["files"]))
        self._settled = max(self._settled, self._base + transferred)

    def _note_speed(self, rate: float) -> None:
        first = self._speed == 0
        self._speed = rate if first else self._speed + _SMOOTHING * (rate - self._speed)

    def _figures(self, transferred: int) -> Progress:
        dealt_with, entries, _ = self._entries
        total = self._total.bytes
        amount = self._base + transferred
        if total is not None:
            total = max(total, self._base)
            amount = min(amount, total)
        share = self._share(amount, total)
        return Progress(
            bytes_transferred=amount,
            total_bytes=total,
            percent=None if share is None else min(99.9, int(share * 1000) / 10),
            speed_bytes=int(self._speed),
            eta_seconds=self._eta(share, total),
            files_done=dealt_with,
            files_total=None if self._still_listing or not entries else entries,
        )

    def _share(self, amount: int, total: int | None) -> float | None:
        """How much of the work is done, 0 to 1: by bytes, helped by entries found in place.

        rsync says nothing about the bytes of files it skips. Where most entries are skipped
        their share counts for the part that the bytes leave open, but never for all of it, so
        that a single large file at the end still moves the bar.
        """
        by_bytes = self._total.share(amount) if total is None else amount / max(1, total)
        if self._base or self._still_listing:
            return by_bytes
        by_bytes = by_bytes or 0.0
        return by_bytes + (1 - by_bytes) * self._share_in_place()

    def _share_in_place(self) -> float:
        dealt_with, entries, transferred = self._entries
        skipped = dealt_with - transferred
        if skipped < _ENOUGH_ENTRIES:
            return 0.0
        untouched = skipped / dealt_with
        weight = (untouched - _MOSTLY_FOLDERS) / (_MOSTLY_IN_PLACE - _MOSTLY_FOLDERS)
        return min(1.0, max(0.0, weight)) * _SHARE_OF_ENTRIES * skipped / entries

    def _eta(self, share: float | None, total: int | None) -> int | None:
        if total is None or share is None or self._speed < 1:
            return None
        return round(total * max(0.0, 1 - share) / self._speed)

    def _note_statistic(self, line: bytes) -> bool:
        """Whether the line belongs to the closing report; its figure is kept if we use it."""
        found = _STATISTIC.fullmatch(line)
        if found is not None and found.lastindex:
            name = tuple(_STATISTICS)[found.lastindex - 1]
            self._statistics = self._statistics._replace(**{name: _number(found[found.lastindex])})
            self._learn_end(name)
            return True
        return _OTHER_STATISTIC.fullmatch(line) is not None

    def _learn_end(self, name: str) -> None:
        if name == "total_bytes" and self._statistics.total_bytes is not None:
            self._total.know(self._statistics.total_bytes)


_OTHER_STATISTIC = re.compile(
    rb"File list size: .*|File list (?:generation|transfer) time: .*|Total bytes (?:sent|received): .*"
    rb"|sent [0-9.,]+ bytes  received [0-9.,]+ bytes  [0-9.,]+ bytes/sec"
    rb"|total size is [0-9.,]+  speedup is [0-9.,]+(?: \(.*\))?"
)


def _number(text: bytes) -> int:
    """Digits only: some builds still group them by the locale."""
    return int(re.sub(rb"[.,]", b"", text))
