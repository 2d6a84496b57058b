"""The guard inside Flask: which view is open to whom, and that a change was meant; not the bare request's checks."""

import re
from functools import cache

import structlog
from flask import Flask, Response, request
from flask_wtf.csrf import CSRFProtect

from flask_app.access import ACCESS_SENTENCE, FOREIGN_SENTENCE, is_foreign, is_open, says_where_from
from flask_app.config import ServerConfig
from flask_app.sessions import COOKIE
from flask_app.static_files import fingerprint
from models.errors import AppError

log = structlog.get_logger(__name__)
csrf = CSRFProtect()
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
IMMUTABLE = "public, max-age=31536000, immutable"

# Every view stands here, by its URL rule. One that does not is refused, and the tests fail.
OPEN = frozenset({"/healthz", "/static/<>"})
GUARDED = frozenset(
    {
        "/",
        "/stats",
        "/active-jobs",
        "/recent-activity",
        "/recover-jobs",
        "/dismiss-recovery",
        "/recovery",
        "/notices",
        "/confirm-missing",
        "/jobs/",
        "/jobs/create",
        "/jobs/check",
        "/jobs/<>",
        "/jobs/<>/edit",
        "/jobs/<>/start",
        "/jobs/<>/pause",
        "/jobs/<>/cancel",
        "/jobs/<>/delete",
        "/jobs/<>/host-key",
        "/jobs/<>/preview",
        "/jobs/<>/verify",
        "/jobs/<>/restore",
        "/jobs/<>/rehearse",
        "/jobs/<>/runs/<>",
        "/jobs/<>/runs/<>/resume",
        "/jobs/<>/runs/<>/log",
        "/jobs/<>/runs/<>/findings",
        "/jobs/<>/runs/<>/findings.txt",
        "/settings/",
        "/settings/save",
        "/settings/reset",
        "/remotes/",
        "/remotes/add",
        "/remotes/password",
        "/remotes/<>/edit",
        "/remotes/<>/test",
        "/remotes/<>/delete",
        "/remotes/<>/host-key",
        "/logs/",
        "/readyz",
        "/api/v1/jobs",
        "/api/v1/jobs/<>",
        "/api/v1/jobs/<>/start",
        "/api/v1/jobs/<>/pause",
        "/api/v1/jobs/<>/cancel",
        "/api/v1/jobs/<>/preview",
        "/api/v1/jobs/<>/verify",
        "/api/v1/jobs/<>/browse",
        "/api/v1/jobs/<>/restore",
        "/api/v1/jobs/<>/rehearse",
        "/api/v1/jobs/<>/runs",
        "/api/v1/jobs/<>/runs/<>/resume",
        "/api/v1/runs/<>",
        "/api/v1/runs/<>/log",
        "/api/v1/runs/<>/findings",
        "/api/v1/stats",
        "/api/v1/tools",
        "/api/v1/settings",
        "/api/v1/remotes",
        "/api/v1/remotes/<>/test",
    }
)


class AccountRequired(AppError):
    code = "account_required"
    status = 403

    def __init__(self) -> None:
        super().__init__(ACCESS_SENTENCE)


class ForeignOrigin(AppError):
    code = "foreign_origin"
    status = 403

    def __init__(self) -> None:
        super().__init__(FOREIGN_SENTENCE)


@cache
def declared_form(rule: str) -> str:
    """A URL rule with the names and converters of its variables left out."""
    return re.sub(r"<[^>]*>", "<>", rule)


def guard(app: Flask, config: ServerConfig) -> None:
    """Check every request before its view, and mark static files as never changing."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.config["WTF_CSRF_SSL_STRICT"] = False  # is_foreign looks at Origin and Referer on http as well
    csrf.init_app(app)

    @app.before_request
    def check() -> None:
        rule = declared_form(request.url_rule.rule) if request.url_rule else ""
        if rule in OPEN:
            return
        if not is_open(request.environ, config):
            raise AccountRequired
        if rule and rule not in GUARDED:
            log.error("undeclared route refused", rule=rule)
            raise AccountRequired
        if request.method not in SAFE_METHODS:
            _check_intent()

    _mark_static_files(app)


def _check_intent() -> None:
    """Refuse a change that a page of another site, or a stale page of ours, asked for."""
    if is_foreign(request.environ):
        raise ForeignOrigin
    by_script = COOKIE not in request.cookies and not says_where_from(request.environ)
    if not (by_script and request.path.startswith("/api/")):
        csrf.protect()


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
