"""Reads what rclone prints during one step; judges lines, never how the run ends."""

import re
from typing import Literal

from engines.base import Notice, Purpose
from engines.rclone_causes import NETWORK
from engines.rclone_figures import ComparisonFigures, CopyFigures, number
from engines.rclone_lines import Record, has_stats, read_compared, read_record
from models.findings import Finding
from models.progress import Progress
from models.run import Statistics
from utils.text import plural

_LEVELS: dict[str, Literal["info", "warn", "error"]] = {"notice": "warn", "error": "error", "critical": "error"}
# Said of every run in one way or another, and of no use to anyone.
_NOISE = re.compile(
    r"Attempt 1/1 |Can't retry any of the errors|Config file \".*\" not found - using defaults|"
    r"Checks finished, now starting transfers|Skipped (?:make|set) directory|Skipped set "
)
_NO_COMMON_HASH = re.compile("No common hash found")
_UNCHECKED = re.compile(r"(?P<number>\d+) hashes could not be checked")
_MATCHING = re.compile(r"(?P<number>\d+) matching files")
_DIFFERENCES = re.compile(r"(?P<number>\d+) differences found")
_ERRORS = re.compile(r"(?P<number>\d+) errors while checking")
_DIFFERS = re.compile(r"differ")
_COPIED = re.compile(r"(?:Multi-thread )?Copied \(")
_GONE = re.compile(r"Deleted|Moved \(server-side\)|Copied \(")
_NO_HARM = re.compile(r"Can't (?:follow symlink|transfer non file)|Replacing invalid UTF-8|\d+ files missing")
_LOST = re.compile(NETWORK)
_LOST_FILES = 3
# What the verdict on a comparison looks for; see rclone_words.
COMPARED = "rclone has compared everything it found"
UNNAMED = b"(rclone did not name it)"


