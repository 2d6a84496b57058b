"""`flask … runs`: what happened when a job ran."""

import click
from flask.cli import AppGroup

from flask_app import schemas
from flask_app.commands.completing import job_argument
from flask_app.commands.jobs import find
from flask_app.commands.output import answering, progress_line, proof_lines, say_facts, say_json, say_table
from flask_app.utils.container import services

runs = AppGroup("runs", help="What happened when a job ran.")


@runs.command("list")
@job_argument
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 500))
@answering
def list_runs(job: str, limit: int, as_json: bool) -> None:
    """List the runs of a job, newest first."""
    found = services().manager.runs(find(job).job.id, limit)
    if as_json:
        say_json([schemas.run_answer(run) for run in found])
        return
    rows = [(run.id, run.kind, run.state.value.replace("_", " "), run.created_at, run.outcome.reason) for run in found]
    say_table(("RUN", "KIND", "STATE", "CREATED", "REASON"), rows)


@runs.command("show")
@click.argument("run_id")
@answering
def show_run(run_id: str, as_json: bool) -> None:
    """Show one run."""
    run = services().manager.run(run_id)
    answer = schemas.run_answer(run)
    if as_json:
        say_json(answer)
        return
    facts = (
        "id",
        "job_id",
        "job_name",
        "kind",
        "state",
        "attempt",
        "created_at",
        "started_at",
        "ended_at",
        "exit_code",
    )
    words = {"progress": progress_line(run), "reason": run.outcome.reason, "next step": run.outcome.next_step}
    say_facts({name: answer[name] for name in facts} | words | proof_lines(run))


@runs.command("log")
@click.argument("run_id")
@answering
def show_log(run_id: str, as_json: bool) -> None:
    """Print the log of a run."""
    offset, whole = 0, []
    while True:
        text, after = services().manager.log_text(run_id, offset)
        if as_json:
            whole.append(text)
        else:
            click.echo(text, nl=False)
        if after <= offset:
            break
        offset = after
    if as_json:
        say_json({"run_id": run_id, "text": "".join(whole)})
