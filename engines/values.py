"""What engines and their callers hand each other: values only; what an engine must be able to say is in `base`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from models.run import RunState

Version = tuple[int, int, int]
Purpose = Literal["transfer", "verify", "preview", "delete"]


class Tool(NamedTuple):
    """An installed tool: the absolute path of its program and the version it reported."""

    path: str
    version: Version
    version_text: str = ""


class Context(NamedTuple):
    """What building a command needs besides the job.

    `bandwidth_limit` is the one in force (KiB/s, 0 = unlimited). `has_partial_files`: a stopped
    try left partial files at the destination. `known_hosts` and `password_file` are paths of
    0600 files of ours ("" = none). `as_root`: the tool will run as root. `large_tree`: more than
    about a million files are expected. `exact_times`: both sides are on this machine, and the
    destination's file system keeps times to the nanosecond.

    `kind` is the run's. `verify` is the mode in force (`VERIFY_MODES`). `deletes_source`: proven
    files are to go at the source, so a comparison must name every one of them. `selection` is a
    0600 file of ours with the only names to deal with, relative to the source, each closed by a
    NUL ("" = everything). `overwrite`: a restore may replace files that are there. `config_file` is
    the tool's own configuration ("" = where it looks itself).
    """

    tool: Tool
    bandwidth_limit: int = 0
    has_partial_files: bool = False
    known_hosts: str = ""
    password_file: str = ""
    as_root: bool = False
    large_tree: bool = False
    exact_times: bool = False
    kind: str = "backup"
    verify: str = "fast"
    deletes_source: bool = False
    selection: str = ""
    overwrite: bool = False
    config_file: str = ""


class Step(NamedTuple):
    """One program to run: argv[0] is an absolute path, `environment` is added to a scrubbed one.

    `phase` is the state of the run meanwhile, `purpose` decides how its output is read and judged.
    """

    phase: RunState
    argv: tuple[str, ...]
    environment: Mapping[str, str] = MappingProxyType({})
    purpose: Purpose = "transfer"


class Location(NamedTuple):
    """One side of a job: on this machine (`host` empty), by ssh, at an rsync daemon, or an rclone remote.

    `path` is the local or remote path; for a daemon `module/path`. `port` is one that was typed
    as part of a daemon's address. Of an rclone remote `host` is the configured name.
    """

    path: str
    host: str = ""
    user: str = ""
    kind: Literal["local", "ssh", "daemon", "remote"] = "local"
    port: int | None = None

    @property
    def is_local(self) -> bool:
        return self.kind == "local"


class Notice(NamedTuple):
    """A line of output that is worth keeping: `level` is `info`, `copy`, `delete`, `warn` or `error`.

    `text` is fit to show. `failed_file` names a file that could not be copied, `deleted_file` one
    that was removed at the destination ("" = none).
    """

    level: Literal["info", "copy", "delete", "warn", "error"]
    text: str
    failed_file: str = ""
    deleted_file: str = ""


class Verdict(NamedTuple):
    """What an exit means. `retry`: the same step may succeed a little later.

    `state` is done, done_with_warnings or failed; `reason` and `next_step` are whole sentences.
    """

    state: RunState
    reason: str = ""
    next_step: str = ""
    retry: bool = False


class Entry(NamedTuple):
    """One name in a folder of the copy. `size` is in bytes, `modified` UTC ISO 8601 text ("" = unknown)."""

    name: bytes
    is_folder: bool
    size: int | None = None
    modified: str = ""


class LeftOut(NamedTuple):
    """A file or folder that a job's patterns leave out, relative to the source (b"" = the source itself).

    `size` is in bytes, None where it is not known. `pattern` is the one that caught it ("" = unknown).
    """

    name: bytes
    is_folder: bool
    size: int | None = None
    pattern: str = ""


class Catch(NamedTuple):
    """What a tool says that it leaves out. `looked_at` counts the names it saw, None where it does not tell.

    What is in a folder that is left out is not named, unless the folder itself is not.
    """

    left_out: tuple[LeftOut, ...]
    looked_at: int | None = None


class Address(NamedTuple):
    """Where a host listens, for finding out whether it answers."""

    host: str
    port: int


class ToolState(NamedTuple):
    """Whether the tool can be used: `tool` is None where it is missing, `sentence` says what to do.

    `warning` is a sentence about a version that works but should be replaced ("" = none), `install` the
    command that installs a missing one ("" = unknown).
    """

    name: str
    tool: Tool | None
    sentence: str = ""
    warning: str = ""
    install: str = ""
