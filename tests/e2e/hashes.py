"""What two folders must have in common to be the same, read without any copying tool: names, contents, modes, times."""

import hashlib
import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path


def entries(root: Path) -> Iterator[tuple[bytes, tuple[object, ...]]]:
    """Every path below `root` (and itself, as b".") in bytes, in order, with what it is."""
    top = os.fsencode(root)
    yield b".", _facts(top)
    for place, folders, files in os.walk(top):
        folders.sort()
        for name in sorted([*folders, *files]):
            path = os.path.join(place, name)
            yield os.path.relpath(path, top), _facts(path)


def tree_hash(root: Path) -> str:
    """One hash over everything below."""
    digest = hashlib.sha256()
    for path, facts in entries(root):
        digest.update(repr((path, facts)).encode())
    return digest.hexdigest()


def differences(left: Path, right: Path) -> list[bytes]:
    """The paths that are not the same in both, for a message that says more than two hashes."""
    one, other = dict(entries(left)), dict(entries(right))
    return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))


def complete_files(source: Path, dest: Path) -> dict[bytes, int]:
    """The sizes of the regular files that have arrived whole: there, with the size and the time of their originals."""
    there = dict(entries(dest)) if dest.exists() else {}
    return {
        path: int(str(facts[4])) for path, facts in entries(source) if facts[0] == "file" and there.get(path) == facts
    }


def dry_run(source: Path, dest: Path) -> str:
    """What rsync would still do, by checksums; empty where nothing differs."""
    command = ["rsync", "-aicn", "--delete", "--", f"{source}/", f"{dest}/"]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8", "backslashreplace")


def assert_same(source: Path, dest: Path) -> None:
    """Both judges agree that `dest` is `source`."""
    still_to_do = dry_run(source, dest)
    assert not still_to_do, still_to_do
    assert tree_hash(source) == tree_hash(dest), differences(source, dest)[:20]


def _facts(path: bytes) -> tuple[object, ...]:
    status = os.lstat(path)
    owner = (status.st_uid, status.st_gid)
    if stat.S_ISLNK(status.st_mode):
        return ("link", os.readlink(path), owner)
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISDIR(status.st_mode):
        return ("folder", mode, owner, status.st_mtime_ns)
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ("file", mode, owner, status.st_mtime_ns, status.st_size, digest)
