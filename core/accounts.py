"""Who has an account and what it may do: making, changing and removing them; not who is logged in now."""

import secrets
from collections.abc import Callable
from dataclasses import replace

from core.passwords import Passwords
from models.account import Account, AccountNotFound, account_key, checked_name, checked_password
from models.errors import AppError, InvalidInput
from models.role import Role
from storage.account_store import Book
from storage.private_file import PrivateFile
from utils.clock import Clock

_FIRST_EPOCHS = 1 << 48


class LastAdministrator(AppError):
    code = "last_administrator"

    def __init__(self) -> None:
        super().__init__("This is the last administrator. Make another account an administrator first.")


class NotTheFirst(AppError):
    """The first account was made meanwhile."""

    code = "not_the_first"

    def __init__(self) -> None:
        super().__init__("The first account exists already. Log in with it; it can let others in.")


class Accounts:
    """The accounts of one data folder. Every change is durable at return."""

    def __init__(self, file: PrivateFile[Book], passwords: Passwords, clock: Clock) -> None:
        self._file, self._passwords, self._clock = file, passwords, clock

    def all(self) -> list[Account]:
        return sorted(self._file.load().accounts.values(), key=lambda account: account.key)

    def find(self, name: str) -> Account | None:
        return self._file.load().accounts.get(account_key(name))

    def get(self, name: str) -> Account:
        account = self.find(name)
        if account is None:
            raise AccountNotFound
        return account

    def is_empty(self) -> bool:
        return not self._file.load().accounts

    def create(self, name: str, role: Role, password: str | None, *, is_first: bool = False) -> Account:
        """A new account; without a password only a reverse proxy can let it in. `InvalidInput` with fields.

        `is_first`: `NotTheFirst` if there is one already.
        """
        checked_name(name)
        hashed = "" if password is None else self._passwords.hashed(checked_password(password, name))
        account = Account(name, role, hashed, secrets.randbelow(_FIRST_EPOCHS), self._clock.now())

        def add(book: Book) -> Book:
            if is_first and book.accounts:
                raise NotTheFirst
            if account.key in book.accounts:
                raise InvalidInput({"name": "There is an account of that name."})
            return replace(book, accounts={**book.accounts, account.key: account})

        self._file.change(add)
        return account

    def verified(self, name: str, password: str) -> Account | None:
        """The account if this is its password. Takes as long for a name that nobody has."""
        account = self.find(name)
        fits = self._passwords.fits(password, account.password if account else "")
        return account if fits else None

    def set_password(self, name: str, password: str, field: str = "password") -> Account:
        """Ends every login of the account."""
        hashed = self._passwords.hashed(checked_password(password, name, field))
        return self._changed(name, lambda account: replace(account, password=hashed, epoch=account.epoch + 1))

    def set_role(self, name: str, role: Role) -> Account:
        """Ends every login of the account, if the role is another."""
        return self._changed(
            name, lambda one: one if one.role is role else replace(one, role=role, epoch=one.epoch + 1)
        )

    def remove(self, name: str) -> None:
        """With its tokens; its logins are over."""
        key = self.get(name).key

        def without(book: Book) -> Book:
            accounts = {each: account for each, account in book.accounts.items() if each != key}
            tokens = {each: token for each, token in book.tokens.items() if account_key(token.account) != key}
            return _with_administrator(book, replace(book, accounts=accounts, tokens=tokens))

        self._file.change(without)

    def _changed(self, name: str, change: Callable[[Account], Account]) -> Account:
        key = account_key(name)

        def changed(book: Book) -> Book:
            if key not in book.accounts:
                raise AccountNotFound
            return _with_administrator(book, replace(book, accounts={**book.accounts, key: change(book.accounts[key])}))

        return self._file.change(changed).accounts[key]


def _with_administrator(before: Book, after: Book) -> Book:
    """The book after a change; refused if the change took away the last administrator."""
    if _has_administrator(before) and not _has_administrator(after):
        raise LastAdministrator
    return after


def _has_administrator(book: Book) -> bool:
    return any(account.role is Role.ADMINISTRATOR for account in book.accounts.values())
