"""Tokens with which scripts come in: made once, shown once, kept as a digest; not the header they come in."""

import hashlib
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from models.account import TOKEN_NAME_MOST, Account, AccountNotFound, Token, TokenNotFound, account_key
from models.errors import InvalidInput
from models.role import Role
from storage.account_store import Book, Traces
from storage.private_file import PrivateFile
from utils.clock import Clock
from utils.text import HOSTILE

PREFIX = "bm_"  # lets scanners of source code know one
NOTED_EVERY = timedelta(minutes=1)
DAYS_MOST = 3650
AT_MOST = 100


class Judged(NamedTuple):
    token: Token
    account: Account
    role: Role


class ApiTokens:
    """The tokens of one data folder. Every change is durable at return."""

    def __init__(self, book: PrivateFile[Book], traces: PrivateFile[Traces], clock: Clock) -> None:
        self._book, self._traces, self._clock = book, traces, clock

    def create(self, owner: str, name: str, role: Role, days: int | None) -> tuple[str, Token]:
        """The secret, which nobody can read again, and what is kept. `days` until it expires, None for never."""
        name, now = name.strip(), self._clock.now()
        _check(name, days)
        secret = PREFIX + secrets.token_urlsafe(32)
        expires = None if days is None else now + timedelta(days=days)
        token = Token(secrets.token_hex(6), name, owner, role, _digest(secret), now, expires)
        book = self._book.change(lambda book: _with(book, token))
        return secret, book.tokens[token.id]

    def judge(self, secret: str) -> Judged | None:
        """Whose token this is and what it may do; None for one that was revoked, has expired or never was."""
        digest, book = _digest(secret), self._book.load()
        token = next((each for each in book.tokens.values() if each.digest == digest), None)
        if token is None or token.is_expired(self._clock.now()):
            return None
        self._note(token)
        return self.standing(token.id)

    def standing(self, token_id: str) -> Judged | None:
        book = self._book.load()
        token = book.tokens.get(token_id)
        account = book.accounts.get(account_key(token.account)) if token else None
        if token is None or account is None or token.is_expired(self._clock.now()):
            return None
        return Judged(token, account, token.role if account.role.may(token.role) else account.role)

    def all(self) -> list[Token]:
        return sorted(self._book.load().tokens.values(), key=lambda token: (account_key(token.account), token.name))

    def of_account(self, name: str) -> list[Token]:
        key = account_key(name)
        return [token for token in self.all() if account_key(token.account) == key]

    def last_used(self, token_id: str) -> datetime | None:
        return self._traces.load().used.get(token_id)

    def revoke(self, token_id: str, owner: str | None = None) -> Token:
        """The token that was; `owner`: only one of that account."""
        found = self._book.load().tokens.get(token_id)
        if found is None or (owner is not None and account_key(found.account) != account_key(owner)):
            raise TokenNotFound
        self._book.change(
            lambda book: replace(book, tokens={key: one for key, one in book.tokens.items() if key != token_id})
        )
        return found

    def _note(self, token: Token) -> None:
        now, used = self._clock.now(), self.last_used(token.id)
        if used is not None and abs(now - used) < NOTED_EVERY:
            return
        known = self._book.load().tokens
        self._traces.note(
            lambda traces: replace(
                traces, used={**{key: at for key, at in traces.used.items() if key in known}, token.id: now}
            )
        )


def _check(name: str, days: int | None) -> None:
    if not name or len(name) > TOKEN_NAME_MOST or HOSTILE.search(name):
        raise InvalidInput({"name": f"Name it after what uses it, in at most {TOKEN_NAME_MOST} characters."})
    if days is not None and not 1 <= days <= DAYS_MOST:
        raise InvalidInput({"days": f"Choose 1 to {DAYS_MOST} days, or none for a token that does not expire."})


def _with(book: Book, token: Token) -> Book:
    """Judged by the book that it is put into: the account may just have gone or become less."""
    account = book.accounts.get(account_key(token.account))
    if account is None:
        raise AccountNotFound
    present = [one for one in book.tokens.values() if account_key(one.account) == account.key]
    if any(one.name == token.name for one in present):
        raise InvalidInput({"name": "There is a token of that name. Revoke it first, or choose another name."})
    if len(present) >= AT_MOST:
        raise InvalidInput({"name": f"An account has at most {AT_MOST} tokens. Revoke one first."})
    if not account.role.may(token.role):
        raise InvalidInput({"role": f"A token can do no more than its account, which is {account.role}."})
    return replace(book, tokens={**book.tokens, token.id: replace(token, account=account.name)})


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
