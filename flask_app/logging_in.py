"""Logging somebody in and out: the check with its waits, the new session, the mark of a known browser; no pages."""

import hashlib
import secrets
from typing import TYPE_CHECKING, cast

from flask import Response, after_this_request, current_app, request, session
from itsdangerous import BadSignature, Signer

from core.audit import Subject, Who
from core.guessing import TooManyGuesses, guess_keys
from core.logins import Visitor
from flask_app.auditing import nothing_done, record
from flask_app.utils.container import doors
from models.account import Account, account_key
from models.errors import AppError
from models.role import Role

if TYPE_CHECKING:
    from flask_app.sessions import PageSession, PageSessions

DEVICE = "backup_manager_device"
DEVICE_SECONDS = 400 * 86400  # the longest that browsers keep a cookie
NAME_MOST = ADDRESS_MOST = 64
SETUP = "the first account"


class WrongPassword(AppError):
    """One sentence for a wrong name and a wrong password: which names exist is nobody's business."""

    code = "wrong_password"
    status = 422

    def __init__(self) -> None:
        super().__init__("Name or password is wrong.")


class WrongCode(AppError):
    code = "wrong_code"
    status = 422

    def __init__(self) -> None:
        sentence = "This is not the code. The server's console or journal has it; a restart makes a new one."
        super().__init__(sentence, {"code": sentence})


def log_in(name: str, password: str, *, is_remembered: bool) -> Account:
    """Begin a login in a new session. `WrongPassword`, `TooManyGuesses`."""
    try:
        account = proven(name[: NAME_MOST + 1], password)
    except AppError as error:
        known = doors().accounts.find(name)  # what a stranger typed otherwise is kept nowhere
        record("access.login", Subject(names=(known.name,) if known else ()), "refused", error.code)
        raise
    begin(account, is_remembered=is_remembered)
    record("access.login", whose=_who(account))
    return account


def proven(name: str, password: str) -> Account:
    """The account, if this is its password; counts the try. `WrongPassword`, `TooManyGuesses`."""
    keys = guess_keys(account_key(name), request.remote_addr or "", _device_of(name))
    doors().guesses.charge(keys)
    try:
        account = doors().accounts.verified(name, password)
    except AppError:
        doors().guesses.take_back(keys)
        raise
    if account is None:
        raise WrongPassword
    doors().guesses.refund(keys)
    return account


def begin(account: Account, *, is_remembered: bool) -> None:
    """A login in a session with a new id; the one before ends."""
    own = cast("PageSession", session)
    doors().logins.end(own.sid)
    new_id = cast("PageSessions", current_app.session_interface).renew(own, is_remembered=is_remembered)
    visitor = Visitor((request.remote_addr or "")[:ADDRESS_MOST], request.user_agent.string)
    doors().logins.begin(account, new_id, visitor, is_remembered=is_remembered)
    _mark_device(account)


def set_up(code: str, name: str, password: str) -> Account:
    """Make the first account, an administrator, and log it in. `WrongCode`, `NotTheFirst`, `InvalidInput`."""
    keys = guess_keys(SETUP, request.remote_addr or "", "")
    doors().guesses.charge(keys)
    if not doors().setup.fits(code):
        record("access.setup", outcome="refused", code=WrongCode.code)
        raise WrongCode
    doors().guesses.refund(keys)
    account = doors().accounts.create(name, Role.ADMINISTRATOR, password, is_first=True)
    doors().setup.spend()
    begin(account, is_remembered=False)
    record("access.setup", whose=_who(account))
    return account


def log_out() -> None:
    """End the login of this session, whose id becomes another: the browser forgets it even where nothing is saved."""
    own = cast("PageSession", session)
    try:
        found = doors().logins.of(own.sid)
        if found is None:
            nothing_done()
        else:
            doors().logins.end(own.sid)
            record("access.logout", whose=_who(found[1]))
    finally:
        own.clear()
        cast("PageSessions", current_app.session_interface).renew(own)


def _who(account: Account) -> Who:
    return Who(account.name, account.role, "session", request.remote_addr or "")


def own_session_id() -> str:
    return str(cast("PageSession", session).sid)


def _signer() -> Signer:
    return Signer(current_app.config["SECRET_KEY"], salt="device", digest_method=hashlib.sha256)


def _device_of(name: str) -> str:
    """The mark that this browser got when that account logged in with it, "" for none."""
    try:
        told = _signer().unsign(request.cookies.get(DEVICE, "")).decode()
    except (BadSignature, UnicodeError):
        return ""
    mark, _, owner = told.partition(":")
    return mark if owner == account_key(name) else ""


def _mark_device(account: Account) -> None:
    if _device_of(account.name):
        return
    value = _signer().sign(f"{secrets.token_hex(8)}:{account.key}").decode()

    @after_this_request
    def mark(response: Response) -> Response:
        response.set_cookie(
            DEVICE, value, max_age=DEVICE_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure
        )
        return response


def waiting(error: AppError, answer: Response) -> Response:
    """The answer to a refused try, with the wait that it takes in the header for it."""
    if isinstance(error, TooManyGuesses):
        answer.headers["Retry-After"] = str(error.seconds)
    return answer
