"""The tail of all logs, by job and by search; plain reading, nothing is kept here."""

from itertools import groupby

from flask import Blueprint, Response, render_template, request

from flask_app.utils.container import services
from flask_app.utils.htmx_helpers import fragment, wants_fragment
from flask_app.utils.moments import day
from storage.log_store import LogLine

blueprint = Blueprint("logs", __name__)
LINES_SHOWN = 500
LINES_SEARCHED = 5000


@blueprint.get("/")
def index() -> str | Response:
    asked = {name: request.args.get(name, "")[:200] for name in ("job_id", "search")}
    lines = _lines(asked["job_id"], asked["search"])
    jobs = services().jobs.snapshot().jobs
    names = {job_id: job.name for job_id, job in jobs.items()}
    values = {"asked": asked, "count": len(lines), "days": by_day(lines), "names": names, "limit": LINES_SHOWN}
    return fragment("partials/logs_list.html", values) if wants_fragment() else render_template("logs.html", **values)


def _lines(job_id: str, search: str) -> tuple[LogLine, ...]:
    """Newest first; a search looks through the last 5,000 lines."""
    wanted = search.lower()
    lines = services().manager.logs(limit=LINES_SEARCHED if wanted else LINES_SHOWN, job_id=job_id)
    found = [line for line in reversed(lines) if wanted in line.text.lower()]
    return tuple(found[:LINES_SHOWN])


def by_day(lines: tuple[LogLine, ...]) -> list[tuple[str, list[LogLine]]]:
    """Lines under the names of their days, in their order."""
    return [(name, list(group)) for name, group in groupby(lines, key=lambda line: day(line.at))]
