"""One change of jobs.yaml in a child whose system calls strace watches, fails or uses to kill it."""

import json
import os
import re
import select
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.errors import AppError
from models.job import JobSettings
from models.progress import Progress
from storage.data_folder import DataFolder
from storage.exchange import exchange
from storage.job_status import write_status
from storage.job_store import JobStore
from tests import build
from tests.faults.yaml_writers import BY_HAND

ERRORS = ("ENOSPC", "EIO", "EROFS")
CALLS = (
    "openat,open,stat,lstat,newfstatat,fstat,read,pread64,write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,"
    "unlink,unlinkat,chmod,fchmod,fchown,chown,flock,close,getdents64,getxattr,setxattr,fsetxattr,fremovexattr,"
    "ftruncate,lseek,readlink,mkdir,access,statfs"
)
_LINE = re.compile(r"^(?:\d+\s+)?(\w+)\(")
_DEADLINE = 20.0
JOB = "3f2b6c1e-0000-4000-8000-000000000001"
NEW_JOB = "3f2b6c1e-0000-4000-8000-000000000002"


@dataclass(frozen=True)
class Call:
    """The `nth` call of that name, counted from the moment at which the change begins."""

    name: str
    nth: int


@dataclass(frozen=True)
class Ending:
    """How the child ended: `done`, `refused` (an AppError, in words), `killed`, or `failed`."""

    word: str
    text: str = ""


def _create(folder: DataFolder, store: JobStore) -> None:
    store.create(build.job(id=NEW_JOB, name="Second"))


def _edit(folder: DataFolder, store: JobStore) -> None:
    store.update(build.job(id=JOB, name="Renamed", settings=JobSettings(bandwidth_limit=7)))


def _status(folder: DataFolder, store: JobStore) -> None:
    store.set_status(JOB, "running", Progress(percent=3.0))


def _text_status(folder: DataFolder, store: JobStore) -> None:
    if not write_status(folder, JOB, "running", Progress(percent=3.0)):
        raise AppError("It is left to a process that knows YAML.")


def _delete(folder: DataFolder, store: JobStore) -> None:
    store.delete(JOB)


CHANGES: dict[str, Callable[[DataFolder, JobStore], None]] = {
    "create": _create,
    "edit": _edit,
    "status": _status,
    "supervisor's status": _text_status,
    "delete": _delete,
}


def fresh_folder(place: Path) -> DataFolder:
    """A data folder with one job of ours and one written by hand."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    folder = build.data_folder(place)
    folder.jobs_file.write_text(BY_HAND)
    JobStore(folder).create(build.job(id=JOB, name="First"))
    return folder


def calls_of(change: str, place: Path) -> list[Call]:
    """Every file system call of one change, in order."""
    _, trace = traced(change, place, ())
    counts: dict[str, int] = {}
    calls = []
    for line in trace.splitlines():
        match = _LINE.match(line)
        if match:
            counts[match[1]] = counts.get(match[1], 0) + 1
            calls.append(Call(match[1], counts[match[1]]))
    return calls[1:-1]  # without the read that waits for the start and the write that says the ending


def injected(change: str, place: Path, call: Call, what: str) -> Ending:
    """The change with one call failing (`error=EIO`) or killing (`signal=KILL`) the process."""
    nth = call.nth + (call.name == "read")
    return traced(change, place, ("-e", f"inject={call.name}:{what}:when={nth}"))[0]


def traced(change: str, place: Path, options: tuple[str, ...]) -> tuple[Ending, str]:
    folder = fresh_folder(place)
    exchange(folder.root / "none", folder.root / "none")  # what is imported late is imported now
    begin, begin_writer = os.pipe()
    words, words_writer = os.pipe()
    child = os.fork()
    if child == 0:
        _be_changer(folder, change, begin, words_writer)
    for descriptor in (begin, words_writer):
        os.close(descriptor)
    trace = place / "trace"
    os.read(words, 6)
    strace = subprocess.Popen(
        ["strace", "-o", str(trace), "-e", f"trace={CALLS}", *options, "-p", str(child)], stderr=subprocess.PIPE
    )
    try:
        _wait_for_strace(strace)
        os.write(begin_writer, b"go")
        ending = _ending(child, words)
    finally:
        os.close(begin_writer)
        strace.wait(_DEADLINE)
        if strace.stderr is not None:
            strace.stderr.close()
    return ending, trace.read_text()


def _be_changer(folder: DataFolder, change: str, begin: int, words: int) -> None:
    """Never returns."""
    word, text = "failed", "it was not told to begin"
    try:
        store = JobStore(folder)
        store.snapshot()
        os.write(words, b"ready\n")
        os.read(begin, 2)
        word, text = "done", ""
        CHANGES[change](folder, store)
    except AppError as error:
        word, text = "refused", error.message
    except BaseException as error:  # noqa: BLE001
        word, text = "failed", f"{type(error).__name__}: {error}"
    finally:
        try:
            os.write(words, json.dumps([word, text]).encode())
        finally:
            os._exit(0)


def _wait_for_strace(strace: subprocess.Popen[bytes]) -> None:
    """Until it has attached; then every call of the child is seen."""
    said = b""
    deadline = time.monotonic() + _DEADLINE
    while b"attached" not in said:
        if strace.stderr is None or time.monotonic() > deadline:
            raise RuntimeError(f"strace does not attach: {said!r}")
        if select.select([strace.stderr], [], [], 0.1)[0]:
            chunk = os.read(strace.stderr.fileno(), 4096)
            if not chunk:
                raise RuntimeError(f"strace does not attach: {said!r}")
            said += chunk


def _ending(child: int, words: int) -> Ending:
    try:
        said = os.read(words, 1 << 16)
    finally:
        os.close(words)
        _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return Ending("killed")
    return Ending(*json.loads(said)) if said else Ending("failed", "it said nothing")
