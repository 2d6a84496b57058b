"""What /proc says about processes: who they are, what they have open, whether they work; changes nothing."""

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from models.run import ProcessIdentity

RUN_VARIABLE = "BACKUP_MANAGER_RUN"
_NO_FILES = ("/dev/", "/proc/")
_SHARED_MEMORY = "/dev/shm/"  # noqa: S108  # nosec B108 # a name to compare with; nothing is made there


@cache
def boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def identity(pid: int) -> ProcessIdentity | None:
    """Who `pid` is now; None if there is no such process. A zombie counts as none."""
    stat = _stat(pid)
    if stat is None or stat[0] in "ZXx":
        return None
    return ProcessIdentity(pid, int(stat[19]), boot_id())


def is_alive(who: ProcessIdentity | None) -> bool:
    """Whether exactly this process lives: not a zombie, not another one with its pid."""
    return who is not None and who.boot_id == boot_id() and identity(who.pid) == who


def _stat(pid: int) -> list[str] | None:
    """Fields of /proc/<pid>/stat from the state (field 3) on."""
    try:
        content = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    return content[content.rindex(b")") + 2 :].decode("ascii").split()


def all_pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def is_held(pid: int) -> bool:
    """Whether the process is stopped, or gone: it opens nothing more."""
    stat = _stat(pid)
    return stat is None or stat[0] in "TtZXx"


def group_members(group: int) -> list[int]:
    """Pids of the living processes of a process group."""
    return [pid for pid in all_pids() if _group(pid) == group]


class Group:
    """The living processes of one process group, looked up again and again.

    Not every kernel lists the children of a process, so all processes are looked at; those that
    turned out to be strangers are remembered and cost nothing the next time.
    """

    def __init__(self, group: int) -> None:
        self._group = group
        self._strangers: set[int] = set()

    def members(self) -> list[int]:
        pids = set(all_pids())
        self._strangers &= pids
        found = [pid for pid in sorted(pids - self._strangers) if _group(pid) == self._group]
        self._strangers = pids.difference(found)
        return found


def _group(pid: int) -> int:
    stat = _stat(pid)
    return int(stat[2]) if stat and stat[0] not in "ZXx" else 0


def groups_of_run(run_id: str, session: int = 0) -> list[int]:
    """Process groups whose members carry the run's id in their environment (the tool and its children).

    In the midst of execve a process has no environment: then it counts if it is of `session`,
    which is the pid of the run's supervisor.
    """
    mark = f"{RUN_VARIABLE}={run_id}".encode()
    groups = {_group(pid) for pid in all_pids() if _is_of_run(pid, mark, session)}
    return sorted(groups - {0, os.getpgrp()})


def _is_of_run(pid: int, mark: bytes, session: int) -> bool:
    environment = _environment(pid)
    if environment == [b""] and session:
        stat = _stat(pid)
        return stat is not None and int(stat[3]) == session
    return mark in environment


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def open_files(pids: Iterable[int]) -> list[tuple[str, bool]]:
    """Regular files that the processes have open: (path, open for writing), newest descriptors last."""
    found = []
    for pid in pids:
        for descriptor in _descriptors(pid):
            entry = _open_file(pid, descriptor)
            if entry is not None:
                found.append(entry)
    return found


def _descriptors(pid: int) -> list[str]:
    try:
        return sorted(os.listdir(f"/proc/{pid}/fd"), key=int)
    except OSError:
        return []


def _open_file(pid: int, descriptor: str) -> tuple[str, bool] | None:
    try:
        path = os.readlink(f"/proc/{pid}/fd/{descriptor}")
        if not path.startswith("/") or (path.startswith(_NO_FILES) and not path.startswith(_SHARED_MEMORY)):
            return None
        flags = Path(f"/proc/{pid}/fdinfo/{descriptor}").read_text().split("flags:", 1)[1].split(None, 1)[0]
    except (OSError, IndexError):
        return None
    return path, int(flags, 8) & os.O_ACCMODE != os.O_RDONLY


def io_total(pids: Iterable[int]) -> int:
    """Characters read and written by the processes so far; it grows as long as they work."""
    return sum(_io(pid) for pid in pids)


def _io(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/io").read_text().split("\n")
        return int(lines[0].split()[1]) + int(lines[1].split()[1]) + int(lines[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0
