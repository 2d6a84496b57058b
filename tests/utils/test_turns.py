"""Turns are left to others when there was work for a while, and not before."""

import time

from utils.turns import Turns


def test_others_get_a_turn_after_some_work_and_only_then() -> None:
    given: list[float] = []
    turns = Turns(lambda: given.append(time.monotonic()))
    started = asked = time.monotonic()
    while not given and asked < started + 10:
        asked = turns.pause()
    assert given[0] - started > 0.004
    assert asked >= given[0], "the moment it tells is the one after the turn"
