"""What can be said about an rclone job by reading it: refusals, warnings, where the files will lie."""

import re
from collections.abc import Iterator

from engines.base import Location, Tool
from engines.field_checks import common_problems
from engines.locations import InvalidLocation, is_inside, normal_path
from engines.rclone_command import OPTIONS
from engines.rclone_locations import as_argument, parse_location
from engines.rclone_versions import HAS_PARTIAL_NAMES, OLDEST, too_old
from models.errors import InvalidInput
from models.job import Job

_CHOICE = re.compile(r"\[\^?([^\]]*)\]")
_RANGE = re.compile(r"([^\\])-([^\\])")


def take_apart(job: Job) -> tuple[Location, Location]:
    """Source and destination; `InvalidInput` naming each field that is wrong."""
    if problems := _location_problems(job):
        raise InvalidInput(problems)
    return parse_location(job.source), parse_location(job.dest)


def find_problems(job: Job, tool: Tool | None) -> dict[str, str]:
    """Form field → sentence; empty if the job can be tried. Whether a remote is configured is for others to say."""
    problems = common_problems(job, OPTIONS)
    if job.type != "rclone":
        problems["type"] = f"“{job.type}” is not rclone."
    elif tool is not None and tool.version < OLDEST:
        problems["type"] = too_old(tool.version)
    problems.update(_location_problems(job) or dict(_together(job)))
    problems.update(_patterns(job))
    if job.settings.ssh.port is not None or job.settings.ssh.key is not None:
        problems["ssh_key"] = "A port and a key for rclone belong to the remote. Set them up there."
    return problems


def _location_problems(job: Job) -> dict[str, str]:
    problems = {}
    for field, text in (("source", job.source), ("dest", job.dest)):
        try:
            parse_location(text)
        except InvalidLocation as error:
            problems[field] = str(error)
    return problems


def _together(job: Job) -> Iterator[tuple[str, str]]:
    source, dest = parse_location(job.source), parse_location(job.dest)
    if dest.is_local and normal_path(dest.path) == "/":
        yield "dest", "The destination cannot be / itself. Choose a folder for the copies."
    elif (source.kind, source.host) == (dest.kind, dest.host):
        yield from _nested(job, source, dest)


def _nested(job: Job, source: Location, dest: Location) -> Iterator[tuple[str, str]]:
    """Two folders of this machine or of one remote."""
    if normal_path(source.path) == normal_path(dest.path):
        yield "dest", f"The files would be copied onto themselves. Choose a folder outside {job.source}."
    elif is_inside(dest.path, source.path):
        yield (
            "dest",
            f"This folder lies inside the source, so the copy would copy itself. Choose a folder outside {job.source}.",
        )
    elif is_inside(source.path, dest.path):
        yield "dest", f"The source lies inside this folder. Choose a folder that does not contain {job.source}."


def _patterns(job: Job) -> Iterator[tuple[str, str]]:
    for field, patterns in (("exclude", job.settings.exclude), ("include", job.settings.include)):
        for pattern in patterns:
            if sentence := _faulty(pattern):
                yield field, sentence
                break


def _faulty(pattern: str) -> str:
    """What rclone would refuse only when the run has begun, or would read in two ways."""
    if pattern != pattern.strip():
        return "A pattern starts or ends with a space, which rclone takes away. Write [ ] for a space that is meant."
    if "{{" in pattern or "}}" in pattern:
        return "Regular expressions between {{ and }} cannot be used here. Use * and ?."
    plain = pattern.replace("\\\\", "").replace("\\{", "").replace("\\}", "").replace("\\[", "").replace("\\]", "")
    if plain.endswith("\\") or plain.count("{") != plain.count("}") or ("***" in plain):
        return "rclone does not understand this pattern: a bracket is not closed, or there are more than two *."
    if "[" in plain and "]" not in plain[plain.index("[") + 1 :]:
        return "rclone does not understand this pattern: [ is not closed."
    if any(first > last for choice in _CHOICE.findall(plain) for first, last in _RANGE.findall(choice)):
        return "rclone does not understand this pattern: a range in [ ] runs backwards."
    return ""


def resulting_folder(job: Job) -> str:
    """The folder that will hold the source's files: the destination itself, whether the source ends with / or not."""
    try:
        parse_location(job.source)
        dest = parse_location(job.dest)
    except InvalidLocation:
        return ""
    argument = as_argument(dest)
    return argument.rstrip("/") or "/"


def find_warnings(job: Job, as_root: bool, tool: Tool | None = None) -> tuple[str, ...]:
    """What this job will lose or cannot do: shown, not refused."""
    try:
        source, dest = take_apart(job)
    except InvalidInput:
        return ()
    return (*_losses(source, dest), *_reading(source, as_root), *_wishes(job), *_version(tool))


def _losses(source: Location, dest: Location) -> Iterator[str]:
    if source.is_local:
        yield "Symbolic links, devices and sockets are left out, and owners and rights are not kept."
    if source.is_local and dest.is_local:
        yield "Between two folders of this machine rsync keeps more: owners, rights and links."
    if not dest.is_local:
        yield "Some remotes do not keep the times of files, or know no checksums. Then a verification reads everything."


def _reading(source: Location, as_root: bool) -> Iterator[str]:
    if source.is_local and not as_root:
        yield "A file that the user of Backup Manager may not read makes the run fail; the others are copied."


def _wishes(job: Job) -> Iterator[str]:
    if job.settings.include and not job.settings.exclude:
        yield "“Include” has no effect here: it only lets files in that “Leave out” would catch."


def _version(tool: Tool | None) -> Iterator[str]:
    if tool is not None and tool.version < HAS_PARTIAL_NAMES:
        yield "A copy that is stopped can leave a cut-off file at the destination until the next run."
