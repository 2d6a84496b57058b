"""Single lines of rclone's output taken apart; what they mean for a run is not their business.

rclone logs one JSON object a line. Its names and messages come from outside; what is no UTF-8 in
them arrives garbled.
"""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from engines.rclone_names import from_rclone, shown
from models.findings import What
from utils.text import visible, visible_name

_STATS_KEY = b'"stats":{'
_PLAIN_STAMP = re.compile(rb"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d (?:(?P<level>[A-Z]+) *: )?")
# What `check --combined` prints before a name.
_SIGNS: dict[bytes, What] = {b"= ": "verified", b"* ": "mismatch", b"+ ": "missing", b"! ": "unproven"}
_FILES, _FOLDERS = ("Object",), ("Directory", "string")
_PLAIN_LEVELS = {b"ERROR": "error", b"CRITICAL": "critical", b"NOTICE": "notice", b"INFO": "info", b"DEBUG": "debug"}
_SAME_LEVELS = {"warning": "notice", "warn": "notice", "fatal": "critical"}


class Record(NamedTuple):
    """One line of the log. `level` is debug, info, notice, error or critical.

    `name` is a file's as rclone spells it, or that of a folder with an error ("" = about neither).
    `stats` are figures as rclone sent them.
    """

    level: str
    message: str
    name: str = ""
    size: int | None = None
    skipped: str = ""
    is_folder: bool = False
    stats: Mapping[str, Any] = MappingProxyType({})

    @property
    def shown_name(self) -> str:
        return shown(self.name)

    @property
    def exact_name(self) -> bytes:
        return from_rclone(self.name.encode("utf-8", "surrogatepass"))

    @property
    def text(self) -> str:
        """The line fit to show. A name alone stands in double quotes: nothing in it is taken for a message."""
        message = visible(self.message.strip()).replace('"', "'")
        return f'"{self.shown_name}": {message}' if self.name else message


def has_stats(line: bytes) -> bool:
    """Whether the line may carry figures. Quotes in names are escaped, so no name can look so."""
    return line.startswith(b"{") and _STATS_KEY in line


def read_record(line: bytes) -> Record:
    """The line as a record, whatever it is."""
    if line.startswith(b"{"):
        try:
            return _from_json(json.loads(line))
        except (ValueError, TypeError, RecursionError):
            pass
    found = _PLAIN_STAMP.match(line)
    level = _PLAIN_LEVELS.get(found["level"] or b"CRITICAL", "info") if found else "info"
    return Record(level, visible_name(line[found.end() :] if found else line))


def read_compared(line: bytes) -> tuple[What, bytes] | None:
    """What `check --combined` says of a file, and its exact name; None for any other line."""
    what = _SIGNS.get(line[:2])
    return (what, from_rclone(line[2:])) if what else None


def _from_json(found: Any) -> Record:
    if not isinstance(found, dict):
        raise TypeError("a log line of rclone is an object")
    kind, level = str(found.get("objectType")), str(found.get("level", "info")).lower()
    is_folder = level == "error" and kind.endswith(_FOLDERS)
    stats = found.get("stats")
    return Record(
        _SAME_LEVELS.get(level, level),
        str(found.get("msg", "")),
        str(found.get("object", "")) if is_folder or kind.endswith(_FILES) else "",
        whole(found.get("size")),
        str(found.get("skipped", "")),
        is_folder,
        stats if isinstance(stats, dict) else {},
    )


def whole(value: Any) -> int | None:
    """A figure as a whole number that is not negative; None for anything else."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and 0 <= value < 1 << 63 else None
