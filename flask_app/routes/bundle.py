"""The file for a report, to save; what is in it is decided in flask_app/bundle.py."""

from flask import Blueprint, Response, current_app

from flask_app.bundle import SUFFIX, packed
from flask_app.green import offload
from flask_app.roles import ADMINISTRATOR, needs
from flask_app.utils.checkup import findings
from flask_app.utils.downloads import attachment, of_now

blueprint = Blueprint("bundle", __name__)


@blueprint.get("/report.tar.gz")
@needs(ADMINISTRATOR)
def report() -> Response:
    content = packed(findings(), current_app.config["SERVER"], offload())
    return attachment(Response(content, mimetype="application/gzip"), of_now("backup-manager-report"), SUFFIX)
