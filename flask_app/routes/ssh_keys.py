"""Making and deleting our ssh keys in the browser; only their public part is ever shown."""

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from flask_app.roles import ADMINISTRATOR, needs
from flask_app.routes.settings import page_values
from flask_app.utils.container import services
from flask_app.utils.htmx_helpers import Toast, done, fragment, wants_fragment
from flask_app.utils.questions import question
from flask_app.utils.ssh_access import ssh_values
from models.errors import AppError

blueprint = Blueprint("ssh_keys", __name__)
SECTION = "/settings/#keys"


@blueprint.post("/create")
@needs(ADMINISTRATOR)
def create() -> AnyResponse:
    typed = request.form.get("name", "")
    name = typed.strip()
    try:
        services().ssh_keys.create(name)
    except AppError as error:
        return _shown_again(typed, error)
    return _changed(Toast(f"Key {name} made", "Put its public part on the host, then name the key in a job."), name)


def _shown_again(typed: str, error: AppError) -> Response:
    values = {"key_name": typed, "key_errors": error.fields or {"name": error.message}}
    if wants_fragment():
        return fragment("partials/settings_keys.html", ssh_values() | values, error.status)
    return make_response(render_template("settings.html", **page_values() | values), error.status)


def _changed(toast: Toast, open_key: str = "") -> AnyResponse:
    if not wants_fragment():
        return done(toast, SECTION)
    values = ssh_values() | {"section": "keys", "toast": toast, "open_key": open_key}
    return fragment("settings_saved.html", values)


@blueprint.get("/<name>/delete")
@needs(ADMINISTRATOR)
def ask_delete(name: str) -> AnyResponse:
    key = services().ssh_keys.get(name)
    jobs = services().uses.of_key(key.path)
    return question("partials/confirm_key_delete.html", parent="/settings/", key=key, jobs=jobs)


@blueprint.post("/<name>/delete")
@needs(ADMINISTRATOR)
def delete(name: str) -> AnyResponse:
    services().ssh_keys.delete(name)
    return _changed(Toast(f"Key {name} deleted", "Its line on the hosts can go too."))
