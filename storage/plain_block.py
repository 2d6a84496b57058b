"""One job's block of jobs.yaml in the plain form that the apps write, read many times faster than YAML; no other form.

What it reads it reads exactly as `strict_yaml` does; at anything unusual it gives up, and the block is read as YAML.
"""

import re
from functools import lru_cache
from typing import Any

from storage.yaml_scalars import plain_value

# Words that begin with a letter, a digit, a slash or a dot and hold nothing that means something in YAML, or text in
# single quotes without a quote inside; nothing but printable ASCII.
_LINE = re.compile(
    r"(?P<indent> *)(?P<item>- )?(?:(?P<key>[a-z_]+):(?: |$))?"
    r"(?:(?P<plain>[A-Za-z0-9/.](?:[\w/.,@%+~=()-]|:(?=[\w/])| (?=[\w/.(]))*)|"
    r"'(?P<quoted>[ -&(-~]*)'|(?P<empty>\{\}|\[\])|)",
    re.ASCII,
)
# Within the limits of `strict_yaml`: a level takes at least one column.
_LINES, _DEEPEST = 10_000, 30
_SHORT = 80  # characters of a line that is worth being remembered
Line = tuple[
    int, bool, str | None, Any, bool
]  # indent, is an item, key, value (`dict`, `list`: an empty one), has a value


class NotPlain(Exception):
    """The block has to be read as YAML."""


def read_plain_block(block: str) -> dict[str, Any]:
    """The one map of the list; `NotPlain` where that is not certain."""
    lines = _lines(block)
    first = lines[0]
    if not first[1] or first[2] is None:
        raise NotPlain
    indent = first[0] + 2
    lines[0] = (indent, False, *first[2:])
    found, end = _map(lines, 0, indent)
    if end != len(lines):
        raise NotPlain
    return found


def _lines(block: str) -> list[Line]:
    if not block.endswith("\n"):
        raise NotPlain
    lines = [_known_line(text) if len(text) <= _SHORT else _line(text) for text in block[:-1].split("\n")]
    if len(lines) > _LINES or max(line[0] for line in lines) > _DEEPEST:
        raise NotPlain
    return lines


def _line(text: str) -> Line:
    match = _LINE.fullmatch(text)
    if match is None:
        raise NotPlain
    indent, item, key, plain, quoted, empty = match.groups()
    if plain is not None:
        value: Any = plain_value(plain)
    elif quoted is not None:
        value = quoted
    else:
        value = empty and (dict if empty == "{}" else list)
    return len(indent), item is not None, key, value, not (plain is quoted is empty is None)


_known_line = lru_cache(maxsize=2048)(_line)  # most lines of a job stand in other jobs too


def _own(value: Any) -> Any:
    """The value itself; of an empty map or list one that belongs to this place alone."""
    return value() if value in (dict, list) else value


def _map(lines: list[Line], start: int, indent: int) -> tuple[dict[str, Any], int]:
    """The map whose keys stand at `indent`, and the line after it."""
    found: dict[str, Any] = {}
    place = start
    while place < len(lines):
        column, is_item, key, value, has_value = lines[place]
        if column != indent or is_item:
            break
        if key is None or key in found or plain_value(key) != key:
            raise NotPlain
        place += 1
        if not has_value:
            value, place = _below(lines, place, indent)
        found[key] = _own(value)
    return found, place


def _below(lines: list[Line], place: int, indent: int) -> tuple[Any, int]:
    """What stands below a key without a value of its own: a map, a list of values, or nothing."""
    if place == len(lines):
        return None, place
    column, is_item, *_ = lines[place]
    if is_item and column >= indent:
        return _list(lines, place, column)
    if not is_item and column > indent:
        return _map(lines, place, column)
    return None, place


def _list(lines: list[Line], start: int, indent: int) -> tuple[list[Any], int]:
    items, place = list[Any](), start
    while place < len(lines) and lines[place][:2] == (indent, True):
        _column, _is_item, key, value, has_value = lines[place]
        if key is not None or not has_value:
            raise NotPlain
        items.append(_own(value))
        place += 1
    return items, place
