"""The way back in the JSON API: parse, one call, answer."""

from os import fsencode

from flask import Blueprint, Response, request

from flask_app.auditing import about_restore
from flask_app.restore_bodies import RestoreBody, folder_answer
from flask_app.roles import ADMINISTRATOR, needs
from flask_app.routes.api import body, flag, number, ok, start_body, started
from flask_app.utils.container import services
from flask_app.utils.names import name_of

blueprint = Blueprint("restore_api", __name__)


@blueprint.get("/jobs/<job_id>/browse")
@needs(ADMINISTRATOR)
def browse(job_id: str) -> Response:
    """One folder of the copy: `folder` is its path, or `token` what an earlier answer gave for it."""
    asked = request.args
    folder = name_of(asked["token"]) if "token" in asked else fsencode(asked.get("folder", "").removesuffix("/"))
    page, accepted = number("page", 1, 10**6), flag("accept_identity")
    return ok(folder_answer(services().manager.restores.browse(job_id, folder, page, accepted)))


@blueprint.post("/jobs/<job_id>/restore")
@needs(ADMINISTRATOR)
def restore(job_id: str) -> Response:
    asked, restores = body(RestoreBody), services().manager.restores
    begin, wish = restores.preview if asked.preview else restores.restore, asked.wish()
    about_restore(wish, asked.preview)
    return started(begin(job_id, wish, "api", asked.accept_identity))


@blueprint.post("/jobs/<job_id>/rehearse")
@needs(ADMINISTRATOR)
def rehearse(job_id: str) -> Response:
    asked = start_body()
    run = services().manager.restores.rehearse(job_id, "api", asked.accept_identity)
    return started(run)


@blueprint.post("/jobs/<job_id>/runs/<run_id>/resume")
@needs(ADMINISTRATOR)
def resume(job_id: str, run_id: str) -> Response:
    """Carry on a restore that was stopped."""
    asked = start_body()
    run = services().manager.restores.resume(job_id, run_id, "api", asked.accept_identity)
    return started(run)
