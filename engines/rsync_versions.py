"""What each version of rsync can and should not be used for, in words."""

import re

from engines.base import Tool, ToolState, Version
from engines.rsync_command import OLDEST

_VERSION = re.compile(r"^rsync\s+version\s+v?(\d+)\.(\d+)(?:\.(\d+))?", re.MULTILINE)
NO_KNOWN_HOLES: Version = (3, 4, 3)


def parse_version(output: str) -> Version:
    """The version from `rsync --version`; ValueError if it is not there."""
    found = _VERSION.search(output)
    if found is None:
        raise ValueError("this is not the answer of rsync --version")
    return int(found[1]), int(found[2]), int(found[3] or 0)


def version_words(version: Version) -> str:
    return ".".join(str(part) for part in version)


def tool_state(tool: Tool | None) -> ToolState:
    """Installed, too old, with known holes, or missing."""
    if tool is None:
        return ToolState("rsync", None, "rsync is not installed on this machine.")
    words = version_words(tool.version)
    if tool.version < OLDEST:
        return ToolState("rsync", tool, too_old(tool.version))
    if tool.version < NO_KNOWN_HOLES:
        return ToolState(
            "rsync",
            tool,
            warning=f"rsync {words} has known security holes. Update to "
            f"{version_words(NO_KNOWN_HOLES)} or newer when you can, above all for jobs with other hosts.",
        )
    return ToolState("rsync", tool)


def too_old(version: Version) -> str:
    """The sentence for a version that cannot be used."""
    return (
        f"rsync {version_words(version)} is too old: {version_words(OLDEST)} or newer is needed. "
        "Update rsync on this machine."
    )
