"""The remotes of rclone.conf in the browser: list, form, test and questions; not what rclone makes of them."""

from dataclasses import asdict

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from core.remote_changes import NotOurs, Users
from core.remotes import Remote, RemoteNotFound, RemoteSilent, RemotesUnreadable, WrongConfigPassword
from engines.remote_commands import browser_lines
from engines.remote_fields import name_problem
from engines.remote_kinds import BROWSER_KINDS, ENGINE, KINDS, RemoteKind, browser_kind_of, kind_of, kinds
from engines.remote_words import shown
from flask_app.roles import ADMINISTRATOR, needs
from flask_app.routes.api import ok
from flask_app.utils.container import services
from flask_app.utils.htmx_helpers import Toast, done, wants_fragment
from flask_app.utils.questions import question
from models.errors import AppError, HostKeyUnknown
from utils.text import visible

blueprint = Blueprint("remotes", __name__)
api = Blueprint("remotes_api", __name__)
PAGE = "/remotes/"


@blueprint.get("/")
@needs(ADMINISTRATOR)
def index() -> str:
    return render_template("remotes.html", **_values())


def _values(error: AppError | None = None) -> dict[str, object]:
    """What the page shows; where the file cannot be read, why, and how to mend that."""
    remotes, trouble = _listed()
    return {
        "remotes": remotes,
        "trouble": trouble,
        "users": services().remote_changes.all_users() if remotes else {},
        "file": services().remotes.file,
        "is_encrypted": _is_encrypted(),
        "has_password": services().remotes.has_password,
        "password_error": error.message if error else "",
        "kinds": _kinds(),
        "browser_kinds": BROWSER_KINDS,
        "words": {kind.type: kind.word for kind in (*KINDS, *BROWSER_KINDS)},
        "editable": {kind.type for kind in KINDS},
    }


def _listed() -> tuple[tuple[Remote, ...], str]:
    try:
        return services().remotes.all(), ""
    except RemotesUnreadable as error:
        return (), error.message


def _is_encrypted() -> bool:
    try:
        return services().remotes.is_encrypted
    except RemotesUnreadable:
        return False


def _kinds() -> tuple[RemoteKind, ...]:
    tool = services().tools.state(ENGINE).tool
    return kinds(tool.version) if tool else KINDS


@blueprint.get("/add")
@needs(ADMINISTRATOR)
def add_form() -> AnyResponse:
    asked = request.args.get("kind", "")
    if kind := kind_of(asked):
        return _form(kind)
    if browser_kind := browser_kind_of(asked):
        return _browser_page(browser_kind.type)
    raise RemoteNotFound


@blueprint.post("/add")
@needs(ADMINISTRATOR)
def add() -> AnyResponse:
    kind = kind_of(request.form.get("kind", ""))
    if kind is None:
        raise RemoteNotFound
    name = request.form.get("name", "").strip(" ")
    try:
        services().remote_changes.add(kind, name, request.form)
    except AppError as error:
        return _form(kind, error=error)
    return done(Toast(f"{name} added", "Test it before a job relies on it."), PAGE, 201)


@blueprint.get("/<name>/edit")
@needs(ADMINISTRATOR)
def edit_form(name: str) -> AnyResponse:
    return _form(services().remote_changes.kind(name), name)


@blueprint.post("/<name>/edit")
@needs(ADMINISTRATOR)
def edit(name: str) -> AnyResponse:
    kind = services().remote_changes.kind(name)
    try:
        services().remote_changes.change(name, request.form)
    except AppError as error:
        return _form(kind, name, error)
    return done(Toast(f"{name} saved"), PAGE)


