"""The rsync commands that copy nothing: comparison, preview, deletion at a source elsewhere; made like the copy's."""

from engines.base import Context, Step
from engines.rsync_command import (
    COMPARISON_FORMAT,
    ENVIRONMENT,
    ITEM_FORMAT,
    choice,
    common,
    connection,
    copying,
    exact_times,
    patterns,
    root,
    sides,
)
from engines.rsync_problems import resulting_folder
from models.job import Job
from models.run import RunState

# A folder where nothing can be made, not even by root.
_NOWHERE = "--temp-dir=/proc"


def verify_step(job: Job, context: Context) -> Step:
    """A copy by checksum that only says what it would do, unchanged files (-ii) and checksums included.

    Hard links are compared one by one: with -H rsync takes the second name's content for granted.
    """
    options = tuple(option for option in job.settings.options if option != "hard_links")
    compared = job._replace(settings=job.settings._replace(options=options))
    words = ("-c", "-n", "-ii", "-8", f"--out-format={COMPARISON_FORMAT}", *exact_times(context))
    argv = _command(compared, context, words, reads_all=True)
    return Step(RunState.VERIFYING, argv, dict(ENVIRONMENT), "verify")


def preview_step(job: Job, context: Context) -> Step:
    """The copy itself, without copying."""
    words = ("-n", "-i", "-8", f"--out-format={ITEM_FORMAT}", *copying(context))
    return Step(RunState.CHECKING, _command(job, context, words), dict(ENVIRONMENT), "preview")


def deletion_step(job: Job, context: Context) -> Step:
    """rsync removes at the source what it finds to be the same at the destination.

    Where the contents differ it would copy first; that fails because it finds no place for the
    new file, so what changed stays on both sides.
    """
    words = ("-c", "--info=remove1", "-8", "--remove-source-files", _NOWHERE, *exact_times(context))
    contents = job._replace(source=closed(job.source), dest=closed(resulting_folder(job)))
    return Step(RunState.DELETING, _command(contents, context, words, reads_all=True), dict(ENVIRONMENT), "delete")


def _command(job: Job, context: Context, words: tuple[str, ...], reads_all: bool = False) -> tuple[str, ...]:
    return (
        context.tool.path,
        "-a",
        "--no-h",
        "--info=stats2",
        *common(context),
        *words,
        *choice(job, context),
        *patterns(job),
        *connection(job, context, reads_all),
        *sides(root(job, context), job.dest),
    )


def closed(place: str) -> str:
    return place if place.endswith("/") else place + "/"
