"""`flask … jobs export`: jobs as files that run, or are read, without us."""

import click

from flask_app.commands.completing import complete_job
from flask_app.commands.jobs import find
from flask_app.commands.output import answering, say_json
from flask_app.commands.restore import jobs
from flask_app.utils.container import services

__all__ = ["jobs"]  # the group, with all its commands


@jobs.command("export")
@click.argument("job", default="", shell_complete=complete_job)
@click.option("--as", "form", type=click.Choice(["yaml", "script", "cron"]), default="yaml", show_default=True)
@answering
def export_jobs(job: str, form: str, as_json: bool) -> None:
    """Print JOB, or all jobs, as YAML to share, or JOB as a script or a line for cron. Passwords are never in it."""
    text = _one(find(job).job.id, form) if job else _all(form)
    if as_json:
        say_json({"form": form, "text": text})
    else:
        click.echo(text, nl=False)


def _all(form: str) -> str:
    if form != "yaml":
        raise click.UsageError(f"Name the job: jobs export JOB --as {form}.")
    return services().imports.text()


def _one(job_id: str, form: str) -> str:
    if form == "script":
        return services().ejecting.script(job_id)
    if form == "cron":
        return services().ejecting.cron(job_id)
    return services().templates.job_text(job_id)
