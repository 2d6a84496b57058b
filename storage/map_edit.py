"""The text of a small YAML file of keys and values with some values changed; it reads and writes no file."""

import re
from typing import Any

from storage.file_problem import Unreadable
from storage.map_file import read_map
from storage.yaml_scalars import dump_yaml


def with_values(content: bytes, values: dict[Any, Any], wanted: dict[str, Any]) -> bytes:
    """`content`, which means `values`, with what is wanted in it; comments, order and other keys stay."""
    text = content.decode()
    for name, value in wanted.items():
        if name not in values or values[name] != value:
            text = _with_line(text, name, value)
    return _checked(text, {**values, **wanted})


def _with_line(text: str, name: str, value: Any) -> str:
    """A value that is a list has a line for each item too."""
    line, *items = dump_yaml({name: value}).splitlines()
    pattern = re.compile(rf"^{name}:[^#\n]*?([ \t]+#.*)?$(?:\n[ \t]*- .*$)*", re.MULTILINE)
    changed, count = pattern.subn(lambda match: "\n".join([line + (match[1] or ""), *items]), text, count=1)
    if count:
        return changed
    return f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}{chr(10).join([line, *items])}\n"


def _checked(text: str, values: dict[Any, Any]) -> bytes:
    """The text if it means the values; else the values in the legacy app's form."""
    try:
        if read_map(text.encode())[0] == values:
            return text.encode()
    except Unreadable:
        pass
    return sorted_text(values)


def sorted_text(values: dict[Any, Any]) -> bytes:
    """The values in the legacy app's form."""
    return dump_yaml({name: values[name] for name in sorted(values, key=str)}).encode()
