"""How the files of the source, and their copies, stood before they were compared; it compares no contents."""

import os
from collections.abc import Iterator
from contextlib import suppress

from core.fingerprints import Fingerprints, fingerprint
from core.tree import Tree, is_file

_BETWEEN_PAUSES = 500


class Overlapping(Exception):
    """A folder of the one side is a folder of the other."""


class Manifest:
    """Regular files only; what lies behind a symbolic link is not there. `copy` is None where it is elsewhere.

    `only` is the one file that is looked at (b"" = all). `devices` are those that hold the copies.
    """

    def __init__(self, source: Tree, copy: Tree | None, only: bytes = b"") -> None:
        self.source, self.copy = source, copy
        self._only = only
        self.devices: set[int] = set()
        self._stood = Fingerprints()
        self._roots = [_identity(os.fstat(tree.root)) for tree in (source, copy) if tree]

    def __len__(self) -> int:
        return len(self._stood)

    def close(self) -> None:
        for tree in (self.source, self.copy):
            if tree:
                tree.close()

    def take(self) -> Iterator[None]:
        """Note the files; pauses now and then. `Overlapping`."""
        if self._only:
            with suppress(OSError):
                self._note(self._only, self.source.status(self._only))
            return
        waiting = [b""]
        while waiting:
            yield from self._take_folder(waiting.pop(), waiting)

    def _take_folder(self, folder: bytes, waiting: list[bytes]) -> Iterator[None]:
        """Note the files of one folder and add the folders in it to those that wait."""
        with suppress(OSError):  # what cannot be looked at is not noted, so it is not deleted
            opened = self.source.folder(folder)
            if folder and _identity(os.fstat(opened)) in self._roots:
                raise Overlapping
            with os.scandir(opened) as entries:
                for number, entry in enumerate(entries):
                    self._take_entry(os.path.join(folder, os.fsencode(entry.name)), entry, waiting)
                    if number % _BETWEEN_PAUSES == 0:
                        yield

    def _take_entry(self, name: bytes, entry: "os.DirEntry[str]", waiting: list[bytes]) -> None:
        if entry.is_dir(follow_symlinks=False):
            waiting.append(name)
        elif entry.is_file(follow_symlinks=False):
            self._note(name, entry.stat(follow_symlinks=False))

    def _note(self, name: bytes, original: os.stat_result) -> None:
        with suppress(OSError):
            copy = self._copy_of(name, original)
            self._stood.add(fingerprint(name, original, copy, links_may_go=original.st_nlink > 1))
            if copy:
                self.devices.add(copy.st_dev)

    def _copy_of(self, name: bytes, original: os.stat_result) -> os.stat_result | None:
        """The copy beside it; OSError where there is none, or it is no file of its own and of the same size."""
        if self.copy is None:
            return None
        status = self.copy.status(name)
        if not is_file(status) or status.st_size != original.st_size or _identity(status) == _identity(original):
            raise FileNotFoundError
        return status

    def is_as_it_was(self, name: bytes, original: os.stat_result) -> bool:
        """Whether the file is one that was noted, and neither it nor its copy was touched since."""
        try:
            copy = self._copy_of(name, original)
        except OSError:
            return False
        return is_file(original) and any(
            fingerprint(name, original, copy, gone) in self._stood for gone in (False, True)
        )


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
