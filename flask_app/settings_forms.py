"""The sections of the settings page, and what was typed there turned into settings; it tries no program."""

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, NamedTuple

from werkzeug.datastructures import MultiDict

from models.errors import InvalidInput
from models.job import VERIFY_MODES
from models.settings import Config, Settings
from storage.config_store import RANGES
from utils.text import HOSTILE

_WHOLE = re.compile(r"-?[0-9]{1,12}")
BOUNDS = {
    "default_bandwidth_limit": (0, 100_000_000),
    "max_retry_attempts": (1, 20),
    "auto_refresh_interval": (1, 60),
    "network_check_interval": (5, 86_400),
} | RANGES
LABELS = {
    "default_bandwidth_limit": "Speed limit",
    "max_retry_attempts": "Tries",
    "verification_mode": "How a copy is compared",
    "auto_start_on_launch": "Carry on after a restart",
    "network_check_interval": "Network check",
    "auto_refresh_interval": "Refresh",
    "rsync": "Path to rsync",
    "rclone": "Path to rclone",
    "rclone_config": "rclone configuration file",
    "nice": "Priority",
    "log_megabytes": "Largest log",
    "log_days": "Keep logs for",
    "log_total_megabytes": "All logs together",
}


class Section(NamedTuple):
    """One card of the page that is saved by itself. `effect` says from when on what was saved holds."""

    title: str
    names: tuple[str, ...]
    effect: str


SECTIONS = {
    "defaults": Section(
        "Defaults",
        ("default_bandwidth_limit", "max_retry_attempts", "verification_mode"),
        "Runs that start from now on follow them.",
    ),
    "service": Section(
        "Service",
        ("auto_start_on_launch", "network_check_interval", "auto_refresh_interval"),
        "Open pages and runs that start from now on follow them.",
    ),
    "tools": Section("Tools", ("rsync", "rclone", "rclone_config", "nice"), "Runs that start from now on follow them."),
    "keeping": Section(
        "Logs and history",
        ("log_megabytes", "log_days", "log_total_megabytes"),
        "They are applied within the hour.",
    ),
}


class Wanted(NamedTuple):
    """The settings as they are to be, of both files."""

    settings: Settings
    config: Config


def as_typed(wanted: Wanted) -> dict[str, str]:
    """Every setting as its field shows it."""
    values = asdict(wanted.settings) | asdict(wanted.config)
    return {name: _text(value) for name, value in values.items()}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def typed_settings(typed: "MultiDict[str, str]", present: Wanted) -> Wanted:
    """What is to hold; `InvalidInput` with a sentence per field.

    A field that was not sent keeps its present value, and so does one that was sent as the page had shown it
    (`was_<name>`): another program may have changed it since.
    """
    sent = {name: typed.getlist(name)[-1] for name in LABELS if name in typed}
    changed = {name: text for name, text in sent.items() if text != typed.get(f"was_{name}")}
    errors = {name: fault for name, text in changed.items() if (fault := _fault(name, text))}
    if errors:
        raise InvalidInput(errors)
    values = {name: _value(name, text) for name, text in changed.items()}
    return with_values(present, values)


def with_values(present: Wanted, values: Mapping[str, Any]) -> Wanted:
    """`present` with these values, each in the file that it belongs to."""
    shared = {name: value for name, value in values.items() if hasattr(present.settings, name)}
    own = {name: value for name, value in values.items() if name not in shared}
    return Wanted(replace(present.settings, **shared), replace(present.config, **own))


def _fault(name: str, text: str) -> str:
    if name in BOUNDS:
        return _number_fault(text.strip(), *BOUNDS[name])
    if name == "verification_mode":
        return "" if text in VERIFY_MODES else f"This can be {', '.join(VERIFY_MODES)}."
    if name == "auto_start_on_launch":
        return "" if text in ("true", "false") else "This can be true or false."
    if HOSTILE.search(text):
        return "A path is one line without characters that cannot be shown."
    return "" if not text or text.startswith("/") else "Write the whole path, from the first slash on."


def _number_fault(text: str, low: int, high: int) -> str:
    if not text:
        return "Write a number here."
    if not _WHOLE.fullmatch(text):
        return "Write a whole number, digits only."
    return "" if low <= int(text) <= high else f"This can be {low:,} to {high:,}."


def _value(name: str, text: str) -> object:
    if name in BOUNDS:
        return int(text)
    return text == "true" if name == "auto_start_on_launch" else text
