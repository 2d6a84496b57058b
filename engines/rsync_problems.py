"""What can be said about an rsync job by reading it: refusals, warnings, where the files will lie."""

import posixpath
from collections.abc import Iterator

from engines.base import Location, Tool
from engines.field_checks import common_problems
from engines.locations import InvalidLocation, is_inside, normal_path, parse_location
from engines.rsync_command import OLDEST, OPTIONS, WILDCARDS
from engines.rsync_versions import too_old
from models.errors import InvalidInput
from models.job import Job
from utils.text import HOSTILE


def take_apart(job: Job) -> tuple[Location, Location]:
    """Source and destination; `InvalidInput` naming each field that is wrong."""
    problems = _location_problems(job)
    if problems:
        raise InvalidInput(problems)
    return parse_location(job.source), parse_location(job.dest)


def find_problems(job: Job, tool: Tool | None) -> dict[str, str]:
    """Form field → sentence; empty if the job can be tried."""
    problems = common_problems(job, OPTIONS)
    if job.type != "rsync":
        problems["type"] = f"“{job.type}” is not rsync."
    elif tool is not None and tool.version < OLDEST:
        problems["type"] = too_old(tool.version)
    wrong = _location_problems(job)
    problems.update(wrong or dict(_together(job)))
    problems.update(_key(job))
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
    if not source.is_local and not dest.is_local:
        yield "dest", "One side has to be on this machine: rsync does not copy between two other hosts."
    if not dest.is_local and WILDCARDS.search(dest.path):
        yield "dest", "On another host *, ? and [ stand for other names. Choose a folder without them."
    if dest.is_local and normal_path(dest.path) == "/":
        yield "dest", "The destination cannot be / itself. Choose a folder for the copies."
    elif source.is_local and dest.is_local:
        yield from _nested(job, source.path, dest.path)


def _nested(job: Job, source: str, dest: str) -> Iterator[tuple[str, str]]:
    folder = normal_path(source)
    if normal_path(dest) == folder or normal_path(resulting_folder(job)) == folder:
        yield "dest", f"The files would be copied onto themselves. Choose a folder outside {folder}."
    elif is_inside(dest, source):
        yield (
            "dest",
            f"This folder lies inside the source, so the backup would copy itself. Choose a folder outside {folder}.",
        )
    elif is_inside(source, dest):
        yield "dest", f"The source lies inside this folder. Choose a folder that does not contain {folder}."


def _key(job: Job) -> Iterator[tuple[str, str]]:
    key = job.settings.ssh.key
    if key is None:
        return
    if not key.startswith("/") or HOSTILE.search(key) or len(key.encode(errors="replace")) > 4095:
        yield "ssh_key", "Enter the whole path of the private key, for example /root/.ssh/id_ed25519."
    elif set(key) & set("%$"):
        yield "ssh_key", "ssh gives % and $ in a key's path a meaning of its own. Rename the key."
    elif "daemon" in _kinds(job):
        yield "ssh_key", "An rsync daemon knows passwords, not keys. Leave this empty."


def _kinds(job: Job) -> set[str]:
    kinds: set[str] = set()
    for text in (job.source, job.dest):
        try:
            kinds.add(parse_location(text).kind)
        except InvalidLocation:
            continue
    return kinds


def resulting_folder(job: Job) -> str:
    """The folder at the destination that will hold the source's files ("" if a side is not valid).

    rsync's rule: without a closing slash the source's last name is made at the destination,
    with one (or `.`, `..`, or a daemon's bare module) only its contents are copied there.
    """
    try:
        source, _ = parse_location(job.source), parse_location(job.dest)
    except InvalidLocation:
        return ""
    name = name_made(source)
    if not name:
        return job.dest.rstrip("/") or "/"
    return f"{job.dest.rstrip('/')}/{name}"


def name_made(source: Location) -> str:
    if source.kind == "daemon" and "/" not in source.path:
        return ""
    name = posixpath.basename(source.path)
    return "" if name in (".", "..") else name


def find_warnings(job: Job, as_root: bool) -> tuple[str, ...]:
    """What this job will lose or cannot do: shown, not refused."""
    try:
        source, dest = parse_location(job.source), parse_location(job.dest)
    except InvalidLocation:
        return ()
    return (*_ownership(dest, as_root), *_reading(source, as_root), *_wishes(job))


def _ownership(dest: Location, as_root: bool) -> Iterator[str]:
    if dest.kind == "daemon":
        yield "Owners and groups are kept only if the daemon's module is set up for it (as root)."
    elif dest.kind == "ssh" and dest.user != "root":
        whose = dest.user or "the remote user"
        yield f"All copies will belong to {whose} at {dest.host}: only root there can keep owners and groups."
    elif dest.is_local and not as_root:
        yield (
            "Backup Manager does not run as root, so owners are lost: all copies will belong to "
            "the user it runs as. Devices are left out."
        )


def _reading(source: Location, as_root: bool) -> Iterator[str]:
    if source.is_local and not as_root:
        yield "Files that the user of Backup Manager may not read are left out and listed after the run."


def _wishes(job: Job) -> Iterator[str]:
    settings = job.settings
    if settings.include and not settings.exclude:
        yield "“Include” has no effect here: it only lets files in that “Leave out” would catch."
    for option, what in (("acls", "access lists"), ("xattrs", "extended attributes")):
        if option in settings.options:
            yield f"Keeping {what} needs file systems that support them on both sides."
