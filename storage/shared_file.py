"""Replacing a file at once: whole, durable, with the owner and rights it had; not what stands in it."""

import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from models.errors import AppError, StoreUnavailable
from storage.exchange import exchange

SUFFIX = ".backup-manager-new"
_ACL = "system.posix_acl_access"
_CAUSES = {
    errno.ENOSPC: "the disk is full. Free some space and try again",
    errno.EDQUOT: "the disk quota is used up. Free some space and try again",
    errno.EROFS: "the file system is read-only. Make it writable and try again",
    errno.EIO: "the disk reports an error. Check the disk before anything else",
    errno.EACCES: "that is not permitted. Correct the owner or mode of the data folder",
    errno.EPERM: "that is not permitted. Correct the owner or mode of the data folder",
}


@dataclass(frozen=True, slots=True)
class Written:
    """What was put in a file's place: the bytes, and mtime in ns, size, inode of the new file."""

    content: bytes
    key: tuple[int, int, int]


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
    path: Path, change: Callable[[bytes | None], bytes], *, durable: bool = True, then: Callable[[], None] | None = None
) -> Written:
    """Change a file that other programs write too; returns what was put there.

    `change` gets the present bytes (None: there is no file) and returns the wanted ones; it is
    called again on what came out if somebody wrote meanwhile, and may raise an `AppError`, which
    leaves the file to the other. Owner, group, mode and ACL are kept; links are written through.
    `then` is called once the file is in place but its name not yet durable: what it makes durable
    on the same file system makes the name durable too, at one price.
    """
    target = Path(os.path.realpath(path))
    try:
        written = _rewrite(target, change, durable)
        if then is not None:
            then()
        if durable:
            sync_folder(target.parent)
    except OSError as error:
        raise unavailable(path, error) from error
    return written


def _rewrite(target: Path, change: Callable[[bytes | None], bytes], durable: bool) -> Written:
    base = expected = read_file(target)
    for _ in range(20):
        try:
            content = change(base)
        except AppError:
            if base != expected and base is not None:
                _put(target, base, expected, durable)
                sync_folder(target.parent)
            raise
        came_out, written = _put(target, content, expected, durable)
        if came_out == expected and written is not None:
            return written
        base, expected = came_out, content if written else came_out
    raise OSError(errno.EBUSY, "another program keeps writing it")


def _put(target: Path, content: bytes, expected: bytes | None, durable: bool) -> tuple[bytes | None, Written | None]:
    """Write the file; returns what was there just before, and what was put in its place, if it was.

    Where the file system cannot exchange, nothing is put over something unexpected.
    """
    with new_file(target) as (descriptor, name):
        _keep_rights(target, descriptor)
        _write(descriptor, content, durable)
        exchanged = expected is not None and exchange(name, target)
        came_out = read_file(name if exchanged else target)
        if not exchanged and came_out != expected:
            return came_out, None
        if not exchanged:
            os.replace(name, target)
        own = os.fstat(descriptor)
    return came_out, Written(content, (own.st_mtime_ns, own.st_size, own.st_ino))


def read_file(path: Path) -> bytes | None:
    """The bytes of the file, None if there is none; OSError where it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


@contextmanager
def new_file(path: Path) -> Iterator[tuple[int, Path]]:
    """A new 0600 file beside `path`, held by `flock` while its writer lives, gone at the end."""
    name = path.with_name(f".{path.name}.{os.urandom(6).hex()}{SUFFIX}")
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


def _keep_rights(target: Path, descriptor: int) -> None:
    """Give the new file owner, group, mode and ACL of the one it replaces, or refuse."""
    try:
        wanted = target.stat()
    except FileNotFoundError:
        follow_folder(target.parent, descriptor)
        return
    if not stat.S_ISREG(wanted.st_mode):
        raise OSError(errno.EINVAL, "it is not an ordinary file")
    own = os.fstat(descriptor)
    if (own.st_uid, own.st_gid) != (wanted.st_uid, wanted.st_gid):
        _give_away(target, descriptor, wanted)
    _set_acl(descriptor, _acl(target))
    os.fchmod(descriptor, stat.S_IMODE(wanted.st_mode))


def _give_away(target: Path, descriptor: int, wanted: os.stat_result) -> None:
    try:
        os.fchown(descriptor, wanted.st_uid, wanted.st_gid)
    except PermissionError as error:
        raise StoreUnavailable(
            f"{target.name} belongs to user {wanted.st_uid}, group {wanted.st_gid}, and this "
            "program may not keep it so. Start Backup Manager as that user; nothing was changed."
        ) from error


def follow_folder(folder: Path, descriptor: int) -> None:
    """Owner and mode of a new shared file: those of its folder, without the execute bits."""
    parent = folder.stat()
    if os.geteuid() == 0:
        os.fchown(descriptor, parent.st_uid, parent.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(parent.st_mode) & 0o666 | 0o600)


def _acl(target: Path) -> bytes | None:
    try:
        return os.getxattr(target, _ACL)
    except OSError as error:
        if error.errno in {errno.ENODATA, errno.ENOTSUP}:
            return None
        raise


def _set_acl(descriptor: int, acl: bytes | None) -> None:
    """Set the ACL, or take away one that the folder's default gave to the new file."""
    if acl is not None:
        os.setxattr(descriptor, _ACL, acl)
        return
    try:
        os.removexattr(descriptor, _ACL)
    except OSError as error:
        if error.errno not in {errno.ENODATA, errno.ENOTSUP}:
            raise


def sweep(folder: Path) -> None:
    """Remove new files that a killed writer left in the folder; those being written stay.

    For a shared file the caller holds its lock.
    """
    with suppress(OSError):
        for name in os.listdir(folder):
            if name.endswith(SUFFIX):
                _remove_abandoned(folder / name)


def _remove_abandoned(name: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            name.unlink()
        finally:
            os.close(descriptor)
