"""The rsync engine: what the rest of the product may ask about rsync; the knowledge lies beside it."""

import re
from collections.abc import Callable, Iterable, Iterator
from posixpath import basename, dirname, join

from engines.adopted import Adopted
from engines.base import (
    Address,
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
from engines.rsync_adoption import adopt
from engines.rsync_catch import catch, catch_step
from engines.rsync_command import OPTIONS, PARTIAL_DIR, transfer_step
from engines.rsync_compare import closed, deletion_step, preview_step, verify_step
from engines.rsync_findings import ComparisonReader, DeletionReader, PreviewReader, TransferReader
from engines.rsync_listing import listing, listing_step
from engines.rsync_problems import find_problems, find_warnings, name_made, resulting_folder, take_apart
from engines.rsync_versions import parse_version, tool_state
from engines.rsync_words import verdict
from models.findings import Tally
from models.job import Job

_TEMPORARY = re.compile(r"\.(?P<name>.+)\.[A-Za-z0-9]{6}", re.DOTALL)
_READERS: dict[Purpose, Callable[[Job, int, int | None], OutputReader]] = {
    "transfer": TransferReader,
    "verify": ComparisonReader,
    "preview": PreviewReader,
    "delete": DeletionReader,
}


class Rsync:
    """rsync 3.1 to 3.5, for copy jobs."""

    name = "rsync"
    program = "rsync"
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
            return (verify_step(job, context),)
        if context.kind == "preview":
            return (preview_step(job, context),)
        if context.verify == "verify_after" or context.deletes_source:
            return (transfer_step(job, context), verify_step(job, context))
        return (transfer_step(job, context),)

    def followup(self, step: Step, job: Job, context: Context, tallies: tuple[Tally, ...]) -> Step | None:  # noqa: ARG002
        return None

    def deletion_step(self, job: Job, context: Context) -> Step | None:
        source, _ = take_apart(job)
        return None if source.is_local else deletion_step(job, context)

    def selection(self, names: Iterable[bytes], exact: bool = False) -> Iterator[bytes]:  # noqa: ARG002
        """Closed by NULs. A name that begins with `#` or `;` would be taken for a comment."""
        return (b"./" + name + b"\0" for name in names)

    def can_select(self, name: bytes) -> bool:
        return is_below(name)

    def selection_root(self, job: Job) -> bytes:
        """Patterns stay where they are anchored: at the folder that rsync makes, if it makes one."""
        made = name_made(take_apart(job)[0])
        return f"{made}/".encode() if made else b""

    def has_seen_all(self, exit_code: int) -> bool:
        return exit_code in (23, 24)

    def reader(
        self, job: Job, settled_bytes: int, expected_bytes: int | None = None, purpose: Purpose = "transfer"
    ) -> OutputReader:
        return _READERS[purpose](job, settled_bytes, expected_bytes)

    def verdict(self, exit_code: int, tail: tuple[str, ...], purpose: Purpose = "transfer") -> Verdict:
        return verdict(exit_code, tail, purpose)

    def restored(self, job: Job) -> tuple[str, str]:
        return closed(resulting_folder(job)), closed(job.source)

    def listing_step(self, job: Job, folder: bytes, context: Context) -> Step | None:
        return listing_step(job, folder, context)

    def listing(self, output: bytes) -> tuple[Entry, ...]:
        return listing(output)

    def catch_step(self, job: Job, context: Context) -> Step | None:
        return catch_step(job, context)

    def catch(self, job: Job, output: bytes) -> Catch:
        return catch(job, output)

    def probe(self, job: Job, context: Context) -> Address | Step | None:  # noqa: ARG002
        remote = next((side for side in take_apart(job) if not side.is_local), None)
        if remote is None:
            return None
        usual = 22 if remote.kind == "ssh" else 873
        return Address(remote.host, remote.port or job.settings.ssh.port or usual)

    def secret(self, job: Job) -> str:
        return "rsync_password" if any(side.kind == "daemon" for side in take_apart(job)) else ""

    def parse_version(self, output: str) -> Version:
        return parse_version(output)

    def tool_state(self, tool: Tool | None) -> ToolState:
        return tool_state(tool)

    def adopt(self, words: tuple[str, ...]) -> tuple[Adopted, ...]:
        return adopt(words)

    def temporary_file(self, path: str) -> bool:
        """`.name.XXXXXX` or anything in a partial folder; ask only about files open for writing."""
        return _in_partial_dir(path) or _TEMPORARY.fullmatch(basename(path)) is not None

    def partial_files(self, path: str) -> tuple[str, ...]:
        """`dir/.rsync-partial/name`, and `.name` too: `.name.XXXXXX` is made for both of them.

        A name near 255 bytes is cut by rsync and cannot be told.
        """
        if _in_partial_dir(path):
            return (path,)
        found = _TEMPORARY.fullmatch(basename(path))
        if not found:
            return ()
        return tuple(join(dirname(path), PARTIAL_DIR, dot + found["name"]) for dot in ("", "."))


def _in_partial_dir(path: str) -> bool:
    return basename(dirname(path)) == PARTIAL_DIR
