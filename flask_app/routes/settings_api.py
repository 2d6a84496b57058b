"""The global settings in the JSON API: parse, one call, answer."""

from dataclasses import asdict, replace

from flask import Blueprint, Response

from flask_app.auditing import about
from flask_app.roles import ADMINISTRATOR, VIEWER, needs
from flask_app.routes.api import body, ok
from flask_app.settings_body import GlobalBody
from flask_app.utils.container import services

blueprint = Blueprint("settings_api", __name__)


@blueprint.get("/settings")
@needs(VIEWER)
def show() -> Response:
    return ok(asdict(services().settings.load()))


@blueprint.put("/settings")
@needs(ADMINISTRATOR)
def save() -> Response:
    wanted, present = body(GlobalBody), services().settings.load()
    changes = wanted.model_dump(include=wanted.model_fields_set)
    about(names=[name for name, value in changes.items() if getattr(present, name) != value])
    services().settings.save(replace(present, **changes), present)
    return ok(asdict(services().settings.load()))
