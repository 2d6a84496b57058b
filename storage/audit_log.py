"""The audit log on disk: `audit.jsonl`, only ever appended to; what is recorded is not its business.

One record is one line and one write, under a lock, so that several processes may write. What a kill
left of a line stays there; the next record begins on a line of its own. Full parts are renamed,
never rewritten, and the oldest of them go.
"""

import errno
import json
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from models.audit import AuditRecord, audit_to_json
from storage.data_folder import DataFolder
from storage.file_lock import FileLock
from storage.shared_file import unavailable
from utils.text import shortened, visible

PART_BYTES, PARTS = 5_000_000, 20
_PATIENCE = 2.0  # seconds: nobody waits longer for the record of a change
_TEXT, _NAMES = 200, 30
_PART = re.compile(r"audit-(\d{6,12})\.jsonl")


def audit_file(folder: DataFolder) -> Path:
    """Where the newest records stand."""
    return folder.root / "audit.jsonl"


def audit_parts(folder: DataFolder) -> list[tuple[int, Path]]:
    """The full parts with their numbers, oldest first."""
    names = (_PART.fullmatch(name) for name in os.listdir(folder.root))
    return sorted((int(match[1]), folder.root / match[0]) for match in names if match)


def line_of(record: AuditRecord) -> bytes:
    """One line of ASCII, whatever the values are: nothing in it can end it, and none is long."""
    shown = {name: _harmless(value) for name, value in audit_to_json(record).items() if value}
    return json.dumps(shown, separators=(",", ":")).encode() + b"\n"


def _harmless(value: object) -> object:
    if isinstance(value, str):
        return shortened(visible(value[: _TEXT + 1]), _TEXT)
    if isinstance(value, list):
        more = len(value) - _NAMES
        return [_harmless(one) for one in value[:_NAMES]] + ([f"and {more} more"] if more > 0 else [])
    return value


class AuditLog:
    """Appends without fsync: what is written outlives every process of ours; a power cut may cost the last seconds."""

    def __init__(self, folder: DataFolder, part_bytes: int = PART_BYTES, parts: int = PARTS) -> None:
        self._folder, self._file = folder, audit_file(folder)
        self._part_bytes, self._parts = part_bytes, parts
        self._lock = FileLock(folder.root / "audit.lock", patience=_PATIENCE)

    def append(self, records: Sequence[AuditRecord]) -> None:
        """`StoreUnavailable` where they cannot be written."""
        lines = b"".join(map(line_of, records))
        try:
            with self._lock.hold():
                if not self._fits(len(lines)):
                    self._begin_part()
                self._append(lines)
        except OSError as error:
            raise unavailable(self._file, error) from error

    def problem(self) -> str:
        """Why nothing can be written now ("" = it can); nothing is."""
        try:
            os.close(os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW))
        except FileNotFoundError:
            return ""
        except OSError as error:
            return unavailable(self._file, error).message
        return ""

    def _fits(self, count: int) -> bool:
        try:
            size = self._file.lstat().st_size
        except FileNotFoundError:
            return True
        return size == 0 or size + count <= self._part_bytes

    def _begin_part(self) -> None:
        parts = audit_parts(self._folder)
        number = parts[-1][0] + 1 if parts else 1
        os.rename(self._file, self._folder.root / f"audit-{number:06}.jsonl")
        for _, path in parts[: max(0, len(parts) + 1 - self._parts)]:
            with suppress(OSError):
                path.unlink()

    def _make_private(self, descriptor: int) -> None:
        """A command of root's must not take the file away from the server."""
        os.fchmod(descriptor, 0o600)
        if os.geteuid() == 0:
            owner = self._folder.root.stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)

    def _append(self, lines: bytes) -> None:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(self._file, flags, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            if size == 0:
                self._make_private(descriptor)
            is_torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            content = b"\n" + lines if is_torn else lines
            if os.write(descriptor, content) < len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(descriptor)
