"""What each version of rclone can and should not be used for, in words."""

import re

from engines.base import Tool, ToolState, Version

_VERSION = re.compile(r"^rclone v(\d+)\.(\d+)(?:\.(\d+))?", re.MULTILINE)
OLDEST: Version = (1, 60, 0)
HAS_PARTIAL_NAMES: Version = (1, 63, 0)
NO_KNOWN_HOLES: Version = (1, 74, 3)
PARTIAL_NAMES = "Until then, a stopped run can leave an incomplete file."


def parse_version(output: str) -> Version:
    """The version from `rclone --version`; ValueError if it is not there."""
    found = _VERSION.search(output)
    if found is None:
        raise ValueError("this is not the answer of rclone --version")
    return int(found[1]), int(found[2]), int(found[3] or 0)


def version_words(version: Version) -> str:
    return ".".join(str(part) for part in version)


def tool_state(tool: Tool | None) -> ToolState:
    """Installed, too old, with known holes, or missing."""
    if tool is None:
        return ToolState("rclone", None, "rclone is not installed on this machine.")
    if tool.version < OLDEST:
        return ToolState("rclone", tool, too_old(tool.version))
    return ToolState("rclone", tool, warning=" ".join(_warnings(tool.version)))


def _warnings(version: Version) -> list[str]:
    found = []
    if version < NO_KNOWN_HOLES:
        found.append(
            f"rclone {version_words(version)} has known security holes. Update to "
            f"{version_words(NO_KNOWN_HOLES)} or newer."
        )
    if version < HAS_PARTIAL_NAMES:
        found.append(PARTIAL_NAMES)
    return found


def too_old(version: Version) -> str:
    """The sentence for a version that cannot be used."""
    return (
        f"rclone {version_words(version)} is too old: {version_words(OLDEST)} or newer is needed. "
        "Update rclone on this machine."
    )