class RcloneReader:
    """One rclone from its JSON log. `progress` is asked first for each line, then `notice`."""

    def __init__(self, purpose: Purpose, settled_bytes: int = 0, expected_bytes: int | None = None) -> None:
        self._purpose = purpose
        figures = CopyFigures if purpose == "transfer" else ComparisonFigures
        self._figures = figures(settled_bytes, expected_bytes)
        self._findings: list[Finding] = []
        self._has_hash = True
        self._same = 0
        self._wanting = 0
        self._is_summed_up = False
        self._differing: set[str] = set()
        self._lost_in_a_row, self._whole_files = 0, 0

    def progress(self, line: bytes) -> Progress | None:
        if not has_stats(line):
            return None
        stats = read_record(line).stats
        if not stats:
            return None
        if (whole_files := number(stats, "transfers")) > self._whole_files:
            self._whole_files, self._lost_in_a_row = whole_files, 0
        return self._figures.learn(stats)

    def notice(self, line: bytes) -> Notice | None:
        if not line.strip() or has_stats(line):
            return None
        if self._purpose == "verify" and self._take_compared(line):
            return None
        record = read_record(line)
        if record.level == "debug":
            self._note_difference(record)
            return None
        if record.level == "error" and record.name and _LOST.search(record.message):
            self._lost_in_a_row += 1
        if _NOISE.match(record.message):
            return None
        return self._special(record) or _plain(record)

    def statistics(self) -> Statistics:
        return self._figures.statistics

    def settled_bytes(self) -> int:
        return self._figures.settled

    def findings(self) -> tuple[Finding, ...]:
        found = tuple(self._findings)
        self._findings.clear()
        return found

    def has_lost_host(self) -> bool:
        """So many files failed for the network, and none arrived since: rclone would try each of the others too."""
        return self._lost_in_a_row >= _LOST_FILES

    def _special(self, record: Record) -> Notice | None:
        """What a line says about its purpose."""
        if self._purpose == "preview" and record.skipped == "copy":
            return self._previewed(record)
        if self._purpose == "delete":
            return self._deleted(record)
        if self._purpose == "verify" and not record.name:
            return self._summed_up(record)
        if self._purpose == "verify" and record.level == "error":
            return self._not_compared(record)
        if self._purpose == "transfer" and record.level == "error":
            name = record.exact_name + b"/" * record.is_folder
            self._findings.append(Finding("failed", name) if record.name else Finding("unnamed", b""))
        if self._purpose == "transfer" and record.name and _COPIED.match(record.message):
            self._findings.append(Finding("copied", record.exact_name, record.size))
        return None

    def _take_compared(self, line: bytes) -> bool:
        compared = read_compared(line)
        if compared is None:
            return False
        what, name = compared
        self._same += what == "verified"
        self._wanting += what != "verified"
        # Equal in size is all that rclone knows where there is no hash. Behind its closing words it names no file:
        # a line there is part of somebody's message.
        if what == "verified" and (self._is_summed_up or not self._has_hash):
            what = "unproven"
        self._findings.append(Finding(what, name))
        return True

    def _summed_up(self, record: Record) -> Notice | None:
        if _NO_COMMON_HASH.match(record.message):
            self._has_hash = False
            return Notice("info", "Both sides have no kind of checksum in common.")
        if found := _DIFFERENCES.match(record.message):
            self._is_summed_up = True
            return Notice("info", record.text) if self._same else _ended(record.text)
        if found := _ERRORS.match(record.message):
            # What is in a folder that could not be listed has no line of its own.
            self._leave_open(int(found["number"]) - self._wanting)
            return Notice("info", record.text)
        if found := _UNCHECKED.match(record.message):
            self._leave_open(int(found["number"]) if self._has_hash else 0)
            return Notice("info", f"{plural(int(found['number']), 'file')} had no checksum to compare.")
        if found := _MATCHING.match(record.message):
            return self._same_number(int(found["number"]))
        return None

    def _not_compared(self, record: Record) -> Notice:
        """A file's name comes in a line of its own, in exact bytes; a folder's does not."""
        if record.is_folder:
            self._wanting += 1
            self._findings.append(Finding("unproven", record.exact_name))
        return Notice("error", record.text)

    def _leave_open(self, number: int) -> None:
        """So many files more are not proven; rclone does not say which."""
        self._findings += [Finding("unproven", UNNAMED)] * number

    def _same_number(self, number: int) -> Notice:
        """rclone's own count is held against ours: a line too few or too many proves nothing."""
        if number != self._same:
            self._leave_open(1)
            return Notice("error", f"rclone counted {number} equal files but named {self._same}.")
        return _ended(f"{plural(number, 'file')} are the same on both sides")

    def _note_difference(self, record: Record) -> None:
        """Before a file that would replace another rclone says how they differ."""
        if self._purpose == "preview" and record.name and _DIFFERS.search(record.message):
            self._differing.add(record.name)

    def _previewed(self, record: Record) -> Notice:
        is_changed = record.name in self._differing
        self._differing.discard(record.name)
        self._findings.append(Finding("changed" if is_changed else "new", record.exact_name, record.size))
        return Notice("copy", f"{record.shown_name}: {'would be replaced' if is_changed else 'would be new'}")

    def _deleted(self, record: Record) -> Notice | None:
        if record.name and record.level == "info" and _GONE.match(record.message):
            self._findings.append(Finding("deleted", record.exact_name, record.size))
            return Notice("delete", record.shown_name, deleted_file=record.shown_name)
        if record.name and record.level == "error":
            self._findings.append(Finding("kept", record.exact_name, record.size))
        return None


def _ended(words: str) -> Notice:
    return Notice("info", f"{COMPARED}: {words}.")


def _plain(record: Record) -> Notice:
    level = _LEVELS.get(record.level, "info")
    if record.name and level == "error":
        return Notice(level, record.text, failed_file=record.shown_name)
    if record.name and level == "info":
        return Notice("copy", record.shown_name)
    return Notice("info" if _NO_HARM.match(record.message) else level, record.text)
