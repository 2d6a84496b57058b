"""A folder and what lies below it, reached by descriptors and never through a symbolic link; it judges no file."""

import errno
import fcntl
import os
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Guard:
    """A lease on an open file. Whoever opens it for writing then waits for the end of this guard, or is refused.

    There is none on another user's file, and on file systems without leases.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._is_held = self._was_refused = False
        try:
            # Who comes is told by a signal; this one harms nobody.
            fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            self._is_held = True
        except BlockingIOError:
            self._was_refused = True
        except OSError:
            return

    def is_unused(self) -> bool:
        """Whether nobody has the file open, or mapped, for writing, or is about to; True where that cannot be known."""
        if self._is_held:
            return fcntl.fcntl(self._descriptor, fcntl.F_GETLEASE) == fcntl.F_RDLCK
        return not self._was_refused


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
    def guarded(self, name: bytes) -> Iterator["Guard"]:
        """Keeps others from writing to the file for the `with` block, where that can be."""
        folder, last = self._place(name)
        descriptor = os.open(last, _FILE, dir_fd=folder)
        try:
            yield Guard(descriptor)
        finally:
            os.close(descriptor)

    def set_aside(self, name: bytes, aside: bytes) -> bytes:
        """Give the file a name in its folder that nobody knows; the path it then has."""
        folder, last = self._place(name)
        os.rename(last, aside, src_dir_fd=folder, dst_dir_fd=folder)
        return os.path.join(os.path.dirname(name), aside)

    def put_back(self, aside: bytes, name: bytes) -> None:
        """Give it its name again; FileExistsError where another file has that by now."""
        folder, hidden = self._place(aside)
        _, last = self._place(name)
        try:
            os.link(hidden, last, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        except (FileExistsError, FileNotFoundError):
            raise
        except OSError:  # a file system without hard links
            if self.holds(name):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
            os.rename(hidden, last, src_dir_fd=folder, dst_dir_fd=folder)
        else:
            os.unlink(hidden, dir_fd=folder)

    def holds(self, name: bytes) -> bool:
        try:
            self.status(name)
        except OSError:
            return False
        return True

    def _place(self, name: bytes) -> tuple[int, bytes]:
        folder, _, last = name.rpartition(b"/")
        return self.folder(folder), _checked(last)


def _checked(part: bytes) -> bytes:
    if part in (b"", b".", b".."):
        raise NotADirectoryError(f"{part!r} is no name")
    return part


def is_file(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode)
