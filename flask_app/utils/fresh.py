"""A job as the files say at this moment, for scripts that read what they just changed; pages see the watcher's view."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from core.left_out import is_settled_by
from core.views import JobView
from flask_app.utils.container import services
from models.errors import JobNotFound
from models.run import GOOD, RunState


def fresh_views(job_ids: Iterable[str]) -> list[JobView]:
    """The views of those jobs that are still there."""
    found = []
    for job_id in job_ids:
        with suppress(JobNotFound):
            found.append(fresh_view(job_id))
    return found


def fresh_view(job_id: str) -> JobView:
    """The view with the run that is active or ended last now; `JobNotFound`."""
    view = services().queries.job_view(job_id)
    run = services().manager.latest(job_id)
    if run and run.kind == "retry" and not run.is_active:
        return replace(view, active=None, settled=run if is_settled_by(view.last, run) else view.settled)
    if run is None or run.kind != "backup" or run.state is RunState.CANCELLED:
        return replace(view, active=None)
    if run.is_active:
        return replace(view, active=run, doubt="")
    good = run if run.state in GOOD else view.last_good
    return replace(view, active=None, last=run, last_good=good, settled=None)
