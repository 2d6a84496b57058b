"""What an engine is: pure knowledge of one tool, described to whoever carries it out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from models.job import Job
from models.progress import Progress
from models.run import RunState, Statistics

Version = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Tool:
    """An installed tool: the absolute path of its program and the version it reported."""

    path: str
    version: Version
    version_text: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What building a command needs besides the job.

    `bandwidth_limit` is the one in force (KiB/s, 0 = unlimited). `has_partial_files`: a stopped
    try left partial files at the destination. `known_hosts` and `password_file` are paths of
    0600 files of ours ("" = none). `as_root`: the tool will run as root. `large_tree`: more than
    about a million files are expected. `exact_times`: both sides are on this machine, and the
    destination's file system keeps times to the nanosecond.
    """

    tool: Tool
    bandwidth_limit: int = 0
    has_partial_files: bool = False
    known_hosts: str = ""
    password_file: str = ""
    as_root: bool = False
    large_tree: bool = False
    exact_times: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One program to run: argv[0] is an absolute path, `environment` is added to a scrubbed one."""

    phase: RunState
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Location:
    """One side of a job: on this machine (`host` empty), by ssh, or at an rsync daemon.

    `path` is the local or remote path; for a daemon `module/path`. `port` is one that was typed
    as part of a daemon's address.
    """

    path: str
    host: str = ""
    user: str = ""
    kind: Literal["local", "ssh", "daemon"] = "local"
    port: int | None = None

    @property
    def is_local(self) -> bool:
        return self.kind == "local"


@dataclass(frozen=True, slots=True)
class Notice:
    """A line of output that is worth keeping: `level` is `info`, `copy`, `delete`, `warn` or `error`.

    `text` is fit to show. `failed_file` names a file that could not be copied, `deleted_file` one
    that was removed at the destination ("" = none).
    """

    level: Literal["info", "copy", "delete", "warn", "error"]
    text: str
    failed_file: str = ""
    deleted_file: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an exit means. `retry`: the same step may succeed a little later.

    `state` is done, done_with_warnings or failed; `reason` and `next_step` are whole sentences.
    """

    state: RunState
    reason: str = ""
    next_step: str = ""
    retry: bool = False


@dataclass(frozen=True, slots=True)
class ToolState:
    """Whether the tool can be used: `tool` is None where it is missing, `sentence` says what to do.

    `warning` is a sentence about a version that works but should be replaced ("" = none).
    """

    name: str
    tool: Tool | None
    sentence: str = ""
    warning: str = ""


class OutputReader(Protocol):
    """Reads the output of one step; it holds the running figures, nothing else.

    Lines are bytes without their ending; a line that ended with CR only is given to `progress`,
    one that ended with LF to both, `progress` first.
    """

    def progress(self, line: bytes) -> Progress | None:
        """The figures after this line, or None if it is not a progress line. Cheap: called often."""

    def notice(self, line: bytes) -> Notice | None:
        """The line as something to keep, or None if it says nothing new (figures, blanks)."""

    def statistics(self) -> Statistics:
        """What the tool's closing report said, so far."""

    def settled_bytes(self) -> int:
        """Bytes of whole files at the destination by now; a resume counts on from here."""


class Engine(Protocol):
    """Knowledge of one tool. Pure: no I/O, no processes, no clock."""

    name: str
    program: str
    options: tuple[str, ...]

    def locations(self, job: Job) -> tuple[Location, Location]:
        """Source and destination taken apart; `InvalidInput` where they cannot be."""

    def problems(self, job: Job, tool: Tool | None = None) -> dict[str, str]:
        """Form field → sentence, for all that can be judged without looking at a disk."""

    def resulting_folder(self, job: Job) -> str:
        """Where the files will lie at the destination, in words a person checks before saving."""

    def warnings(self, job: Job, as_root: bool) -> tuple[str, ...]:
        """Sentences about what this job will lose or cannot do, shown but not refused."""

    def steps(self, job: Job, context: Context) -> tuple[Step, ...]:
        """The programs to run, one after the other. No user's field ever becomes an option."""

    def reader(self, job: Job, settled_bytes: int, expected_bytes: int | None = None) -> OutputReader:
        """A reader for one step; `settled_bytes` is what earlier tries of this work had completed.

        `expected_bytes` is the total that an earlier try or run found: good until the tool says otherwise.
        """

    def verdict(self, exit_code: int, tail: tuple[str, ...]) -> Verdict:
        """What the exit code means; `tail` (last lines) only refines the words and `retry`."""

    def parse_version(self, output: str) -> Version:
        """The version from the output of `program --version`; ValueError if it is not there."""

    def tool_state(self, tool: Tool | None) -> ToolState:
        """Installed, too old, with known holes, or missing: in words."""

    def temporary_file(self, path: str) -> bool:
        """Whether an open file's path is a temporary or partial file of the tool."""

    def partial_files(self, path: str) -> tuple[str, ...]:
        """Where a stopped tool may leave what it had of the temporary file `path`.

        Each ends in `folder/name`, where `name` is the file's own. A partial file answers with itself.
        """
