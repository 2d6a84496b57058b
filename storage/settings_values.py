"""What each of the six shared settings may be, and what of them another program undid; it reads no file."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any

from models.settings import Settings
from storage.change_journal import Change
from storage.file_problem import FileProblem
from storage.map_file import Lines
from storage.yaml_scalars import Trap, dump_yaml

FILE = "settings.yaml"
NAMES = tuple(item.name for item in fields(Settings))
_RANGES = {
    "default_bandwidth_limit": (0, 1 << 31),
    "network_check_interval": (5, 86_400),
    "max_retry_attempts": (1, 20),
    "auto_refresh_interval": (1, 60),
}
_MODES = ("fast", "checksum", "verify_after")


def faults_of(values: dict[Any, Any]) -> dict[str, str]:
    """Name → what the value must be, for every known setting with a wrong value."""
    faults = {}
    for name in NAMES:
        if name in values and (wanted := _wanted(name, values[name])):
            faults[name] = wanted
    return faults


def _wanted(name: str, value: Any) -> str:
    if name == "auto_start_on_launch":
        return "" if isinstance(value, bool) else "true or false"
    if name == "verification_mode":
        return "" if value in _MODES else "fast, checksum or verify_after"
    low, high = _RANGES[name]
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return "" if is_number and low <= value <= high else f"a whole number from {low:,} to {high:,}"


def problems_of(values: dict[Any, Any], lines: Lines) -> tuple[FileProblem, ...]:
    return tuple(
        FileProblem(FILE, lines.get((name,)), "", f"`{name}` is {_shown(values[name])}, must be {wanted}")
        for name, wanted in faults_of(values).items()
    )


def _shown(value: Any) -> str:
    return str(value) if isinstance(value, Trap) else dump_yaml(value).split("\n")[0][:60]


def changes_to(wanted: dict[str, Any], before: dict[Any, Any]) -> tuple[Change, ...]:
    """The journal entries of a save; a key that was not in the file had its default."""
    present = asdict(Settings()) | {name: before[name] for name in NAMES if name in before}
    return tuple(Change(FILE, name, present[name], value) for name, value in wanted.items() if value != present[name])


def undone(values: dict[Any, Any], former: Settings, changes: Iterable[Change]) -> dict[str, Any]:
    """What is to stand in the file again: keys that are gone but had a value of their own, for the legacy
    app drops those that it never loaded; and values from before a change of ours that is only seconds old."""
    own = asdict(former).items() - asdict(Settings()).items()
    again = {name: value for name, value in own if name not in values}
    olds: dict[str, list[Any]] = {}
    ours: dict[str, Any] = {}
    for change in changes:
        olds.setdefault(change.field, []).append(change.old)
        ours[change.field] = change.new
    stale = {name: ours[name] for name in ours if name in values and values[name] != ours[name]}
    return again | {name: value for name, value in stale.items() if values[name] in olds[name]}
