"""`flask … jobs import`: other people's backup commands, or jobs.yaml of another installation, as jobs of ours."""

import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

import click

from core.adoption import Unread, read_commands
from core.adoption_sources import KINDS
from flask_app.auditing import about, nothing_done
from flask_app.commands.exporting import jobs
from flask_app.commands.output import FAILED, WARNINGS, answering, say_json
from flask_app.utils.adoption import Judged, judged
from flask_app.utils.container import services
from models.job import Job
from storage.shared_job import shared_values
from storage.shared_jobs import BYTES_LIMIT
from utils.text import plural, visible

__all__ = ["jobs"]  # the group, with all its commands


@jobs.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--from", "kind", type=click.Choice(KINDS), help="What FILE is. Without it, what it looks like.")
@click.option("--create", is_flag=True, help="Create the jobs that nothing stands against.")
@answering
def import_jobs(file: BinaryIO, kind: str | None, create: bool, as_json: bool) -> None:
    """Find rsync and rclone commands in FILE (- is standard input), or jobs in a jobs.yaml or an export.

    Only shows what was found, and what was not understood, unless --create is given. Nothing of FILE is carried out.
    """
    adoption = read_commands(file.read(BYTES_LIMIT + 1), kind or "", services().imports.breathe)
    found = judged(adoption)
    good = [one for one in found if one.is_good]
    created = services().imports.create([one.draft for one in good]) if create and good else ()
    if not created:
        nothing_done()
    for job in created:
        about(job)
    if as_json:
        say_json(_answer(adoption.kind, found, adoption.unread, created))
    else:
        _say(found, adoption.unread, created, create)
    if create and (len(good) < len(found) or adoption.unread or not found):
        sys.exit(WARNINGS if created else FAILED)


def _answer(kind: str, found: tuple[Judged, ...], unread: tuple[Unread, ...], created: tuple[Job, ...]) -> Any:
    proposals = [
        {"line": one.proposal.line, "command": one.proposal.command, "job": shared_values(one.draft)}
        | {"left_out": one.proposal.left_out, "problems": dict(one.problems), "exists": one.exists}
        for one in found
    ]
    rest = {"unread": [one._asdict() for one in unread], "created": [job.id for job in created]}
    return {"from": kind, "proposals": proposals} | rest


def _say(found: tuple[Judged, ...], unread: tuple[Unread, ...], created: tuple[Job, ...], create: bool) -> None:
    for one in found:
        click.echo("\n".join(visible(line) for line in _lines(one)))
    for line in unread:
        click.echo(visible(f"Line {line.line} was not understood: {line.reason}"))
    if not found:
        click.echo("No command of a tool that is known here was found.", err=True)
    elif not create:
        good = sum(one.is_good for one in found)
        count = "all" if good == len(found) else str(good)
        rest = f"--create would create {count}." if good else "None can be created as it is."
        click.echo(f"{plural(len(found), 'job')} found, none created. {rest}", err=True)
    else:
        click.echo(f"{plural(len(created), 'job')} created, {len(found) - len(created)} not.", err=True)


def _lines(one: Judged) -> Iterator[str]:
    yield f"Line {one.proposal.line}: {one.draft.name} ({one.draft.type})"
    yield f"  {one.draft.source} -> {one.draft.dest}"
    yield from (f"  - {sentence}" for sentence in one.proposal.left_out)
    yield from (f"  ! {field}: {sentence}" for field, sentence in one.problems.items())
    if one.exists:
        yield "  ! A job copies from there to there already."
