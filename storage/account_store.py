"""accounts.json and logins.json: who may come in, and who is in; neither judges anybody."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, TypeAdapter

from models.account import Account, Login, Token
from storage.data_folder import DataFolder
from storage.private_file import PrivateFile, Values


@dataclass(frozen=True)
class Book:
    """Accounts by key (see `account_key`), tokens by id."""

    accounts: dict[str, Account] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)


@dataclass(frozen=True)
class Traces:
    """Logins by digest; when each token was last used, by its id."""

    logins: dict[str, Login] = field(default_factory=dict)
    used: dict[str, datetime] = field(default_factory=dict)


def _checked(book: Book) -> Book:
    """As it was written: each under its own key, every moment with its zone."""
    moments = [account.created_at for account in book.accounts.values()]
    moments += [moment for token in book.tokens.values() for moment in (token.created_at, token.expires_at) if moment]
    is_named = all(key == account.key for key, account in book.accounts.items())
    if not is_named or any(key != token.id for key, token in book.tokens.items()):
        raise ValueError("something stands under another name")
    return _zoned(book, moments)


def _seen(traces: Traces) -> Traces:
    moments = [moment for login in traces.logins.values() for moment in (login.begun_at, login.seen_at)]
    return _zoned(traces, [*moments, *traces.used.values()])


def _zoned(values: Values, moments: list[datetime]) -> Values:
    if any(moment.tzinfo is None for moment in moments):
        raise ValueError("a moment has no zone")
    return values


def account_file(folder: DataFolder) -> PrivateFile[Book]:
    kind: TypeAdapter[Book] = TypeAdapter(Annotated[Book, AfterValidator(_checked)])
    return PrivateFile(folder.root / "accounts.json", folder.root / "accounts.lock", kind, Book())


def login_file(folder: DataFolder) -> PrivateFile[Traces]:
    """Without it everybody logs in again, so a broken one keeps nobody out."""
    kind: TypeAdapter[Traces] = TypeAdapter(Annotated[Traces, AfterValidator(_seen)])
    return PrivateFile(folder.root / "logins.json", folder.root / "logins.lock", kind, Traces(), is_spare=True)
