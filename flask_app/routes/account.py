"""A person's own account: its password, where it is logged in, its tokens; other people's are in accounts.py."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from core.logins import digest_of
from flask_app.auditing import about
from flask_app.logging_in import begin, own_session_id, proven, waiting
from flask_app.roles import VIEWER, identity, needs
from flask_app.utils.container import doors
from flask_app.utils.htmx_helpers import Toast, done
from models.account import AccountNotFound
from models.errors import AppError, InvalidInput
from models.role import Role

blueprint = Blueprint("account", __name__)
PAGE = "/account/"
DAYS = {"30": "30 days", "90": "90 days", "365": "A year", "": "Never"}


@blueprint.get("/")
@needs(VIEWER)
def index() -> str:
    return render_template("account.html", **page_values())


def own_name() -> str:
    """The account that asks for a change; `AccountNotFound` where nobody had to say one."""
    asking = identity()
    if asking is None or not asking.name:
        raise AccountNotFound
    return asking.name


def page_values(error: AppError | None = None, section: str = "", **made: Any) -> dict[str, Any]:
    asking = identity()
    name = asking.name if asking else ""
    account = doors().accounts.find(name) if name else None
    return {
        "account": account,
        "credential": asking.credential if asking else "",
        "logins": doors().logins.of_account(name) if account else [],
        "own_login": digest_of(own_session_id()),
        "tokens": doors().tokens.of_account(name) if account else [],
        "used": doors().tokens.last_used,
        "roles": [role for role in Role if account and account.role.may(role)],
        "DAYS": DAYS,
        "typed": request.form,
        "errors": error.fields if error else {},
        "message": "" if error is None or error.fields else error.message,
        "section": section,
        **made,
    }


def _shown_again(error: AppError, section: str) -> Response:
    return waiting(error, make_response(render_template("account.html", **page_values(error, section)), error.status))


@blueprint.post("/password")
@needs(VIEWER, by_token=False)
def change_password() -> AnyResponse:
    """Ends every other login of the account; this one goes on under a new session."""
    name, is_remembered = own_name(), _is_remembered()
    try:
        _prove_it_is_you(name)
        account = doors().accounts.set_password(name, request.form.get("new", ""), "new")
    except AppError as error:
        return _shown_again(error, "password")
    begin(account, is_remembered=is_remembered)
    return done(Toast("Password changed", "Other browsers of this account are logged out."), PAGE)


def _prove_it_is_you(name: str) -> None:
    try:
        proven(name, request.form.get("present", ""))
    except AppError as error:
        if error.status == 422:
            raise InvalidInput({"present": "This is not the present password."}) from error
        raise


def _is_remembered() -> bool:
    found = doors().logins.standing(digest_of(own_session_id()))
    return bool(found and found[0].is_remembered)


@blueprint.post("/logins/<login_id>/end")
@needs(VIEWER, by_token=False)
def end_login(login_id: str) -> AnyResponse:
    doors().logins.end_one(own_name(), login_id)
    return done(Toast("Logged out there", "Its open pages stop within a few seconds."), PAGE)


@blueprint.post("/tokens")
@needs(VIEWER, by_token=False)
def create_token() -> AnyResponse:
    form, owner = request.form, own_name()
    try:
        secret, token = doors().tokens.create(owner, form.get("name", ""), _role(form), _days(form))
        about(names=[token.name])
    except AppError as error:
        return _shown_again(error, "tokens")
    return make_response(render_template("account.html", **page_values(section="made", secret=secret, token=token)))


@blueprint.post("/tokens/<token_id>/revoke")
@needs(VIEWER, by_token=False)
def revoke_token(token_id: str) -> AnyResponse:
    token = doors().tokens.revoke(token_id, own_name())
    about(names=[token.name])
    return done(Toast(f"Token {token.name} revoked", "What used it is refused from now on."), PAGE)


def _role(form: Any) -> Role:
    try:
        return Role(form.get("role", ""))
    except ValueError as error:
        raise InvalidInput({"role": "Choose what the token may do."}) from error


def _days(form: Any) -> int | None:
    text = form.get("days", "")
    if text not in DAYS:
        raise InvalidInput({"days": "Choose how long the token is good."})
    return int(text) if text else None
