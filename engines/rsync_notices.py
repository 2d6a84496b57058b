"""Single lines of rsync's and ssh's output made into notices; figures and exit codes are not its business."""

import re

from engines.base import Notice
from engines.rsync_command import FILE_MARK
from utils.text import visible_name

_ESCAPED = re.compile(rb"\\#([0-3][0-7]{2})")
_ITEM = re.compile(re.escape(FILE_MARK.encode()) + rb"(?P<item>[^|]{9,12})\|(?P<size>[0-9]*)\|(?P<name>.*)")


def read_notice(line: bytes) -> Notice:
    """What one line says, fit to show."""
    found = _ITEM.fullmatch(line)
    if found is not None:
        return _item(found["item"], shown(found["name"]))
    return Notice("info", shown(line))


def shown(text: bytes) -> str:
    """rsync's escapes (`\\#012`) undone, then everything unprintable made visible."""
    return visible_name(_ESCAPED.sub(lambda match: bytes([int(match[1], 8)]), text))


def _item(item: bytes, name: str) -> Notice:
    if item.startswith(b"*deleting"):
        return Notice("delete", name, deleted_file=name)
    if item.startswith(b"."):
        return Notice("info", f"{name}: only its owner, rights or times were brought up to date")
    return Notice("copy", name)
