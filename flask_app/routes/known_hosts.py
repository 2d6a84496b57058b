"""Forgetting a host whose ssh key was accepted, in the browser; accepting one stands with jobs and remotes."""

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from flask_app.roles import ADMINISTRATOR, needs
from flask_app.utils.container import services
from flask_app.utils.htmx_helpers import Toast, done, fragment, wants_fragment
from flask_app.utils.questions import question
from flask_app.utils.ssh_access import ssh_values
from utils.text import visible

blueprint = Blueprint("known_hosts", __name__)
SECTION = "/settings/#hosts"


@blueprint.get("/remove")
@needs(ADMINISTRATOR)
def ask_remove() -> AnyResponse:
    host = services().known_hosts.get(request.args.get("name", ""))
    jobs = services().uses.of_host(host.host, host.port) if host.host else ()
    return question("partials/confirm_host_remove.html", parent="/settings/", host=host, jobs=jobs)


@blueprint.post("/remove")
@needs(ADMINISTRATOR)
def remove() -> AnyResponse:
    name = request.form.get("name", "")
    services().known_hosts.remove(name)
    toast = Toast(f"{visible(name)} is forgotten", "The next start that needs it shows its key and asks again.")
    if not wants_fragment():
        return done(toast, SECTION)
    return fragment("settings_saved.html", ssh_values() | {"section": "hosts", "toast": toast})
