"""Changing our own settings: paths are tried before they are kept; it knows no form."""

import os
import stat
from collections.abc import Callable
from typing import Any

from core.tools import Tools
from engines.registry import names
from models.errors import InvalidInput
from models.settings import Config
from storage.config_store import ConfigStore


class ConfigChanges:
    """Files are looked at through `offload`, because a dead mount blocks."""

    def __init__(self, configs: ConfigStore, tools: Tools, offload: Callable[..., Any]) -> None:
        self._configs, self._tools, self._offload = configs, tools, offload

    def save(self, config: Config, base: Config) -> None:
        """Keep what differs from `base`; `InvalidInput` where a program or file will not do."""
        paths = {name: str(getattr(config, name, "")) for name in names()}
        new = {name: path for name, path in paths.items() if path and path != getattr(base, name)}
        faults = {
            name: self._offload(_program_fault, path) or self._tools.trial(name, path) for name, path in new.items()
        }
        if config.rclone_config != base.rclone_config:
            faults["rclone_config"] = self._offload(_file_fault, config.rclone_config)
        if wrong := {name: sentence for name, sentence in faults.items() if sentence}:
            raise InvalidInput(wrong)
        self._configs.save(config, base)


def _program_fault(path: str) -> str:
    """Why this cannot be a program ("" = it can)."""
    is_program = os.path.isfile(path) and os.access(path, os.X_OK)
    return "" if is_program else f"There is no program at {path}."


def _file_fault(path: str) -> str:
    """Why rclone could not keep its remotes there ("" = it can, or no file is named)."""
    if not path:
        return ""
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return "" if os.path.isdir(os.path.dirname(path)) else "Neither this file nor its folder is there."
    except OSError as error:
        return f"The server cannot look at this file: {(error.strerror or 'unknown cause').lower()}."
    if stat.S_ISDIR(found.st_mode):
        return "This is a folder. Name the file itself, usually rclone.conf."
    return "" if os.access(path, os.R_OK) else "The server may not read this file."
