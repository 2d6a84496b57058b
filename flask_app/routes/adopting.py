"""Backup commands from elsewhere in the browser: proposals first, jobs after consent. It parses, asks, renders."""

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from core.adoption import Adoption, read_commands
from flask_app.auditing import about, nothing_done
from flask_app.roles import ADMINISTRATOR, needs
from flask_app.utils.adoption import Judged, judged
from flask_app.utils.container import services
from flask_app.utils.downloads import CannotExport
from flask_app.utils.htmx_helpers import Toast, done
from models.errors import AppError
from utils.text import plural

blueprint = Blueprint("adopting", __name__)
MOST = 40  # a form has so many fields
_MANY = f"This page shows {MOST} jobs at once, and there are more. Take them in parts, or use the command jobs import."
_NONE = "Tick the jobs that are to be created."
_WRONG = "Nothing was created. Change what is marked below, or take its tick away."


@blueprint.get("/adopt")
@needs(ADMINISTRATOR)
def adopt_form() -> str:
    return render_template("adopt.html", text="", kind="", errors={}, adoption=None, found=(), taken=())


@blueprint.post("/adopt")
@needs(ADMINISTRATOR)
def adopt() -> AnyResponse:
    """`action` says whether the text is only read, or what is ticked is created."""
    text, kind = _text(), request.form.get("kind", "")
    try:
        adoption = read_commands(text.encode(errors="replace"), kind, services().imports.breathe)
        if len(adoption.proposals) > MOST:
            raise CannotExport(_MANY)
    except AppError as error:
        errors = error.fields or {"text": error.message}
        return _page(error.status, text=text, kind=kind, errors=errors, adoption=None, found=(), taken=())
    if request.form.get("action") != "create":
        nothing_done()
        found = judged(adoption)
        taken = {number for number, one in enumerate(found) if one.is_good}
        return _page(200, text=text, kind=kind, errors={}, adoption=adoption, found=found, taken=taken)
    return _create(text, kind, _as_typed(adoption))


def _text() -> str:
    """The uploaded file, else what was pasted."""
    file = request.files.get("file")
    content = file.read() if file else b""
    return content.decode(errors="replace") if content else request.form.get("text", "")


def _as_typed(adoption: Adoption) -> Adoption:
    """With names and folders as they stand in the form now."""
    typed = []
    for number, proposal in enumerate(adoption.proposals):
        draft, form = proposal.draft, request.form
        draft = draft._replace(
            name=form.get(f"name-{number}", draft.name),
            source=form.get(f"source-{number}", draft.source),
            dest=form.get(f"dest-{number}", draft.dest),
        )
        typed.append(proposal._replace(draft=draft))
    return adoption._replace(proposals=tuple(typed))


def _create(text: str, kind: str, adoption: Adoption) -> AnyResponse:
    """All that is ticked, or nothing and the reasons beside their fields."""
    found = judged(adoption)
    ticked = set(request.form.getlist("take"))
    taken = {number for number in range(len(found)) if str(number) in ticked}
    values = {"text": text, "kind": kind, "adoption": adoption, "taken": taken}
    if not taken or any(found[number].problems for number in taken):
        return _page(422, found=_only_for(found, taken), errors={"take": _WRONG if taken else _NONE}, **values)
    try:
        created = services().imports.create([found[number].draft for number in sorted(taken)])
    except AppError as error:
        return _page(error.status, found=found, errors={"take": error.message}, **values)
    for job in created:
        about(job)
    return done(Toast(f"{plural(len(created), 'job')} created", "They run when you start them."), "/jobs/", 201)


def _only_for(found: tuple[Judged, ...], taken: set[int]) -> tuple[Judged, ...]:
    """What stands against a proposal that nobody wants is no error."""
    return tuple(one if number in taken else one._replace(problems={}) for number, one in enumerate(found))


def _page(status: int, **values: object) -> Response:
    return make_response(render_template("adopt.html", **values), status)
