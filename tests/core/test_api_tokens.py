"""Tokens: what each may do, until when, and that none outlives what it hangs on."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.api_tokens import AT_MOST, NOTED_EVERY, ApiTokens
from core.doors import Doors
from models.account import AccountNotFound, Token, TokenNotFound
from models.errors import InvalidInput
from models.role import Role
from storage.account_store import Book
from storage.private_file import PrivateFile
from tests.core.gatehouse import OTHER, PASSWORD, MovedClock, quick_doors


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def doors(tmp_path: Path, clock: MovedClock) -> Doors:
    doors = quick_doors(tmp_path, clock)
    doors.accounts.create("root", Role.ADMINISTRATOR, None)
    doors.accounts.create("Anna", Role.OPERATOR, PASSWORD)
    return doors


def role_of(doors: Doors, secret: str) -> Role | None:
    judged = doors.tokens.judge(secret)
    return judged.role if judged else None


def test_a_token_is_shown_once_and_kept_as_what_lets_nobody_in(doors: Doors, tmp_path: Path) -> None:
    secret, token = doors.tokens.create("ANNA", " home ", Role.VIEWER, 30)
    assert (token.account, token.name) == ("Anna", "home")
    assert secret.startswith("bm_")
    assert len(secret) > 40
    kept = (tmp_path / "data/accounts.json").read_text()
    assert secret not in kept
    assert token.digest in kept
    assert token.digest not in repr(token)
    assert role_of(doors, secret) is Role.VIEWER
    for wrong in ("", token.digest, token.id, secret[:-1], secret.upper(), f"{secret} ", "\udc80"):
        assert role_of(doors, wrong) is None


def test_a_token_does_no_more_than_its_account_also_when_that_is_less_now(doors: Doors) -> None:
    with pytest.raises(InvalidInput, match="no more than its account, which is operator"):
        doors.tokens.create("anna", "greedy", Role.ADMINISTRATOR, None)
    secret, token = doors.tokens.create("anna", "starter", Role.OPERATOR, None)
    doors.accounts.set_role("anna", Role.VIEWER)
    assert role_of(doors, secret) is Role.VIEWER
    doors.accounts.set_role("anna", Role.ADMINISTRATOR)
    assert role_of(doors, secret) is Role.OPERATOR
    standing = doors.tokens.standing(token.id)
    assert standing is not None
    assert standing.role is Role.OPERATOR


def test_a_token_expires(doors: Doors, clock: MovedClock) -> None:
    secret, token = doors.tokens.create("anna", "short", Role.VIEWER, 1)
    for_ever, _ = doors.tokens.create("anna", "long", Role.VIEWER, None)
    clock.pass_by(timedelta(days=1) - timedelta(seconds=1))
    assert role_of(doors, secret)
    clock.pass_by(timedelta(seconds=1))
    assert role_of(doors, secret) is None
    assert doors.tokens.standing(token.id) is None
    clock.pass_by(timedelta(days=9000))
    assert role_of(doors, for_ever)


def test_a_change_of_password_leaves_tokens_and_removal_of_the_account_ends_them(doors: Doors) -> None:
    secret, token = doors.tokens.create("anna", "home", Role.VIEWER, None)
    doors.accounts.set_password("anna", OTHER)
    assert role_of(doors, secret)
    doors.accounts.remove("ANNA")
    assert role_of(doors, secret) is None
    doors.accounts.create("Anna", Role.ADMINISTRATOR, PASSWORD)
    assert role_of(doors, secret) is None
    assert doors.tokens.standing(token.id) is None
    assert doors.tokens.of_account("anna") == []


class Before:
    """The book, of which something else is done just before a change."""

    def __init__(self, book: PrivateFile[Book], first: object) -> None:
        self._book, self._first = book, first
        self.load = book.load

    def change(self, change: object) -> Book:
        self._first()  # type: ignore[operator]
        return self._book.change(change)  # type: ignore[arg-type]


def test_a_token_that_is_made_while_its_account_goes_or_becomes_less_is_refused(
    doors: Doors, clock: MovedClock
) -> None:
    book, traces = doors.tokens._book, doors.tokens._traces

    def late(first: object) -> ApiTokens:
        return ApiTokens(Before(book, first), traces, clock)  # type: ignore[arg-type]

    with pytest.raises(InvalidInput):
        late(lambda: doors.accounts.set_role("anna", Role.VIEWER)).create("anna", "a", Role.OPERATOR, None)
    with pytest.raises(AccountNotFound):
        late(lambda: doors.accounts.remove("anna")).create("anna", "b", Role.VIEWER, None)
    doors.accounts.create("anna", Role.ADMINISTRATOR, PASSWORD)
    assert doors.tokens.all() == []


def test_a_token_is_revoked_by_its_owner_or_an_administrator(doors: Doors) -> None:
    secret, token = doors.tokens.create("anna", "home", Role.VIEWER, None)
    with pytest.raises(TokenNotFound):
        doors.tokens.revoke(token.id, "root")
    assert role_of(doors, secret)
    assert doors.tokens.revoke(token.id, "ANNA") == token
    assert role_of(doors, secret) is None
    with pytest.raises(TokenNotFound):
        doors.tokens.revoke(token.id)


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\nb", "a\u202eb", "a\x1b[2J"])
def test_a_name_is_one_short_line(doors: Doors, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        doors.tokens.create("anna", name, Role.VIEWER, None)
    assert list(refused.value.fields) == ["name"]


@pytest.mark.parametrize("days", [0, -1, 3651, 10**9])
def test_days_have_bounds(doors: Doors, days: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        doors.tokens.create("anna", "home", Role.VIEWER, days)
    assert list(refused.value.fields) == ["days"]


def test_names_are_told_apart_within_an_account_and_their_number_has_a_bound(doors: Doors, clock: MovedClock) -> None:
    doors.tokens.create("anna", "home", Role.VIEWER, None)
    doors.tokens.create("root", "home", Role.VIEWER, None)
    with pytest.raises(InvalidInput, match="of that name"):
        doors.tokens.create("ANNA", "home", Role.VIEWER, None)
    many = {f"id{n}": Token(f"id{n}", f"n{n}", "Anna", Role.VIEWER, "", clock.now(), None) for n in range(AT_MOST)}
    doors.tokens._book.change(lambda book: Book(book.accounts, many))
    with pytest.raises(InvalidInput, match="at most 100"):
        doors.tokens.create("anna", "more", Role.VIEWER, None)
    doors.tokens.create("root", "more", Role.VIEWER, None)


def test_when_a_token_was_used_is_noted_each_minute(doors: Doors, clock: MovedClock, tmp_path: Path) -> None:
    secret, token = doors.tokens.create("anna", "home", Role.VIEWER, None)
    gone, old = doors.tokens.create("anna", "old", Role.VIEWER, None)
    assert doors.tokens.last_used(token.id) is None
    began = clock.now()
    doors.tokens.judge(gone)
    doors.tokens.judge(secret)
    clock.pass_by(NOTED_EVERY / 2)
    doors.tokens.judge(secret)
    assert doors.tokens.last_used(token.id) == began
    doors.tokens.revoke(old.id)
    clock.pass_by(NOTED_EVERY / 2)
    doors.tokens.judge(secret)
    assert doors.tokens.last_used(token.id) == clock.now()
    assert doors.tokens.last_used(old.id) is None, "what was revoked leaves no trace"


def test_a_script_is_let_in_where_its_use_cannot_be_noted(doors: Doors, tmp_path: Path) -> None:
    secret, token = doors.tokens.create("anna", "home", Role.VIEWER, None)
    (tmp_path / "data/logins.lock").mkdir()
    assert role_of(doors, secret) is Role.VIEWER
    assert doors.tokens.last_used(token.id) is None
