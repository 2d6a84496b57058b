"""A small YAML file that holds one map, read strictly; not what the keys mean."""

from pathlib import Path
from typing import Any

from models.errors import StoreBroken
from storage.file_problem import Unreadable
from storage.file_text import decoded, read_text
from storage.strict_yaml import read_yaml

Lines = dict[tuple[str | int, ...], int]


def read_map(content: bytes) -> tuple[dict[Any, Any], Lines]:
    """The map and the lines of its keys; `Unreadable` where it is none. Only comments: an empty map."""
    lines: Lines = {}
    values = read_yaml(decoded(content), lines)
    if values is None:
        return {}, lines
    if not isinstance(values, dict):
        raise Unreadable(1, "there must be keys and values, one to a line")
    return values, lines


def load_map(path: Path) -> tuple[dict[Any, Any], Lines]:
    """The same from a file of ours; a missing one is empty, a broken one `StoreBroken`."""
    try:
        if not path.exists():
            return {}, {}
        return read_map(read_text(path)[1])
    except Unreadable as error:
        raise StoreBroken(error.problem(path.name).sentence) from error
