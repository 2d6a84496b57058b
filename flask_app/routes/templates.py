"""Templates of jobs: the list, taking one in from a file, sharing and deleting. It parses, asks once, renders."""

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from flask_app.auditing import nothing_done
from flask_app.roles import ADMINISTRATOR, VIEWER, needs
from flask_app.utils.container import services
from flask_app.utils.downloads import yaml_download
from flask_app.utils.htmx_helpers import Toast, done
from flask_app.utils.job_forms import form_values
from flask_app.utils.prefilled import form_of_draft
from flask_app.utils.questions import question
from models.errors import AppError
from utils.text import visible

blueprint = Blueprint("templates", __name__)
PAGE = "/templates/"


@blueprint.get("/")
@needs(VIEWER)
def index() -> str:
    return render_template("templates.html", templates=services().templates.all())


@blueprint.get("/export.yaml")
@needs(VIEWER)
def export() -> Response:
    name = request.args.get("name", "")
    return yaml_download(name, services().templates.text(name))


@blueprint.get("/delete")
@needs(ADMINISTRATOR)
def ask_delete() -> AnyResponse:
    draft = services().templates.get(request.args.get("name", ""))
    return question("partials/confirm_template_delete.html", draft=draft, parent=PAGE)


@blueprint.post("/delete")
@needs(ADMINISTRATOR)
def delete() -> AnyResponse:
    name = request.form.get("name", "")
    services().templates.delete(name)
    return done(Toast(f"Template {visible(name)} deleted", "Jobs made from it stay as they are."), PAGE)


@blueprint.get("/import")
@needs(ADMINISTRATOR)
def import_form() -> str:
    return render_template("import.html", text="", error="", name="", name_error="")


@blueprint.post("/import")
@needs(ADMINISTRATOR)
def take_in() -> AnyResponse:
    """`action` says what becomes of it: the form of a new job, filled in but not saved, or a template."""
    text, name = request.form.get("text", ""), request.form.get("name", "")
    try:
        draft = services().templates.read(_content(text))
    except AppError as error:
        return _shown_again(text, name, error.status, error=error.message)
    if request.form.get("action") != "template":
        nothing_done()
        values = form_values(form_of_draft(draft), None, services().drafts.check(draft))
        return make_response(render_template("job_form.html", **values))
    try:
        services().templates.keep(draft, name or draft.name)
    except AppError as error:
        return _shown_again(text, name, error.status, name_error=error.message)
    return done(Toast(f"Template {visible(name or draft.name)} saved"), PAGE)


def _content(text: str) -> bytes:
    """The uploaded file, else what was pasted."""
    file = request.files.get("file")
    content = file.read() if file else b""
    return content or text.encode(errors="replace")


def _shown_again(text: str, name: str, status: int, error: str = "", name_error: str = "") -> Response:
    values = {"text": text, "error": error, "name": name, "name_error": name_error}
    return make_response(render_template("import.html", **values), status)
