"""Looks into the copy of a job, one folder at a time; it changes nothing and follows no link out of the copy."""

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from core.process import capture
from engines.base import Context, Engine, Entry
from models.errors import AppError, InvalidInput
from models.job import Job
from utils.clock import utc_text
from utils.text import visible, visible_name

ROWS = 500
LONGEST = 4095
_PATIENCE = 30.0
_LAST_WORDS = 5
_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class CannotBrowse(AppError):
    """The copy, or a folder of it, cannot be looked at."""

    code = "cannot_browse"


@dataclass(frozen=True, slots=True)
class FolderPage:
    """Some rows of one folder of a copy: folders first, then by name. `total` counts all of them."""

    folder: bytes
    rows: tuple[Entry, ...]
    total: int
    page: int
    pages: int


def checked(name: bytes) -> bytes:
    """A path relative to the copy's root, "" for the root itself; `InvalidInput` for anything that could leave it."""
    parts = name.split(b"/") if name else []
    if b"\0" in name or len(name) > LONGEST or any(part in {b"", b".", b".."} for part in parts):
        raise InvalidInput({"paths": f"{visible_name(name[:200])} is not the name of a file or folder in the copy."})
    return name


def page_of(
    folder: bytes, entries: Iterable[Entry], number: int, facts: Callable[[Entry], Entry] = lambda entry: entry
) -> FolderPage:
    """One page of the entries; `facts` adds what only a row that is shown needs."""
    rows = sorted(entries, key=_order)
    pages = max(1, -(-len(rows) // ROWS))
    number = min(max(1, number), pages)
    shown = rows[(number - 1) * ROWS : number * ROWS]
    return FolderPage(folder, tuple(facts(entry) for entry in shown), len(rows), number, pages)


def _order(entry: Entry) -> tuple[bool, bytes, bytes]:
    return (not entry.is_folder, entry.name.lower(), entry.name)


# On this machine


def local_page(root: bytes, folder: bytes, number: int, only: bytes = b"") -> FolderPage:
    """A page of a folder on this machine; `only` is the one name that counts (none = all). `CannotBrowse` in words."""
    with opened(root, folder) as descriptor:
        entries = (entry for entry in local_entries(descriptor) if only in (b"", entry.name))
        return page_of(folder, entries, number, lambda entry: _with_facts(descriptor, entry))


@contextmanager
def opened(root: bytes, folder: bytes) -> Iterator[int]:
    """The folder below `root`, reached name by name, so that no link leads out of the copy."""
    descriptors: list[int] = []
    try:
        descriptors.append(os.open(root, _OPEN))
        for part in folder.split(b"/") if folder else ():
            descriptors.append(os.open(part, _OPEN | os.O_NOFOLLOW, dir_fd=descriptors[-1]))
        yield descriptors[-1]
    except OSError as error:
        raise CannotBrowse(_sentence(root, folder, error)) from error
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def local_entries(descriptor: int) -> Iterator[Entry]:
    """Every name of an open folder; a link is no folder, wherever it leads."""
    with os.scandir(descriptor) as found:
        for entry in found:
            yield Entry(os.fsencode(entry.name), entry.is_dir(follow_symlinks=False))


def _with_facts(descriptor: int, entry: Entry) -> Entry:
    """A file that went away meanwhile keeps its row, without facts."""
    try:
        status = os.stat(entry.name, dir_fd=descriptor, follow_symlinks=False)
    except OSError:
        return entry
    size = status.st_size if stat.S_ISREG(status.st_mode) else None
    return entry._replace(size=size, modified=utc_text(datetime.fromtimestamp(status.st_mtime, UTC)))


def _sentence(root: bytes, folder: bytes, error: OSError) -> str:
    place = visible_name(os.path.join(root, folder) if folder else root)
    if error.errno == errno.ENOENT and not folder:
        return f"{place} does not exist. If the copy is on a disk that can be unplugged, plug it in."
    if error.errno == errno.ENOENT:
        return f"{place} is not in the copy any more."
    if error.errno in {errno.ENOTDIR, errno.ELOOP}:
        return f"{place} is a file or a link, not a folder. It is restored as it is."
    return f"{place} cannot be looked at: {(error.strerror or 'input/output error').lower()}."


# Elsewhere


def remote_entries(engine: Engine, job: Job, folder: bytes, context: Context) -> tuple[Entry, ...]:
    """Every name of a folder elsewhere, by the engine's own tool; `CannotBrowse` in words."""
    step = engine.listing_step(job, folder, context)
    if step is None:
        raise CannotBrowse("This engine cannot list a folder of its copy.")
    try:
        said = capture(step.argv, step.environment, _PATIENCE, apart=True)
    except OSError as error:
        reason = (error.strerror or "unknown cause").lower()
        raise CannotBrowse(f"{step.argv[0]} could not be started: {reason}.") from error
    if said.timed_out:
        raise CannotBrowse(f"The other side did not answer within {round(_PATIENCE)} s. Try again a little later.")
    if said.exit_code:
        raise CannotBrowse(_refused(engine, said.exit_code, said.errors or said.output))
    try:
        return engine.listing(said.output)
    except ValueError as error:
        raise CannotBrowse("The tool's list of this folder could not be read.") from error


def _refused(engine: Engine, exit_code: int, output: bytes) -> str:
    tail = tuple(visible(line) for line in output.decode(errors="replace").splitlines()[-_LAST_WORDS:])
    verdict = engine.verdict(exit_code, tail) if exit_code > 0 else None
    words = verdict.reason if verdict else ""
    return f"The copy could not be looked at: {words or 'the tool was ended from outside.'}"
