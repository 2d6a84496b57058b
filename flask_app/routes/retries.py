"""Copying again only what a run left out, asked for in the browser and by scripts. It parses, asks once, answers."""

from functools import partial

from flask import Blueprint, Response
from werkzeug.wrappers import Response as AnyResponse

from flask_app.roles import OPERATOR, needs
from flask_app.routes.api import start_body, started
from flask_app.routes.jobs import begun_or_asked
from flask_app.utils.container import services

blueprint = Blueprint("retries", __name__)
api = Blueprint("retries_api", __name__)


@blueprint.post("/<job_id>/runs/<run_id>/retry-failed")
@needs(OPERATOR)
def retry(job_id: str, run_id: str) -> AnyResponse:
    return begun_or_asked(job_id, partial(services().manager.retries.start, job_id, run_id))


@api.post("/jobs/<job_id>/runs/<run_id>/retry-failed")
@needs(OPERATOR)
def retry_by_script(job_id: str, run_id: str) -> Response:
    asked = start_body()
    run = services().manager.retries.start(job_id, run_id, "api", asked.accept_identity)
    return started(run)
