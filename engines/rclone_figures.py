"""The running figures of one rclone, from the `stats` of its log; it judges nothing."""

from collections.abc import Mapping
from typing import Any

from engines.rclone_lines import whole
from engines.rclone_names import shown
from models.progress import Progress
from models.run import Statistics

Stats = Mapping[str, Any]
_LONGEST_ETA = 10 * 365 * 86400
_AT_ONCE = 4  # files that rclone copies at a time, unless its environment says otherwise


class CopyFigures:
    """Of a copy. Its totals grow while rclone lists; with `--check-first` they are whole once a byte was copied.

    `settled_bytes` is what earlier tries had completed. Before anything is copied there is no percent,
    but for the total that an earlier try had found; no number of files stands beside such a one.
    """

    def __init__(self, settled_bytes: int, expected_bytes: int | None) -> None:
        self._base = max(0, settled_bytes)
        self._expected = expected_bytes
        self._first_files, self._whole_files, self._at_once = 0, 0, _AT_ONCE
        self._listed = 0
        self._grows = False
        self.settled = self._base
        self.progress = Progress(bytes_transferred=self._base)
        self.statistics = Statistics()

    def learn(self, stats: Stats) -> Progress:
        copied, files = number(stats, "bytes"), number(stats, "transfers")
        if files > self._whole_files:  # bytes that are sent in vain and once more make no file whole
            self._whole_files = files
            self.settled = max(self.settled, self._base + max(0, copied - _under_way(stats)))
        total = self._total(stats, is_copying=bool(copied or files))
        amount = self._base + copied
        if total is not None:
            amount = min(amount, total)
        checks, all_checks, all_files = (number(stats, key) for key in ("checks", "totalChecks", "totalTransfers"))
        is_known = total is not None and bool(copied or files) and not self._grows
        self.progress = self.progress.advance(
            Progress(
                bytes_transferred=amount,
                total_bytes=total,
                percent=min(99.9, int(1000 * amount / total) / 10) if total else None,
                speed_bytes=number(stats, "speed"),
                eta_seconds=_eta(stats),
                files_done=checks + files,
                files_total=max(all_checks + all_files, checks + files) if is_known else None,
                current_file=_current(stats, "transferring"),
            )
        )
        self.statistics = Statistics(
            files_seen=checks + files,
            files_transferred=files,
            files_deleted=number(stats, "deletes"),
            transferred_bytes=copied,
        )
        return self.progress

    def _total(self, stats: Stats, is_copying: bool) -> int | None:
        """The bytes of all there is to do; None while they are not known.

        A file between rclone's queue and its transfer is in no figure for a moment, with all its bytes: a total that
        falls is none, and only more files than can be in between mean that the list has grown. Bytes that are sent
        again grow the total too.
        """
        listed, files = self._base + number(stats, "totalBytes"), number(stats, "totalTransfers")
        if is_copying:
            self._at_once = max(self._at_once, len(_items(stats, "transferring")))
            self._first_files = self._first_files or files
            self._grows |= files > self._first_files + 2 * self._at_once
            self._listed = max(self._listed, listed)
        if is_copying and not self._grows:
            return self._listed
        return None if self._expected is None else max(self._expected, listed)


class ComparisonFigures:
    """Of a comparison, a preview or a deletion: files. The bytes are those of the copy, as far as known."""

    def __init__(self, settled_bytes: int, expected_bytes: int | None) -> None:
        self.settled = settled_bytes
        self._total = expected_bytes
        self.progress = Progress()
        self.statistics = Statistics()

    def learn(self, stats: Stats) -> Progress:
        checks, all_checks = number(stats, "checks"), number(stats, "totalChecks")
        self.progress = self.progress.advance(
            Progress(
                total_bytes=self._total,
                speed_bytes=number(stats, "speed"),
                files_done=checks,
                files_total=max(all_checks, checks) or None,
                current_file=_current(stats, "checking") or _current(stats, "transferring"),
            )
        )
        self.statistics = Statistics(files_seen=checks, files_deleted=number(stats, "deletes"))
        return self.progress


def number(stats: Stats, key: str) -> int:
    return whole(stats.get(key)) or 0


def _under_way(stats: Stats) -> int:
    """Bytes of files that are not whole yet."""
    return sum(number(item, "bytes") for item in _items(stats, "transferring") if isinstance(item, dict))


def _current(stats: Stats, key: str) -> str:
    for item in _items(stats, key):
        name = item.get("name") if isinstance(item, dict) else item
        if isinstance(name, str):
            return shown(name)
    return ""


def _items(stats: Stats, key: str) -> list[Any]:
    items = stats.get(key)
    return items if isinstance(items, list) else []


def _eta(stats: Stats) -> int | None:
    eta = whole(stats.get("eta"))
    return eta if eta is not None and eta < _LONGEST_ETA else None
