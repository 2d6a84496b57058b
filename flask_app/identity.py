"""Who asks: an account by token, reverse proxy or login, or anybody where no account is needed; not what they may."""

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from werkzeug.sansio.http import parse_cookie  # as Flask does: it stumbles over no other program's cookie

from core.doors import Doors
from flask_app.access import is_open
from flask_app.config import ServerConfig
from flask_app.sessions import COOKIE, SessionIds
from models.errors import AppError
from models.role import Role

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

BEARER = "bearer"  # in any case (RFC 9110)


class BadToken(AppError):
    code = "bad_token"
    status = 401

    def __init__(self) -> None:
        super().__init__("This token is not known here: it was revoked, has expired, or belongs to another server.")


class UnknownToUs(AppError):
    """The reverse proxy let somebody in who has no account here."""

    code = "no_account"
    status = 403

    def __init__(self) -> None:
        super().__init__("You are logged in at the proxy, and there is no account of that name here yet.")


@dataclass(frozen=True, slots=True)
class Identity:
    """`name` is the account's, "" where nobody had to say one. `credential`: open, session, token or proxy.

    `key` finds the login or token again: a session's digest, a token's id.
    """

    role: Role
    name: str = ""
    credential: str = "open"
    key: str = ""
    token_name: str = ""

    @property
    def came_by(self) -> str:
        """For records: `session`, `proxy`, `token:NAME`, or `open`."""
        return f"token:{self.token_name}" if self.token_name else self.credential


class Gate:
    """Judges bare requests, those of pages, API and live connections alike."""

    def __init__(self, config: ServerConfig, doors: Doors, ids: SessionIds) -> None:
        self._config, self._doors, self._ids = config, doors, ids
        self._header = "HTTP_" + config.auth_header.upper().replace("-", "_") if config.auth_header else ""

    def who(self, environ: "WSGIEnvironment") -> Identity | None:
        """None for a stranger where an account is required. `BadToken`; `UnknownToUs`."""
        told = environ.get("HTTP_AUTHORIZATION", "").split(None, 1)
        if told and told[0].lower() == BEARER:
            return self._by_token("".join(told[1:]).strip())
        if name := self._proxied_name(environ):
            return self._by_proxy(name)
        if is_open(environ, self._config):
            found = self._known_login(environ)
            return Identity(Role.ADMINISTRATOR, found.name if found else "", "open", found.key if found else "")
        return self._by_login(environ)

    def still(self, identity: Identity) -> Identity | None:
        """The same as it is now, for connections that stay; None when it is over."""
        if identity.credential == "session":
            login = self._doors.logins.standing(identity.key)
            return identity if login and login[1].role is identity.role else None
        if identity.credential == "token":
            judged = self._doors.tokens.standing(identity.key)
            return identity if judged and judged.role is identity.role else None
        if identity.credential == "proxy":
            account = self._doors.accounts.find(identity.name)
            return identity if account and account.role is identity.role else None
        return identity

    def _by_token(self, secret: str) -> Identity:
        judged = self._doors.tokens.judge(secret)
        if judged is None:
            raise BadToken
        return Identity(judged.role, judged.account.name, "token", judged.token.id, judged.token.name)

    def _proxied_name(self, environ: "WSGIEnvironment") -> str:
        """The name in the agreed header, if the machine that sent this is one of the proxies."""
        name = environ.get(self._header, "") if self._header else ""
        if not name:
            return ""
        before = environ.get("werkzeug.proxy_fix.orig") or {}
        try:
            told = ipaddress.ip_address(before.get("REMOTE_ADDR") or environ.get("REMOTE_ADDR", ""))
        except ValueError:
            return ""
        sender = getattr(told, "ipv4_mapped", None) or told
        return name if any(sender in network for network in self._config.auth_proxies) else ""

    def _by_proxy(self, name: str) -> Identity:
        account = self._doors.accounts.find(name)
        if account is None:
            raise UnknownToUs
        return Identity(account.role, account.name, "proxy")

    def _known_login(self, environ: "WSGIEnvironment") -> Identity | None:
        """None also where the accounts cannot be read: on the machine itself they are mended."""
        try:
            return self._by_login(environ)
        except AppError:
            return None

    def _by_login(self, environ: "WSGIEnvironment") -> Identity | None:
        cookies = environ.get("HTTP_COOKIE", "")
        session_id = self._ids.read(parse_cookie(cookies).get(COOKIE, "")) if COOKIE in cookies else ""
        login = self._doors.logins.of(session_id) if session_id else None
        return Identity(login[1].role, login[1].name, "session", login[0].digest) if login else None
