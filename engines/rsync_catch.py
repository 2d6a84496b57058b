"""What rsync's own filter leaves out of a source, from a list that it makes without copying; runs nothing."""

import re

from engines.base import Catch, Context, LeftOut, Step
from engines.locations import parse_location
from engines.rsync_command import ENVIRONMENT, connection, literal, patterns
from engines.rsync_notices import unescaped
from engines.rsync_problems import name_made
from models.job import Job
from models.run import RunState

_HIDDEN = re.compile(
    rb"\[\w+\] hiding (?P<kind>file|directory) (?P<name>.+) because of pattern (?P<pattern>.+)", re.DOTALL
)
_LISTED = re.compile(rb"[-dlpscbD?][-rwxsStT]{9}[.+]? +[0-9,.]+ [0-9]{4}/")
_SPEAKS = "--debug=FILTER1"


def catch_step(job: Job, context: Context) -> Step | None:
    """The filter speaks while the names are listed; `-x` counts here, as it decides what is reached.

    None for a daemon: it keeps silent about its filter, whatever is asked of it (`max verbosity`).
    """
    source = parse_location(job.source)
    if source.kind == "daemon":
        return None
    one_disk = ("-x",) if "one_file_system" in job.settings.options else ()
    # The side that reads the source is the one that speaks; what is asked of this one is not passed on.
    speaks = _SPEAKS if source.is_local else f"-M{_SPEAKS}"
    argv = (
        context.tool.path, "-r", "--list-only", speaks, "-8", "--no-h", "--no-motd", "--outbuf=L", *one_disk,
        *patterns(job), *connection(job, context), "--", literal(job.source),
    )  # fmt: skip
    return Step(RunState.CHECKING, argv, dict(ENVIRONMENT))


def catch(job: Job, output: bytes) -> Catch:
    top = name_made(parse_location(job.source)).encode("utf-8", "surrogateescape")
    hidden, listed = [], 0
    for line in output.split(b"\n")[:-1]:
        if found := _HIDDEN.fullmatch(line):
            hidden.append(_left_out(found, top))
        elif _LISTED.match(line):
            listed += 1
    return Catch(tuple(hidden), listed + len(hidden))


def _left_out(found: "re.Match[bytes]", top: bytes) -> LeftOut:
    """Without a closing slash the source's own last name leads every name."""
    name = unescaped(found["name"])
    if top:
        name = b"" if name == top else name.removeprefix(top + b"/")
    return LeftOut(name, found["kind"] == b"directory", pattern=unescaped(found["pattern"]).decode(errors="replace"))
