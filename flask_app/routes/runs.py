"""One run: its page, its live parts and its log as a file; a run is never changed here."""

from collections.abc import Iterator
from dataclasses import replace

from flask import Blueprint, Response, render_template, stream_with_context

from core.views import JobView
from flask_app.utils.container import services
from flask_app.utils.htmx_helpers import asked_for, fragment, not_modified, page_tag, unchanged, wants_fragment
from flask_app.utils.proofs import WOULD_BE, troubles_of
from models.errors import RunNotFound
from models.run import GOOD, Run
from storage.findings import read_findings
from storage.findings_folders import findings_by_folder
from storage.log_store import LogLine
from utils.text import visible

blueprint = Blueprint("runs", __name__)
LINES_SHOWN = 500
NAMES_SHOWN = 3
TROUBLES_SHOWN = 25
BYTES_SHOWN = 100_000


@blueprint.get("/<run_id>")
def show(job_id: str, run_id: str) -> str | Response:
    tag = page_tag()
    if wants_fragment() and unchanged(tag):
        return not_modified()
    run = run_of(job_id, run_id)
    if asked_for("run-log"):
        return fragment("partials/run_log.html", _log_values(run))
    values = {"run": run, "view": _view_of(run), "tag": tag} | _evidence(run)
    if asked_for("run"):
        return fragment("partials/run.html", values)
    return render_template("run.html", **(values | _log_values(run)))


@blueprint.get("/<run_id>/log")
def log(job_id: str, run_id: str) -> Response:
    """The whole log as text."""
    run = run_of(job_id, run_id)
    answer = Response(stream_with_context(_log_text(run.id)), mimetype="text/plain")
    answer.headers["Content-Disposition"] = f'attachment; filename="{run.id}.log"'
    return answer


def _view_of(run: Run) -> JobView:
    """The job as pages see it; the watcher may not have seen yet that this very run has ended."""
    view = services().queries.job_view(run.job_id)
    has_just_ended = view.active and view.active.id == run.id and not run.is_active
    return replace(view, active=None) if has_just_ended else view


def _evidence(run: Run) -> dict[str, object]:
    """What of its findings a run's own page shows: folders of a preview, else the first files that are in trouble."""
    place = services().folder, run.job_id, run.id
    if run.kind == "preview":
        is_told = run.state in GOOD
        return {"folders": findings_by_folder(*place, WOULD_BE, NAMES_SHOWN) if is_told else (), "would_be": WOULD_BE}
    troubles = troubles_of(run)
    return {"troubles": troubles, "found": read_findings(*place, troubles, limit=TROUBLES_SHOWN) if troubles else None}


def run_of(job_id: str, run_id: str) -> Run:
    run = services().manager.run(run_id)
    if run.job_id != job_id:
        raise RunNotFound
    return run


def _log_values(run: Run) -> dict[str, object]:
    """The last lines, and the byte offset from which pushed lines go on without gap or repetition."""
    text, offset = services().manager.log_text(run.id, -BYTES_SHOWN)
    lines = [_log_line(line) for line in text.splitlines()[-LINES_SHOWN:]]
    return {"run": run, "lines": lines, "offset": offset}


def _log_line(line: str) -> LogLine:
    at, _, rest = line.partition(" ")
    level, _, text = rest.partition(" ")
    return LogLine(at, level, visible(text))


def _log_text(run_id: str) -> Iterator[str]:
    offset = 0
    while True:
        text, following = services().manager.log_text(run_id, offset)
        if following == offset:
            return
        yield text
        offset = following
