"""Looks into a folder of a copy on another host by `rsync --list-only`; a local one is looked into without a tool."""

import re
from collections.abc import Iterator

from engines.base import Context, Entry, Step
from engines.locations import parse_location
from engines.rsync_command import ENVIRONMENT, WILDCARDS, connection
from engines.rsync_notices import unescaped
from engines.rsync_problems import resulting_folder
from models.job import Job
from models.run import RunState

# Links are listed without their targets as long as links are not asked for.
_LINE = re.compile(
    rb"(?P<mode>[-dlpscbD?][-rwxsStT]{9})[.+]? +(?P<size>[0-9,.]+) "
    rb"(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/(?P<day>[0-9]{2}) (?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2}) (?P<name>.+)"
)
_IN_WILDCARDS = re.compile(r"[*?\[\\]")


def listing_step(job: Job, folder: bytes, context: Context) -> Step | None:
    copy = resulting_folder(job)
    if parse_location(copy).is_local:
        return None
    # Times are printed in the zone of whoever asks.
    environment = {**ENVIRONMENT, "TZ": "UTC0"}
    argv = (
        context.tool.path, "--list-only", "-d", "-8", "--no-h", "--no-motd", *connection(job, context),
        "--", f"{copy.rstrip('/')}{_inside(folder)}/",
    )  # fmt: skip
    return Step(RunState.CHECKING, argv, environment)


def _inside(folder: bytes) -> str:
    """The far rsync expands `*`, `?` and `[`, and takes `\\` for itself only where one of them stands."""
    name = folder.strip(b"/").decode("utf-8", "surrogateescape")
    if WILDCARDS.search(name):
        name = _IN_WILDCARDS.sub(r"\\\g<0>", name)
    return f"/{name}" if name else ""


def listing(output: bytes) -> tuple[Entry, ...]:
    """ValueError for a line that is none of a list."""
    return tuple(_entries(output))


def _entries(output: bytes) -> Iterator[Entry]:
    for line in output.split(b"\n"):
        found = _LINE.fullmatch(line)
        if found is None and line.strip():
            raise ValueError(f"no line of a list: {line[:200]!r}")
        if found and found["name"] != b".":
            yield _entry(found)


def _entry(found: re.Match[bytes]) -> Entry:
    is_folder = found["mode"].startswith(b"d")
    size = None if is_folder else int(re.sub(rb"[,.]", b"", found["size"]))
    date = b"-".join(found.group("year", "month", "day"))
    modified = f"{date.decode()}T{found['time'].decode()}Z"
    return Entry(unescaped(found["name"]), is_folder, size, modified)
