"""The ssh of this machine, which jobs with other hosts need besides their engine's tool; it is asked once."""

import os
import re
import shutil
from pathlib import Path

from core.process import capture
from core.tools import install_command
from engines.base import Tool, ToolState

_VERSION = re.compile(r"OpenSSH_(\d+)\.(\d+)")
_PACKAGES = {"apt": "openssh-client", "dnf": "openssh-clients", "apk": "openssh-client"}
_MISSING = "ssh is not installed on this machine. Only jobs with other hosts need it."


class SshProgram:
    """Remembers its answer as long as the file is the same."""

    def __init__(self, os_release: Path = Path("/etc/os-release")) -> None:
        self._os_release = os_release
        self._known: tuple[tuple[str, int, int], ToolState] | None = None

    def state(self) -> ToolState:
        path = shutil.which("ssh")
        if not path or not os.path.isabs(path):
            return ToolState("ssh", None, _MISSING, install=_install(self._os_release))
        found = os.stat(path)
        stamp = (path, found.st_mtime_ns, found.st_size)
        if self._known is None or self._known[0] != stamp:
            self._known = (stamp, _ask(path))
        return self._known[1]

    def look_again(self) -> None:
        self._known = None


def _ask(path: str) -> ToolState:
    try:
        said = capture((path, "-V"), {"LC_ALL": "C.UTF-8"}).output.decode(errors="replace").strip()
    except OSError as error:
        return ToolState("ssh", None, f"{path} cannot be run: {error.strerror}.")
    found = _VERSION.search(said)
    version = (int(found[1]), int(found[2]), 0) if found else (0, 0, 0)
    return ToolState("ssh", Tool(path, version, said.split(",")[0]))


def _install(os_release: Path) -> str:
    """Its package is called otherwise here and there."""
    command = install_command("openssh", os_release)
    return command.replace("openssh", _PACKAGES.get(command.split(" ")[0], "openssh"))
