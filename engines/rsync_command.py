"""The rsync command line of a job as a tuple of arguments; runs nothing and asks nobody."""

import posixpath
import re

from engines.base import Context, Location, Step, Version
from engines.locations import parse_location
from models.job import Job, JobSettings
from models.run import RunState

OLDEST: Version = (3, 1, 0)
HAS_MKPATH: Version = (3, 2, 3)
HAS_EXACT_TIMES: Version = (3, 1, 3)
WILDCARDS = re.compile(r"[*?\[]")
PARTIAL_DIR = ".rsync-partial"
# A line that starts so is a file's name and never a figure; see rsync_output.
FILE_MARK = "@"
# What is read by a program ends with two slashes, which no path holds: a line cut off is known as such.
END_MARK = "//"
ITEM_FORMAT = f"{FILE_MARK}%i|%l|%n{END_MARK}"
COMPARISON_FORMAT = f"{FILE_MARK}%i|%l|%C|%n{END_MARK}"
USERS_KNOWN_HOSTS = "~/.ssh/known_hosts"
_SWITCHES = {
    "hard_links": "-H",
    "acls": "-A",
    "xattrs": "-X",
    "numeric_ids": "--numeric-ids",
    "one_file_system": "-x",
    "compress": "-z",
    "sparse": "-S",
}
OPTIONS = tuple(_SWITCHES)
# LC_ALL decides how rsync writes figures and which bytes of a name it escapes.
ENVIRONMENT = {"LC_ALL": "C.UTF-8"}
_TIMEOUT = ("--timeout=60",)
_IDLE_STEPS = re.compile(r"/(?:/|\.(?:/|$))+")


def transfer_step(job: Job, context: Context) -> Step:
    """The one program that copies. Both paths stand last, behind `--`."""
    argv = (
        context.tool.path,
        *_base(context),
        *copying(context),
        *choice(job, context),
        *_items(job, context),
        *patterns(job),
        *connection(job, context),
        *sides(root(job, context), job.dest),
    )
    return Step(RunState.TRANSFERRING, argv, dict(ENVIRONMENT))


def root(job: Job, context: Context) -> str:
    """The source, or for a retry the folder above it: names of a list stand at the destination as in the list."""
    is_whole = context.kind != "retry" or job.source.endswith("/")
    return job.source if is_whole else job.source.removesuffix(posixpath.basename(job.source))


def sides(source: str, dest: str) -> tuple[str, ...]:
    return ("--", literal(source), plain(dest))


def plain(dest: str) -> str:
    """The destination without empty and dotted steps: --mkpath (3.2.7 to 3.5.0) fails on them with exit 11.

    `..` stays: behind a symlink it leads elsewhere than the text says.
    """
    path = parse_location(dest).path
    return dest.removesuffix(path) + _IDLE_STEPS.sub("/", path)


def literal(source: str) -> str:
    """The source as typed; on another host with its wildcards disarmed.

    The far rsync expands `*`, `?` and `[`: `host:/[2]x` would copy `/2x`. A local path is never expanded.
    """
    location = parse_location(source)
    if location.is_local or not WILDCARDS.search(location.path):
        return source
    address = source.removesuffix(location.path)
    return address + WILDCARDS.sub(r"\\\g<0>", location.path)


def _base(context: Context) -> tuple[str, ...]:
    # Where contents are compared, the list of all files would take as long as reading them.
    is_listed_first = not context.large_tree and not compares_contents(context)
    return (
        "-a",
        "--no-h",
        "--info=progress2,stats2",
        *(("--no-inc-recursive",) if is_listed_first else ()),
        *common(context),
        *(("--no-whole-file",) if context.has_partial_files else ()),
    )


def common(context: Context) -> tuple[str, ...]:
    return (
        "--outbuf=L",
        f"--partial-dir={PARTIAL_DIR}",
        *(("--mkpath",) if context.tool.version >= HAS_MKPATH else ()),
    )


def copying(context: Context) -> tuple[str, ...]:
    """What decides whether a file is copied: a run and its preview have it in common."""
    return (
        *exact_times(context),
        *(("-c",) if compares_contents(context) else ()),
        *(("--ignore-existing",) if _leaves_existing(context) else ()),
    )


def exact_times(context: Context) -> tuple[str, ...]:
    # Otherwise rsync compares times by the second, and a file of the same size that was changed
    # twice within one is never copied again.
    return ("--modify-window=-1",) if context.exact_times and context.tool.version >= HAS_EXACT_TIMES else ()


def compares_contents(context: Context) -> bool:
    """Whether a copy decides by checksums of both sides what to copy.

    A restore that may replace files, and its preview, always do: what is damaged has kept its size
    and time. One that may not never does.
    """
    is_asked = context.verify == "checksum" and context.kind in ("backup", "retry", "preview")
    return is_asked or context.overwrite


