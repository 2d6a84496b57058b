"""Settings that work now, the tools, the storage and the version."""

import sys
from importlib import metadata

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from flask_app.forms import settings_of
from flask_app.utils.container import services
from flask_app.utils.htmx_helpers import Toast, done, fragment, wants_fragment
from flask_app.utils.places import free_space
from models.errors import AppError
from models.settings import Settings

blueprint = Blueprint("settings", __name__)
VERSION = "0.1.0"  # as in pyproject.toml
VERSIONS = {"Python": sys.version.split()[0]} | {name: metadata.version(name) for name in ("Flask", "gunicorn")}
SHOWN = (
    "default_bandwidth_limit", "max_retry_attempts", "network_check_interval", "auto_refresh_interval",
    "verification_mode",
)  # fmt: skip


@blueprint.get("/")
def index() -> str:
    return render_template("settings.html", **_values(services().settings.load()))


def _values(settings: Settings, error: AppError | None = None) -> dict[str, object]:
    """What the page shows; after an error the fields keep what was typed."""
    typed = request.form if error else {}
    shown = {name: typed.get(name, str(getattr(settings, name))) for name in SHOWN}
    return {
        "shown": shown,
        "errors": error.fields if error else {},
        "summary_text": "" if error is None or error.fields else error.message,
        "tools": services().tools.all(),
        "folder": services().folder.root,
        "disk": free_space(str(services().folder.root)),
        "versions": VERSIONS,
        "version": VERSION,
    }


@blueprint.post("/save")
def save() -> AnyResponse:
    settings = services().settings.load()
    try:
        services().settings.save(settings_of(request.form, settings))
    except AppError as error:
        return _shown_again(settings, error)
    return done(Toast("Settings saved"), "/settings/")


@blueprint.get("/reset")
def ask_reset() -> AnyResponse:
    if wants_fragment():
        return fragment("partials/confirm_reset.html", {})
    return make_response(render_template("question.html", question="partials/confirm_reset.html"))


@blueprint.post("/reset")
def reset() -> AnyResponse:
    services().settings.save(Settings())
    return done(Toast("Settings are at their defaults"), "/settings/")


def _shown_again(settings: Settings, error: AppError) -> Response:
    values = _values(settings, error)
    if wants_fragment():
        return fragment("partials/settings_form.html", values, error.status)
    return make_response(render_template("settings.html", **values), error.status)
