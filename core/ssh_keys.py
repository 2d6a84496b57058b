"""The ssh keys of our own making, with which jobs sign in at other hosts; the keys of those hosts are elsewhere.

A key is a folder `keys/<name>` with `id_ed25519` and `id_ed25519.pub`. What is private in it is read by ssh alone.
"""

import os
import re
import shutil
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from core.host_keys import INSTALL_SSH, fingerprint_of
from core.process import capture
from models.errors import AppError, InvalidInput
from storage.data_folder import DataFolder
from storage.file_lock import FileLock
from storage.shared_file import sync_folder, unavailable
from utils.clock import utc_text

_FILE = "id_ed25519"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_PUBLIC = re.compile(r"(ssh-ed25519) ([A-Za-z0-9+/=]{20,200})( [\x20-\x7e]{0,200})?")
_BAD_NAME = "A name begins with a letter or digit and has up to 40 letters, digits, dashes and underscores."


class KeyNotFound(AppError):
    code = "key_not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such key. It may have been deleted.")


class SshKey(NamedTuple):
    """One key pair. `path` is that of the private part, which a job names; `public` the line for the host."""

    name: str
    path: str
    public: str
    fingerprint: str
    created_at: str


class SshKeys:
    """Makes, lists and deletes; a key is whole or not there."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder.keys
        self._lock = FileLock(folder.keys_lock)

    def all(self) -> tuple[SshKey, ...]:
        """Every key, by name."""
        try:
            found = sorted(os.listdir(self._folder))
        except FileNotFoundError:
            return ()
        return tuple(key for name in found if _NAME.fullmatch(name) for key in _read(self._folder / name))

    def get(self, name: str) -> SshKey:
        """`KeyNotFound` if there is none."""
        for key in _read(self._folder / name) if _NAME.fullmatch(name) else ():
            return key
        raise KeyNotFound

    def create(self, name: str) -> SshKey:
        """Make a new pair; `InvalidInput` for the field `name`."""
        if not _NAME.fullmatch(name):
            raise InvalidInput({"name": _BAD_NAME})
        with self._lock.hold():
            if (self._folder / name).exists():
                raise InvalidInput({"name": "There is a key of this name already."})
            try:
                self._make(name)
            except OSError as error:
                raise unavailable(self._folder / name, error) from error
        return self.get(name)

    def delete(self, name: str) -> None:
        """Remove both parts from this machine."""
        if not _NAME.fullmatch(name):
            raise KeyNotFound
        with self._lock.hold():
            self.get(name)
            gone = self._folder / f".gone-{os.urandom(6).hex()}"
            try:
                (self._folder / name).rename(gone)
                sync_folder(self._folder)
                shutil.rmtree(gone)
            except OSError as error:
                raise unavailable(self._folder / name, error) from error

    def _make(self, name: str) -> None:
        """Beside its place, then renamed, durable: nobody sees half a pair. What an earlier kill left goes first."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(self._folder.parent)
        for left in self._folder.glob(".*-*"):
            shutil.rmtree(left)
        new = self._folder / f".new-{os.urandom(6).hex()}"
        new.mkdir(mode=0o700)
        try:
            machine = re.sub(r"[^A-Za-z0-9.-]", "", socket.gethostname())
            _generate(new / _FILE, f"backup-manager-{name}@{machine}")
            for part in new.iterdir():
                part.chmod(0o600)  # the public one as well: everything in this folder is its owner's alone
                _sync(part)
            sync_folder(new)
            new.rename(self._folder / name)
            sync_folder(self._folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _generate(path: Path, comment: str) -> None:
    argv = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path))
    try:
        answer = capture(argv, {"LC_ALL": "C.UTF-8"})
    except FileNotFoundError as error:
        raise AppError(INSTALL_SSH) from error
    if answer.exit_code or not path.exists():
        said = answer.output.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise AppError(f"ssh-keygen could not make the key: {said[-1]}")


def _read(place: Path) -> tuple[SshKey, ...]:
    """The key in that folder; none where its parts are not both there, or the public one is not what it should be."""
    path = place / _FILE
    try:
        found = _PUBLIC.fullmatch(path.with_suffix(".pub").read_text("utf-8", "replace").strip())
        made = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if found is None:
            return ()
        return (SshKey(place.name, str(path), found[0], fingerprint_of(found[1], found[2]), utc_text(made)),)
    except (OSError, ValueError):
        return ()
