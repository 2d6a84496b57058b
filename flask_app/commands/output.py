"""How commands answer: text for people, JSON for scripts, and an exit status for both; it asks nothing."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

import click

from flask_app.commands.recording import audited_command
from flask_app.utils.kinds import tally
from flask_app.utils.proofs import comparison, deletion
from models.errors import AppError, InvalidInput, JobBusy
from models.run import Run, RunState
from utils.sizes import duration, size, speed
from utils.text import plural, visible

FAILED, USAGE, WARNINGS, BUSY = 1, 2, 3, 75
EXITS = {RunState.DONE: 0, RunState.DONE_WITH_WARNINGS: WARNINGS}
BAR = 30

json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


def answering(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn a refusal into its sentence and an exit status."""

    @wraps(command)
    def answered(*arguments: Any, as_json: bool, **options: Any) -> None:
        try:
            with audited_command():
                command(*arguments, as_json=as_json, **options)
        except AppError as error:
            _refused(error, as_json)

    return json_option(answered)


def _refused(error: AppError, as_json: bool) -> None:
    if as_json:
        say_json({"error": {"code": error.code, "message": error.message, "fields": error.fields}})
    else:
        lines = [f"{name}: {sentence}" for name, sentence in error.fields.items()] or [error.message]
        click.echo("\n".join(visible(line) for line in lines), err=True)
    sys.exit(BUSY if isinstance(error, JobBusy) else USAGE if isinstance(error, InvalidInput) else FAILED)


def say_json(answer: Any) -> None:
    click.echo(json.dumps(answer, indent=2))


def say_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns as wide as their widest word."""
    table = [head, *([visible(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    for row in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def say_facts(facts: dict[str, Any]) -> None:
    """One `name  value` per line; what is empty is left out."""
    shown = {name: value for name, value in facts.items() if value not in (None, "", [], {})}
    width = max(map(len, shown), default=0)
    for name, value in shown.items():
        click.echo(f"{name.ljust(width)}  {visible(str(value))}")


def progress_line(run: Run) -> str:
    """`[######----]  45 %  1.2 GB of 2.6 GB  118 MB/s  9 s left`."""
    figures = run.progress
    if figures.percent is None:
        return f"[{'-' * BAR}]  {run.state.value.replace('_', ' ')}  {visible(run.note)}".rstrip()
    done = int(BAR * figures.percent / 100)
    total = f" of {size(figures.total_bytes)}" if figures.total_bytes is not None else ""
    left = f"  {duration(figures.eta_seconds)} left" if figures.eta_seconds is not None else ""
    rate = f"  {speed(figures.speed_bytes)}" if figures.speed_bytes else ""
    bar = f"[{'#' * done}{'-' * (BAR - done)}]  {figures.percent:.0f} %"
    return f"{bar}  {size(figures.bytes_transferred)}{total}{rate}{left}  {visible(run.note)}".rstrip()


def proof_lines(run: Run) -> dict[str, str]:
    """What the run found out, a sentence each: what it would copy, how the comparison came out, what was deleted."""
    lines = {}
    if run.kind == "preview" and run.is_good:
        lines["would copy"] = f"{tallied(run, 'new')} new, {tallied(run, 'changed')} overwritten"
    for name, found in (("verification", comparison(run)), ("source", deletion(run))):
        if found:
            lines[name] = visible(f"{found.title}. {found.sentence}".strip())
    return lines


def tallied(run: Run, what: str) -> str:
    files, amount = tally(run, what)
    return f"{plural(files, 'file')} ({size(amount)})"


def exit_status(run: Run) -> int:
    """The exit status that says how the run ended."""
    return EXITS.get(run.state, FAILED)
