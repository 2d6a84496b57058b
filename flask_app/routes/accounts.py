"""Everybody's accounts, for administrators: adding, changing, removing, and revoking tokens."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from flask_app.auditing import about
from flask_app.roles import ADMINISTRATOR, needs
from flask_app.utils.container import doors
from flask_app.utils.htmx_helpers import Toast, done
from flask_app.utils.questions import question
from models.errors import AppError, InvalidInput
from models.role import Role

blueprint = Blueprint("accounts", __name__)
PAGE = "/accounts/"


@blueprint.get("/")
@needs(ADMINISTRATOR)
def index() -> str:
    return render_template("accounts.html", **_page_values())


def _page_values(error: AppError | None = None, changed: str = "") -> dict[str, Any]:
    accounts = doors().accounts.all()
    return {
        "accounts": accounts,
        "logins": {account.name: doors().logins.of_account(account.name) for account in accounts},
        "tokens": doors().tokens.all(),
        "used": doors().tokens.last_used,
        "roles": list(Role),
        "typed": request.form,
        "changed": changed,
        "errors": error.fields if error else {},
        "message": "" if error is None or error.fields else error.message,
    }


def _shown_again(error: AppError, changed: str = "") -> Response:
    return make_response(render_template("accounts.html", **_page_values(error, changed)), error.status)


@blueprint.post("/add")
@needs(ADMINISTRATOR, by_token=False)
def add() -> AnyResponse:
    """Without a password the account is for people whom a reverse proxy lets in."""
    form = request.form
    name, password = form.get("name", "").strip(), form.get("password", "")
    try:
        doors().accounts.create(name, _role(), None if form.get("by_proxy") == "1" else password)
    except AppError as error:
        return _shown_again(error)
    return done(Toast(f"Account {name} added"), PAGE)


@blueprint.post("/<name>/role")
@needs(ADMINISTRATOR, by_token=False)
def set_role(name: str) -> AnyResponse:
    before = doors().accounts.get(name)
    try:
        account = doors().accounts.set_role(name, _role())
        about(names=[account.role])
    except AppError as error:
        return _shown_again(error, name)
    ended = "Its browsers are logged out." if account.role != before.role else ""
    return done(Toast(f"{account.name} is {_with_article(account.role)} now", ended), PAGE)


@blueprint.post("/<name>/password")
@needs(ADMINISTRATOR, by_token=False)
def set_password(name: str) -> AnyResponse:
    try:
        account = doors().accounts.set_password(doors().accounts.get(name).name, request.form.get("password", ""))
    except AppError as error:
        return _shown_again(error, name)
    return done(Toast(f"Password of {account.name} changed", "Its browsers are logged out."), PAGE)


@blueprint.get("/<name>/remove")
@needs(ADMINISTRATOR)
def ask_remove(name: str) -> AnyResponse:
    account = doors().accounts.get(name)
    tokens = doors().tokens.of_account(name)
    return question("partials/confirm_account_remove.html", parent=PAGE, account=account, tokens=tokens)


@blueprint.post("/<name>/remove")
@needs(ADMINISTRATOR, by_token=False)
def remove(name: str) -> AnyResponse:
    account = doors().accounts.get(name)
    doors().accounts.remove(name)
    return done(Toast(f"Account {account.name} removed", "Its browsers are logged out, its tokens revoked."), PAGE)


@blueprint.post("/tokens/<token_id>/revoke")
@needs(ADMINISTRATOR, by_token=False)
def revoke(token_id: str) -> AnyResponse:
    token = doors().tokens.revoke(token_id)
    about(names=[token.name, token.account])
    return done(Toast(f"Token {token.name} of {token.account} revoked"), PAGE)


def _role() -> Role:
    try:
        return Role(request.form.get("role", ""))
    except ValueError as error:
        raise InvalidInput({"role": "Choose what the account may do."}) from error


def _with_article(role: Role) -> str:
    return f"{'an' if role[0] in 'ao' else 'a'} {role}"
