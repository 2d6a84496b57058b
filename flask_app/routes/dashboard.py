"""The dashboard with its three fragments, the first-run page, every page's notices and recovery prompt."""

from typing import Any

from flask import Blueprint, Response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from flask_app.auditing import about, called
from flask_app.forms import empty_form
from flask_app.roles import ADMINISTRATOR, OPERATOR, VIEWER, needs
from flask_app.utils.boards import DAYS, day_rows
from flask_app.utils.container import services
from flask_app.utils.first_run import first_run_values
from flask_app.utils.htmx_helpers import Toast, done, fragment, not_modified, page_tag, unchanged
from flask_app.utils.job_forms import usable_engine
from flask_app.utils.permitted import may_send
from flask_app.utils.template_filters import frame
from utils.sizes import duration

blueprint = Blueprint("dashboard", __name__)
# The panels' intervals in seconds at the default auto_refresh_interval of 2; they scale with it.
_PANELS = {"stats": 5.0, "active": 3.0, "recent": 10.0}


@blueprint.get("/")
@needs(VIEWER)
def index() -> str:
    board = services().queries.dashboard()
    if not board.total:
        return _first_run()
    return render_template("dashboard.html", board=board, **_shared(), **_days(board.total))


def _first_run() -> str:
    if not may_send("/jobs/create"):
        return render_template("nothing_yet.html")
    return render_template("first_run.html", **first_run_values(empty_form(usable_engine()), None))


@blueprint.get("/stats")
@needs(VIEWER)
def stats() -> Response:
    return _panel("partials/dashboard_stats.html")


@blueprint.get("/active-jobs")
@needs(VIEWER)
def active_jobs() -> Response:
    return _panel("partials/dashboard_active_jobs.html")


@blueprint.get("/recent-activity")
@needs(VIEWER)
def recent_activity() -> Response:
    return _panel("partials/dashboard_recent_activity.html")


@blueprint.get("/last-days")
@needs(VIEWER)
def last_days() -> Response:
    values = _shared()
    if unchanged(values["tag"]):
        return not_modified()
    return fragment("partials/dashboard_last_days.html", values | _days(len(services().jobs.snapshot().jobs)))


def _panel(template: str) -> Response:
    values = _shared()
    if unchanged(values["tag"]):
        return not_modified()
    return fragment(template, values | {"board": services().queries.dashboard()})


def _shared() -> dict[str, Any]:
    return {"tag": _tag(), "every": intervals()}


def _days(total: int) -> dict[str, Any]:
    return {"rows": day_rows(), "days": DAYS, "total": total}


def _tag() -> str:
    """A change of the settings that the panels themselves follow is a change of the panels."""
    settings = services().settings.load()
    return f"{page_tag()}.{settings.auto_refresh_interval}.{settings.network_check_interval}"


def intervals() -> dict[str, str]:
    """How often each panel asks again, as htmx writes it, and a silent host is asked, in words."""
    settings = services().settings.load()
    factor = settings.auto_refresh_interval / 2
    panels = {name: f"{round(seconds * factor * 1000)}ms" for name, seconds in _PANELS.items()}
    return panels | {"host": duration(settings.network_check_interval)}


@blueprint.post("/recover-jobs")
@needs(OPERATOR)
def recover_jobs() -> AnyResponse:
    """`job_id` with `action` resume or mark_paused, as one button of the prompt sends them."""
    job_id = request.form.get("job_id", "")
    if request.form.get("action") == "mark_paused":
        called("run.mark_paused")
        about(services().jobs.get(job_id))
        services().manager.mark_paused(job_id)
        return done(Toast("Marked as paused", "What was copied is kept."), _back())
    run = services().manager.resume(job_id)
    about(run=run)
    page = f"/jobs/{run.job_id}/runs/{run.id}"
    return done(Toast(f"{run.job_name} resumed", "", "ok", page, "Open run"), _back(), 202)


@blueprint.post("/dismiss-recovery")
@needs(OPERATOR)
def dismiss_recovery() -> AnyResponse:
    services().manager.dismiss_recovery()
    return done(Toast("Dismissed for now", "The runs stay in the list of jobs."), _back())


@blueprint.post("/confirm-missing")
@needs(ADMINISTRATOR)
def confirm_missing() -> AnyResponse:
    services().manager.confirm_missing_jobs()
    return done(Toast("The jobs are gone", "An older jobs.yaml is kept in the data folder."), _back())


@blueprint.get("/recovery")
@needs(VIEWER)
def recovery() -> Response:
    return fragment("partials/recovery.html", {})


@blueprint.get("/notices")
@needs(VIEWER)
def notices() -> Response:
    around = frame()
    if unchanged(around.notices_tag):
        return not_modified()
    return fragment("partials/notices.html", {"around": around})


def _back() -> str:
    """The page the button stood on: a path of ours, never another site."""
    referrer = request.referrer or ""
    root = request.host_url
    return "/" + referrer[len(root) :].lstrip("/") if referrer.startswith(root) else "/"
