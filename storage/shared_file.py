"""Replacing a file at once: whole, durable, with the owner and rights it had; not what stands in it."""

import errno
import fcntl
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, Protocol

from models.errors import AppError, StoreUnavailable
from storage.exchange import exchange, give_back
from storage.file_text import file_key
from storage.rights import keep_rights

SUFFIX = ".backup-manager-new"
_CAUSES = {
    errno.ENOSPC: "the disk is full. Free some space and try again",
    errno.EDQUOT: "the disk quota is used up. Free some space and try again",
    errno.EROFS: "the file system is read-only. Make it writable and try again",
    errno.EIO: "the disk reports an error. Check the disk before anything else",
    errno.EACCES: "that is not permitted. Correct the owner or mode of the data folder",
    errno.EPERM: "that is not permitted. Correct the owner or mode of the data folder",
}


class Written(NamedTuple):
    """What was put in a file's place: the bytes, and mtime in ns, size, inode of the new file.

    `displaced` is where something unexpected lies that came out, until it is merged.
    """

    content: bytes
    key: tuple[int, int, int]
    displaced: Path | None = None


class Witness(Protocol):
    """Hears of a change before it is in place, so that a kill leaves no change that nobody knows of."""

    def begin(self, stood: tuple[bytes, ...]) -> None:
        """What `change` returned last is being put in place now; `stood` are those that lay there before it."""

    def withdraw(self) -> None:
        """What has begun was not put in place, or no longer is; maybe nothing has begun."""

    def settle(self) -> None:
        """It is in place; whatever is to be durable about it is made so."""


@contextmanager
def best_effort() -> Iterator[None]:
    """For what is worth doing but not worth a refusal: a full or failing disk costs only this."""
    with suppress(OSError, StoreUnavailable):
        yield


def unavailable(path: Path, error: OSError) -> StoreUnavailable:
    """The refusal, in words, for an `OSError` met while `path` was written."""
    cause = _CAUSES.get(error.errno or 0, error.strerror or "unknown cause")
    return StoreUnavailable(f"{path.name} in {path.parent} could not be saved: {cause}.")


def replace_file(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Put `content` in the place of a file of ours alone (0600 under any umask), or create it.

    A reader sees the old or the new, never a part. `durable`: it is on the disk at return.
    `StoreUnavailable` leaves the old file as it was.
    """
    try:
        with new_file(path) as (descriptor, name):
            _write(descriptor, content, durable)
            os.replace(name, path)
        if durable:
            sync_folder(path.parent)
    except OSError as error:
        raise unavailable(path, error) from error


def rewrite_file(
    path: Path,
    change: Callable[[bytes | None], bytes],
    *,
    durable: bool = True,
    witness: Witness | None = None,
) -> Written:
    """Change a file that other programs write too; returns what was put there.

    `change` gets the present bytes (None: there is no file) and returns the wanted ones; it is
    called again on what came out if somebody wrote meanwhile, and may raise an `AppError`, which
    leaves the file to the other. Owner, group, mode and ACL are kept; links are written through.
    What the witness makes durable on the same file system makes the name durable too, at one price.
    """
    target = Path(os.path.realpath(path))
    try:
        written = _rewrite(target, change, durable, witness)
        if witness is not None:
            witness.settle()
        if durable:
            sync_folder(target.parent)
    except OSError as error:
        raise unavailable(path, error) from error
    return written


def _rewrite(target: Path, change: Callable[[bytes | None], bytes], durable: bool, witness: Witness | None) -> Written:
    displaced: list[Path] = []
    try:
        return _merge(target, change, durable, witness, displaced)
    finally:
        for path in displaced:
            path.unlink(missing_ok=True)


def _merge(
    target: Path,
    change: Callable[[bytes | None], bytes],
    durable: bool,
    witness: Witness | None,
    displaced: list[Path],
) -> Written:
    base = expected = read_file(target)
    stood: tuple[bytes, ...] = ()
    for _ in range(20):
        try:
            content = change(base)
        except AppError:
            if base != expected and base is not None:
                give_back(displaced[-1], target, expected)
                sync_folder(target.parent)
                _withdraw(witness)
            raise
        came_out, written = _put_seen(target, content, expected, durable, witness, stood)
        if came_out == expected and written is not None:
            return written
        if written is not None:
            stood = (*stood, content)
            displaced += filter(None, (written.displaced,))
        base, expected = came_out, content if written else came_out
    raise OSError(errno.EBUSY, "another program keeps writing it")


def _put_seen(
    target: Path,
    content: bytes,
    expected: bytes | None,
    durable: bool,
    witness: Witness | None,
    stood: tuple[bytes, ...],
) -> tuple[bytes | None, Written | None]:
    """`_put`, with the witness told before; and again if it came to nothing."""
    begin = None if witness is None else lambda: witness.begin(stood)
    try:
        came_out, written = _put(target, content, expected, durable, begin)
    except OSError:
        _withdraw(witness)
        raise
    if written is None:
        _withdraw(witness)
    return came_out, written


def _withdraw(witness: Witness | None) -> None:
    if witness is not None:
        witness.withdraw()


def _put(
    target: Path, content: bytes, expected: bytes | None, durable: bool, begin: Callable[[], None] | None = None
) -> tuple[bytes | None, Written | None]:
    """Write the file; returns what was there just before, and what was put in its place, if it was.

    Nothing is put over what is seen to be unexpected; what comes just then, the file system's
    exchange hands out again.
    """
    mark = f"{digest(expected)}-{digest(content)}"
    with new_file(target, mark) as (descriptor, name):
        keep_rights(target, descriptor)
        _write(descriptor, content, durable)
        key, present = file_key(target), read_file(target)
        if present != expected:
            return present, None
        if begin is not None:
            begin()
        if file_key(target) != key:  # it takes longer than everything from here to the exchange
            return read_file(target), None
        exchanged = expected is not None and exchange(name, target)
        came_out = read_file(name if exchanged else target)
        if not exchanged and came_out != expected:
            return came_out, None
        if not exchanged:
            os.replace(name, target)
        displaced = None
        if exchanged and came_out != expected:
            displaced = name.with_name(f".{target.name}.{os.urandom(6).hex()}.{mark}{SUFFIX}")
            os.rename(name, displaced)
        own = os.fstat(descriptor)
    return came_out, Written(content, (own.st_mtime_ns, own.st_size, own.st_ino), displaced)


def read_file(path: Path) -> bytes | None:
    """The bytes of the file, None if there is none; OSError where it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def digest(content: bytes | None) -> str:
    """A short mark of the bytes, for names."""
    return f"{zlib.crc32(content or b''):08x}"


@contextmanager
def new_file(path: Path, mark: str = "") -> Iterator[tuple[int, Path]]:
    """A new 0600 file beside `path`, held by `flock` while its writer lives, gone at the end."""
    name = path.with_name(f".{path.name}.{os.urandom(6).hex()}{mark and '.'}{mark}{SUFFIX}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(name, flags, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield descriptor, name
    finally:
        os.close(descriptor)
        with suppress(OSError):
            name.unlink()


def _write(descriptor: int, content: bytes, durable: bool) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    if durable:
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make names in the folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
