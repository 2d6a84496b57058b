"""What each view and each live event needs, declared beside it; who somebody is, is judged elsewhere.

A view without a declaration is refused by the guard in security.py, and the tests fail.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import g

from flask_app.identity import Identity
from models.errors import AppError
from models.role import Role

View = TypeVar("View", bound=Callable[..., Any])
VIEWER, OPERATOR, ADMINISTRATOR = Role
ROLE_WORDS = {VIEWER: "see everything", OPERATOR: "also start and pause", ADMINISTRATOR: "do everything"}
OPEN = "open"  # to everybody, accounts or not: such a view knows no job


class Forbidden(AppError):
    code = "forbidden"
    status = 403

    def __init__(self, needed: Role, own: Role) -> None:
        super().__init__(f"This takes the role of {needed}; yours is {own}. An administrator can change that.")


class NotByToken(AppError):
    """Else a token could make an account, or a token that lasts longer than itself."""

    code = "not_by_token"
    status = 403

    def __init__(self) -> None:
        super().__init__("A token cannot change accounts or make tokens. Log in for that.")


def needs(role: Role, by_token: bool = True) -> Callable[[View], View]:
    """Declare that a view or an event handler is for this role and those above it; `by_token`: with a token, too."""

    def declared(view: View) -> View:
        cast("Any", view).needs = role
        cast("Any", view).by_token = by_token
        return view

    return declared


def open_to_all(view: View) -> View:
    """Declare that a view is for everybody."""
    cast("Any", view).needs = OPEN
    return view


def declared_by(view: object) -> str:
    """The role's word, `OPEN`, or "" for a view that declares nothing."""
    return str(getattr(view, "needs", ""))


def is_for_tokens(view: object) -> bool:
    return bool(getattr(view, "by_token", True))


def identity() -> Identity | None:
    """Who asks; None where the view is open to all, or for a page that refuses a stranger."""
    return cast("Identity | None", g.get("identity"))


def may(role: str) -> bool:
    """Whether whoever asks has that role, for templates."""
    return "role" in g and own_role().may(Role(role))


def own_role() -> Role:
    """The role of whoever asks."""
    return cast("Role", g.role)


def allowed(view: View) -> View:
    """The view, for another that calls it instead of the router: `Forbidden` unless whoever asks may."""
    require(Role(declared_by(view)))
    return view


def require(role: Role) -> None:
    """For a view whose form says what it does: `Forbidden` unless whoever asks has that role."""
    if not own_role().may(role):
        raise Forbidden(role, own_role())
