"""The rclone command lines of a job as tuples of arguments; runs nothing and asks nobody."""

from engines.base import Context, Location, Purpose, Step
from engines.rclone_locations import as_argument, parse_location
from engines.rclone_names import to_rclone
from models.job import Job
from models.run import RunState

# The switches that a job may ask for; rclone has none that a copy needs.
OPTIONS: tuple[str, ...] = ()
ENVIRONMENT = {"LC_ALL": "C.UTF-8"}
_LISTING = {**ENVIRONMENT, "TZ": "UTC"}
_CAT = "/bin/cat"
SEPARATOR = "|"
DOWNLOAD = "--download"
_PHASES = {
    "transfer": RunState.TRANSFERRING,
    "verify": RunState.VERIFYING,
    "preview": RunState.CHECKING,
    "delete": RunState.DELETING,
}


def ends(job: Job) -> tuple[Location, Location]:
    return parse_location(job.source), parse_location(job.dest)


def transfer_step(job: Job, context: Context) -> Step:
    """Copies: what is at the destination alone stays there."""
    listed = ("-v",) if job.settings.list_files else ()
    return _step("transfer", job, context, "copy", *_copying(job, context), *listed)


def preview_step(job: Job, context: Context) -> Step:
    """The very copy, without copying. Only its closest log says which files replace another."""
    return _step("preview", job, context, "copy", *_copying(job, context), "--dry-run", "-vv")


def comparison_step(job: Job, context: Context, download: bool = False) -> Step:
    """Compares contents: by the hash that both sides have, or by reading both.

    `--combined` names every file as exact bytes; in the log they are garbled where they are not UTF-8.
    """
    words = ("check", "--one-way", "--combined", "-", *((DOWNLOAD,) if download else ()))
    return _step("verify", job, context, *words, *_limit(context), *_chosen(job, context))


def deletion_step(job: Job, context: Context) -> Step:
    """Deletes at the source what the destination has with the same content.

    A move whose files are all there already only deletes; where they differ `--immutable` refuses both
    to copy and to delete.
    """
    words = ("move", "-v", "--checksum", "--immutable")
    return _step("delete", job, context, *words, *_limit(context), f"--files-from-raw={context.selection}")


def listing_step(location: Location, folder: bytes, context: Context) -> Step:
    """One folder of the copy, a line for each name."""
    path = "/".join(filter(None, (location.path.rstrip("/"), to_rclone(folder).decode("utf-8", "surrogateescape"))))
    there = Location(path, location.host, kind=location.kind)
    words = ("lsf", "--format", "tsp", "--separator", SEPARATOR)
    argv = (context.tool.path, *words, *quick(), *configuration((location,), context), "--", as_argument(there))
    return Step(RunState.CHECKING, argv, dict(_LISTING))


def probe_step(location: Location, context: Context) -> Step:
    """Asks a remote for its root, and takes no long silence for an answer."""
    argv = (
        context.tool.path, "lsf", "--max-depth", "1", *quick(), *configuration((location,), context),
        "--", f"{location.host}:",
    )  # fmt: skip
    return Step(RunState.CHECKING, argv, dict(_LISTING))


def quick() -> tuple[str, ...]:
    return ("--use-json-log", "--retries", "1", "--low-level-retries", "1", "--contimeout", "8s", "--timeout", "20s")


def _step(purpose: Purpose, job: Job, context: Context, *words: str) -> Step:
    sides = ends(job)
    argv = (
        context.tool.path,
        *words,
        "--use-json-log",
        "--stats=250ms",
        "--stats-log-level=NOTICE",
        "--retries=1",
        # Each counts many times over inside rclone, in silence; a lost network is waited for by the supervisor.
        "--low-level-retries=2",
        "--contimeout=15s",
        "--timeout=2m",
        *configuration(sides, context),
        "--",
        *map(as_argument, sides),
    )
    return Step(_PHASES[purpose], argv, dict(ENVIRONMENT), purpose)


def _copying(job: Job, context: Context) -> tuple[str, ...]:
    keeps_what_is_there = context.kind in ("restore", "rehearsal") and not context.overwrite
    return (
        "--create-empty-src-dirs",
        # All is listed before anything is copied: then a percent is one of the whole.
        *(() if context.large_tree else ("--check-first",)),
        *(("--checksum",) if context.verify == "checksum" else ()),
        *(("--ignore-existing",) if keeps_what_is_there else ()),
        *_limit(context),
        *_chosen(job, context),
    )


def _limit(context: Context) -> tuple[str, ...]:
    return (f"--bwlimit={context.bandwidth_limit}Ki",) if context.bandwidth_limit > 0 else ()


def _chosen(job: Job, context: Context) -> tuple[str, ...]:
    """The names of a selection alone, or the job's patterns: rclone takes the first rule that matches."""
    if context.selection and context.kind == "retry":
        return (f"--files-from-raw={context.selection}",)
    if context.selection:
        return (f"--filter-from={context.selection}",)
    settings = job.settings
    return (
        *(f"--filter=+ {pattern}" for pattern in settings.include),
        *(f"--filter=- {pattern}" for pattern in settings.exclude),
    )


def configuration(sides: tuple[Location, ...], context: Context) -> tuple[str, ...]:
    """A job between two folders of this machine reads no configuration, so a locked one cannot stop it."""
    if all(side.is_local for side in sides):
        return ("--ask-password=false", "--config=/dev/null")
    password = context.password_file
    return (
        "--ask-password=false",
        *((f"--config={context.config_file}",) if context.config_file else ()),
        *((f"--password-command={_CAT} {_quoted(password)}",) if password else ()),
    )


def _quoted(path: str) -> str:
    """One word for rclone, which splits the command at spaces as a line of CSV."""
    return '"' + path.replace('"', '""') + '"'
