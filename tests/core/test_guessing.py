"""Guessing: waits that grow, by account and address, that nobody goes around and that keep no owner out."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.guessing import (
    FORGOTTEN,
    FREE_BY_ADDRESS,
    FREE_BY_DEVICE,
    FREE_BY_PAIR,
    KEPT,
    LONGEST,
    Guesses,
    Key,
    TooManyGuesses,
    guess_keys,
)  # fmt: skip
from tests.core.gatehouse import MovedClock

HERE, THERE = "192.0.2.7", "198.51.100.9"


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def guesses(clock: MovedClock) -> Guesses:
    return Guesses(clock)


def wait_of(guesses: Guesses, keys: dict[Key, int]) -> int:
    """Of the next try, which is made if there is none."""
    try:
        guesses.charge(keys)
    except TooManyGuesses as refused:
        return refused.seconds
    return 0


def free(guesses: Guesses, keys: dict[Key, int]) -> int:
    """How many tries are made until there is a wait."""
    return next(number for number in range(1000) if wait_of(guesses, keys))


def test_after_five_wrong_ones_from_one_address_a_wait_grows_to_a_quarter_of_an_hour(
    guesses: Guesses, clock: MovedClock
) -> None:
    keys = guess_keys("anna", HERE, "")
    assert free(guesses, keys) == FREE_BY_PAIR
    waits = []
    for _ in range(14):
        waits.append(wait_of(guesses, keys))
        clock.seconds += waits[-1]
        guesses.charge(keys)
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == LONGEST
    assert sorted(waits) == waits


def test_a_refused_try_counts_nothing_and_the_sentence_says_the_wait(guesses: Guesses, clock: MovedClock) -> None:
    keys = guess_keys("anna", HERE, "")
    free(guesses, keys)
    assert [wait_of(guesses, keys) for _ in range(50)] == [1] * 50
    with pytest.raises(TooManyGuesses, match=r"looked at in 1 s\."):
        guesses.charge(keys)
    assert str(TooManyGuesses(840.2)).endswith("in 15 minutes.")


def test_many_at_once_are_many(guesses: Guesses) -> None:
    keys, begin = guess_keys("anna", HERE, ""), threading.Barrier(40)

    def guess(_number: int) -> int:
        begin.wait(20)
        return wait_of(guesses, keys)

    with ThreadPoolExecutor(40) as pool:
        assert sum(wait == 0 for wait in pool.map(guess, range(40))) == FREE_BY_PAIR


def test_one_address_does_not_try_one_password_on_every_name(guesses: Guesses) -> None:
    tried = sum(wait_of(guesses, guess_keys(f"name{number}", HERE, "")) == 0 for number in range(100))
    assert tried == FREE_BY_ADDRESS


def test_nobody_is_kept_out_by_what_others_try(guesses: Guesses) -> None:
    for number in range(200):
        free(guesses, guess_keys("anna", f"203.0.113.{number}", ""))
    assert wait_of(guesses, guess_keys("anna", HERE, "")) == 0, "from another address"
    assert wait_of(guesses, guess_keys("anna", "203.0.113.1", "mark")) == 0, "a known browser, from the same address"
    assert wait_of(guesses, guess_keys("bert", THERE, "")) == 0


def test_a_known_browser_has_a_count_of_its_own(guesses: Guesses) -> None:
    assert free(guesses, guess_keys("anna", HERE, "mark")) == FREE_BY_DEVICE
    assert wait_of(guesses, guess_keys("anna", THERE, "mark")) > 0
    assert wait_of(guesses, guess_keys("anna", HERE, "")) == 0


def test_a_right_one_forgets_its_own_wrong_ones_and_gives_no_address_free_tries(guesses: Guesses) -> None:
    own = guess_keys("bert", HERE, "")
    for _ in range(FREE_BY_ADDRESS - 1):
        guesses.charge(own)
        guesses.refund(own)
    tried = 0
    for number in range(100):
        if wait_of(guesses, own) == 0:
            guesses.refund(own)
        tried += wait_of(guesses, guess_keys(f"name{number}", HERE, "")) == 0
    assert tried == FREE_BY_ADDRESS
    assert free(guesses, guess_keys("bert", THERE, "")) == FREE_BY_PAIR


def test_a_try_that_could_not_be_looked_at_is_none_and_forgets_none(guesses: Guesses) -> None:
    keys = guess_keys("anna", HERE, "")
    guesses.charge(keys)
    for _ in range(100):
        guesses.charge(keys)
        guesses.take_back(keys)
    assert free(guesses, keys) == FREE_BY_PAIR - 1


def test_what_was_wrong_an_hour_ago_is_forgotten(guesses: Guesses, clock: MovedClock) -> None:
    keys = guess_keys("anna", HERE, "")
    free(guesses, keys)
    clock.seconds += FORGOTTEN
    assert free(guesses, keys) == FREE_BY_PAIR


def test_memory_has_a_bound(guesses: Guesses) -> None:
    for number in range(KEPT + 50):
        guesses.charge({("device", str(number)): 1})
    assert len(guesses._wrong) == KEPT


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("2001:DB8:1:2::1", "2001:db8:1:2::9", True),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("", "192.0.2.1", False),
    ],
)
def test_what_one_machine_has_to_itself_is_one_address(one: str, other: str, is_same: bool) -> None:
    assert (guess_keys("anna", one, "") == guess_keys("anna", other, "")) is is_same
