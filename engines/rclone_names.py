"""How rclone writes the bytes of file names in lists and messages, and back; it knows nothing of paths or remotes.

rclone keeps one spelling of names for all storage: control characters stand as their pictures (`␊` for a
line break), and a picture that is really part of a name has `‛` before it. A name in this spelling holds
no line break, so none can forge a line of a list.
"""

import re
from collections.abc import Iterable, Iterator

from utils.text import visible_name

_QUOTE = "\u201b"
_PICTURES = {chr(code): chr(0x2400 + code) for code in range(1, 0x20)} | {"\x7f": "\u2421"}
_CONTROLS = {picture: control for control, picture in _PICTURES.items()}
_TO_QUOTE = re.compile(f"[{''.join(_CONTROLS)}{_QUOTE}\x01-\x1f\x7f]")
_QUOTED = re.compile(f"{_QUOTE}([{''.join(_CONTROLS)}{_QUOTE}])|([{''.join(_CONTROLS)}])")
_GLOB = re.compile(r"[\\*?\[\]{}]")
_LAST_SPACE = re.compile(r"\s\Z")
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
# What stands in a message for a byte that is no UTF-8.
GARBLED = "\ufffd".encode()
# What rclone reads differently in a path than it stands there.
AMBIGUOUS = re.compile("[\u2400-\u2421\u201b\uff0e\uff0f]")


def to_rclone(name: bytes) -> bytes:
    """The name as rclone spells it."""
    return _TO_QUOTE.sub(lambda found: _spelt(found.group()), _text(name)).encode("utf-8", "surrogateescape")


def from_rclone(name: bytes) -> bytes:
    """The bytes of a name that rclone printed."""
    return _QUOTED.sub(lambda found: found[1] or _CONTROLS[found[2]], _text(name)).encode("utf-8", "surrogateescape")


def shown(name: str) -> str:
    """A name from a message, fit to show."""
    return visible_name(from_rclone(name.encode("utf-8", "surrogatepass")))


def exact_list(names: Iterable[bytes]) -> Iterator[bytes]:
    """The file for `--files-from-raw` that holds these files and nothing else."""
    return (to_rclone(name) + b"\n" for name in names)


def filter_list(names: Iterable[bytes]) -> Iterator[bytes]:
    """The file for `--filter-from` that lets in these files, and folders with all they hold."""
    yield from (rule + b"\n" for name in names for rule in _rules(name))
    yield b"- **\n"


def _rules(name: bytes) -> tuple[bytes, bytes]:
    pattern = _GLOB.sub(r"\\\g<0>", _text(to_rclone(name)))
    # rclone cuts spaces off the end of a line, and its patterns know a byte that is no UTF-8 as U+FFFD only.
    pattern = _NOT_UTF8.sub("\ufffd", _LAST_SPACE.sub(r"[\g<0>]", pattern))
    return f"+ /{pattern}".encode(), f"+ /{pattern}/**".encode()


def _spelt(character: str) -> str:
    return _PICTURES.get(character) or _QUOTE + character


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