def _form(kind: RemoteKind, edited: str = "", error: AppError | None = None) -> Response:
    """The form as typed, without its secrets: those are shown to nobody, also not to the person who typed them."""
    kept = services().remotes.section(edited) if edited else {}
    stored = {field.key: shown(field, kept.get(field.key, "")) for field in kind.fields}
    present = request.form if request.method == "POST" else stored
    names, _ = _listed()
    values = {
        "kind": kind,
        "edited": edited,
        "typed": {field.key: present.get(field.key, "") for field in kind.fields if not field.is_secret},
        "name": edited or request.form.get("name", ""),
        "kept": {field.key for field in kind.fields if field.is_secret and kept.get(field.key)},
        "errors": error.fields if error else {},
        "summary_text": "" if error is None or error.fields or isinstance(error, NotOurs) else error.message,
        "line": error.line if isinstance(error, NotOurs) else "",
        "labels": {"name": "Name"} | {field.key: field.label for field in kind.fields},
        "is_encrypted": _is_encrypted(),
        "remotes": names,
    }
    return make_response(render_template("remote_form.html", **values), error.status if error else 200)


def _browser_page(type_name: str) -> Response:
    name = request.args.get("name", "").strip(" ") or type_name
    problem = name_problem(name, ())
    lines = browser_lines(str(services().remotes.file), type_name if problem else name, type_name)
    kind = browser_kind_of(type_name)
    values = {"kind": kind, "name": name, "problem": problem, "lines": lines}
    return make_response(render_template("remote_browser.html", **values), 422 if problem else 200)


@blueprint.post("/<name>/test")
@needs(ADMINISTRATOR)
def test(name: str) -> AnyResponse:
    try:
        return done(Toast(f"{visible(name)} answers", services().remotes.test(name)), PAGE)
    except HostKeyUnknown as error:
        return _key_question(name, error)
    except RemoteSilent as error:
        return done(Toast(f"{visible(name)} cannot be used", error.message, "error"), PAGE)


def _key_question(name: str, error: HostKeyUnknown) -> AnyResponse:
    try:
        key = services().remotes.host_key(name)
    except AppError as reason:
        return done(Toast(f"{visible(name)} cannot be used", f"{error.message} {reason.message}", "error"), PAGE)
    words = error.message
    return question("partials/confirm_remote_key.html", 409, parent=PAGE, name=name, key=key, reason=words)


@blueprint.post("/<name>/host-key")
@needs(ADMINISTRATOR)
def accept_host_key(name: str) -> AnyResponse:
    services().remotes.accept_host_key(name, tuple(request.form.getlist("fingerprint")))
    return done(Toast("The host's key is known now", "Test the remote again."), PAGE)


@blueprint.get("/<name>/delete")
@needs(ADMINISTRATOR)
def ask_delete(name: str) -> AnyResponse:
    services().remotes.section(name)
    users: Users = services().remote_changes.users(name)
    return question("partials/confirm_remote_delete.html", 200, parent=PAGE, name=name, users=users)


@blueprint.post("/<name>/delete")
@needs(ADMINISTRATOR)
def delete(name: str) -> AnyResponse:
    try:
        services().remote_changes.remove(name)
    except NotOurs as error:
        return question(
            "partials/confirm_remote_delete.html", 409, parent=PAGE, name=name, users=Users(), line=error.line
        )
    answer = done(Toast(f"{visible(name)} deleted", "Its files are untouched."), PAGE)
    if wants_fragment():
        answer.headers["HX-Redirect"] = PAGE
    return answer


@blueprint.post("/password")
@needs(ADMINISTRATOR)
def password() -> AnyResponse:
    """Keep or forget the password of an encrypted rclone.conf."""
    if request.form.get("forget"):
        services().remotes.forget_password()
        return done(Toast("The password is forgotten"), PAGE)
    try:
        services().remotes.set_password(request.form.get("password", ""))
    except WrongConfigPassword as error:
        return make_response(render_template("remotes.html", **_values(error)), 422)
    return done(Toast("rclone.conf is open", "Its password is kept where only the server can read it."), PAGE)


@api.get("/remotes")
@needs(ADMINISTRATOR)
def list_remotes() -> Response:
    return ok([asdict(remote) for remote in services().remotes.all()])


@api.post("/remotes/<name>/test")
@needs(ADMINISTRATOR)
def test_remote(name: str) -> Response:
    return ok({"name": name, "sentence": services().remotes.test(name)})
