"""What a shell may offer while a command is typed: the jobs; which commands there are it asks click itself."""

import os
import re

import click
from click.shell_completion import CompletionItem
from flask.cli import ScriptInfo

from flask_app.utils.container import services
from models.errors import AppError
from utils.text import HOSTILE

_PLAIN = re.compile(r"[\w.@%+=:/-]+")
_UNFIT = re.compile(r"[\\'!]")  # what click's script for bash, or bash itself, changes between quotes
_MOST = 200


def complete_job(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Names that begin so; the id of a job whose name no shell or not only one job can bear."""
    try:
        with ctx.find_root().ensure_object(ScriptInfo).load_app().app_context():
            named = [(job.name, job.id) for job in services().jobs.snapshot().jobs.values()]
    except (AppError, click.ClickException):
        return []
    counts: dict[str, int] = {}
    for name, _ in named:
        counts[name] = counts.get(name, 0) + 1
    words = (name if counts[name] == 1 and _is_fit(name) else job_id for name, job_id in named)
    return [CompletionItem(_typed(word)) for word in sorted(words) if word.startswith(begun)][:_MOST]


def _is_fit(name: str) -> bool:
    return bool(name.strip()) and not HOSTILE.search(name) and not _UNFIT.search(name) and not name.startswith("-")


def _typed(word: str) -> str:
    """As it has to stand on the line: zsh and fish quote by themselves, bash does not."""
    is_bash = os.environ.get("_FLASK_COMPLETE", "").startswith("bash")
    return f"'{word}'" if is_bash and not _PLAIN.fullmatch(word) else word


job_argument = click.argument("job", shell_complete=complete_job)
