"""The history of all runs: a page of them by filters, and all of them as a CSV file; single runs are in `runs`."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain

from flask import Blueprint, Response, make_response, render_template, request, stream_with_context

from core.past_runs import Wanted
from flask_app.roles import VIEWER, needs
from flask_app.utils.container import services
from flask_app.utils.csv_cells import HEADINGS, cells_of
from flask_app.utils.downloads import CannotExport, attachment, in_pieces, of_now
from flask_app.utils.htmx_helpers import fragment, not_modified, page_tag, unchanged, wants_fragment
from flask_app.utils.list_filters import ListFilters
from flask_app.utils.log_jobs import JOBS_LISTED
from flask_app.utils.run_filters import RUN_KINDS, STATES, read_run_filters
from models.run_summary import RunSummary

blueprint = Blueprint("past_runs", __name__)


@blueprint.get("/runs")
@needs(VIEWER)
def index() -> Response:
    tag, filters = page_tag(), read_run_filters(request.args)
    if wants_fragment() and unchanged(tag):
        return not_modified()
    values = _values(filters, tag)
    status = 422 if filters.errors else 200
    if not wants_fragment():
        return make_response(render_template("past_runs.html", **values), status)
    answer = fragment("partials/runs_list.html", values, status)
    if request.headers.get("HX-Trigger") == "run-filters":
        answer.headers["HX-Push-Url"] = filters.address()
    return answer


def _values(filters: ListFilters[Wanted], tag: str) -> dict[str, object]:
    before, past = request.args.get("before", "")[:60], services().queries.past_runs
    return {
        "filters": filters,
        "page": past.page(filters.wanted, before) if not filters.errors else None,
        "before": before,
        "tag": tag,
        "states": STATES,
        "kinds": RUN_KINDS,
        "engines": {name: name for name in past.engines()},
        "jobs": _listed_jobs(filters.asked["job_id"]),
        "left_to_read": services().queries.left_to_read(),
    }


def _listed_jobs(chosen: str) -> dict[str, str]:
    """Names by id: all jobs where they are few, else the chosen one."""
    jobs = services().jobs.snapshot().jobs
    if len(jobs) > JOBS_LISTED:
        return {chosen: jobs[chosen].name} if chosen in jobs else {}
    return {job.id: job.name for job in sorted(jobs.values(), key=lambda job: job.name.casefold())}


@blueprint.get("/runs.csv")
@needs(VIEWER)
def export() -> Response:
    """Exactly what the filters leave, newest first, sent while it is being written."""
    filters = read_run_filters(request.args)
    if filters.errors:
        raise CannotExport(" ".join(filters.errors.values()))
    text = stream_with_context(in_pieces(_lines(services().queries.past_runs.each(filters.wanted))))
    return attachment(Response(text, mimetype="text/csv"), of_now("runs"), "csv")


def _lines(runs: Iterable[RunSummary]) -> Iterator[str]:
    page = io.StringIO()
    write = csv.writer(page, lineterminator="\r\n").writerow
    for cells in chain([HEADINGS], map(cells_of, runs)):
        write(cells)
        yield page.getvalue()
        page.seek(0)
        page.truncate()
