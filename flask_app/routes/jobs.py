"""Jobs in the browser: the list, the form, and what can be asked of one job. It parses, asks once, renders."""

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from core.views import DraftCheck, Page
from flask_app.forms import JobForm, draft_of, empty_form, form_of, typed_form
from flask_app.utils.container import services
from flask_app.utils.htmx_helpers import (
    Toast,
    asked_for,
    done,
    fragment,
    in_dialog,
    not_modified,
    page_tag,
    unchanged,
    wants_fragment,
)
from flask_app.utils.job_forms import form_values, usable_engine
from models.errors import AppError, HostKeyUnknown, IdentityChanged, InvalidInput, StoreBroken, StoreUnavailable
from models.job import Job, JobDraft, JobSettings
from utils.text import visible

blueprint = Blueprint("jobs", __name__)
SORTS = {"name": "name", "state": "state", "updated": "last run"}
FILTERS = {"": "All", "attention": "Attention", "active": "Active", "protected": "Protected"}
TABS = {"runs": "Runs", "configuration": "Configuration", "log": "Log"}


@blueprint.get("/")
def index() -> str | Response:
    tag = page_tag()
    if not wants_fragment():
        return render_template("jobs.html", **_list_values(tag), **form_values(empty_form(usable_engine()), None, None))
    return not_modified() if unchanged(tag) else fragment("partials/jobs_list.html", _list_values(tag))


def _list_values(tag: str) -> dict[str, object]:
    asked = {name: request.args.get(name, "")[:200] for name in ("search", "state", "engine", "sort")}
    return {"page": _page(asked), "asked": asked, "tag": tag, "sorts": SORTS, "filters": FILTERS}


def _page(asked: dict[str, str]) -> Page:
    return services().queries.job_views(
        search=asked["search"],
        state=asked["state"],
        engine=asked["engine"],
        sort=asked["sort"] if asked["sort"] in SORTS else "name",
        page=max(1, request.args.get("page", 1, type=int)),
    )


@blueprint.get("/create")
def create_form() -> str | Response:
    return _show_form(empty_form(usable_engine()), None, None)


@blueprint.post("/create")
def create() -> AnyResponse:
    form = typed_form(request.form, empty_form(usable_engine()))
    try:
        job = services().manager.create(_draft(form, JobSettings()))
    except (InvalidInput, StoreBroken, StoreUnavailable) as error:
        return _shown_again(form, error, None)
    page = f"/jobs/{job.id}"
    return done(Toast(f"{job.name} created", "It runs when you start it.", "ok", page, "Open job"), page, 201)


@blueprint.get("/<job_id>/edit")
def edit_form(job_id: str) -> str | Response:
    job = services().jobs.get(job_id)
    form = form_of(job)
    draft, _ = draft_of(form, request.form, job.settings)
    return _show_form(form, job, services().manager.check(draft))


@blueprint.post("/<job_id>/edit")
def edit(job_id: str) -> AnyResponse:
    job = services().jobs.get(job_id)
    form = typed_form(request.form, form_of(job))
    try:
        services().manager.update(job_id, _draft(form, job.settings))
    except (InvalidInput, StoreBroken, StoreUnavailable) as error:
        return _shown_again(form, error, job)
    return done(Toast(f"{form.text('name')} saved"), f"/jobs/{job_id}")


def _draft(form: JobForm, base: JobSettings) -> JobDraft:
    """The draft, or `InvalidInput` with everything that is wrong, not only the first."""
    draft, errors = draft_of(form, request.form, base)
    if errors:
        raise InvalidInput({**services().manager.check(draft).fields, **errors})
    return draft


@blueprint.post("/check")
def check() -> AnyResponse:
    """What would come of what is typed; nothing is saved."""
    form = typed_form(request.form, empty_form(usable_engine()))
    draft, errors = draft_of(form, request.form, JobSettings())
    found = services().manager.check(draft)
    found = DraftCheck({**found.fields, **errors}, found.resulting_folder, found.warnings)
    if wants_fragment():
        return fragment("partials/job_check.html", {"form": form, "check": found})
    edited = request.form.get("job_id", "")
    job = services().jobs.get(edited) if edited else None
    return make_response(render_template("job_form.html", **form_values(form, job, found)))


def _show_form(form: JobForm, job: Job | None, found: DraftCheck | None) -> str | Response:
    values = form_values(form, job, found)
    if wants_fragment():
        return fragment("partials/job_form.html", values)
    return render_template("job_form.html", **values)