def _leaves_existing(context: Context) -> bool:
    return context.kind in ("restore", "rehearsal") and not context.overwrite


def choice(job: Job, context: Context) -> tuple[str, ...]:
    """The switches of the job, its limit, and the names to deal with."""
    limit = context.bandwidth_limit
    return (
        *(_SWITCHES[option] for option in OPTIONS if option in job.settings.options),
        *((f"--bwlimit={limit}",) if limit > 0 else ()),
        *selected(context),
    )


def selected(context: Context) -> tuple[str, ...]:
    # A list of files turns -r off, even that of -a.
    if not context.selection:
        return ()
    # What a retry is to copy may be gone from the source since: that is no failure.
    gone = ("--ignore-missing-args",) if context.kind == "retry" else ()
    return ("-r", "--from0", *gone, f"--files-from={context.selection}")


def _items(job: Job, context: Context) -> tuple[str, ...]:
    """A line for each file that is copied, with its exact name: `-8` changes none."""
    is_wanted = compares_contents(context) or job.settings.list_files
    return ("-8", f"--out-format={ITEM_FORMAT}") if is_wanted else ()


def patterns(job: Job) -> tuple[str, ...]:
    # rsync takes the first rule that matches, so what is let in comes before what is left out.
    return (
        *(f"--include={pattern}" for pattern in job.settings.include),
        *(f"--exclude={pattern}" for pattern in job.settings.exclude),
    )


def connection(job: Job, context: Context, reads_all: bool = False) -> tuple[str, ...]:
    """How the other host is reached, and how long it may be silent.

    A side that reads whole files for their checksums says nothing meanwhile, however long that takes: `reads_all`
    leaves it to ssh's own questions (ServerAlive) or the system's (keep-alive) to find a dead connection.
    """
    remote = next((end for end in ends(job) if not end.is_local), None)
    if remote is None:
        return ()
    is_silent = reads_all or compares_contents(context)
    if remote.kind == "daemon":
        return _daemon(remote, job.settings, context, ("--sockopts=SO_KEEPALIVE",) if is_silent else _TIMEOUT)
    # -s, in every version: the remote path travels inside the protocol, so no shell there reads it.
    # Without it rsync 3.2.7 runs what stands between backticks.
    return (*(() if is_silent else _TIMEOUT), "-s", "-e", _ssh(job.settings, context))


def _daemon(remote: Location, settings: JobSettings, context: Context, patience: tuple[str, ...]) -> tuple[str, ...]:
    port = None if remote.port else settings.ssh.port
    return (
        *patience,
        "--contimeout=8",
        *((f"--port={port}",) if port else ()),
        *((f"--password-file={context.password_file}",) if context.password_file else ()),
    )


def ends(job: Job) -> tuple[Location, Location]:
    return parse_location(job.source), parse_location(job.dest)


def _ssh(settings: JobSettings, context: Context) -> str:
    """The `-e` value: rsync splits it at spaces and knows quotes, so every word is quoted as it needs."""
    words = ["ssh"]
    for option in _ssh_options(context):
        words += ["-o", option]
    if settings.ssh.port:
        words += ["-p", str(settings.ssh.port)]
    if settings.ssh.key:
        words += ["-i", settings.ssh.key, "-o", "IdentitiesOnly=yes"]
    return " ".join(_quoted(word) for word in words)


def _ssh_options(context: Context) -> tuple[str, ...]:
    """What is given here wins over ssh's configuration files."""
    known = (context.known_hosts, USERS_KNOWN_HOSTS) if context.known_hosts else (USERS_KNOWN_HOSTS,)
    return (
        "BatchMode=yes",
        "StrictHostKeyChecking=yes",
        "UserKnownHostsFile=" + " ".join(_ssh_path(path) for path in known),
        "UpdateHostKeys=no",
        "NumberOfPasswordPrompts=0",
        "ConnectTimeout=8",
        "ServerAliveInterval=15",
        "ServerAliveCountMax=4",
        # A shared connection would outlive the run and ignore its limits.
        "ControlMaster=no",
        "ControlPath=none",
        "ClearAllForwardings=yes",
        "PermitLocalCommand=no",
        "LogLevel=ERROR",
    )


def _ssh_path(path: str) -> str:
    """A path in ssh's own list of files: quoted where it holds a space, `%` doubled."""
    path = path.replace("%", "%%")
    return f'"{path}"' if " " in path else path


def _quoted(word: str) -> str:
    if not set(word) & set(" '\""):
        return word
    return "'" + word.replace("'", "''") + "'"
