"""When a tool counts as silent."""

from core.vigil import Vigil
from models.progress import Progress


class Hand:
    """A clock set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_silence_grows_until_something_moves() -> None:
    hand = Hand()
    vigil = Vigil(hand)
    hand.now += 3
    assert vigil.look(Progress(), 0) == 3
    hand.now += 3
    assert vigil.look(Progress(), 0) == 6


def test_a_byte_a_file_or_some_reading_ends_the_silence() -> None:
    hand = Hand()
    vigil = Vigil(hand)
    for progress, total in [(Progress(1), 0), (Progress(1, files_done=1), 0), (Progress(1, files_done=1), 7)]:
        hand.now += 9
        assert vigil.look(progress, total) == 0
    hand.now += 2
    assert vigil.look(Progress(1, files_done=1), 7) == 2


def test_a_process_that_left_is_no_silence_either() -> None:
    hand = Hand()
    vigil = Vigil(hand)
    vigil.look(Progress(), 100)
    hand.now += 5
    assert vigil.look(Progress(), 60) == 0
