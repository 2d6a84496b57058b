"""Single YAML values: which word means what, which are traps, and how values are written; not documents."""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from models.errors import AppError

UNFIT = "This holds something that cannot be written as YAML. Nothing was changed."
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?[0-9]*\.?[0-9]*(?:[eE][-+]?[0-9]+)?")
_PREFIX = "tag:yaml.org,2002:"
_RESOLVERS = yaml.SafeLoader.yaml_implicit_resolvers
_TRUE = frozenset({"yes", "true", "on"})


@dataclass(frozen=True, slots=True)
class Trap:
    """A word without quotes that YAML 1.1 reads as something a person did not mean: 12:30, 012.

    It is written back as it was; nothing else is ever done with it.
    """

    text: str
    tag: str

    def __str__(self) -> str:
        return self.text


def plain_value(text: str) -> Any:
    """What a scalar without quotes means."""
    for tag, pattern in _RESOLVERS.get(text[:1], ()):
        if pattern.match(text):
            return _resolved(text, tag.removeprefix(_PREFIX))
    return text


def _resolved(text: str, kind: str) -> Any:
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() in _TRUE
    if kind == "int" and _INTEGER.fullmatch(text):
        return int(text)
    if kind == "float" and _FLOAT.fullmatch(text):
        return float(text)
    if kind in {"int", "float", "timestamp"}:
        return Trap(text, _PREFIX + kind)
    return text


class _Dumper(yaml.CSafeDumper):
    """`safe_dump`, without anchors for values that stand twice, and with traps as they were."""

    def ignore_aliases(self, _value: Any) -> bool:
        return True


_Dumper.add_representer(Trap, lambda dumper, trap: dumper.represent_scalar(trap.tag, trap.text))


def dump_yaml(value: Any) -> str:
    """Text in exactly the form of `safe_dump(sort_keys=False, default_flow_style=False)`.

    `AppError` for text that is no Unicode (a lone surrogate), which YAML cannot hold.
    """
    try:
        return str(yaml.dump(value, Dumper=_Dumper, sort_keys=False, default_flow_style=False))
    except UnicodeEncodeError as error:
        raise AppError(UNFIT) from error
