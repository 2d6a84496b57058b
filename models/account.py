"""Accounts, their logins and their tokens, as they are kept; not how somebody proves to be one."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from models.errors import AppError, InvalidInput
from models.role import Role

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")
PASSWORD_LEAST, PASSWORD_MOST = 10, 1000
TOKEN_NAME_MOST = 64


class AccountNotFound(AppError):
    code = "account_not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such account. It may have been removed.")


class TokenNotFound(AppError):
    code = "token_not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such token. It may have been revoked.")


@dataclass(frozen=True, slots=True)
class Account:
    """`password` is a salted scrypt hash, "" for one that only a reverse proxy lets in.

    `epoch` begins anywhere and grows with every change of password or role: a login of another epoch is over, also
    one of an account that had this name before.
    """

    name: str
    role: Role
    password: str = field(repr=False)
    epoch: int
    created_at: datetime

    @property
    def key(self) -> str:
        return account_key(self.name)


@dataclass(frozen=True, slots=True)
class Token:
    """`digest` is the SHA-256 of the secret, which is kept nowhere."""

    id: str
    name: str
    account: str
    role: Role
    digest: str = field(repr=False)
    created_at: datetime
    expires_at: datetime | None

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and now >= self.expires_at


@dataclass(frozen=True, slots=True)
class Login:
    """One browser that is logged in. `digest` is the SHA-256 of its session's id; `agent` what the browser said."""

    digest: str = field(repr=False)
    account: str
    epoch: int
    begun_at: datetime
    seen_at: datetime
    address: str
    agent: str
    is_remembered: bool

    @property
    def id(self) -> str:
        """Names it on pages."""
        return self.digest[:16]


def account_key(name: str) -> str:
    """Two names with the same key are one account."""
    return name.casefold()


def checked_name(name: str) -> str:
    if not NAME.fullmatch(name):
        sentence = "Use 1 to 64 letters, digits and . _ @ + -, beginning with a letter or digit."
        raise InvalidInput({"name": sentence})
    return name


def checked_password(password: str, name: str, field: str = "password") -> str:
    """Long enough, and not the account's name; no other rule, as those make people choose worse ones."""
    if len(password) < PASSWORD_LEAST:
        raise InvalidInput({field: f"A password has at least {PASSWORD_LEAST} characters. A few words are good."})
    if len(password) > PASSWORD_MOST:
        raise InvalidInput({field: f"A password has at most {PASSWORD_MOST} characters."})
    if account_key(password) == account_key(name) or len(set(password)) < 3:
        raise InvalidInput({field: "That is guessed at once. Choose another."})
    return password
