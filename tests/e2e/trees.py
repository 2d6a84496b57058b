"""Folders to back up, and what two folders must have in common to be the same; knows nothing of tools."""

import hashlib
import os
import stat
from pathlib import Path

MEBIBYTE = 1 << 20
AGED = 1_700_000_000_123_456_789
LARGE_FILE = "zz/large"
HARD_NAMES = (
    b"plain",
    b"with space ",
    b"-dash",
    b"quote'\"",
    b"new\nline",
    b"\xff\xfe raw",
    "café 🍰".encode(),
    b"$(x)`y",
)


def noise(size: int) -> bytes:
    """Bytes that neither compress nor repeat."""
    return os.urandom(size)


def make_tree(folder: Path, large: int = 0) -> Path:
    """Small files with hard names in two folders, a link, and `large` bytes in a file that is sent last."""
    for place in (folder, folder / "deeper down"):
        place.mkdir(parents=True, exist_ok=True)
        for number, name in enumerate(HARD_NAMES):
            Path(os.fsdecode(os.fsencode(place) + b"/" + name)).write_bytes(noise(1000 + number))
    (folder / "link").symlink_to("deeper down/plain")
    if large:
        (folder / "zz").mkdir(exist_ok=True)
        (folder / LARGE_FILE).write_bytes(noise(large))
    _age(folder)
    return folder


def _age(folder: Path) -> None:
    """As data that is backed up is: not from this very second, which rsync tells no finer apart."""
    for place, _folders, files in os.walk(os.fsencode(folder), topdown=False):
        for path in (*(os.path.join(place, name) for name in files), place):
            os.utime(path, ns=(AGED, AGED), follow_symlinks=False)


def contents(folder: Path) -> dict[bytes, tuple[object, ...]]:
    """Every entry below with its kind, rights, time and a hash of what it holds."""
    top = os.fsencode(folder)
    found: dict[bytes, tuple[object, ...]] = {}
    for place, folders, files in os.walk(top):
        for name in (*folders, *files):
            path = os.path.join(place, name)
            found[os.path.relpath(path, top)] = _entry(path)
    return found


def _entry(path: bytes) -> tuple[object, ...]:
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        return ("link", os.readlink(path))
    if stat.S_ISDIR(status.st_mode):
        return ("folder", stat.S_IMODE(status.st_mode), status.st_mtime_ns)
    digest = hashlib.sha256(Path(os.fsdecode(path)).read_bytes()).hexdigest()
    return ("file", stat.S_IMODE(status.st_mode), status.st_mtime_ns, status.st_size, digest)


def leftovers(folder: Path) -> list[str]:
    """Temporary and partial files of rsync that still lie there."""
    return [
        os.path.join(place, name)
        for place, folders, files in os.walk(folder)
        for name in (*folders, *files)
        if name == ".rsync-partial" or (name.startswith(".") and len(name.rsplit(".", 1)[-1]) == 6)
    ]
