"""What rclone's own filter leaves out of a source: its list under the job's rules turned round; runs nothing."""

import re

from engines.base import Catch, Context, LeftOut, Step
from engines.rclone_command import ENVIRONMENT, SEPARATOR, configuration, ends, quick
from engines.rclone_locations import as_argument
from engines.rclone_names import from_rclone
from models.job import Job
from models.run import RunState

_LINE = re.compile(rb"(?P<size>-?\d+)\|(?P<name>.+)", re.DOTALL)


def catch_step(job: Job, context: Context) -> Step:
    """The first rule that matches decides, so the same rules with the signs exchanged list the rest.

    A rule for folders alone (`cache/`) lets no file in when it is turned round: its content is named instead.
    """
    source, _ = ends(job)
    argv = (
        context.tool.path, "lsf", "-R", "--files-only", "--format", "sp", "--separator", SEPARATOR,
        *(f"--filter=- {pattern}" for pattern in job.settings.include if not pattern.endswith("/")),
        *(f"--filter=+ {_with_content(pattern)}" for pattern in job.settings.exclude),
        "--filter=- **", *quick(), *configuration((source,), context), "--", as_argument(source),
    )  # fmt: skip
    return Step(RunState.CHECKING, argv, dict(ENVIRONMENT))


def _with_content(pattern: str) -> str:
    return f"{pattern}**" if pattern.endswith("/") else pattern


def catch(output: bytes) -> Catch:
    """It names files only, and not how many it passed by."""
    found = (_LINE.fullmatch(line) for line in output.split(b"\n")[:-1])
    return Catch(tuple(_left_out(line) for line in found if line))


def _left_out(line: "re.Match[bytes]") -> LeftOut:
    size = int(line["size"])
    return LeftOut(from_rclone(line["name"]), False, size if size >= 0 else None)
