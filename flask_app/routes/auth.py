"""Logging in and out, and the first account: parse, one call, answer."""

import re

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from flask_app.logging_in import log_in, log_out, set_up, waiting
from flask_app.roles import open_to_all
from flask_app.security import whoever_asks
from flask_app.utils.container import doors
from models.errors import AppError

blueprint = Blueprint("auth", __name__)
_OWN_PAGE = re.compile(r"/(?![/\\])[\x21-\x7e]*")  # not //host and not /\host, which browsers take for another site


@blueprint.get("/login")
@open_to_all
def login() -> AnyResponse:
    if whoever_asks() is not None:
        return redirect(next_page(), 303)
    return _shown()


@blueprint.post("/login")
@open_to_all
def enter() -> AnyResponse:
    form = request.form
    try:
        log_in(form.get("name", "").strip(), form.get("password", ""), is_remembered=form.get("remember") == "1")
    except AppError as error:
        return waiting(error, _shown(error))
    return redirect(next_page(), 303)


@blueprint.post("/setup")
@open_to_all
def first_account() -> AnyResponse:
    form = request.form
    try:
        set_up(form.get("code", ""), form.get("name", "").strip(), form.get("password", ""))
    except AppError as error:
        return waiting(error, _shown(error))
    return redirect(next_page(), 303)


@blueprint.post("/logout")
@open_to_all
def leave() -> AnyResponse:
    log_out()
    return redirect("/login", 303)


def next_page() -> str:
    """Where whoever logged in wanted to go: a page of ours, else the first one."""
    wanted = request.values.get("next", "")
    return wanted if _OWN_PAGE.fullmatch(wanted) else "/"


def _shown(error: AppError | None = None) -> Response:
    """The form to log in, or the one for the first account where there is none yet."""
    is_first = doors().accounts.is_empty()
    if is_first:
        doors().setup.announce()
    values = {
        "is_first": is_first,
        "next": next_page(),
        "name": request.form.get("name", ""),
        "code": request.form.get("code", ""),
        "is_remembered": request.form.get("remember") == "1",
        "errors": error.fields if error else {},
        "message": "" if error is None or error.fields else error.message,
    }
    return make_response(render_template("login.html", **values), error.status if error else 200)
