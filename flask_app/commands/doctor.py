"""`flask … doctor`: whether this machine can make backups, point by point."""

import os
import shutil
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from flask_app.commands.output import FAILED, answering, say_json
from flask_app.utils.container import services
from utils.sizes import size
from utils.text import visible

PRIVATE = ("runs", "secret_key", "secrets.yaml", "config.yaml", "sessions")


@dataclass(frozen=True, slots=True)
class Finding:
    """One point that was looked at."""

    name: str
    is_good: bool
    sentence: str


@click.command("doctor")
@with_appcontext
@answering
def doctor(as_json: bool) -> None:
    """Check tools, folders, permissions and files."""
    found = findings()
    if as_json:
        say_json([{"name": item.name, "ok": item.is_good, "message": item.sentence} for item in found])
    else:
        for item in found:
            click.echo(f"{'ok  ' if item.is_good else 'BAD '} {item.name}: {visible(item.sentence)}")
    sys.exit(0 if all(item.is_good for item in found) else FAILED)


def findings() -> list[Finding]:
    """Everything that was looked at, good or not."""
    folder: Path = current_app.config["SERVER"].data_dir
    return [*_tools(), *_folder(folder), *_permissions(folder), *_files()]


def _tools() -> list[Finding]:
    found = []
    for state in services().tools.all():
        version = ".".join(map(str, state.tool.version)) if state.tool else ""
        sentence = state.sentence or state.warning or (f"{version} at {state.tool.path}" if state.tool else "")
        found.append(Finding(state.name, state.tool is not None, sentence))
    return found


def _folder(folder: Path) -> list[Finding]:
    if not os.access(folder, os.W_OK | os.X_OK):
        return [Finding("data folder", False, f"{folder} cannot be written.")]
    return [Finding("data folder", True, f"{folder}, {size(shutil.disk_usage(folder).free)} free")]


def _permissions(folder: Path) -> list[Finding]:
    """What is ours alone must not be readable by others."""
    open_paths = [
        path for name in PRIVATE if (path := folder / name).exists() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    if not open_paths:
        return [Finding("permissions", True, "What is private is private.")]
    names = ", ".join(str(path) for path in open_paths)
    return [Finding("permissions", False, f"Others can read {names}. Take that away with: chmod go= {names}")]


def _files() -> list[Finding]:
    problems = [problem.sentence for problem in services().jobs.snapshot().problems]
    problems += [problem.sentence for problem in services().settings.problems()]
    if not problems:
        return [Finding("files", True, "jobs.yaml and settings.yaml can be read.")]
    return [Finding("files", False, sentence) for sentence in problems]
