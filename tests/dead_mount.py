"""A mount that never answers, as of a host that is away: whoever looks into it waits until it is gone."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_LIBC = ctypes.CDLL(None, use_errno=True)
_FORCE, _DETACH = 1, 2


@contextmanager
def dead_mount(place: Path) -> Iterator[Path]:
    """A file system over FUSE whose program says nothing, not even hello. Only root may mount one."""
    if os.geteuid() != 0 or not os.access("/dev/fuse", os.R_OK | os.W_OK):
        pytest.skip("only root may mount, and only where there is FUSE")
    place.mkdir()
    silent = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={silent},rootmode=40000,user_id=0,group_id=0,subtype=sshfs".encode()
    if _LIBC.mount(b"away", os.fsencode(place), b"fuse", 0, options):
        os.close(silent)
        pytest.skip(f"no mount here: {os.strerror(ctypes.get_errno())}")
    try:
        yield place
    finally:
        _LIBC.umount2(os.fsencode(place), _FORCE | _DETACH)
        os.close(silent)
