"""A folder and what lies below it, reached by descriptors and never through a symbolic link; it judges no file."""

import fcntl
import os
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Tree:
    """Names are paths in bytes below the folder. The folder itself is opened as it was typed.

    Every method may raise OSError, ENOTDIR or ELOOP among them where a symbolic link is in the way.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.root = os.open(path, _FOLDER)
        self._name, self._folder = b"", self.root

    def is_in_place(self) -> bool:
        """Whether the path still leads to the folder that was opened."""
        try:
            there, here = os.stat(self.path), os.fstat(self.root)
        except OSError:
            return False
        return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)

    def folder(self, name: bytes) -> int:
        """A descriptor of the folder, this tree's own: good until another one is asked for."""
        if name != self._name:
            self._leave()
            self._folder = self._open(name)
            self._name = name
        return self._folder

    def _open(self, name: bytes) -> int:
        """Part by part, so that a path of any length can be reached."""
        here = self.root
        for part in name.split(b"/") if name else ():
            try:
                deeper = os.open(_checked(part), _FOLDER | os.O_NOFOLLOW, dir_fd=here)
            finally:
                if here != self.root:
                    os.close(here)
            here = deeper
        return here

    def _leave(self) -> None:
        if self._folder != self.root:
            os.close(self._folder)
        self._name, self._folder = b"", self.root

    def close(self) -> None:
        self._leave()
        os.close(self.root)

    def status(self, name: bytes) -> os.stat_result:
        """Of the name itself, whatever it is."""
        folder, last = self._place(name)
        return os.stat(last, dir_fd=folder, follow_symlinks=False)

    def unlink(self, name: bytes) -> None:
        folder, last = self._place(name)
        os.unlink(last, dir_fd=folder)

    @contextmanager
    def guarded(self, name: bytes) -> Iterator[bool]:
        """Whether no program has the file open for writing, and none gets it for the `with` block.

        True where that cannot be known: on another user's file, or where the file system has no leases.
        """
        folder, last = self._place(name)
        descriptor = os.open(last, _FILE, dir_fd=folder)
        try:
            yield _lease(descriptor)
        finally:
            os.close(descriptor)

    def _place(self, name: bytes) -> tuple[int, bytes]:
        folder, _, last = name.rpartition(b"/")
        return self.folder(folder), _checked(last)


def _lease(descriptor: int) -> bool:
    """A read lease is refused while anybody has the file open, or mapped, for writing."""
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)  # who comes then is told by one that harms nobody
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        return fcntl.fcntl(descriptor, fcntl.F_GETLEASE) == fcntl.F_RDLCK
    except BlockingIOError:
        return False
    except OSError:
        return True


def _checked(part: bytes) -> bytes:
    if part in (b"", b".", b".."):
        raise NotADirectoryError(f"{part!r} is no name")
    return part


def is_file(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode)
