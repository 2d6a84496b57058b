"""Which tools this machine has and whether they can be used; asks each program once, until it changes."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from core.process import capture
from engines.base import Engine, Tool, ToolState
from engines.registry import engine, names
from models.settings import Config

# Where a tool may lie that a service's PATH leaves out.
_EXTRA_FOLDERS = ("/usr/local/bin", "/usr/bin", "/bin", "/opt/bin", "/opt/local/bin", "/usr/local/sbin", "/snap/bin")
_INSTALL = {
    "debian": "apt install {}",
    "ubuntu": "apt install {}",
    "fedora": "dnf install {}",
    "rhel": "dnf install {}",
    "centos": "dnf install {}",
    "arch": "pacman -S {}",
    "alpine": "apk add {}",
    "suse": "zypper install {}",
    "opensuse": "zypper install {}",
    "gentoo": "emerge {}",
    "void": "xbps-install {}",
}
_ANSWER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class _Stamp:
    """A program file as it was when it was asked."""

    path: str
    changed: int
    size: int
    inode: int
    mode: int


class Tools:
    """Looks for the program of an engine and remembers its answer as long as the file is the same."""

    def __init__(self, config: Callable[[], Config], os_release: Path = Path("/etc/os-release")) -> None:
        self._config = config
        self._os_release = os_release
        self._known: dict[str, tuple[_Stamp, ToolState]] = {}

    def state(self, engine_name: str) -> ToolState:
        """Whether the engine's tool can be used, in words if not; `UnknownEngine` for a strange name."""
        chosen = engine(engine_name)
        path = self._find(chosen)
        stamp = _stamp(path) if path else None
        if stamp is None:
            return self._missing(chosen)
        known = self._known.get(engine_name)
        if known is not None and known[0] == stamp:
            return known[1]
        state = _ask(chosen, stamp.path)
        if state.tool is not None:
            self._known[engine_name] = (stamp, state)
        return state

    def all(self) -> tuple[ToolState, ...]:
        """The state of every engine's tool."""
        return tuple(self.state(name) for name in names())

    def trial(self, engine_name: str, path: str) -> str:
        """Why the program at `path` cannot be used for this engine ("" = it can)."""
        return _ask(engine(engine_name), path).sentence

    def look_again(self) -> None:
        """Ask every program anew at the next question."""
        self._known.clear()

    def _find(self, chosen: Engine) -> str:
        configured = str(getattr(self._config(), chosen.name, ""))
        if configured:
            return configured
        return next((path for path in _candidates(chosen.program) if _is_program(path)), "")

    def _missing(self, chosen: Engine) -> ToolState:
        configured = str(getattr(self._config(), chosen.name, ""))
        if configured:
            return ToolState(chosen.name, None, f"config.yaml names {configured} for {chosen.name}: no such program.")
        state = chosen.tool_state(None)
        command = install_command(chosen.program, self._os_release)
        line = f"Install it with: {command}" if command else ""
        return state._replace(sentence=f"{state.sentence} {line}".strip(), install=command)


def _candidates(program: str) -> Iterable[str]:
    folders = os.environ.get("PATH", "").split(os.pathsep)
    # A relative entry would let the current folder decide which program backs up everything.
    for folder in dict.fromkeys((*folders, *_EXTRA_FOLDERS)):
        if os.path.isabs(folder):
            yield os.path.join(folder, program)


def _is_program(path: str) -> bool:
    return os.path.isfile(path) and os.access(path, os.X_OK)


def _stamp(path: str) -> _Stamp | None:
    if not os.path.isabs(path):
        return None
    try:
        found = os.stat(path)
    except OSError:
        return None
    return _Stamp(path, found.st_mtime_ns, found.st_size, found.st_ino, found.st_mode)


def _ask(chosen: Engine, path: str) -> ToolState:
    try:
        answer = capture((path, "--version"), {"LC_ALL": "C.UTF-8"}, _ANSWER_SECONDS)
    except OSError as error:
        return ToolState(chosen.name, None, f"{path} cannot be run: {error.strerror}.")
    if answer.timed_out:
        return ToolState(chosen.name, None, f"{path} did not tell its version within {_ANSWER_SECONDS:.0f} seconds.")
    output = answer.output.decode(errors="replace")
    try:
        version = chosen.parse_version(output)
    except ValueError:
        return ToolState(chosen.name, None, f"{path} does not answer as {chosen.program} does. Reinstall it.")
    return chosen.tool_state(Tool(path, version, output.strip().split("\n", 1)[0].strip()))


def install_command(program: str, os_release: Path) -> str:
    """What installs `program` on this distribution, "" where we do not know."""
    try:
        lines = os_release.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    fields = dict(line.split("=", 1) for line in lines if "=" in line)
    families = f"{fields.get('ID', '')} {fields.get('ID_LIKE', '')}".replace('"', "").split()
    known = (_INSTALL.get(family.split("-", 1)[0]) for family in families)
    return next((command.format(program) for command in known if command), "")
