"""Which files a tool's processes work on now, from what they have open; looks only."""

import os
from collections.abc import Iterable
from typing import NamedTuple

from core.leftovers import original
from core.process_facts import open_files
from engines.base import Engine
from utils.text import visible


class OpenWork(NamedTuple):
    """`current_file` is fit to show, relative to its side ("" = unknown); `temporary` are real paths."""

    current_file: str = ""
    temporary: tuple[str, ...] = ()


def open_work(engine: Engine, pids: Iterable[int], source: str, dest: str) -> OpenWork:
    """One look at the open files below source and destination (remote sides match nothing).

    Both are given as real paths, because the kernel names open files by theirs.
    """
    current, temporary = "", []
    for path, writes in open_files(pids):
        if writes and engine.temporary_file(path):
            temporary.append(path)
        elif not writes and _below(path, source):
            current = _relative(path, source)
    if not current and temporary:
        current = _relative(original(engine.partial_files(temporary[-1])[0]), dest)
    return OpenWork(visible(current), tuple(sorted(temporary)))


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _relative(path: str, folder: str) -> str:
    return os.path.basename(path) if path == folder else os.path.relpath(path, folder)
