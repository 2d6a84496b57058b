"""One run: its page, its live parts and its log as a file; a run is never changed here."""

from collections.abc import Iterator
from dataclasses import replace

from flask import Blueprint, Response, render_template, stream_with_context

from core.left_out import count
from core.views import JobView
from flask_app.roles import VIEWER, needs
from flask_app.utils.container import services
from flask_app.utils.downloads import attachment
from flask_app.utils.htmx_helpers import asked_for, fragment, not_modified, page_tag, unchanged, wants_fragment
from flask_app.utils.proofs import WOULD_BE, troubles_of
from models.errors import RunNotFound
from models.run import GOOD, Run
from storage.findings import FindingsPage, read_findings
from storage.findings_folders import findings_by_folder
from storage.log_line import LogLine
from utils.text import visible

blueprint = Blueprint("runs", __name__)
LINES_SHOWN = 500
NAMES_SHOWN = 3
TROUBLES_SHOWN = 25
BYTES_SHOWN = 100_000
LEFT_OUT_SHOWN = 10
NOTHING = FindingsPage((), 0)


@blueprint.get("/<run_id>")
@needs(VIEWER)
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
@needs(VIEWER)
def log(job_id: str, run_id: str) -> Response:
    """The whole log as text, piece by piece."""
    run = run_of(job_id, run_id)
    answer = Response(stream_with_context(_log_text(run.id)), mimetype="text/plain")
    return attachment(answer, f"{run.job_name[:60]}-{run.id}", "txt")


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
        folders = findings_by_folder(*place, WOULD_BE, NAMES_SHOWN) if is_told else ()
        return {"folders": folders, "would_be": WOULD_BE} | _left_out(run)
    troubles = troubles_of(run)
    found = read_findings(*place, troubles, limit=TROUBLES_SHOWN) if troubles else None
    return {"troubles": troubles, "found": found} | _left_out(run)


def _left_out(run: Run) -> dict[str, object]:
    """The first of the files that were not copied, and why they cannot be asked for alone ("" = they can)."""
    found, refusal = NOTHING, "none"
    if not run.is_active and count(run):
        found = read_findings(services().folder, run.job_id, run.id, ("failed",), limit=LEFT_OUT_SHOWN)
        refusal = services().manager.retries.refusal(run, services().jobs.get(run.job_id))
    return {"left_out": found, "refusal": refusal}


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
