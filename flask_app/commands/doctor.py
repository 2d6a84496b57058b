"""`flask … doctor`: whether this machine can make backups, and a file about it for a report; it mends nothing."""

import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from flask_app.bundle import SUFFIX, packed
from flask_app.commands.output import FAILED, answering, say_json
from flask_app.utils.checkup import findings
from models.errors import InvalidInput
from storage.shared_file import replace_file
from utils.text import visible


@click.command("doctor")
@click.option("--bundle", metavar="FILE", help=f"Also write a file for a report, without secrets ({SUFFIX}).")
@with_appcontext
@answering
def doctor(bundle: str | None, as_json: bool) -> None:
    """Check tools, folders, permissions and files. Exit status 1 where something is wrong."""
    if bundle is not None:
        _refuse_name(bundle)
    found = findings()
    if as_json:
        say_json([{"name": item.name, "ok": item.is_good, "message": item.sentence} for item in found])
    else:
        for item in found:
            click.echo(f"{'ok  ' if item.is_good else 'BAD '} {item.name}: {visible(item.sentence)}")
    if bundle is not None:
        replace_file(Path(bundle).absolute(), packed(found, current_app.config["SERVER"]))
        click.echo(f"Written: {visible(bundle)}. Look into it before you give it to anybody.", err=True)
    sys.exit(0 if all(item.is_good for item in found) else FAILED)


def _refuse_name(name: str) -> None:
    if not name.endswith(f".{SUFFIX}"):
        raise InvalidInput({"bundle": f"Give the file a name that ends with .{SUFFIX}."})
    if Path(name).is_dir() or not Path(name).absolute().parent.is_dir():
        raise InvalidInput({"bundle": f"{name} is not a file in a folder that exists."})