def _shown_again(form: JobForm, error: AppError, job: Job | None) -> Response:
    """The form as it was typed, with the reasons; nothing is lost."""
    summary = "" if error.fields else error.message
    values = form_values(form.with_errors(error.fields, summary), job, None)
    if wants_fragment():
        return in_dialog(fragment("partials/job_form.html", values, error.status))
    return make_response(render_template("job_form.html", **values), error.status)


@blueprint.get("/<job_id>")
def show(job_id: str) -> str | Response:
    tag = page_tag()
    if wants_fragment() and unchanged(tag):
        return not_modified()
    values = _job_values(job_id, tag)
    if asked_for("job-head"):
        return fragment("partials/job_head.html", values)
    if asked_for("job-tab"):
        return fragment("partials/job_tab.html", values)
    return render_template("job.html", **values)


def _job_values(job_id: str, tag: str) -> dict[str, object]:
    manager = services().manager
    view = services().queries.job_view(job_id)
    tab = request.args.get("tab", "runs")
    tab = tab if tab in TABS else "runs"
    older = request.args.get("before", "")
    values: dict[str, object] = {"view": view, "tab": tab, "tabs": TABS, "tag": tag, "older": older}
    if tab == "runs":
        values["runs"] = manager.runs(job_id, limit=26, before=older)
    elif tab == "log":
        values["lines"] = manager.logs(limit=200, job_id=job_id)
    else:
        values |= _configuration(view.job)
    return values


def _configuration(job: Job) -> dict[str, object]:
    """The exact command, or why there is none now, and the job as it stands in jobs.yaml."""
    lines = services().jobs.text(job.id).split("\n")
    values: dict[str, object] = {"definition": "\n".join(visible(line) for line in lines)}
    try:
        values["commands"] = services().manager.command(job.id)
    except AppError as error:
        values["refusal"] = error.message
    return values


@blueprint.post("/<job_id>/start")
def start(job_id: str) -> AnyResponse:
    try:
        run = services().manager.start(job_id, accept_identity=request.form.get("accept_identity") == "1")
    except IdentityChanged as error:
        return _question("partials/confirm_identity.html", 409, job=services().jobs.get(job_id), error=error)
    except HostKeyUnknown as error:
        return host_key_question(job_id, error.message, 409)
    page = f"/jobs/{job_id}/runs/{run.id}"
    word = "waits" if run.note else "started"
    return done(Toast(f"{run.job_name} {word}", run.note, "ok", page, "Open run"), page, 202)


@blueprint.get("/<job_id>/host-key")
def host_key(job_id: str) -> AnyResponse:
    return host_key_question(job_id, "", 200)


@blueprint.post("/<job_id>/host-key")
def accept_host_key(job_id: str) -> AnyResponse:
    services().manager.accept_host_key(job_id, tuple(request.form.getlist("fingerprint")))
    return done(Toast("The host's key is known now", "The job can be started."), f"/jobs/{job_id}")


def host_key_question(job_id: str, reason: str, status: int) -> Response:
    key = services().manager.host_key(job_id)
    return _question("partials/confirm_host_key.html", status, job=services().jobs.get(job_id), key=key, reason=reason)


def _question(template: str, status: int, **values: object) -> Response:
    """A question before something is done: in the dialog for htmx, else a page of its own."""
    if wants_fragment():
        return in_dialog(fragment(template, values, status))
    return make_response(render_template("question.html", question=template, **values), status)


@blueprint.post("/<job_id>/pause")
def pause(job_id: str) -> AnyResponse:
    run = services().manager.pause(job_id)
    return done(Toast(f"{run.job_name} is stopping", "What is copied is kept."), f"/jobs/{job_id}/runs/{run.id}", 202)


@blueprint.post("/<job_id>/cancel")
def cancel(job_id: str) -> AnyResponse:
    run = services().manager.cancel(job_id)
    return done(Toast(f"{run.job_name} is out of the queue"), f"/jobs/{job_id}", 202)


@blueprint.get("/<job_id>/delete")
def ask_delete(job_id: str) -> AnyResponse:
    job = services().jobs.get(job_id)
    runs = len(services().manager.runs(job_id, limit=1000))
    return _question("partials/confirm_delete.html", 200, job=job, runs=runs)


@blueprint.route("/<job_id>/delete", methods=["POST", "DELETE"])
def delete(job_id: str) -> AnyResponse:
    job = services().jobs.get(job_id)
    services().manager.delete(job_id)
    answer = done(Toast(f"{job.name} deleted", "The backed-up files are untouched."), "/jobs/")
    if wants_fragment() and f"/jobs/{job_id}" in request.headers.get("HX-Current-URL", ""):
        answer.headers["HX-Redirect"] = "/jobs/"
    return answer
