"""Which engines exist and how one is found by its name; knows nothing about what they do."""

from functools import cache
from importlib import import_module
from typing import cast

from engines.base import Engine
from models.errors import AppError

ENTRY_POINTS = "backup_manager.engines"
_SHIPPED = {"rsync": ("engines.rsync", "Rsync"), "rclone": ("engines.rclone", "Rclone")}


class UnknownEngine(AppError):
    """No engine of that name is shipped or installed, or the installed one cannot be loaded."""

    code = "unknown_engine"
    status = 422

    def __init__(self, message: str) -> None:
        super().__init__(message, {"type": message})


@cache
def engine(name: str) -> Engine:
    """The engine of that name, one instance per process; `UnknownEngine` with words otherwise."""
    if name in _SHIPPED:
        module, attribute = _SHIPPED[name]
        return cast("Engine", getattr(import_module(module), attribute)())
    return _installed(name)


def names() -> tuple[str, ...]:
    """Every name that `engine` may be asked for: the shipped ones first."""
    return (*_SHIPPED, *sorted(name for name in _entry_points() if name not in _SHIPPED))


def _installed(name: str) -> Engine:
    address = _entry_points().get(name)
    if address is None:
        known = ", ".join(names())
        raise UnknownEngine(f"There is no engine called “{name}”. This version knows: {known}.")
    module, _, attribute = address.partition(":")
    try:
        return cast("Engine", getattr(import_module(module), attribute)())
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise UnknownEngine(f"The engine “{name}” is installed but cannot be loaded: {error}.") from error


@cache
def _entry_points() -> dict[str, str]:
    # Imported here: a run of a shipped engine never needs it, and it costs start-up time.
    from importlib.metadata import entry_points

    return {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}
