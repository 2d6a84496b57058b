"""Whether this machine can make backups, point by point; it mends nothing and shows nothing."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from flask import current_app

from flask_app.utils.container import services
from models.errors import AppError
from utils.sizes import size
from utils.text import plural

SHARED = ("jobs.", "settings.", "logs", ".")  # with the legacy app and editors, or temporary; the rest is ours alone
NAMED = 5
SCARCE = 100_000_000


class Finding(NamedTuple):
    """One point that was looked at."""

    name: str
    is_good: bool
    sentence: str


def findings() -> list[Finding]:
    """Everything that was looked at, good or not."""
    folder: Path = current_app.config["SERVER"].data_dir
    places = (_data_folder(folder), _logs(folder / "logs"), _audit(), permissions(folder))
    return [*_tools(), *places, *_files(), _jobs()]


def _tools() -> Iterator[Finding]:
    for state in services().tools.all():
        version = ".".join(map(str, state.tool.version)) if state.tool else ""
        sentence = state.sentence or state.warning or (f"{version} at {state.tool.path}" if state.tool else "")
        yield Finding(state.name, state.tool is not None, sentence)


def _data_folder(folder: Path) -> Finding:
    """Whether a change could be kept, now and for a while."""
    refusal = services().jobs.unwritable()
    free = shutil.disk_usage(folder).free
    if refusal or not os.access(folder, os.W_OK | os.X_OK):
        return Finding("data folder", False, refusal or f"{folder} cannot be written.")
    if free < SCARCE:
        return Finding("data folder", False, f"{folder} has only {size(free)} free. Free space on its disk.")
    return Finding("data folder", True, f"{folder}, {size(free)} free")


def _logs(folder: Path) -> Finding:
    """Without logs runs are carried out all the same, so nobody would notice."""
    if folder.exists() and not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return Finding("logs", False, f"{folder} cannot be read and written. Check its owner and its rights.")
    return Finding("logs", True, f"{folder} can be written.")


def _audit() -> Finding:
    """Changes are made all the same, so nobody would notice here either."""
    problem = services().audit.problem()
    return Finding("audit log", not problem, problem or "It can be written.")


def permissions(folder: Path) -> Finding:
    """What is ours alone must not be open to others. What lies in a closed folder is closed."""
    open_paths = sorted(
        entry.path
        for entry in os.scandir(folder)
        if not entry.name.startswith(SHARED) and not entry.is_symlink() and _is_open(entry)
    )
    if foreign := sorted(_foreign(folder, os.geteuid())):
        mend = f"As root: chown -R {os.geteuid()} {folder}"
        return Finding("permissions", False, f"Another user made {_some(foreign)}. {mend}")
    if not open_paths:
        return Finding("permissions", True, "What is private is private.")
    names = _some(open_paths)
    return Finding("permissions", False, f"Others can read {names}. Take that away with: chmod go= {names}")


def _foreign(folder: Path, user: int) -> Iterator[str]:
    """What somebody else wrote among what is ours alone, two folders deep; root can use it all the same."""
    for entry in os.scandir(folder) if user else ():
        if entry.name.startswith(SHARED) or entry.is_symlink():
            continue
        yield from (one.path for one in (entry, *_inside(entry)) if _owner(one) not in (user, None))


def _inside(entry: "os.DirEntry[str]") -> list["os.DirEntry[str]"]:
    try:
        return list(os.scandir(entry)) if entry.is_dir(follow_symlinks=False) else []
    except (FileNotFoundError, PermissionError):  # gone meanwhile, or closed: then its owner is told
        return []


def _owner(entry: "os.DirEntry[str]") -> int | None:
    try:
        return entry.stat(follow_symlinks=False).st_uid
    except FileNotFoundError:  # a session that ended meanwhile
        return None


def _some(paths: list[str]) -> str:
    return " ".join(paths[:NAMED]) + (" …" if len(paths) > NAMED else "")


def _is_open(entry: "os.DirEntry[str]") -> bool:
    try:
        return bool(stat.S_IMODE(entry.stat(follow_symlinks=False).st_mode) & 0o077)
    except FileNotFoundError:  # it was temporary
        return False


def _files() -> Iterator[Finding]:
    problems = [problem.sentence for problem in services().jobs.snapshot().problems]
    problems += [problem.sentence for problem in (*services().settings.problems(), *services().configs.problems())]
    for read in (services().templates.all, services().remotes.names):
        try:
            read()
        except AppError as error:
            problems.append(error.message)
    if not problems:
        yield Finding("files", True, "jobs.yaml, settings.yaml, config.yaml and templates.yaml can be read.")
    yield from (Finding("files", False, sentence) for sentence in problems)


def _jobs() -> Finding:
    """Jobs that stand in the file and could not start as they are."""
    snapshot = services().jobs.snapshot()
    if snapshot.missing:
        return Finding("jobs", False, f"{plural(len(snapshot.missing), 'job')} vanished from jobs.yaml. See any page.")
    standing = ((job.name, services().queries.job_view(job.id).problem) for job in snapshot.jobs.values())
    problems = [f"{name}: {problem}" for name, problem in standing if problem]
    if problems:
        more = f" And {len(problems) - NAMED} more." if len(problems) > NAMED else ""
        return Finding("jobs", False, " ".join(problems[:NAMED]) + more)
    return Finding("jobs", True, f"{plural(len(snapshot.jobs), 'job')}, and none that is set up wrong.")
