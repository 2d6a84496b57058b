"""What an engine is: pure knowledge of one tool, described to whoever carries it out."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from engines.adopted import Adopted
from engines.values import (
    Address,
    Catch,
    Context,
    Entry,
    LeftOut,
    Location,
    Notice,
    Purpose,
    Step,
    Tool,
    ToolState,
    Verdict,
    Version,
)
from models.findings import Finding, Tally
from models.job import Job
from models.progress import Progress
from models.run import Statistics

__all__ = [
    "Address", "Catch", "Context", "Engine", "Entry", "LeftOut", "Location", "Notice", "OutputReader", "Purpose",
    "Step", "Tool", "ToolState", "Verdict", "Version",
]  # fmt: skip


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

    def findings(self) -> tuple[Finding, ...]:
        """What was found out about single files since the last call."""

    def has_lost_host(self) -> bool:
        """Whether the other side has gone and the tool would go on trying for each file."""


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
        """The programs of a run of `context.kind`, one after the other. No user's field ever becomes an option.

        A backup or restore is a transfer, and a comparison by content behind it where `verify` is
        `verify_after` or proven files are to go. `verify` and `preview` are one step each.
        """

    def followup(self, step: Step, job: Job, context: Context, tallies: tuple[Tally, ...]) -> Step | None:
        """What must be run behind `step`, seen what it found; None where it said all."""

    def selection(self, names: Iterable[bytes], exact: bool = False) -> Iterator[bytes]:
        """Names relative to the source as the pieces of the file that the tool reads them from.

        `exact`: any number of names that `can_select` allows; else a few files and folders.
        """

    def can_select(self, name: bytes) -> bool:
        """Whether an exact selection can hold what a `failed` finding names."""

    def selection_root(self, job: Job) -> bytes:
        """What goes before each name of a retry's selection ("" or a folder with its slash)."""

    def has_seen_all(self, exit_code: int) -> bool:
        """Whether a copy that ended so dealt with every file, but for those that its findings name."""

    def deletion_step(self, job: Job, context: Context) -> Step | None:
        """Deletes at a source elsewhere exactly the files of `context.selection` that are still equal to their copy.

        None where the source is on this machine: then the supervisor deletes.
        """

    def reader(
        self, job: Job, settled_bytes: int, expected_bytes: int | None = None, purpose: Purpose = "transfer"
    ) -> OutputReader:
        """A reader for one step; `settled_bytes` is what earlier tries of this work had completed.

        `expected_bytes` is the total that an earlier try or run found: good until the tool says otherwise.
        """

    def verdict(self, exit_code: int, tail: tuple[str, ...], purpose: Purpose = "transfer") -> Verdict:
        """What the exit code means; `tail` (last lines) only refines the words and `retry`.

        Of a comparison that ran to its end it is `done`, whatever was found: findings are judged apart.
        """

    def restored(self, job: Job) -> tuple[str, str]:
        """The folder of the copy and the folder it came from, as they would be typed: their names correspond.

        Both end so that their contents are meant (for rsync with a slash).
        """

    def listing_step(self, job: Job, folder: bytes, context: Context) -> Step | None:
        """Lists one folder of the copy, relative to its root; None where that is on this machine."""

    def listing(self, output: bytes) -> tuple[Entry, ...]:
        """The names that `listing_step` printed; ValueError where it printed something else."""

    def catch_step(self, job: Job, context: Context) -> Step | None:
        """Finds out what the job's patterns leave out of its source; changes nothing. None where nobody tells."""

    def catch(self, job: Job, output: bytes) -> Catch:
        """What `catch_step` printed; a last line that was cut off is passed over, and every line of another kind."""

    def probe(self, job: Job, context: Context) -> Address | Step | None:
        """How to find out whether the other side answers; None for a job without one."""

    def secret(self, job: Job) -> str:
        """The name of the secret the tool gets by file: `rsync_password`, `rclone_config_password`; "" for none."""

    def parse_version(self, output: str) -> Version:
        """The version from the output of `program --version`; ValueError if it is not there."""

    def tool_state(self, tool: Tool | None) -> ToolState:
        """Installed, too old, with known holes, or missing: in words."""

    def adopt(self, words: tuple[str, ...]) -> tuple[Adopted, ...]:
        """The jobs that a command line of the tool describes, given without the program; none where it copies nothing.

        It may be anybody's text. Paths are not judged; nothing that deletes is taken over, and all that is not taken
        over is named.
        """

    def temporary_file(self, path: str) -> bool:
        """Whether an open file's path is a temporary or partial file of the tool."""

    def partial_files(self, path: str) -> tuple[str, ...]:
        """Where a stopped tool may leave what it had of the temporary file `path`.

        Each ends in `folder/name`, where `name` is the file's own. A partial file answers with itself.
        """
