"""The dashboard with its three fragments, the first-run page, every page's notices and recovery prompt."""

from flask import Blueprint, Response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from flask_app.forms import empty_form
from flask_app.utils.container import services
from flask_app.utils.htmx_helpers import Toast, done, fragment, not_modified, page_tag, unchanged
from flask_app.utils.places import disks, folders
from flask_app.utils.template_filters import frame

blueprint = Blueprint("dashboard", __name__)
# The panels' intervals in seconds at the default auto_refresh_interval of 2; they scale with it.
_PANELS = {"stats": 5.0, "active": 3.0, "recent": 10.0}


@blueprint.get("/")
def index() -> str:
    board = services().queries.dashboard()
    if not board.total:
        return _first_run()
    return render_template("dashboard.html", board=board, tag=page_tag(), every=intervals())


def _first_run() -> str:
    tools = services().tools.all()
    usable = next((state.name for state in tools if state.tool), tools[0].name if tools else "")
    return render_template("first_run.html", form=empty_form(usable), tools=tools, folders=folders(), disks=disks())


@blueprint.get("/stats")
def stats() -> Response:
    return _panel("partials/dashboard_stats.html")


@blueprint.get("/active-jobs")
def active_jobs() -> Response:
    return _panel("partials/dashboard_active_jobs.html")


@blueprint.get("/recent-activity")
def recent_activity() -> Response:
    return _panel("partials/dashboard_recent_activity.html")


def _panel(template: str) -> Response:
    tag = page_tag()
    if unchanged(tag):
        return not_modified()
    return fragment(template, {"board": services().queries.dashboard(), "tag": tag, "every": intervals()})


def intervals() -> dict[str, str]:
    """How often each panel asks again, as htmx writes it."""
    factor = services().settings.load().auto_refresh_interval / 2
    return {name: f"{round(seconds * factor * 1000)}ms" for name, seconds in _PANELS.items()}


@blueprint.post("/recover-jobs")
def recover_jobs() -> AnyResponse:
    """`job_id` with `action` resume or mark_paused, as one button of the prompt sends them."""
    job_id = request.form.get("job_id", "")
    if request.form.get("action") == "mark_paused":
        services().manager.mark_paused(job_id)
        return done(Toast("Marked as paused", "What was copied is kept."), _back())
    run = services().manager.resume(job_id)
    page = f"/jobs/{run.job_id}/runs/{run.id}"
    return done(Toast(f"{run.job_name} resumed", "", "ok", page, "Open run"), _back(), 202)


@blueprint.post("/dismiss-recovery")
def dismiss_recovery() -> AnyResponse:
    services().manager.dismiss_recovery()
    return done(Toast("Dismissed for now", "The runs stay in the list of jobs."), _back())


@blueprint.post("/confirm-missing")
def confirm_missing() -> AnyResponse:
    services().manager.confirm_missing_jobs()
    return done(Toast("The jobs are gone", "An older jobs.yaml is kept in the data folder."), _back())


@blueprint.get("/recovery")
def recovery() -> Response:
    return fragment("partials/recovery.html", {})


@blueprint.get("/notices")
def notices() -> Response:
    around = frame()
    if unchanged(around.notices_tag):
        return not_modified()
    return fragment("partials/notices.html", {"around": around})


def _back() -> str:
    """The page the button stood on: a path of ours, never another site."""
    referrer = request.referrer or ""
    root = request.host_url
    return "/" + referrer[len(root) :] if referrer.startswith(root) else "/"
