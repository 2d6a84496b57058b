"""Accounts: what is taken, what is refused, and that the first and the last administrator are one at a time."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core.accounts import LastAdministrator, NotTheFirst
from core.doors import Doors
from models.account import AccountNotFound
from models.errors import AppError, InvalidInput
from models.role import Role
from tests.core.gatehouse import OTHER, PASSWORD, quick_doors


@pytest.fixture
def doors(tmp_path: Path) -> Doors:
    return quick_doors(tmp_path)


def test_an_account_is_found_by_its_name_in_any_case(doors: Doors) -> None:
    made = doors.accounts.create("Anna", Role.VIEWER, PASSWORD)
    assert doors.accounts.find("anna") == doors.accounts.find("ANNA") == made
    with pytest.raises(InvalidInput) as refused:
        doors.accounts.create("aNNA", Role.VIEWER, PASSWORD)
    assert refused.value.fields == {"name": "There is an account of that name."}
    assert doors.accounts.all() == [made]


def test_every_process_sees_what_was_changed(doors: Doors, tmp_path: Path) -> None:
    other = quick_doors(tmp_path).accounts
    assert other.is_empty()
    doors.accounts.create("anna", Role.ADMINISTRATOR, PASSWORD)
    assert other.verified("anna", PASSWORD)
    other.set_password("anna", OTHER)
    assert doors.accounts.verified("anna", PASSWORD) is None
    assert doors.accounts.verified("anna", OTHER)


@pytest.mark.parametrize(
    "name", ["", " anna", "anna ", "a/b", "..", "-a", "a\n", "änna", "a" * 65, "ａnna", "a\u202eb"]
)
def test_names_are_plain_words(doors: Doors, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        doors.accounts.create(name, Role.VIEWER, None)
    assert list(refused.value.fields) == ["name"]
    assert doors.accounts.is_empty()


@pytest.mark.parametrize("password", ["", "123456789", "x" * 1001, "aaaaaaaaaaaa", "ababababab", "Anna.Maier"])
def test_passwords_that_are_guessed_at_once_are_refused(doors: Doors, password: str) -> None:
    doors.accounts.create("other", Role.VIEWER, PASSWORD)
    with pytest.raises(InvalidInput) as refused:
        doors.accounts.create("anna.maier", Role.VIEWER, password)
    assert list(refused.value.fields) == ["password"]
    with pytest.raises(InvalidInput) as refused:
        doors.accounts.set_password("other", "o" * 10, "new")
    assert list(refused.value.fields) == ["new"]
    assert doors.accounts.verified("other", PASSWORD)


def test_without_a_password_no_password_lets_anybody_in(doors: Doors) -> None:
    doors.accounts.create("anna", Role.VIEWER, None)
    for typed in ("", PASSWORD, "scrypt$$"):
        assert doors.accounts.verified("anna", typed) is None
        assert doors.accounts.verified("nobody", typed) is None


def test_nothing_that_is_printed_shows_a_hash(doors: Doors) -> None:
    made = doors.accounts.create("anna", Role.VIEWER, PASSWORD)
    assert made.password.startswith("scrypt$")
    assert "scrypt" not in repr(made)
    assert PASSWORD not in (doors.accounts._file._path).read_text()


def test_of_many_first_accounts_at_once_one_is_made(doors: Doors) -> None:
    begin, outcomes = threading.Barrier(8), list[str]()

    def make(number: int) -> None:
        begin.wait(20)
        try:
            doors.accounts.create(f"anna{number}", Role.ADMINISTRATOR, PASSWORD, is_first=True)
            outcomes.append("made")
        except NotTheFirst:
            outcomes.append("refused")

    threads = [threading.Thread(target=make, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["made"] + ["refused"] * 7
    assert len(doors.accounts.all()) == 1


def test_the_last_administrator_stays_one(doors: Doors) -> None:
    doors.accounts.create("anna", Role.ADMINISTRATOR, None)
    doors.accounts.create("bert", Role.OPERATOR, None)
    with pytest.raises(LastAdministrator):
        doors.accounts.set_role("ANNA", Role.VIEWER)
    with pytest.raises(LastAdministrator):
        doors.accounts.remove("anna")
    doors.accounts.set_role("bert", Role.ADMINISTRATOR)
    doors.accounts.remove("anna")
    with pytest.raises(LastAdministrator):
        doors.accounts.set_role("bert", Role.OPERATOR)
    assert [(one.name, one.role) for one in doors.accounts.all()] == [("bert", Role.ADMINISTRATOR)]


def test_two_administrators_who_remove_each_other_leave_one(doors: Doors) -> None:
    for name in ("anna", "bert"):
        doors.accounts.create(name, Role.ADMINISTRATOR, None)
    begin = threading.Barrier(2)

    def remove(name: str) -> None:
        begin.wait(20)
        try:
            doors.accounts.remove(name)
        except LastAdministrator:
            refused.append(name)

    refused: list[str] = []
    threads = [threading.Thread(target=remove, args=(name,)) for name in ("anna", "bert")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [one.name for one in doors.accounts.all()] == refused
    assert len(refused) == 1


def test_who_is_not_there_cannot_be_changed(doors: Doors) -> None:
    refusals: list[Callable[[], object]] = [
        lambda: doors.accounts.get("anna"),
        lambda: doors.accounts.remove("anna"),
        lambda: doors.accounts.set_role("anna", Role.VIEWER),
        lambda: doors.accounts.set_password("anna", PASSWORD),
    ]
    for refuse in refusals:
        with pytest.raises(AccountNotFound):
            refuse()


def test_a_folder_that_cannot_be_written_is_told_and_nothing_is_half_done(doors: Doors, tmp_path: Path) -> None:
    doors.accounts.create("anna", Role.ADMINISTRATOR, PASSWORD)
    lock = tmp_path / "data/accounts.lock"
    lock.unlink()
    lock.mkdir()
    with pytest.raises(AppError) as refused:
        doors.accounts.set_password("anna", OTHER)
    assert refused.value.status == 503
    assert doors.accounts.verified("anna", PASSWORD)
