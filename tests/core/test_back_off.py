"""The waits between tries, with a clock that a test moves."""

import re
from dataclasses import dataclass, field
from typing import Any, cast

from core.back_off import LONGEST_SILENCE, BackOff, WaitEnd
from core.journal import RunJournal
from core.network import Network
from core.orders import Orders
from engines.base import Verdict
from models.run import RunState
from tests.core.test_journal import Hand

BROKEN = Verdict(RunState.FAILED, "The link broke.", "Start again.", retry=True)


@dataclass
class World:
    """Journal, orders and network of one run, as its wait sees them."""

    answers: list[bool]
    host: str = "nas.lan"
    clock: Hand = field(default_factory=Hand)
    current: str = ""
    order_at: float = float("inf")
    asked_at: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    waits_for: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.began = self.clock.monotonic()
        self.network, self.journal = Asked(self), Kept(self)
        self.back_off = BackOff(
            cast("RunJournal", self.journal), cast("Orders", self), cast("Network", self.network), self.clock, 30, 10
        )

    def look(self) -> None:
        if self.clock.monotonic() - self.began >= self.order_at:
            self.current = "pause"

    def wait(self, seconds: float, *_: int) -> None:
        self.clock.sleep(seconds)

    def before(self, attempt: int = 2) -> WaitEnd:
        return self.back_off.before(attempt, BROKEN)

    @property
    def seconds(self) -> float:
        return self.clock.monotonic() - self.began


class Asked:
    """A host that answers as listed; the last answer stands."""

    def __init__(self, world: World) -> None:
        self._world, self.host = world, world.host

    def answers(self, _meanwhile: object) -> bool:
        self._world.asked_at.append(self._world.seconds)
        answers = self._world.answers
        return answers.pop(0) if len(answers) > 1 else answers[0]


class Kept:
    """A journal that remembers what it is told."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.moves: list[dict[str, Any]] = []

    def move(self, state: RunState, **changes: Any) -> None:
        assert state is RunState.WAITING
        self.moves.append(changes)
        self.note(changes["note"])

    def note(self, note: str) -> None:
        if note not in self._world.notes[-1:]:
            self._world.notes.append(note)

    def record(self, waits_for: str) -> None:
        self._world.waits_for.append(waits_for)

    def say(self, _level: str, text: str) -> None:
        self._world.said.append(text)

    def tick(self) -> float:
        return 1.0


def test_a_host_that_answers_at_once_is_tried_again_after_a_while() -> None:
    world = World([True])
    assert world.before() == WaitEnd()
    assert 4 <= world.seconds <= 6
    assert world.notes[0] == "asking whether nas.lan answers"
    assert re.fullmatch(r"trying again in [456] s, 2 of 10", world.notes[1])
    assert world.waits_for == []
    assert world.journal.moves[0]["attempt"] == 2
    assert world.journal.moves[0]["outcome"].reason == "The link broke."


def test_waits_for_a_host_that_answers_grow() -> None:
    waits = []
    for attempt in (2, 3, 4, 5, 9):
        world = World([True])
        world.before(attempt)
        waits.append(world.seconds)
    for seconds, expected in zip(waits, (5, 10, 20, 40, 300), strict=True):
        assert expected * 0.8 <= seconds <= expected * 1.2


def test_a_silent_host_is_waited_for_and_tried_as_soon_as_it_answers() -> None:
    world = World([False, False, False, False, True])
    assert world.before() == WaitEnd()
    first, soon, *later = world.asked_at
    assert first == 0
    assert 4 <= soon <= 6
    assert all(24 <= after - before <= 36 for before, after in zip([soon, *later], later, strict=False))
    assert world.seconds == later[-1]
    assert world.notes == ["asking whether nas.lan answers", "for nas.lan to answer"]
    assert world.waits_for == ["nas.lan"]
    assert world.said == ["nas.lan does not answer. It is asked again every 30 s.", "nas.lan answers again."]


def test_a_job_without_another_host_says_when_it_is_tried_again() -> None:
    world = World([True], host="")
    assert world.before() == WaitEnd()
    assert world.notes[0].startswith("trying again in ")


def test_a_silent_host_costs_no_try_but_now_and_then_the_tool_has_one() -> None:
    """An alias or a jump in ssh's configuration reaches hosts that do not answer us."""
    world = World([False])
    ends, gaps = [], []
    for _ in range(5):
        before = world.seconds
        ends.append(world.before())
        gaps.append(world.seconds - before)
    assert ends == [WaitEnd(is_counted=False)] * 5
    for gap, expected in zip(gaps, (300, 600, 1200, 1800, 1800), strict=True):
        assert expected <= gap <= expected + 40


def test_a_host_that_stays_silent_for_a_day_is_given_up() -> None:
    world = World([False])
    while not (end := world.before()).gave_up:
        assert end == WaitEnd(is_counted=False)
        assert world.seconds < LONGEST_SILENCE + 40
    assert LONGEST_SILENCE <= world.seconds <= LONGEST_SILENCE + 40


def test_a_host_that_answered_meanwhile_may_be_silent_for_another_day() -> None:
    world = World([False])
    while world.seconds < LONGEST_SILENCE * 0.9:
        world.before()
    world.answers[:] = [True]
    assert world.before() == WaitEnd()
    world.answers[:] = [False]
    before = world.seconds
    while not world.before().gave_up:
        assert world.seconds < before + LONGEST_SILENCE
    assert world.seconds - before >= LONGEST_SILENCE


def test_an_order_ends_every_wait_within_a_second() -> None:
    for answers in ([True], [False]):
        world = World(answers, order_at=3.0)
        assert world.before() == WaitEnd("pause")
        assert world.seconds <= 4.0
    world = World([False], order_at=100.0)
    assert world.before() == WaitEnd("pause")
    assert 100 <= world.seconds <= 101
