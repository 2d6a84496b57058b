"""Jobs as files that run, or are read, without us: script, line for cron, all jobs as YAML. It asks once, renders."""

from flask import Blueprint, Response

from flask_app.roles import VIEWER, needs
from flask_app.utils.container import services
from flask_app.utils.downloads import of_now, text_download, yaml_download

blueprint = Blueprint("ejecting", __name__)


@blueprint.get("/export.yaml")
@needs(VIEWER)
def all_jobs() -> Response:
    return yaml_download(of_now("jobs"), services().imports.text())


@blueprint.get("/<job_id>/export.sh")
@needs(VIEWER)
def script(job_id: str) -> Response:
    return text_download(services().jobs.get(job_id).name, "sh", services().ejecting.script(job_id))


@blueprint.get("/<job_id>/export.cron")
@needs(VIEWER)
def cron(job_id: str) -> Response:
    return text_download(services().jobs.get(job_id).name, "cron", services().ejecting.cron(job_id))
