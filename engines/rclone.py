"""The rclone engine: what the rest of the product may ask about rclone; the knowledge lies beside it."""

import re
from collections.abc import Iterable, Iterator
from posixpath import basename, dirname, join

from engines import rclone_command
from engines.adopted import Adopted
from engines.base import (
    Catch,
    Context,
    Entry,
    Location,
    OutputReader,
    Purpose,
    Step,
    Tool,
    ToolState,
    Verdict,
    Version,
)
from engines.locations import is_below
from engines.rclone_adoption import adopt
from engines.rclone_catch import catch, catch_step
from engines.rclone_command import DOWNLOAD, OPTIONS
from engines.rclone_listing import read_listing
from engines.rclone_locations import as_argument
from engines.rclone_names import GARBLED, exact_list, filter_list
from engines.rclone_output import RcloneReader
from engines.rclone_problems import find_problems, find_warnings, resulting_folder, take_apart
from engines.rclone_versions import parse_version, tool_state
from engines.rclone_words import verdict
from engines.remote_kinds import CONFIG_PASSWORD
from models.findings import Tally
from models.job import Job

_TEMPORARY = re.compile(r"(?P<name>.+)\.[0-9a-f]{8}\.partial", re.DOTALL)
# No such folder is ever made: only the name in it counts, which says whose partial file it is.
_NOWHERE = ".rclone-partial"


class Rclone:
    """rclone 1.60 to 1.75, for copy jobs."""

    name = "rclone"
    program = "rclone"
    options = OPTIONS

    def locations(self, job: Job) -> tuple[Location, Location]:
        return take_apart(job)

    def problems(self, job: Job, tool: Tool | None = None) -> dict[str, str]:
        return find_problems(job, tool)

    def resulting_folder(self, job: Job) -> str:
        return resulting_folder(job)

    def warnings(self, job: Job, as_root: bool) -> tuple[str, ...]:
        return find_warnings(job, as_root)

    def steps(self, job: Job, context: Context) -> tuple[Step, ...]:
        if context.kind == "verify":
            return (rclone_command.comparison_step(job, context),)
        if context.kind == "preview":
            return (rclone_command.preview_step(job, context),)
        transfer = rclone_command.transfer_step(job, context)
        if context.verify == "verify_after" or context.deletes_source:
            return transfer, rclone_command.comparison_step(job, context)
        return (transfer,)

    def followup(self, step: Step, job: Job, context: Context, tallies: tuple[Tally, ...]) -> Step | None:
        """What could not be compared by hashes is compared by reading both sides; for all files, as one proof."""
        is_open = any(tally.what == "unproven" and tally.files for tally in tallies)
        is_elsewhere = not all(side.is_local for side in take_apart(job))
        if step.purpose == "verify" and is_open and is_elsewhere and DOWNLOAD not in step.argv:
            return rclone_command.comparison_step(job, context, download=True)
        return None

    def deletion_step(self, job: Job, context: Context) -> Step | None:
        source, _ = take_apart(job)
        return None if source.is_local else rclone_command.deletion_step(job, context)

    def selection(self, names: Iterable[bytes], exact: bool = False) -> Iterator[bytes]:
        return exact_list(names) if exact else filter_list(names)

    def can_select(self, name: bytes) -> bool:
        """Files alone, and only where the message had their exact bytes."""
        return is_below(name) and not name.endswith(b"/") and GARBLED not in name

    def selection_root(self, job: Job) -> bytes:  # noqa: ARG002
        return b""

    def has_seen_all(self, exit_code: int) -> bool:
        return exit_code in (1, 6)

    def reader(
        self,
        job: Job,  # noqa: ARG002
        settled_bytes: int,
        expected_bytes: int | None = None,
        purpose: Purpose = "transfer",
    ) -> OutputReader:
        return RcloneReader(purpose, settled_bytes, expected_bytes)

    def verdict(self, exit_code: int, tail: tuple[str, ...], purpose: Purpose = "transfer") -> Verdict:
        return verdict(exit_code, tail, purpose)

    def restored(self, job: Job) -> tuple[str, str]:
        """rclone always means the contents of a folder, so both sides stay as they are."""
        source, dest = take_apart(job)
        return as_argument(dest), as_argument(source)

    def listing_step(self, job: Job, folder: bytes, context: Context) -> Step | None:
        _, dest = take_apart(job)
        return None if dest.is_local else rclone_command.listing_step(dest, folder, context)

    def listing(self, output: bytes) -> tuple[Entry, ...]:
        return read_listing(output)

    def catch_step(self, job: Job, context: Context) -> Step:
        return catch_step(job, context)

    def catch(self, job: Job, output: bytes) -> Catch:  # noqa: ARG002
        return catch(output)

    def probe(self, job: Job, context: Context) -> Step | None:
        """Of two remotes the destination is asked."""
        remotes = [side for side in take_apart(job) if not side.is_local]
        return rclone_command.probe_step(remotes[-1], context) if remotes else None

    def secret(self, job: Job) -> str:
        return CONFIG_PASSWORD if any(not side.is_local for side in take_apart(job)) else ""

    def parse_version(self, output: str) -> Version:
        return parse_version(output)

    def tool_state(self, tool: Tool | None) -> ToolState:
        return tool_state(tool)

    def adopt(self, words: tuple[str, ...]) -> tuple[Adopted, ...]:
        return adopt(words)

    def temporary_file(self, path: str) -> bool:
        """`name.xxxxxxxx.partial`; before 1.63 there are none, and a file has its final name from the start."""
        return _TEMPORARY.fullmatch(basename(path)) is not None

    def partial_files(self, path: str) -> tuple[str, ...]:
        """rclone makes nothing else of a temporary file, so the answer exists nowhere; it names the file meant."""
        found = _TEMPORARY.fullmatch(basename(path))
        return (join(dirname(path), _NOWHERE, found["name"]),) if found else ()
