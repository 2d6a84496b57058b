"""What `rclone lsf` printed, as the entries of one folder; runs nothing."""

import re

from engines.base import Entry
from engines.rclone_names import from_rclone

_LINE = re.compile(rb"(?P<day>\d{4}-\d\d-\d\d) (?P<clock>\d\d:\d\d:\d\d)\|(?P<size>-?\d+)\|(?P<name>.+)", re.DOTALL)
_LOG = re.compile(rb"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d |\{")


def read_listing(output: bytes) -> tuple[Entry, ...]:
    """The names in the output; ValueError where it is something else."""
    return tuple(_entry(line) for line in output.split(b"\n") if line and not _LOG.match(line))


def _entry(line: bytes) -> Entry:
    found = _LINE.fullmatch(line)
    if found is None:
        raise ValueError("this is not a line of a listing")
    modified = f"{found['day'].decode()}T{found['clock'].decode()}Z"
    name, size = found["name"], int(found["size"])
    if name.endswith(b"/"):
        return Entry(from_rclone(name[:-1]), True, None, modified)
    return Entry(from_rclone(name), False, size if size >= 0 else None, modified)
