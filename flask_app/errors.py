"""How a refusal or a failure is answered: as a page, a fragment or JSON, by where the request came from."""

from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, urlsplit

import structlog
from flask import Flask, Response, current_app, jsonify, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, generate_csrf
from markupsafe import escape
from werkzeug.exceptions import HTTPException

from flask_app.auditing import refused_as
from flask_app.security import AccountRequired
from flask_app.utils.htmx_helpers import refusal_page, wants_fragment
from models.errors import AppError, StoreUnavailable

log = structlog.get_logger(__name__)

STALE_PAGE = "This page is older than the server's memory of it, so nothing was done. Try again, or reload it first."
SENTENCES = {
    400: "The request could not be understood.",
    404: "There is no such page. Check the address.",
    405: "This address does not take that kind of request.",
    413: "That is more than 1 MB, the most that one request may carry.",
    415: "This address takes JSON only.",
    429: "Too many requests in a short time. Wait a little and try again.",
    500: "A defect of this program stopped the request. Running backups go on; the server's log has the cause.",
}
CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 500: "internal_error"}


def register_errors(app: Flask) -> None:
    """Answer every refusal in the form the caller can show."""

    @app.errorhandler(AppError)
    def refused(error: AppError) -> Response:
        answer = error_answer(error.status, error.code, error.message, error.fields)
        if error.status == 401:
            answer.headers["WWW-Authenticate"] = "Bearer"
        return answer

    @app.errorhandler(AccountRequired)
    def stranger(error: AccountRequired) -> ResponseReturnValue:
        return _shown_the_way(error_answer(error.status, error.code, error.message))

    @app.errorhandler(CSRFError)
    def stale(_error: CSRFError) -> Response:
        answer = error_answer(403, "csrf", STALE_PAGE)
        if wants_fragment():  # what was typed can be sent again; no other site can read this
            answer.headers["X-CSRF-Token"] = generate_csrf()
        return answer

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> ResponseReturnValue:
        status = error.code or 500
        if status < 400:
            return error
        answer = error_answer(status, CODES.get(status, _code_of(status)), SENTENCES.get(status, error.name + "."))
        if allowed := getattr(error, "valid_methods", None):
            answer.headers["Allow"] = ", ".join(allowed)
        return answer

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        log.error("request failed", method=request.method, path=request.path, exc_info=error)
        return _failed(error)


def _failed(error: Exception) -> Response:
    """A file of ours that is another user's, or lies on a failing disk, is no defect of the program."""
    if not (isinstance(error, OSError) and _is_ours(error.filename)):
        return error_answer(500, "internal_error", SENTENCES[500])
    sentence = f"{error.filename} cannot be used: {error.strerror}. The command “doctor” looks for the cause."
    return error_answer(StoreUnavailable.status, StoreUnavailable.code, sentence)


def _is_ours(name: object) -> bool:
    """Whether what an error names is the data folder or lies in it."""
    return isinstance(name, str) and Path(name).is_relative_to(current_app.config["SERVER"].data_dir)


def _shown_the_way(refused: Response) -> ResponseReturnValue:
    """To whoever is not logged in: a page leads to the form, and back afterwards; what was typed is not left."""
    is_question = request.method in {"GET", "HEAD"}
    if request.path.startswith("/api/"):
        refused.headers["WWW-Authenticate"] = "Bearer"
    elif not wants_fragment() and is_question and "text/html" in request.headers.get("Accept", ""):
        return redirect(f"/login?next={quote(request.full_path.removesuffix('?'))}", 303)
    elif wants_fragment() and is_question and not _is_typing():
        refused.headers["HX-Redirect"] = f"/login?next={quote(_page_that_asks())}"
    elif wants_fragment() and not is_question:
        refused.status_code = 403  # which htmx shows
    return refused


def _is_typing() -> bool:
    """Whether the page that asks is a form, in which there may be something that is not saved."""
    return _page_that_asks().endswith(("/create", "/edit", "/add", "/import", "/adopt"))


def _page_that_asks() -> str:
    try:
        return urlsplit(request.headers.get("HX-Current-URL", "")).path
    except ValueError:  # whoever writes that header writes what they like
        return ""


def _code_of(status: int) -> str:
    return HTTPStatus(status).phrase.lower().replace(" ", "_").replace("-", "_")


def error_answer(status: int, code: str, message: str, fields: dict[str, str] | None = None) -> Response:
    """The answer to the current request: JSON under /api, a fragment for htmx, else a whole page."""
    refused_as(code)
    if request.path.startswith("/api/"):
        body = {"status": "error", "error": {"code": code, "message": message} | ({"fields": fields} if fields else {})}
        response = jsonify(body)
    else:
        response = _shown(status, message)
    response.status_code = status
    return response


def _shown(status: int, message: str) -> Response:
    try:
        return refusal_page(status, message)
    except Exception:  # boundary: the page that reports a failure must not fail itself
        log.exception("error page failed", status=status)
        return make_response(f'<!doctype html><title>{status}</title><p role="alert">{escape(message)}</p>')
