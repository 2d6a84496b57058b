"""Small things done to one job: on and off, a copy, a template of it, its definition as a file. It decides nothing."""

from collections.abc import Callable

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from core.audit_actions import Action
from flask_app.auditing import about, called
from flask_app.roles import ADMINISTRATOR, OPERATOR, VIEWER, allowed, needs
from flask_app.routes.proofs import preview, verify
from flask_app.utils.container import services
from flask_app.utils.downloads import yaml_download
from flask_app.utils.htmx_helpers import Toast, done, wants_fragment, went_to
from flask_app.utils.questions import question
from models.errors import AppError, InvalidInput
from models.job import Job
from utils.text import visible

blueprint = Blueprint("upkeep", __name__)


@blueprint.post("/<job_id>/enable")
@needs(ADMINISTRATOR)
def enable(job_id: str) -> AnyResponse:
    job = services().upkeep.enable(job_id)
    return done(Toast(f"{visible(job.name)} enabled", "It runs when you start it."), f"/jobs/{job_id}")


@blueprint.post("/<job_id>/disable")
@needs(ADMINISTRATOR)
def disable(job_id: str) -> AnyResponse:
    job = services().upkeep.disable(job_id)
    return done(Toast(f"{visible(job.name)} disabled", "It does not start until it is enabled."), f"/jobs/{job_id}")


@blueprint.post("/<job_id>/duplicate")
@needs(ADMINISTRATOR)
def duplicate(job_id: str) -> AnyResponse:
    """The copy is disabled, so that nothing of it starts before a person has looked at it."""
    original = services().jobs.get(job_id)
    copy = services().upkeep.duplicate(job_id)
    about(copy)
    toast = Toast(f"{visible(copy.name)} created", _of_copy(original, copy), "ok", f"/jobs/{copy.id}/edit", "Edit it")
    return done(toast, f"/jobs/{copy.id}/edit", 201)


def _of_copy(original: Job, copy: Job) -> str:
    """What is, and what is not, as with the original."""
    sentences = ["It is disabled, so nothing starts before you enable it."]
    if services().manager.has_password(copy.id):
        sentences.append("It has the same password.")
    if original.settings.deletion_confirmed:
        sentences.append("It deletes nothing at the source before you agree again.")
    if original.settings.unbuilt:
        sentences.append(f"It goes without {', '.join(original.settings.unbuilt)}, which this version cannot do.")
    return " ".join(sentences)


@blueprint.post("/<job_id>/do")
@needs(OPERATOR)
def do(job_id: str) -> AnyResponse:
    """What `do` names, for menus: fifty of them weigh less when each names its job once."""
    asked = request.form.get("do", "")
    if asked in _ACTS:
        called(_CALLED[asked])
        return allowed(_ACTS[asked])(job_id)
    if asked not in _PLACES:
        raise InvalidInput({"do": "There is no such action."})
    place = f"/jobs/{job_id}/{_PLACES[asked]}"
    if asked == "template" and wants_fragment():
        return allowed(ask_for_template)(job_id)
    return went_to(place)


_PLACES = {"template": "template", "export": "export.yaml"}
_ACTS: dict[str, Callable[[str], AnyResponse]] = {
    "preview": preview,
    "verify": verify,
    "enable": enable,
    "disable": disable,
    "duplicate": duplicate,
}
_CALLED: dict[str, Action] = {
    "preview": "run.preview",
    "verify": "run.verify",
    "enable": "job.enable",
    "disable": "job.disable",
    "duplicate": "job.duplicate",
}


@blueprint.get("/<job_id>/export.yaml")
@needs(VIEWER)
def export(job_id: str) -> Response:
    return yaml_download(services().jobs.get(job_id).name, services().templates.job_text(job_id))


@blueprint.get("/<job_id>/template")
@needs(ADMINISTRATOR)
def ask_for_template(job_id: str) -> AnyResponse:
    job = services().jobs.get(job_id)
    return _template_question(job, job.name, "")


@blueprint.post("/<job_id>/template")
@needs(ADMINISTRATOR)
def keep_template(job_id: str) -> AnyResponse:
    job, name = services().jobs.get(job_id), request.form.get("name", "")
    try:
        services().templates.keep_job(job_id, name)
    except AppError as error:
        return _template_question(job, name, error.message, error.status)
    toast = Toast(f"Template {visible(name.strip())} saved", "", "ok", "/templates/", "All templates")
    return done(toast, "/templates/")


def _template_question(job: Job, name: str, error: str, status: int = 200) -> Response:
    stays_behind = services().templates.stays_behind(job)
    return question("partials/save_template.html", status, job=job, name=name, error=error, stays_behind=stays_behind)
