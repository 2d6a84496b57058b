"""Temporary and partial files that a tool left at a local destination: found exactly, removed, nothing else."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime

from core.process_facts import all_pids, open_files
from engines.base import Engine
from models.job import Job
from models.run import Run
from utils.clock import parse_utc


def still_there(engine: Engine, temporary: Iterable[str]) -> tuple[str, ...]:
    """Of the temporary files and the partial files they became, those that exist now.

    Also a partial file's name where its folder is empty: a tool that was stopped between making
    the folder and filling it leaves that behind.
    """
    candidates: dict[str, None] = {}
    for path in temporary:
        candidates[path] = None
        candidates.update(dict.fromkeys(engine.partial_files(path)))
    return tuple(path for path in candidates if os.path.lexists(path) or _would_be_alone(path))


def remove(paths: Iterable[str]) -> int:
    """Remove the files and folders left empty for them; how many files went."""
    return sum(_remove_one(path) for path in paths)


def _remove_one(path: str) -> bool:
    """The folder that held it keeps its times: they are a copy of the source's."""
    folder = os.path.dirname(path)
    holder = os.path.dirname(folder) if _is_for_partial_files(folder) else folder
    try:
        times = os.stat(holder)
        was_there = _unlink(path)
        _remove_if_empty(folder)
        os.utime(holder, ns=(times.st_atime_ns, times.st_mtime_ns))
    except OSError:
        return False
    return was_there


def _unlink(path: str) -> bool:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    return True


def _remove_if_empty(folder: str) -> None:
    """A partial folder is ours and goes; a folder of the person's is never called like one."""
    if _is_for_partial_files(folder):
        with suppress(OSError):
            os.rmdir(folder)


def _would_be_alone(path: str) -> bool:
    folder = os.path.dirname(path)
    if not _is_for_partial_files(folder):
        return False
    try:
        return not os.listdir(folder)
    except OSError:
        return False


def _is_for_partial_files(folder: str) -> bool:
    return os.path.basename(folder).startswith(".rsync-partial")


def sweep(engine: Engine, job: Job, run: Run) -> int:
    """Remove what stopped tries of the run's work left at a local destination; how many files went."""
    found = list(run.unfinished)
    if run.sweep_since:
        found += search(engine, job, parse_utc(run.sweep_since))
    return remove(found)


def search(engine: Engine, job: Job, since: datetime) -> tuple[str, ...]:
    """What a tool that was killed has left since then, by looking through the whole destination.

    A file counts only if its name is one that the tool makes for a file of the source, it was
    created since, the source has no file of that very name, and no process has it open.
    """
    source, dest = os.path.normpath(job.source), _copied_folder(engine, job)
    found = [
        path for path in _walk(dest) if engine.temporary_file(path) and _is_ours(engine, path, source, dest, since)
    ]
    if not found:
        return ()
    busy = {path for path, _writes in open_files(all_pids())}
    return tuple(path for path in found if path not in busy)


def _copied_folder(engine: Engine, job: Job) -> str:
    """The folder at the destination that the source folder becomes."""
    is_file = not os.path.isdir(job.source)
    return os.path.normpath(job.dest if is_file else engine.resulting_folder(job))


def _walk(top: str) -> Iterator[str]:
    for folder, _folders, names in os.walk(top):
        for name in names:
            yield os.path.join(folder, name)


def _is_ours(engine: Engine, path: str, source: str, dest: str, since: datetime) -> bool:
    is_folder = os.path.isdir(source)
    top = source if is_folder else os.path.dirname(source)
    twins = [os.path.join(top, os.path.relpath(original(name), dest)) for name in engine.partial_files(path)]
    if not is_folder:  # of its neighbours nothing is copied
        twins = [twin for twin in twins if twin == source]
    same_name = os.path.join(top, os.path.relpath(path, dest))
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return False
    created_since = status.st_ctime >= since.timestamp() - 1.0
    return created_since and any(map(os.path.lexists, twins)) and not os.path.lexists(same_name)


def original(partial: str) -> str:
    """The file at the destination that the partial file `folder/.partial/name` belongs to."""
    return os.path.join(os.path.dirname(os.path.dirname(partial)), os.path.basename(partial))
