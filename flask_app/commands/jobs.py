"""`flask … jobs`: list, show, create, start, preview, verify, pause, cancel, delete; further ones are beside it."""

import json
import sys
from typing import Any

import click
from flask.cli import AppGroup

from core.views import JobView
from flask_app import schemas
from flask_app.auditing import about, called
from flask_app.commands.completing import job_argument
from flask_app.commands.output import answering, exit_status, say_facts, say_json, say_table
from flask_app.commands.recording import record_command
from flask_app.commands.waiting import wait_for
from flask_app.utils.container import services
from flask_app.utils.fresh import fresh_view, fresh_views
from models.errors import InvalidInput, JobNotFound
from models.run import Run
from utils.text import visible

jobs = AppGroup("jobs", help="What is to be copied where.")
wait_option = click.option("--wait", is_flag=True, help="Follow the run, and exit with how it ended.")


def find(wanted: str) -> JobView:
    """The job with that id, or the only one with that name."""
    known = services().jobs.snapshot().jobs
    matching = [wanted] if wanted in known else [job.id for job in known.values() if job.name == wanted]
    if not matching:
        raise JobNotFound
    if len(matching) > 1:
        raise InvalidInput({"job": f"{len(matching)} jobs are called {wanted!r}. Use the id of one."})
    view = fresh_view(matching[0])
    about(view.job)
    return view


@jobs.command("list")
@answering
def list_jobs(as_json: bool) -> None:
    """List all jobs."""
    found = fresh_views(services().jobs.snapshot().jobs)
    if as_json:
        say_json([schemas.job_answer(view) for view in found])
        return
    rows = [(view.job.id, view.job.name, view.job.type, _state(view), _last_good(view)) for view in found]
    say_table(("ID", "NAME", "ENGINE", "STATE", "LAST GOOD"), rows)


def _state(view: JobView) -> str:
    run, word = view.active, view.state.replace("_", " ")
    return f"{word}, {run.progress.percent:.0f} %" if run and run.progress.percent is not None else word


def _last_good(view: JobView) -> str:
    return view.last_good.ended_at or "" if view.last_good else ""


@jobs.command("show")
@job_argument
@answering
def show_job(job: str, as_json: bool) -> None:
    """Show one job, by id or by name."""
    _say_job(find(job), as_json)


def _say_job(view: JobView, as_json: bool) -> None:
    answer = schemas.job_answer(view)
    if as_json:
        say_json(answer)
        return
    settings = {name: value for name, value in answer["settings"].items() if value not in (None, False, [], "")}
    facts = (
        "id",
        "name",
        "type",
        "source",
        "dest",
        "state",
        "problem",
        "run_id",
        "last_good_at",
        "last_proven_at",
        "created_at",
    )
    say_facts({name: answer[name] for name in facts} | {"settings": json.dumps(settings)})


@jobs.command("create")
@click.option("--name", required=True)
@click.option("--source", required=True, help="What is copied; with a closing slash its contents only.")
@click.option("--dest", required=True, help="The folder it is copied into.")
@click.option("--type", "engine", default="rsync", show_default=True)
@click.option("--settings", default="{}", help='Further settings as JSON, for example {"exclude": ["*.tmp"]}.')
@click.option("--password-stdin", is_flag=True, help="Read the password of an rsync daemon from standard input.")
@answering
def create_job(
    name: str, source: str, dest: str, engine: str, settings: str, password_stdin: bool, as_json: bool
) -> None:
    """Create a job; it runs when it is started."""
    values: dict[str, Any] = {"name": name, "source": source, "dest": dest, "type": engine}
    values["settings"] = _parsed_json(settings)
    values["password"] = sys.stdin.readline().rstrip("\n") if password_stdin else None
    job = services().manager.create(schemas.parsed(schemas.JobBody, values).draft())
    about(job)
    if as_json:
        _say_job(find(job.id), as_json)
    else:
        click.echo(job.id)


def _parsed_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidInput({"settings": "This must be JSON."}) from error


@jobs.command("start")
@job_argument
@wait_option
@click.option("--accept-identity", is_flag=True, help="The file systems have changed, and that is intended.")
@click.option("--only-failed", metavar="RUN", default="", help="Copy only what this run left out.")
@answering
def start_job(job: str, wait: bool, accept_identity: bool, only_failed: str, as_json: bool) -> None:
    """Start a job, or carry on where it stopped."""
    manager, job_id = services().manager, find(job).job.id
    about(names=["accept_identity"] if accept_identity else [])
    if only_failed:
        called("run.retry")
        run = manager.retries.start(job_id, only_failed, "command", accept_identity)
    else:
        run = manager.start(job_id, trigger="command", accept_identity=accept_identity)
    say_begun(run, wait, as_json)


@jobs.command("preview")
@job_argument
@wait_option
@answering
def preview_job(job: str, wait: bool, as_json: bool) -> None:
    """Find out what a run would copy; changes nothing."""
    say_begun(services().manager.preview(find(job).job.id, trigger="command"), wait, as_json)


@jobs.command("verify")
@job_argument
@wait_option
@answering
def verify_job(job: str, wait: bool, as_json: bool) -> None:
    """Compare the copy with its source by content; changes nothing."""
    say_begun(services().manager.verify(find(job).job.id, trigger="command"), wait, as_json)


def say_begun(run: Run, wait: bool, as_json: bool) -> None:
    """The run's id or, with `wait`, its progress and how it ended."""
    about(run=run)
    record_command()
    if not wait:
        _say_started(run, as_json)
        return
    run = _followed(run, as_json)
    if as_json:
        say_json(schemas.run_answer(run))
    else:
        click.echo(f"{run.state.value.replace('_', ' ')}. {run.outcome.reason} {run.outcome.next_step}".strip())
    sys.exit(exit_status(run))


def _followed(run: Run, as_json: bool) -> Run:
    try:
        return wait_for(run, quiet=as_json)
    except KeyboardInterrupt:
        click.echo(f"\nThe run goes on. To stop it: flask --app flask_app jobs pause {run.job_id}", err=True)
        sys.exit(130)


def _say_started(run: Run, as_json: bool) -> None:
    about(run=run)
    if as_json:
        say_json(schemas.started_answer(run))
    else:
        click.echo(run.id)


@jobs.command("pause")
@job_argument
@answering
def pause_job(job: str, as_json: bool) -> None:
    """Stop a running job; what is copied is kept."""
    _say_started(services().manager.pause(find(job).job.id), as_json)


@jobs.command("cancel")
@job_argument
@answering
def cancel_job(job: str, as_json: bool) -> None:
    """Take a waiting run out of the queue."""
    _say_started(services().manager.cancel(find(job).job.id), as_json)


@jobs.command("delete")
@job_argument
@click.option("--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
@answering
def delete_job(job: str, yes: bool, as_json: bool) -> None:
    """Delete a job with its history; backed-up files stay."""
    view = find(job)
    if not yes:
        if as_json or not sys.stdin.isatty():
            raise click.UsageError("Nobody can be asked here: say --yes.")
        click.confirm(f"Delete {view.job.name!r}? Its history goes, the backed-up files stay.", abort=True)
    services().manager.delete(view.job.id)
    if as_json:
        say_json({"deleted": view.job.id})
    else:
        click.echo(f"Deleted: {visible(view.job.name)}.")
