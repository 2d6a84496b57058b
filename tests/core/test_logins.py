"""Logins: how long they stand, and everything that ends one."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.doors import Doors
from core.logins import AT_MOST, NOTED_EVERY, REMEMBERED, UNREMEMBERED, LoginNotFound, Visitor, digest_of
from models.account import Account
from models.errors import AppError
from models.role import Role
from tests.core.gatehouse import PASSWORD, VISITOR, MovedClock, quick_doors

SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def doors(tmp_path: Path, clock: MovedClock) -> Doors:
    return quick_doors(tmp_path, clock)


@pytest.fixture
def anna(doors: Doors) -> Account:
    doors.accounts.create("root", Role.ADMINISTRATOR, None)
    return doors.accounts.create("Anna", Role.OPERATOR, PASSWORD)


def begin(doors: Doors, account: Account, session: str = "session", is_remembered: bool = False) -> None:
    doors.logins.begin(account, session, VISITOR, is_remembered=is_remembered)


def test_a_login_is_that_session_and_no_other(doors: Doors, anna: Account, tmp_path: Path) -> None:
    begin(doors, anna)
    found = doors.logins.of("session")
    assert found is not None
    assert (found[0].account, found[1]) == ("Anna", anna)
    assert doors.logins.of("Session") is None
    assert doors.logins.of(digest_of("session")) is None, "what is kept in the file lets nobody in"
    assert "session" not in (tmp_path / "data/logins.json").read_text()
    assert digest_of("session") not in repr(found)


@pytest.mark.parametrize(("is_remembered", "lasts"), [(False, UNREMEMBERED), (True, REMEMBERED)])
def test_it_is_over_when_it_was_not_used_for_long(
    doors: Doors, anna: Account, clock: MovedClock, is_remembered: bool, lasts: timedelta
) -> None:
    begin(doors, anna, is_remembered=is_remembered)
    clock.pass_by(lasts - SECOND)
    assert doors.logins.of("session"), "and this was a use"
    clock.pass_by(lasts - SECOND)
    assert doors.logins.standing(digest_of("session"))
    clock.pass_by(SECOND)
    assert doors.logins.of("session") is None
    assert doors.logins.of_account("anna") == []


def test_a_clock_that_was_far_ahead_leaves_no_login_that_lasts_for_years(
    doors: Doors, anna: Account, clock: MovedClock
) -> None:
    clock.pass_by(timedelta(days=9000))
    begin(doors, anna, is_remembered=True)
    clock.pass_by(timedelta(days=-9000))
    assert doors.logins.of("session") is None


def test_a_clock_that_goes_back_a_little_ends_nothing_and_counts_from_there(
    doors: Doors, anna: Account, clock: MovedClock
) -> None:
    begin(doors, anna)
    clock.pass_by(-2 * NOTED_EVERY)
    assert doors.logins.of("session")
    assert doors.logins.of_account("anna")[0].seen_at == clock.now()


def test_whoever_logs_in_before_the_account_was_made_by_the_clock_is_in(
    doors: Doors, anna: Account, clock: MovedClock
) -> None:
    clock.pass_by(timedelta(days=-400))
    begin(doors, anna)
    assert doors.logins.of("session")


@pytest.mark.parametrize("ends", ["password", "role", "removed", "made again", "logout", "one", "book is gone"])
def test_what_ends_a_login(doors: Doors, anna: Account, tmp_path: Path, ends: str) -> None:
    begin(doors, anna)
    begin(doors, doors.accounts.get("root"), "other")
    accounts = doors.accounts
    if ends == "password":
        accounts.set_password("anna", PASSWORD)
    elif ends == "role":
        accounts.set_role("anna", Role.VIEWER)
    elif ends == "logout":
        doors.logins.end("session")
    elif ends == "one":
        doors.logins.end_one("ANNA", doors.logins.of_account("anna")[0].id)
    elif ends == "book is gone":
        (tmp_path / "data/accounts.json").unlink()
        accounts.create("root", Role.ADMINISTRATOR, None)
        accounts.create("Anna", Role.OPERATOR, PASSWORD)
    else:
        accounts.remove("anna")
    if ends == "made again":
        accounts.create("Anna", Role.OPERATOR, PASSWORD)
    assert doors.logins.of("session") is None
    assert doors.logins.standing(digest_of("session")) is None
    assert doors.logins.of_account("anna") == []
    assert bool(doors.logins.of("other")) is (ends != "book is gone"), "nobody else is thrown out"


def test_an_account_that_is_removed_at_that_moment_is_not_logged_in(
    doors: Doors, anna: Account, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(doors, anna)
    clock.pass_by(2 * NOTED_EVERY)
    monkeypatch.setattr(doors.logins, "_note", lambda _login: doors.accounts.remove("anna"))
    found = doors.logins.of("session")
    assert found is None or found[1] == anna
    assert doors.logins.of("session") is None


def test_the_same_role_again_ends_nothing(doors: Doors, anna: Account) -> None:
    begin(doors, anna)
    doors.accounts.set_role("anna", anna.role)
    assert doors.logins.of("session")


def test_a_login_is_ended_by_its_own_account_only(doors: Doors, anna: Account) -> None:
    begin(doors, anna)
    with pytest.raises(LoginNotFound):
        doors.logins.end_one("root", doors.logins.of_account("anna")[0].id)
    assert doors.logins.of("session")


def test_one_account_has_so_many_logins_and_the_oldest_makes_way(
    doors: Doors, anna: Account, clock: MovedClock
) -> None:
    begin(doors, doors.accounts.get("root"), "root's")
    for number in range(AT_MOST + 1):
        clock.pass_by(SECOND)
        begin(doors, anna, f"session {number}")
    assert len(doors.logins.of_account("anna")) == AT_MOST
    assert doors.logins.of("session 0") is None
    assert doors.logins.of("session 1")
    assert doors.logins.of("root's")


def test_what_a_browser_says_is_kept_in_part(doors: Doors, anna: Account) -> None:
    doors.logins.begin(anna, "session", Visitor("192.0.2.7", "x" * 9999), is_remembered=False)
    assert len(doors.logins.of_account("anna")[0].agent) == 200


def test_a_full_disk_and_a_lock_that_is_held_throw_nobody_out(
    doors: Doors, anna: Account, clock: MovedClock, tmp_path: Path
) -> None:
    begin(doors, anna)
    clock.pass_by(2 * NOTED_EVERY)
    lock = tmp_path / "data/logins.lock"
    lock.unlink()
    lock.mkdir()
    assert doors.logins.of("session"), "when it was last seen is not worth a refusal"
    with pytest.raises(AppError) as refused:
        begin(doors, anna, "new")
    assert refused.value.status == 503
    lock.rmdir()
    with doors.logins._traces._lock.hold():
        assert doors.logins.of("session"), "nor a wait"


def test_a_broken_file_of_logins_ends_them_all_and_keeps_nobody_out(
    doors: Doors, anna: Account, tmp_path: Path
) -> None:
    begin(doors, anna)
    file = tmp_path / "data/logins.json"
    for broken in (file.read_bytes()[:-20], b"", bytes(100), b"[" * 50_000, b" " * (17 << 20)):
        file.write_bytes(broken)
        assert doors.logins.of("session") is None
        begin(doors, anna, "new")
        assert doors.logins.of("new")
