"""`flask … jobs browse|restore|rehearse`: the way back on the command line."""

from os import fsencode

import click

from flask_app.auditing import about_restore
from flask_app.commands.completing import job_argument
from flask_app.commands.jobs import find, jobs, say_begun, wait_option
from flask_app.commands.output import answering, say_json, say_table
from flask_app.restore_bodies import folder_answer
from flask_app.utils.container import services
from models.request import RestoreWish
from utils.sizes import size
from utils.text import visible_name

__all__ = ["jobs"]  # the group, with all its commands
accept_option = click.option(
    "--accept-identity", is_flag=True, help="The disk of the copy is another one than at the last good run; intended."
)


@jobs.command("browse")
@job_argument
@click.argument("folder", default="")
@click.option("--page", default=1, show_default=True)
@accept_option
@answering
def browse_copy(job: str, folder: str, page: int, accept_identity: bool, as_json: bool) -> None:
    """List a folder of the copy of JOB."""
    name = fsencode(folder.removesuffix("/"))
    found = services().manager.restores.browse(find(job).job.id, name, page, accept_identity)
    if as_json:
        say_json(folder_answer(found))
        return
    rows = [
        (
            visible_name(entry.name) + "/" * entry.is_folder,
            "" if entry.size is None else size(entry.size),
            entry.modified,
        )
        for entry in found.rows
    ]
    say_table(("name", "size", "changed"), rows)
    if found.pages > 1:
        click.echo(f"Page {found.page} of {found.pages}.", err=True)


@jobs.command("restore")
@job_argument
@click.argument("paths", nargs=-1)
@click.option("--to", "target", help="A folder for the files. Without it: --in-place.")
@click.option("--in-place", is_flag=True, help="To where they came from; only what is missing, unless --overwrite.")
@click.option("--preview", is_flag=True, help="Only find out what would be replaced.")
@click.option("--overwrite", is_flag=True, help="Replace what is there; needs --previewed.")
@click.option("--previewed", default="", metavar="RUN", help="The preview that showed what will be replaced.")
@click.option("--merge", is_flag=True, help="The folder may hold files already; they stay.")
@accept_option
@wait_option
@answering
def restore_files(
    job: str, paths: tuple[str, ...], target: str | None, in_place: bool, preview: bool, overwrite: bool,
    previewed: str, merge: bool, accept_identity: bool, wait: bool, as_json: bool,
) -> None:  # fmt: skip
    """Restore PATHS (none: everything) from the copy of JOB."""
    if bool(target) == in_place:
        raise click.UsageError("Say where to: either --to FOLDER or --in-place.")
    names = tuple(fsencode(path.removesuffix("/")) for path in paths)
    wish = RestoreWish(names, target or "", overwrite, previewed, merge)
    restores = services().manager.restores
    about_restore(wish, preview)
    begin = restores.preview if preview else restores.restore
    say_begun(begin(find(job).job.id, wish, "command", accept_identity), wait, as_json)


@jobs.command("rehearse")
@job_argument
@accept_option
@wait_option
@answering
def rehearse_restore(job: str, accept_identity: bool, wait: bool, as_json: bool) -> None:
    """Restore some files of JOB for a test, compare them, remove them again."""
    say_begun(services().manager.restores.rehearse(find(job).job.id, "command", accept_identity), wait, as_json)
