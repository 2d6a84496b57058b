"""Jobs in the browser: the list, and what can be asked of one; its page and form are in `job_page` and `job_form`."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from flask_app.auditing import about
from flask_app.forms import empty_form
from flask_app.roles import ADMINISTRATOR, OPERATOR, VIEWER, needs
from flask_app.utils.container import services
from flask_app.utils.htmx_helpers import (
    Toast,
    done,
    fragment,
    not_modified,
    page_tag,
    unchanged,
    wants_fragment,
    went_to,
)
from flask_app.utils.job_forms import form_values, usable_engine
from flask_app.utils.job_lists import FILTERS, address_of, filters_of, page_of_jobs, wanted
from flask_app.utils.permitted import may_send
from flask_app.utils.questions import question
from models.errors import HostKeyUnknown, IdentityChanged
from models.run import Run

blueprint = Blueprint("jobs", __name__)


@blueprint.get("/")
@needs(VIEWER)
def index() -> str | Response:
    tag = page_tag()
    if not wants_fragment():
        return render_template("jobs.html", **_list_values(tag), **form_values(empty_form(usable_engine()), None, None))
    return not_modified() if unchanged(tag) else fragment("partials/jobs_list.html", _list_values(tag))


def _list_values(tag: str) -> dict[str, object]:
    asked = wanted()
    page = page_of_jobs(asked)
    values = {"page": page, "asked": asked, "tag": tag, "address": address_of(asked), "filters": FILTERS}
    return values | {"menus": filters_of(asked, page), "all_picked": request.args.get("select") == "all"}


@blueprint.post("/<job_id>/start")
@needs(OPERATOR)
def start(job_id: str) -> AnyResponse:
    try:
        run = services().manager.start(job_id, accept_identity=_is_intended())
    except IdentityChanged as error:
        return _identity_question(job_id, error)
    except HostKeyUnknown as error:
        return host_key_question(job_id, error.message, 409)
    about(run=run)
    page = f"/jobs/{job_id}/runs/{run.id}"
    word = "waits" if run.note else "started"
    return done(Toast(f"{run.job_name} {word}", run.note, "ok", page, "Open run"), page, 202)


def _is_intended() -> bool:
    """Whether a person has said that source or destination may be another file system than last time."""
    is_intended = request.form.get("accept_identity") == "1"
    about(names=["accept_identity"] if is_intended else [])
    return is_intended


def _identity_question(job_id: str, error: IdentityChanged) -> Response:
    """Its answer goes where the start was asked for."""
    job = services().jobs.get(job_id)
    return question("partials/confirm_identity.html", 409, job=job, error=error, action=request.path)


@blueprint.get("/<job_id>/host-key")
@needs(ADMINISTRATOR)
def host_key(job_id: str) -> AnyResponse:
    return host_key_question(job_id, "", 200)


@blueprint.post("/<job_id>/host-key")
@needs(ADMINISTRATOR)
def accept_host_key(job_id: str) -> AnyResponse:
    services().manager.accept_host_key(job_id, tuple(request.form.getlist("fingerprint")))
    return done(Toast("The host's key is known now", "The job can be started."), f"/jobs/{job_id}")


def host_key_question(job_id: str, reason: str, status: int) -> Response:
    key = services().manager.host_key(job_id)
    name = "confirm_host_key" if may_send(f"/jobs/{job_id}/host-key") else "host_key_unknown"
    return question(f"partials/{name}.html", status, job=services().jobs.get(job_id), key=key, reason=reason)


def begun(job_id: str, begin: Callable[[], Run]) -> Response:
    """To the page of the run that `begin` gives; it tells what comes of it."""
    try:
        run = begin()
    except HostKeyUnknown as error:
        return host_key_question(job_id, error.message, 409)
    about(run=run)
    return went_to(f"/jobs/{job_id}/runs/{run.id}", 202)


def begun_or_asked(job_id: str, begin: Callable[..., Run]) -> Response:
    """The same for what may begin with another file system, once a person says that this is intended."""
    try:
        return begun(job_id, partial(begin, accept_identity=_is_intended()))
    except IdentityChanged as error:
        return _identity_question(job_id, error)


@blueprint.post("/<job_id>/pause")
@needs(OPERATOR)
def pause(job_id: str) -> AnyResponse:
    run = services().manager.pause(job_id)
    about(run=run)
    return done(Toast(f"{run.job_name} is stopping", "What is copied is kept."), f"/jobs/{job_id}/runs/{run.id}", 202)


@blueprint.post("/<job_id>/cancel")
@needs(OPERATOR)
def cancel(job_id: str) -> AnyResponse:
    run = services().manager.cancel(job_id)
    about(run=run)
    return done(Toast(f"{run.job_name} is out of the queue"), f"/jobs/{job_id}", 202)


@blueprint.get("/<job_id>/delete")
@needs(ADMINISTRATOR)
def ask_delete(job_id: str) -> AnyResponse:
    job = services().jobs.get(job_id)
    return question("partials/confirm_delete.html", 200, job=job, runs=services().queries.run_count(job_id))


@blueprint.route("/<job_id>/delete", methods=["POST", "DELETE"])
@needs(ADMINISTRATOR)
def delete(job_id: str) -> AnyResponse:
    job = services().jobs.get(job_id)
    services().manager.delete(job_id)
    answer = done(Toast(f"{job.name} deleted", "The backed-up files are untouched."), "/jobs/")
    if wants_fragment() and f"/jobs/{job_id}" in request.headers.get("HX-Current-URL", ""):
        answer.headers["HX-Redirect"] = "/jobs/"
    return answer
