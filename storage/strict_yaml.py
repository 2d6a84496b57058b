"""YAML read strictly: no tags, no repeated keys, bounded, with lines; not what the values mean."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from storage.file_problem import Unreadable
from storage.yaml_scalars import plain_value

DEPTH_LIMIT = 32
NODE_LIMIT = 60_000
_BREATHS = 256
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class _Anchor:
    value: Any
    nodes: int


def nothing() -> None:
    """What a reader does between chunks when nobody waits."""


def read_yaml(text: str, lines: dict[Path, int] | None = None, breathe: Callable[[], None] = nothing) -> Any:
    """The one document in `text` as plain values; `Unreadable` with the line where it is not.

    `lines` is filled with the line (from 1) of every key and item, by its path. `breathe` is
    called now and then, so that other green threads go on.
    """
    try:
        return _Reader(text, lines, breathe).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = None if mark is None else mark.line + 1
        raise Unreadable(line, f"this is not YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise Unreadable(None, f"this is not YAML: {error}") from error


class _Reader:
    """Builds the values from the parser's events, so that every rule is checked on the way."""

    def __init__(self, text: str, lines: dict[Path, int] | None, breathe: Callable[[], None]) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
        self._lines = lines
        self._breathe = breathe
        self._anchors: dict[str, _Anchor | None] = {}
        self._nodes = 0
        self._seen = 0

    def document(self) -> Any:
        self._next()
        event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            return None
        value = self._node(self._next(), ())
        self._next()
        following = self._next()
        if not isinstance(following, yaml.StreamEndEvent):
            raise _wrong(following, "a second document begins here; there must be one")
        return value

    def _next(self) -> Any:
        self._seen += 1
        if self._seen % _BREATHS == 0:
            self._breathe()
        return next(self._events)

    def _node(self, event: Any, path: Path) -> Any:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if event.tag is not None and event.tag != "!":
            raise _wrong(event, f"the tag {event.tag} is not allowed")
        self._count(event, 1)
        if event.anchor is None:
            return self._value(event, path)
        self._anchors[event.anchor] = None
        before = self._nodes
        value = self._value(event, path)
        self._anchors[event.anchor] = _Anchor(value, self._nodes - before + 1)
        return value

    def _value(self, event: Any, path: Path) -> Any:
        if isinstance(event, yaml.ScalarEvent):
            return plain_value(event.value) if event.implicit[0] else event.value
        if len(path) >= DEPTH_LIMIT:
            raise _wrong(event, f"this is nested more than {DEPTH_LIMIT} deep")
        return self._list(path) if isinstance(event, yaml.SequenceStartEvent) else self._map(path)

    def _count(self, event: Any, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > NODE_LIMIT:
            raise _wrong(event, f"more than {NODE_LIMIT:,} values are not read in this form")

    def _alias(self, event: Any) -> Any:
        if event.anchor not in self._anchors:
            raise _wrong(event, f"there is no anchor named {event.anchor}")
        anchor = self._anchors[event.anchor]
        if anchor is None:
            raise _wrong(event, f"the anchor {event.anchor} contains itself")
        self._count(event, anchor.nodes)
        return anchor.value

    def _list(self, path: Path) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            place = (*path, len(items))
            if self._lines is not None:
                self._lines[place] = _line(event)
            items.append(self._node(event, place))
        return items

    def _map(self, path: Path) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        merged: dict[Any, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _wrong(event, "a key must be a plain word")
            key = self._node(event, path)
            place = (*path, str(key))
            if self._lines is not None:
                self._lines[place] = _line(event)
            value = self._node(self._next(), place)
            if event.value == "<<" and event.implicit[0]:
                merged = _merged(event, value) | merged
                continue
            if key in found:
                raise _wrong(event, f"`{key}` stands twice")
            found[key] = value
        return merged | found if merged else found


def _merged(event: Any, value: Any) -> dict[Any, Any]:
    """What `<<` brings in: earlier maps win over later ones."""
    maps = value if isinstance(value, list) else [value]
    if not all(isinstance(item, dict) for item in maps):
        raise _wrong(event, "`<<` must name a map")
    result: dict[Any, Any] = {}
    for item in maps:
        result = item | result
    return result


def _wrong(event: Any, reason: str) -> Unreadable:
    return Unreadable(_line(event), reason)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
