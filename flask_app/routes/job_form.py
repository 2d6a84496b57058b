"""The form of a job: shown, checked while it is typed, saved. It parses, asks once, renders; nothing typed is lost."""

from dataclasses import replace

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from core.catching import Caught
from core.views import DraftCheck
from flask_app.auditing import about, about_draft
from flask_app.forms import JobForm, draft_of, empty_form, form_of, typed_form
from flask_app.roles import ADMINISTRATOR, needs
from flask_app.utils.container import services
from flask_app.utils.first_run import first_run_values
from flask_app.utils.htmx_helpers import Toast, done, fragment, in_dialog, wants_fragment
from flask_app.utils.job_forms import form_values, usable_engine
from flask_app.utils.prefilled import starting_form
from models.errors import AppError, InvalidInput, JobNotFound
from models.job import Job, JobDraft, JobSettings

blueprint = Blueprint("job_form", __name__)


@blueprint.get("/create")
@needs(ADMINISTRATOR)
def create_form() -> str | Response:
    return _show_form(starting_form(), None, None)


@blueprint.post("/create")
@needs(ADMINISTRATOR)
def create() -> AnyResponse:
    form = typed_form(request.form, empty_form(usable_engine()))
    try:
        job = services().manager.create(_draft(form, JobSettings()))
    except AppError as error:
        return _shown_again(form, error, None)
    about(job)
    if request.form.get("then") == "preview":
        return _previewed(job, f"{job.name} created")
    page = f"/jobs/{job.id}"
    return done(Toast(f"{job.name} created", "It runs when you start it.", "ok", page, "Open job"), page, 201)


@blueprint.get("/<job_id>/edit")
@needs(ADMINISTRATOR)
def edit_form(job_id: str) -> str | Response:
    job = services().jobs.get(job_id)
    form = form_of(job)
    draft, _ = draft_of(form, request.form, job.settings)
    return _show_form(form, job, services().drafts.check(draft, job_id))


@blueprint.post("/<job_id>/edit")
@needs(ADMINISTRATOR)
def edit(job_id: str) -> AnyResponse:
    job = services().jobs.get(job_id)
    form = typed_form(request.form, form_of(job))
    try:
        draft = _draft(form, job.settings)
        services().manager.update(job_id, draft)
        about_draft(draft)
    except JobNotFound:
        raise
    except AppError as error:
        return _shown_again(form, error, job)
    if request.form.get("then") == "preview":
        return _previewed(services().jobs.get(job_id), f"{form.text('name')} saved")
    return done(Toast(f"{form.text('name')} saved"), f"/jobs/{job_id}")


def _draft(form: JobForm, base: JobSettings) -> JobDraft:
    """The draft, or `InvalidInput` with everything that is wrong, not only the first."""
    draft, errors = draft_of(form, request.form, base)
    if errors:
        raise InvalidInput({**services().drafts.check(draft).fields, **errors})
    services().drafts.refuse_silent(draft)
    return draft


def _previewed(job: Job, fact: str) -> AnyResponse:
    """The page of a preview that was just started; the job is saved also where none can be."""
    try:
        run = services().manager.preview(job.id)
    except AppError as error:
        page = f"/jobs/{job.id}"
        return _gone_to(done(Toast(f"{fact}, without a preview", error.message, "warn"), page, 201), page)
    about(run=run)
    page = f"/jobs/{job.id}/runs/{run.id}"
    return _gone_to(done(Toast(fact, "The preview copies nothing."), page, 202), page)


def _gone_to(answer: Response, page: str) -> Response:
    """For htmx the whole page follows too."""
    if wants_fragment():
        answer.headers["HX-Redirect"] = page
    return answer


@blueprint.post("/check")
@needs(ADMINISTRATOR)
def check() -> AnyResponse:
    """What would come of what is typed; nothing is saved."""
    job, form = _typed()
    found = _checked(form, job)
    if not wants_fragment():
        return _page(form, job, found)
    values = form_values(form, job, found) | {"brief": request.form.get("form") == "first", "is_news": True}
    return fragment("partials/job_check.html", values)


def _typed() -> tuple[Job | None, JobForm]:
    """The saved job that is edited, if any, and what the form says now."""
    edited = request.form.get("job_id", "")
    job = services().jobs.get(edited) if edited else None
    return job, typed_form(request.form, form_of(job) if job else empty_form(usable_engine()))


def _checked(form: JobForm, job: Job | None) -> DraftCheck:
    draft, errors = draft_of(form, request.form, job.settings if job else JobSettings())
    found = services().drafts.check(draft, job.id if job else "")
    return replace(found, fields={**found.fields, **errors}, commands=() if errors else found.commands)


@blueprint.post("/catch")
@needs(ADMINISTRATOR)
def catch() -> AnyResponse:
    """What the patterns would leave out, as the tool itself says; nothing is saved."""
    job, form = _typed()
    draft, _ = draft_of(form, request.form, job.settings if job else JobSettings())
    caught, refused = Caught(), ""
    try:
        caught = services().drafts.caught(draft, job.id if job else "")
    except AppError as error:
        refused = error.message
    if wants_fragment():
        return fragment("partials/job_catch.html", form_values(form, job, None, caught, refused))
    return _page(form, job, None, caught, refused)


def _page(
    form: JobForm, job: Job | None, found: DraftCheck | None, caught: Caught | None = None, refused: str = ""
) -> Response:
    if request.form.get("form") == "first":
        return make_response(render_template("first_run.html", **first_run_values(form, found)))
    return make_response(render_template("job_form.html", **form_values(form, job, found, caught, refused)))


def _show_form(form: JobForm, job: Job | None, found: DraftCheck | None) -> str | Response:
    values = form_values(form, job, found)
    if wants_fragment():
        return fragment("partials/job_form.html", values)
    return render_template("job_form.html", **values)


def _shown_again(form: JobForm, error: AppError, job: Job | None) -> Response:
    """The form as it was typed, with the reasons; nothing is lost."""
    form = form.with_errors(error.fields, "" if error.fields else error.message)
    if request.form.get("form") == "first":
        return make_response(render_template("first_run.html", **first_run_values(form, None)), error.status)
    values = form_values(form, job, None)
    if wants_fragment():
        return in_dialog(fragment("partials/job_form.html", values, error.status))
    return make_response(render_template("job_form.html", **values), error.status)
