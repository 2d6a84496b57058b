"""The way back in the browser: look into a copy, choose, restore, rehearse. It parses, asks once, renders."""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from core.browse import FolderPage
from engines.base import Entry
from flask_app.auditing import about_restore
from flask_app.roles import ADMINISTRATOR, needs
from flask_app.routes.jobs import begun, begun_or_asked
from flask_app.utils.container import services
from flask_app.utils.names import name_of, token_of
from models.errors import AppError, HostKeyUnknown, IdentityChanged, InvalidInput, JobNotFound, RunNotFound
from models.request import RestoreWish
from models.run import Run
from utils.text import visible_name

blueprint = Blueprint("restore", __name__)
_NOTHING_CHOSEN = "Choose files or folders in the list, or restore everything."


@dataclass(frozen=True, slots=True)
class Row:
    """One name of the folder that is shown; `token` stands for it in the form, `path` for its page if it has one."""

    shown: str
    token: str
    path: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form holds, so that a refusal loses nothing. `place` is `new` or `original`."""

    folder: bytes = b""
    page: int = 1
    chosen: frozenset[str] = frozenset()
    place: str = "new"
    target: str = ""
    merge: bool = False
    accept_identity: bool = False
    errors: dict[str, str] = field(default_factory=dict)
    refusal: str = ""


@blueprint.get("/<job_id>/restore")
@needs(ADMINISTRATOR)
def browse(job_id: str) -> AnyResponse:
    folder = name_of(request.args.get("folder", ""))
    page = max(1, request.args.get("page", 1, type=int))
    accepted = request.args.get("accept_identity") == "1"
    return _shown(job_id, Typed(folder, page, accept_identity=accepted))


@blueprint.post("/<job_id>/restore")
@needs(ADMINISTRATOR)
def restore(job_id: str) -> AnyResponse:
    """Begin the restore, or the preview of one that may replace files."""
    typed = _typed()
    try:
        return begun(job_id, partial(_run_of, job_id, typed))
    except (JobNotFound, RunNotFound):
        raise
    except AppError as error:
        refused = replace(typed, errors=error.fields, refusal="" if error.fields.keys() & {"target"} else error.message)
        return _shown(job_id, refused, error)


def _run_of(job_id: str, typed: Typed) -> Run:
    restores = services().manager.restores
    if previewed := request.form.get("previewed", ""):
        run = services().manager.run(previewed)
        overwrite = request.form.get("overwrite") == "1"
        wish = replace(restores.wish(run), overwrite=overwrite, previewed=run.id)
        about_restore(wish, is_preview=False)
        return restores.restore(job_id, wish, accept_identity=typed.accept_identity)
    wish = _wish(typed)
    about_restore(wish, typed.place == "original")
    if typed.place == "original":
        return restores.preview(job_id, wish, accept_identity=typed.accept_identity)
    return restores.restore(job_id, wish, accept_identity=typed.accept_identity)


def _wish(typed: Typed) -> RestoreWish:
    """What is chosen below the folder that is shown, or all of it; `InvalidInput` where it is nothing."""
    is_all = request.form.get("what") == "all"
    names = [name_of(token) for token in typed.chosen] if not is_all else []
    if not is_all and not names:
        raise InvalidInput({"names": _NOTHING_CHOSEN})
    if is_all and typed.folder:
        names = [typed.folder]
    elif typed.folder:
        names = [typed.folder + b"/" + name for name in names]
    if typed.place == "new" and not typed.target:
        raise InvalidInput({"target": "Enter the folder that the files are to go to."})
    return RestoreWish(tuple(sorted(names)), typed.target if typed.place == "new" else "", merge=typed.merge)


def _typed() -> Typed:
    form = request.form
    return Typed(
        folder=name_of(form.get("folder", "")),
        chosen=frozenset(form.getlist("name")),
        place="original" if form.get("place") == "original" else "new",
        target=form.get("target", ""),
        merge=form.get("merge") == "1",
        accept_identity=form.get("accept_identity") == "1",
    )


@blueprint.post("/<job_id>/rehearse")
@needs(ADMINISTRATOR)
def rehearse(job_id: str) -> AnyResponse:
    """Restore some files for a test; the run's page tells what came of it."""
    return begun_or_asked(job_id, partial(services().manager.restores.rehearse, job_id))


@blueprint.post("/<job_id>/runs/<run_id>/resume")
@needs(ADMINISTRATOR)
def resume(job_id: str, run_id: str) -> AnyResponse:
    """Carry on a restore that was stopped."""
    return begun_or_asked(job_id, partial(services().manager.restores.resume, job_id, run_id))


def _shown(job_id: str, typed: Typed, error: AppError | None = None) -> Response:
    """The page with what is in the folder, or why that cannot be seen."""
    manager, view = services().manager, services().queries.job_view(job_id)
    offer = manager.restores.offer(job_id)
    values: dict[str, Any] = {"view": view, "offer": offer, "crumbs": _crumbs(typed.folder), "rows": (), "found": None}
    status = error.status if error else 200
    try:
        found = manager.restores.browse(job_id, typed.folder, typed.page, typed.accept_identity)
        values |= {"found": found, "rows": _rows(found)}
    except (InvalidInput, HostKeyUnknown):
        raise
    except AppError as unseen:
        values |= {"unseen": unseen.message, "is_doubt": isinstance(unseen, IdentityChanged)}
        status = error.status if error else unseen.status
    typed = replace(typed, target=typed.target or ("" if error else offer.target))
    values |= {"typed": typed, "folder": token_of(typed.folder)}
    return make_response(render_template("restore.html", **values), status)


def _rows(found: FolderPage) -> tuple[Row, ...]:
    return tuple(
        Row(
            visible_name(entry.name),
            token_of(entry.name),
            token_of(_below(found.folder, entry.name)) if entry.is_folder else "",
            entry,
        )
        for entry in found.rows
    )


def _below(folder: bytes, name: bytes) -> bytes:
    return folder + b"/" + name if folder else name


def _crumbs(folder: bytes) -> tuple[tuple[str, str], ...]:
    """The folders on the way to this one: what is shown, and the token of its page."""
    parts = folder.split(b"/") if folder else []
    return tuple((visible_name(part), token_of(b"/".join(parts[: at + 1]))) for at, part in enumerate(parts))
