"""The guard inside Flask: which view is open to whom, and that a change was meant; not the bare request's checks."""

from typing import cast

import structlog
from flask import Flask, Response, current_app, g, request
from flask_wtf.csrf import CSRFError, CSRFProtect

from flask_app.access import ACCESS_SENTENCE, FOREIGN_SENTENCE, is_foreign, says_where_from
from flask_app.bodies import refuse_large_body
from flask_app.identity import Gate, Identity
from flask_app.roles import OPEN, NotByToken, declared_by, is_for_tokens, open_to_all, require
from flask_app.sessions import COOKIE
from flask_app.static_files import fingerprint
from models.errors import AppError
from models.role import Role

log = structlog.get_logger(__name__)
csrf = CSRFProtect()
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
IMMUTABLE = "public, max-age=31536000, immutable"


class AccountRequired(AppError):
    code = "account_required"
    status = 401

    def __init__(self) -> None:
        super().__init__(ACCESS_SENTENCE)


class ForeignOrigin(AppError):
    code = "foreign_origin"
    status = 403

    def __init__(self) -> None:
        super().__init__(FOREIGN_SENTENCE)


class Undeclared(AppError):
    code = "undeclared"
    status = 403

    def __init__(self) -> None:
        super().__init__("Nobody may use this address: it declares no role. That is a defect of this program.")


def guard(app: Flask) -> None:
    """Check every request before its view against what that declares, and mark static files as never changing."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.config["WTF_CSRF_SSL_STRICT"] = False  # is_foreign looks at Origin and Referer on http as well
    csrf.init_app(app)
    open_to_all(app.view_functions["static"])

    @app.before_request
    def check() -> None:
        view = app.view_functions.get(request.endpoint or "")
        if declared_by(view) != OPEN:
            _let_in(view)
        if request.method not in SAFE_METHODS:
            _check_intent()

    _mark_static_files(app)


def _let_in(view: object) -> None:
    """Nobody without a role, and nobody to what declares none."""
    found, declared = whoever_asks(), declared_by(view)
    if found is None:
        raise AccountRequired
    g.identity, g.role, g.credential = found, found.role, found.came_by
    g.account = found if found.name else None
    if request.endpoint and not declared:
        log.error("undeclared route refused", endpoint=request.endpoint)
        raise Undeclared
    if declared:
        require(Role(declared))
    if found.credential == "token" and not is_for_tokens(view):
        raise NotByToken


def whoever_asks() -> Identity | None:
    """Who the present request comes from; None for a stranger where an account is required."""
    return cast("Gate", current_app.extensions["gate"]).who(request.environ)


def _check_intent() -> None:
    """Refuse a change that a page of another site, or a stale page of ours, asked for; no page can send a token."""
    by_token = "identity" in g and g.identity.credential == "token"
    if not by_token and is_foreign(request.environ):
        raise ForeignOrigin
    refuse_large_body()
    if not by_token and not (_is_script_of_this_machine() and request.path.startswith("/api/")):
        if None in request.form and "csrf_token" not in request.form:
            raise CSRFError  # Flask-WTF looks for it in every name, and stumbles over a part that has none
        csrf.protect()


def _is_script_of_this_machine() -> bool:
    """Where nobody has to say who they are; a proxy's login, which browsers send along, is no script's."""
    is_open = "identity" in g and g.identity.credential == "open"
    return is_open and COOKIE not in request.cookies and not says_where_from(request.environ)


def _mark_static_files(app: Flask) -> None:
    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, object]) -> None:
        if endpoint == "static" and "v" not in values:
            values["v"] = fingerprint(app, str(values["filename"]))

    @app.after_request
    def keep_for_ever(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in {200, 304}:
            name = (request.view_args or {})["filename"]
            is_current = request.args.get("v") == fingerprint(app, name)
            response.headers["Cache-Control"] = IMMUTABLE if is_current else "no-cache"
        return response
