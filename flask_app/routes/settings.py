"""The settings page: its sections, saving and resetting them; keys and hosts of ssh have modules of their own."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from flask_app import auditing
from flask_app.roles import ADMINISTRATOR, needs
from flask_app.settings_forms import LABELS, SECTIONS, Wanted, as_typed, typed_settings, with_values
from flask_app.utils.about import about, environment
from flask_app.utils.container import services
from flask_app.utils.htmx_helpers import Toast, done, fragment, not_modified, wants_fragment
from flask_app.utils.places import free_space
from flask_app.utils.questions import question
from flask_app.utils.ssh_access import ssh_values
from models.errors import AppError
from models.settings import Config, Settings

blueprint = Blueprint("settings", __name__)
PAGE = "/settings/"


@blueprint.get("/")
@needs(ADMINISTRATOR)
def index() -> str:
    return render_template("settings.html", **page_values())


def page_values(error: AppError | None = None, saved: str = "") -> dict[str, Any]:
    """What the page shows; after an error the fields keep what was typed."""
    stored = as_typed(_present())
    typed = {name: request.form.getlist(name)[-1] for name in LABELS if error and name in request.form}
    was = {name: request.form[f"was_{name}"] for name in LABELS if error and f"was_{name}" in request.form}
    values = {
        "shown": stored | typed,
        "was": stored | was,
        "errors": error.fields if error else {},
        "summary_text": "" if error is None or error.fields else error.message,
        "saved": saved,
        "SECTIONS": SECTIONS,
        "LABELS": LABELS,
        "about": about(),
        "environment": environment(),
        "tools": services().tools.all(),
        "ssh": services().ssh.state(),
        "used_by": services().uses.engines(),
    }
    return values | _storage_values() | ssh_values()


def _present() -> Wanted:
    return Wanted(services().settings.load(), services().configs.load())


def _storage_values() -> dict[str, Any]:
    folder = services().folder
    return {"folder": folder, "disk": free_space(str(folder.root)), "space": services().space.taken()}


@blueprint.get("/storage")
@needs(ADMINISTRATOR)
def storage() -> Response:
    """The section again once its sizes are known."""
    values = _storage_values()
    return fragment("partials/settings_storage.html", values) if values["space"] else not_modified()


@blueprint.post("/tools")
@needs(ADMINISTRATOR)
def look_again() -> AnyResponse:
    """Ask every tool anew."""
    services().tools.look_again()
    services().ssh.look_again()
    if wants_fragment():
        return fragment("partials/settings_tools.html", page_values())
    return done(Toast("Looked again"), f"{PAGE}#tools")


@blueprint.post("/save")
@needs(ADMINISTRATOR)
def save() -> AnyResponse:
    section = request.form.get("section", "defaults")
    if section not in SECTIONS:
        raise NotFound
    try:
        present = _present()
        _keep(typed_settings(request.form, present), present)
    except AppError as error:
        return _shown_again(section, error)
    return _kept(section, Toast(f"{SECTIONS[section].title} saved", SECTIONS[section].effect))


def _keep(wanted: Wanted, present: Wanted) -> None:
    """Only the file of which something was changed is written."""
    former, new = as_typed(present), as_typed(wanted)
    auditing.about(names=[name for name in LABELS if former[name] != new[name]])
    if wanted.config != present.config:
        services().config_changes.save(wanted.config, present.config)
    if wanted.settings != present.settings:
        services().settings.save(wanted.settings, present.settings)


def _kept(section: str, toast: Toast) -> AnyResponse:
    """The section as it is now, with a toast beside it."""
    if not wants_fragment():
        return done(toast, f"{PAGE}#{section}")
    return fragment("settings_saved.html", page_values(saved=section) | {"section": section, "toast": toast})


def _shown_again(section: str, error: AppError) -> Response:
    values = page_values(error)
    if wants_fragment():
        return fragment(f"partials/settings_{section}.html", values, error.status)
    return make_response(render_template("settings.html", **values), error.status)


@blueprint.get("/reset")
@needs(ADMINISTRATOR)
def ask_reset() -> AnyResponse:
    section = _asked_section(request.args.get("section", ""))
    present = _present()
    former, usual = as_typed(present), as_typed(_at_defaults(section, present))
    changes = [(LABELS[name], former[name], usual[name]) for name in LABELS if former[name] != usual[name]]
    title = _title(section)
    return question("partials/confirm_reset.html", parent="/settings/", section=section, title=title, changes=changes)


@blueprint.post("/reset")
@needs(ADMINISTRATOR)
def reset() -> AnyResponse:
    """One section, or every one where none is named."""
    section = _asked_section(request.form.get("section", ""))
    present = _present()
    _keep(_at_defaults(section, present), present)
    toast = Toast(f"{_title(section)} reset", "All stand at their defaults.")
    return _kept(section, toast) if section else done(toast, PAGE)


def _asked_section(name: str) -> str:
    if name and name not in SECTIONS:
        raise NotFound
    return name


def _title(section: str) -> str:
    return SECTIONS[section].title if section else "All settings"


def _at_defaults(section: str, present: Wanted) -> Wanted:
    usual = Wanted(Settings(), Config())
    names = SECTIONS[section].names if section else tuple(LABELS)
    owners = {name: usual.settings if hasattr(usual.settings, name) else usual.config for name in names}
    return with_values(present, {name: getattr(owner, name) for name, owner in owners.items()})
