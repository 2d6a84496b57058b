"""Following a run on the terminal until it ends; the run does not depend on it."""

import sys

import click

from flask_app.commands.output import progress_line
from flask_app.utils.container import services
from models.run import Run, RunState
from utils.clock import SystemClock

LOOK = 0.2
CHORES = 1.0


def wait_for(run: Run, quiet: bool) -> Run:
    """The record of the run's end. Figures go to stderr: in place on a terminal, else now and then."""
    clock, shown, chores_at = SystemClock(), "", 0.0
    while run.is_active:
        if clock.monotonic() >= chores_at:
            chores_at = clock.monotonic() + CHORES
            services().chores.tend()
        run = services().manager.run(run.id)
        if not quiet:
            shown = _show(run, shown)
        clock.sleep(LOOK)
    if not quiet and sys.stderr.isatty():
        click.echo(err=True)
    return run


def _show(run: Run, shown: str) -> str:
    """Write the line if it is news; what was written last."""
    if sys.stderr.isatty():
        line = progress_line(run)
        click.echo(f"\r\x1b[K{line}", nl=False, err=True)
        return line
    step = _step(run)
    if step != shown:
        click.echo(progress_line(run), err=True)
    return step


def _step(run: Run) -> str:
    """A word that changes with the state and with every ten percent."""
    tens = int((run.progress.percent or 0) // 10) if run.state is RunState.TRANSFERRING else 0
    return f"{run.state.value} {tens}"
