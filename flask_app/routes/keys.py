"""The keys that pages listen to, in words; static/js/keys.js does what they say."""

from flask import Blueprint
from werkzeug.wrappers import Response

from flask_app.roles import VIEWER, needs
from flask_app.utils.questions import question

blueprint = Blueprint("keys", __name__)


@blueprint.get("/keys")
@needs(VIEWER)
def index() -> Response:
    return question("partials/keys.html", parent="/jobs/")
