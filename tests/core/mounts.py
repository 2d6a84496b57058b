"""Real file systems for tests that need some: tmpfs, and ext4 in a file. Root only."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

needs_mounts = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount file systems")
needs_disks = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("mkfs.ext4") or not os.path.exists("/dev/loop-control"),
    reason="needs root, mkfs.ext4 and loop devices",
)


def image(path: Path, *options: str) -> Path:
    """An empty ext4 file system of 8 MiB, with a UUID of its own."""
    with path.open("wb") as file:
        file.truncate(8 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", *options, str(path)], check=True)
    return path


@contextmanager
def mounted(where: Path, *how: str) -> Iterator[Path]:
    """A file system at `where`, and nothing there afterwards."""
    where.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", *how, str(where)], check=True)
    try:
        yield where
    finally:
        subprocess.run(["umount", "-l", str(where)], check=True)


def memory(size: str = "1m") -> tuple[str, ...]:
    return ("-t", "tmpfs", "-o", f"size={size}", "tmpfs")


def disk(file: Path) -> tuple[str, ...]:
    return ("-o", "loop", str(file))
