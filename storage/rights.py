"""Owner, group, mode and ACL of a file that other programs share; not its contents."""

import errno
import os
import stat
from pathlib import Path

from models.errors import StoreUnavailable

_ACL = "system.posix_acl_access"


def keep_rights(target: Path, descriptor: int) -> None:
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
