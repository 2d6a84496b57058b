"""Choosing a folder for the job form, which waits in hidden fields meanwhile; it parses, asks once, renders."""

from dataclasses import dataclass

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from core.folder_views import Look
from flask_app.forms import RETYPE, JobForm, draft_of, empty_form, form_of, typed_form
from flask_app.roles import ADMINISTRATOR, needs
from flask_app.utils.container import services
from flask_app.utils.first_run import first_run_values
from flask_app.utils.htmx_helpers import fragment, in_dialog, wants_fragment
from flask_app.utils.job_forms import form_values, usable_engine
from flask_app.utils.names import name_of, token_of
from models.errors import AppError
from models.job import Job, JobSettings
from utils.text import HOSTILE, visible_name

blueprint = Blueprint("browser", __name__)
SIDES = {"source": "Choose the source", "dest": "Choose the destination"}
# What the browser's own controls send; all other fields are the form's, and wait.
_OWN = frozenset({"csrf_token", "browse", "at", "here", "page", "find", "below", "choose", "back"})
_UNFIT = (
    "This name holds characters that cannot be shown or are not UTF-8, so a job cannot name it. "
    "Rename it, or choose the folder above: everything in it is copied, whatever it is called."
)


@dataclass(frozen=True, slots=True)
class Step:
    """A folder that a button leads to: what is shown and the token that stands for it."""

    shown: str
    token: str
    is_link: bool = False


@blueprint.route("/browse", methods=["GET", "POST"])
@needs(ADMINISTRATOR)
def browse() -> AnyResponse:
    side = request.values.get("browse", "")
    side = side if side in SIDES else "source"
    if "choose" in request.form or "back" in request.form:
        return _back(side)
    return _shown(side)


def _shown(side: str) -> Response:
    """The folder that was asked for, or the reason why it cannot be seen and the ways on."""
    asked = request.values.get("at") or request.values.get("here")
    values: dict[str, object] = {"side": side, "title": SIDES[side], "kept": _kept(), "find": _find(), "look": None}
    spot = name_of(asked) if asked else _typed_spot(side)
    try:
        values |= _seen(_look(spot, or_above=not asked))
    except AppError as error:
        values |= {"unseen": error.message, "here": token_of(spot), "crumbs": _crumbs(spot)}
    values |= _offers()
    if wants_fragment():
        return in_dialog(fragment("partials/job_browser.html", values))
    return make_response(render_template("job_browser.html", **values))


def _find() -> str:
    """A search ends where a folder is entered."""
    return "" if request.form.get("at") else request.form.get("find", "")[:200]


def _look(spot: bytes, or_above: bool) -> Look:
    page = max(1, request.values.get("page", 1, type=int))
    if spot.startswith(b"/"):
        return services().places.look(spot, page, _find(), or_above)
    return services().remote_places.look(spot.decode("utf-8", "replace"), page, _find(), or_above)


def _typed_spot(side: str) -> bytes:
    """Where what is typed leads, else where the other side's disk or the person's own folders are."""
    typed = request.form.get(side, "")
    if typed.startswith("/") and "\0" not in typed:
        return typed.encode("utf-8", "surrogateescape").split(b"/..", 1)[0] or b"/"
    name, colon, _ = typed.partition(":")
    if colon and name in {remote.name for remote in services().remote_places.all()}:
        return typed.encode()
    return services().places.home().encode("utf-8", "surrogateescape")


def _seen(look: Look) -> dict[str, object]:
    steps = [Step(visible_name(row.name), token_of(_below(look.place, row.name)), row.is_link) for row in look.rows]
    return {
        "look": look,
        "steps": steps,
        "here": token_of(look.place),
        "crumbs": _crumbs(look.place),
        "above": token_of(look.above),
        "unfit": _UNFIT if HOSTILE.search(look.place.decode("utf-8", "surrogateescape")) else "",
    }


def _below(place: bytes, name: bytes) -> bytes:
    return place + name if place.endswith((b"/", b":")) else place + b"/" + name


def _crumbs(place: bytes) -> tuple[Step, ...]:
    """The way to the folder: the root or the remote first."""
    if not place.startswith(b"/") and b":" not in place:
        return ()
    top = b"/" if place.startswith(b"/") else place[: place.index(b":") + 1]
    way = [Step(visible_name(top), token_of(top))]
    for part in filter(None, place[len(top) :].split(b"/")):
        top = _below(top, part)
        way.append(Step(visible_name(part), token_of(top)))
    return tuple(way)


def _offers() -> dict[str, object]:
    """Folders to begin with, disks with their room, and remotes with where they lead."""
    starts = [(start, token_of(start.encode("utf-8", "surrogateescape"))) for start in services().places.starts]
    disks = [(room, token_of(room.mount.encode("utf-8", "surrogateescape"))) for room in services().places.disks()]
    remotes = [(remote, token_of(f"{remote.name}:".encode())) for remote in services().remote_places.all()]
    return {"starts": starts, "disks": disks, "remotes": remotes, "remote_engine": services().remote_places.engine}


def _kept() -> list[tuple[str, str]]:
    """All but a password, which is on no page; that there was one is kept."""
    pairs = [(name, value) for name, value in request.form.items(multi=True) if name not in _OWN]
    kept = [(name, value) for name, value in pairs if name != "password"]
    return [*kept, (RETYPE, "1")] if request.form.get("password") else kept


def _back(side: str) -> Response:
    """The form as it was typed, with the folder that was chosen."""
    typed: MultiDict[str, str] = MultiDict(_kept())
    if "choose" in request.form:
        _fill(typed, side, name_of(request.form["choose"] or request.form.get("here", "")))
    job = services().jobs.get(typed["job_id"]) if typed.get("job_id") else None
    form = typed_form(typed, form_of(job) if job else empty_form(usable_engine()))
    return _form(form, job, side, typed)


def _fill(typed: "MultiDict[str, str]", side: str, spot: bytes) -> None:
    """Write the folder into its field; only one engine knows remotes."""
    text = spot.decode("utf-8", "surrogateescape")
    if HOSTILE.search(text):
        return
    below = request.form.get("below", "").strip("/")
    typed[side] = (
        _below(spot, below.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape") if below else text
    )
    if not text.startswith("/"):
        typed["type"] = services().remote_places.engine


def _form(form: JobForm, job: Job | None, side: str, typed: "MultiDict[str, str]") -> Response:
    draft, errors = draft_of(form, typed, job.settings if job else JobSettings())
    found = services().drafts.check(draft, job.id if job else "")
    if typed.get("form") == "first":
        focus = "" if wants_fragment() else side  # what was pressed there keeps the focus
        return make_response(render_template("first_run.html", **first_run_values(form, found), focus=focus))
    values = form_values(form.with_errors(errors), job, found) | {"focus": side}
    if wants_fragment():
        return in_dialog(fragment("partials/job_form.html", values))
    return make_response(render_template("job_form.html", **values))
