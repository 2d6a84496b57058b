"""The page of one job: how it stands, its past, its runs, its configuration, its log; it only reads."""

from flask import Blueprint, Response, render_template, request

from flask_app.roles import VIEWER, needs
from flask_app.utils.boards import DAYS, day_words
from flask_app.utils.container import services
from flask_app.utils.htmx_helpers import asked_for, fragment, not_modified, page_tag, unchanged, wants_fragment
from flask_app.utils.moments import local_day
from flask_app.utils.past_runs import amounts, durations
from models.errors import AppError
from models.job import Job
from storage.log_streams import Question
from utils.ids import is_run_id
from utils.text import visible

blueprint = Blueprint("job_page", __name__)
TABS = {"runs": "Runs", "configuration": "Configuration", "log": "Log"}
ROWS = 25
LINES = 200


@blueprint.get("/<job_id>")
@needs(VIEWER)
def show(job_id: str) -> str | Response:
    tag = page_tag()
    if wants_fragment() and unchanged(tag):
        return not_modified()
    values: dict[str, object] = {"view": services().queries.job_view(job_id), "tab": _tab(), "tabs": TABS, "tag": tag}
    if asked_for("job-head"):
        return fragment("partials/job_head.html", values)
    if asked_for("job-past"):
        return fragment("partials/job_past.html", values | _past(job_id))
    if asked_for("job-tab"):
        return fragment("partials/job_tab.html", values | _details(job_id))
    return render_template("job.html", **(values | _past(job_id) | _details(job_id)))


def _tab() -> str:
    tab = request.args.get("tab", "")
    return tab if tab in TABS else "runs"


def _past(job_id: str) -> dict[str, object]:
    """The last days and the figures of the last good runs, each with its words."""
    cells = services().queries.strip(job_id, DAYS, local_day)
    runs = services().queries.history(job_id, 2 * DAYS)
    return {"cells": cells, "days": day_words(cells), "durations": durations(runs), "amounts": amounts(runs)}


def _details(job_id: str) -> dict[str, object]:
    """What the chosen tab shows."""
    tab = _tab()
    if tab == "runs":
        asked = request.args.get("before", "")
        older = asked if is_run_id(asked) else ""
        return {"runs": services().manager.runs(job_id, limit=ROWS + 1, before=older), "older": older, "rows": ROWS}
    if tab == "log":
        page = services().log_reading.before((job_id, ""), Question(), None, LINES)
        return {"lines": page.lines, "is_more": bool(page.older or page.unreadable), "older": ""}
    return _configuration(services().jobs.get(job_id)) | {"older": ""}


def _configuration(job: Job) -> dict[str, object]:
    """The exact command, or why there is none now, and the job as it stands in jobs.yaml."""
    lines = services().jobs.text(job.id).split("\n")
    values: dict[str, object] = {"definition": "\n".join(visible(line) for line in lines)}
    try:
        values["commands"] = services().manager.command(job.id)
    except AppError as error:
        values["refusal"] = error.message
    return values
