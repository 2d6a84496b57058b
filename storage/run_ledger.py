"""All ended runs in short, so that a start need not read whole records: a cache of the histories, never the truth.

The file is a block that a web process wrote at once, and after it a line for each run that ended since then. Web
processes append such lines when they have read a history, without locks and without flushing. What is torn, doubled or
missing shows when lines are joined, each beginning where the one before it ended, and is read again.
"""

import io
import json
import os
import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple
from zlib import crc32

from storage.data_folder import DataFolder
from storage.shared_file import best_effort, replace_file

_decoded = json.JSONDecoder().raw_decode  # half the time of `loads`
_HEADER = b'["backup-manager run ledger", 2]\n'
_BLOCK = struct.Struct("<IQ")  # checksum and bytes of the block that follows


class LedgerLine(NamedTuple):
    """A run in plain values, and where its record lies: the last line of bytes `since` to `end` of its job's history.

    Moments are milliseconds of the epoch; `moment` is its start, or its creation where it never started. Bytes and
    files are -1 where the tool did not say. `marks` are bits that mean something to whoever has the lines written.
    """

    since: int
    end: int
    marks: int
    job_id: str
    run_id: str
    kind: str
    state: str
    moment: int
    ended: int
    seconds: float
    total_bytes: int
    sent_bytes: int
    files: int
    job_name: str
    engine: str
    places: int


class RunLedger:
    """Reads and writes `runs.ledger`. A folder that cannot be written costs only time at the next start."""

    def __init__(self, folder: DataFolder) -> None:
        self._path = folder.ledger_file

    def read(self) -> tuple[bytes, Iterator[LedgerLine]]:
        """The block, b"" where there is none that is whole, and the lines after it in the order they were added."""
        try:
            content = self._path.read_bytes()
        except OSError:
            return b"", iter(())
        start = len(_HEADER) + _BLOCK.size
        if not content.startswith(_HEADER) or len(content) < start:
            return b"", iter(())
        checksum, size = _BLOCK.unpack_from(content, len(_HEADER))
        block = content[start : start + size]
        return block if crc32(block) == checksum else b"", _lines_in(content[start + size :])

    def add(self, lines: Iterable[LedgerLine]) -> None:
        text = b"".join(map(_text_of, lines))
        if not text:
            return
        with best_effort():
            descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                os.write(descriptor, _before(descriptor) + text)
            finally:
                os.close(descriptor)

    def rewrite(self, block: bytes) -> None:
        """Put the block in the place of all there is."""
        with best_effort():
            replace_file(self._path, _start(block), durable=False)


def _start(block: bytes) -> bytes:
    return _HEADER + _BLOCK.pack(crc32(block), len(block)) + block + b"\n"


def _lines_in(text: bytes) -> Iterator[LedgerLine]:
    """What is no line of ours is passed over."""
    for line in io.BytesIO(text):
        with suppress(ValueError, TypeError):
            body = line[9:].rstrip(b"\n")
            if int(line[:8], 16) == crc32(body):
                yield LedgerLine._make(_decoded(body.decode("ascii"))[0])


def _before(descriptor: int) -> bytes:
    """What has to come before new lines: the start of the file, or the end of a line that was torn."""
    size = os.fstat(descriptor).st_size
    if size == 0:
        return _start(b"")
    return b"" if os.pread(descriptor, 1, size - 1) == b"\n" else b"\n"


def _text_of(line: LedgerLine) -> bytes:
    text = json.dumps(line, separators=(",", ":")).encode()
    return b"%08x %s\n" % (crc32(text), text)
