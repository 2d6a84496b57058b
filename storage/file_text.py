"""Bytes of a hand-written file as text, or the reason why they are not; not what the text means."""

import os
import stat
from pathlib import Path

from storage.file_problem import Unreadable

SIZE_LIMIT = 16 << 20
FileKey = tuple[int, int, int]
ABSENT: FileKey = (0, -1, 0)
_CONTROLS = bytes(code for code in range(128) if (code < 32 and code not in b"\t\n\r") or code == 127)


def file_key(path: Path | str) -> FileKey:
    """What changes whenever the file is replaced or written: mtime in ns, size, inode.

    A file that cannot be looked at has a key too, made of the error.
    """
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return ABSENT
    except OSError as error:
        return (0, -2, error.errno or 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def read_text(path: Path) -> tuple[FileKey, bytes]:
    """The key and bytes of one and the same file; `Unreadable` where it is too large, special or not readable."""
    try:
        with open(path, "rb", opener=_without_waiting) as stream:
            found = os.fstat(stream.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise Unreadable(None, "this is not an ordinary file")
            if found.st_size > SIZE_LIMIT:
                raise _too_large(found.st_size)
            return (found.st_mtime_ns, found.st_size, found.st_ino), stream.read()
    except OSError as error:
        raise Unreadable(None, f"the file cannot be read: {error.strerror}") from error


def _without_waiting(path: str, flags: int) -> int:
    """For a fifo too, where nobody writes."""
    return os.open(path, flags | os.O_NONBLOCK)


def _too_large(size: int) -> Unreadable:
    return Unreadable(None, f"the file has {size >> 20} MiB; more than {SIZE_LIMIT >> 20} MiB are not read")


def decoded(content: bytes) -> str:
    """UTF-8 text with LF line ends and without control characters; else `Unreadable`."""
    if len(content) > SIZE_LIMIT:
        raise _too_large(len(content))
    if content.startswith(b"\xef\xbb\xbf"):
        raise Unreadable(1, "the file starts with a byte order mark; save it as UTF-8 without one")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(line, "this is not UTF-8; save the file as UTF-8") from error
    if not text.strip():
        raise Unreadable(1, "the file is empty")
    if "\r" in text:
        line = text.count("\n", 0, text.index("\r")) + 1
        raise Unreadable(line, "the line ends with a carriage return; save with Unix line ends")
    if len(content.translate(None, _CONTROLS)) < len(content):
        raise _control(content)
    return text


def _control(content: bytes) -> Unreadable:
    place = next(place for place, code in enumerate(content) if code in _CONTROLS)
    line = content.count(b"\n", 0, place) + 1
    return Unreadable(line, f"there is a control character (\\x{content[place]:02x})")
