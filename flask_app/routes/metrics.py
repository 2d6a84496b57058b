"""The page of a monitoring system; nothing for people, who have the dashboard."""

from flask import Blueprint, Response

from flask_app.metrics import CONTENT_TYPE, metrics_text
from flask_app.roles import VIEWER, needs
from flask_app.utils.container import services

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
@needs(VIEWER)
def metrics() -> Response:
    return Response(metrics_text(services()), content_type=CONTENT_TYPE)
