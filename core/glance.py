"""Looks at folders of this machine in a process of its own, which can be left where a dead mount keeps it waiting.

Run as a script, by the standard library alone: one question as JSON on its input, one answer on its output.
Bytes of names that are no UTF-8 travel as lone surrogates. It changes nothing.
"""

import errno
import json
import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
_BATCH = 500

# Which folders may be looked at


def is_open(path: str, roots: Sequence[str], closed: Sequence[str]) -> bool:
    """Whether the longest of all folders that hold `path` is one of the roots."""
    return _deepest(path, roots) > _deepest(path, closed)


def _deepest(path: str, folders: Sequence[str]) -> int:
    return max((len(folder.rstrip("/")) for folder in folders if _holds(folder, path)), default=-1)


def _holds(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def nearest(path: str) -> str:
    """The real folder that `path` names, or the closest one above it."""
    while not os.path.isdir(path) and path != "/":
        path = os.path.dirname(path.rstrip("/")) or "/"
    return os.path.realpath(path)


@contextmanager
def opened(real: str) -> Iterator[int]:
    """A folder by its real path, opened name by name: a link put in its way meanwhile is not followed."""
    descriptor = os.open("/", _OPEN)
    try:
        for part in filter(None, real.split("/")):
            below = os.open(part, _OPEN, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
        yield descriptor
    finally:
        os.close(descriptor)


# The questions


def folder(path: str, roots: list[str], closed: list[str], **how: Any) -> dict[str, Any]:
    """The folders in a folder, a part of them; `refused` says why not: `outside` or the number of an error."""
    try:
        real = nearest(path) if how["or_above"] else os.path.realpath(path, strict=True)
        if not is_open(real, roots, closed) and not is_open(real, [os.path.realpath(root) for root in roots], closed):
            return {"path": real, "refused": "outside"}
        with opened(real) as descriptor:
            room = os.fstatvfs(descriptor)
            found = _found(descriptor, real, how)
            return {
                "path": real,
                **found,
                "free": room.f_bavail * room.f_frsize,
                "total": room.f_blocks * room.f_frsize,
            }
    except OSError as error:
        # What lies outside is not even said to be there or not.
        is_inside = is_open(os.path.normpath(path), roots, closed)
        return {"path": path, "refused": (error.errno or errno.EIO) if is_inside else "outside"}


def _found(descriptor: int, real: str, how: dict[str, Any]) -> dict[str, Any]:
    until, wanted = time.monotonic() + how["seconds"], how["find"].casefold()
    folders, others, seen, is_cut = [], 0, 0, False
    with os.scandir(descriptor) as entries:
        for entry in entries:
            seen += 1
            if seen > how["most"] or (seen % _BATCH == 0 and time.monotonic() > until):
                is_cut = True
                break
            kind = _kind(entry, descriptor, real, how["distant"])
            if not kind:
                others += 1
            elif wanted in entry.name.casefold():
                folders.append((entry.name, kind))
    folders.sort(key=lambda one: (one[0].startswith("."), one[0].casefold(), one[0]))
    first = how["first"] if how["first"] < len(folders) else 0
    rows = folders[first : first + how["rows"]]
    return {"rows": rows, "first": first, "count": len(folders), "others": others, "is_cut": is_cut}


def _kind(entry: "os.DirEntry[str]", descriptor: int, real: str, distant: list[str]) -> str:
    """`folder`, `link` or "" for what is no folder. A link to a mount that may be dead is not asked where it leads."""
    if not entry.is_symlink():
        return "folder" if entry.is_dir(follow_symlinks=False) else ""
    try:
        target = os.path.normpath(os.path.join(real, os.readlink(entry.name, dir_fd=descriptor)))
        if any(_holds(mount, target) for mount in distant):
            return "link"
        return "link" if stat.S_ISDIR(os.stat(entry.name, dir_fd=descriptor).st_mode) else ""
    except OSError:
        return ""


def rooms(paths: list[str], seconds: float) -> dict[str, Any]:
    """Path → the folder there or above it with its room, an error's number, or nothing where it does not answer."""
    found: dict[str, Any] = {}

    def ask(path: str) -> None:
        try:
            place = nearest(path)
            room = os.statvfs(place)
            found[path] = [place, room.f_bavail * room.f_frsize, room.f_blocks * room.f_frsize]
        except OSError as error:
            found[path] = error.errno

    threads = [threading.Thread(target=ask, args=(path,), daemon=True) for path in paths]
    for thread in threads:
        thread.start()
    until = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return dict(found)


def weights(root: str, names: list[str], seconds: float) -> dict[str, Any]:
    """For each name below `root`, as far as the time goes, how many files it holds and their bytes."""
    until, found, is_cut = time.monotonic() + seconds, [], False
    for name in names:
        files, size, is_cut = _weight(os.path.join(root, name) if name else root, until)
        found.append([files, size])
        if is_cut:
            break
    return {"weights": found, "is_cut": is_cut}


def _weight(path: str, until: float) -> tuple[int, int, bool]:
    files = size = 0
    waiting = [path]
    while waiting:
        if time.monotonic() > until:
            return files, size, True
        one = waiting.pop()
        try:
            facts = os.lstat(one)
            if stat.S_ISDIR(facts.st_mode):
                waiting += [os.path.join(one, name) for name in os.listdir(one)]
                continue
        except OSError:
            continue
        files += 1
        size += facts.st_size if stat.S_ISREG(facts.st_mode) else 0
    return files, size, False


def main() -> None:
    question = json.load(sys.stdin)
    answers: dict[str, Callable[..., dict[str, Any]]] = {"folder": folder, "rooms": rooms, "weights": weights}
    answer = answers[question.pop("ask")](**question)
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    os._exit(0)  # a thread may still wait for a dead mount


if __name__ == "__main__":
    main()
