"""The facts of a run on disk, before anyone is told."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from core.journal import RunJournal
from models.errors import StoreUnavailable
from models.progress import Progress
from models.run import Run, RunState
from storage.log_store import RunLog
from tests.core.arena import Arena


@dataclass
class Hand:
    """A clock set by hand."""

    seconds: float = 1000.0

    def now(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class Desk:
    """A journal on an admitted run, and what it says to jobs.yaml."""

    arena: Arena
    clock: Hand = field(default_factory=Hand)
    statuses: list[Run] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.run = self.arena.admit(self.arena.job())
        log = RunLog(self.arena.folder, "rsync", self.run.job_id, self.run.id)
        self.journal = RunJournal(self.arena.store, log, self.run, self.clock, self.statuses.append)

    @property
    def recorded(self) -> Run:
        return self.arena.store.read(self.run.job_id, self.run.id)

    @property
    def shown(self) -> Run | None:
        return self.arena.store.read_live(self.run.job_id, self.run.id)


@pytest.fixture
def desk(arena: Arena) -> Desk:
    return Desk(arena)


def begin(desk: Desk) -> None:
    for state in (RunState.STARTING, RunState.CHECKING, RunState.TRANSFERRING):
        desk.journal.move(state)


def test_a_move_is_on_disk_and_shown_at_once(desk: Desk) -> None:
    desk.journal.move(RunState.STARTING)
    assert desk.recorded == desk.shown == desk.journal.run
    assert (desk.recorded.seq, desk.recorded.state) == (1, RunState.STARTING)


def test_figures_are_shown_five_times_a_second_and_the_last_ones_always(desk: Desk) -> None:
    begin(desk)
    first = desk.journal.run.seq
    for step in range(100):
        desk.journal.figures(Progress(bytes_transferred=step))
        desk.journal.tick()
        desk.clock.seconds += 0.01
    assert 4 <= desk.journal.run.seq - first <= 6
    desk.clock.seconds += desk.journal.tick()
    desk.journal.tick()
    assert desk.shown is not None
    assert desk.shown.progress.bytes_transferred == 99


def test_the_sequence_has_no_gap(desk: Desk) -> None:
    begin(desk)
    seen = [desk.journal.run.seq]
    for step in range(5):
        desk.clock.seconds += 1
        desk.journal.figures(Progress(bytes_transferred=step))
        desk.journal.tick()
        seen.append(desk.journal.run.seq)
    desk.journal.move(RunState.DONE)
    assert [*seen, desk.journal.run.seq] == list(range(3, 10))


def test_figures_reach_the_record_every_few_seconds(desk: Desk) -> None:
    begin(desk)
    desk.clock.seconds += 1
    desk.journal.figures(Progress(bytes_transferred=7), settled_bytes=5)
    desk.journal.tick()
    assert desk.recorded.settled_bytes == 0
    desk.clock.seconds += 5
    desk.journal.figures(Progress(bytes_transferred=8), settled_bytes=6)
    desk.journal.tick()
    assert (desk.recorded.settled_bytes, desk.recorded.progress.bytes_transferred) == (6, 8)


def test_an_end_is_recorded_everywhere_and_may_be_repeated(desk: Desk) -> None:
    begin(desk)
    desk.journal.move(RunState.DONE)
    assert desk.recorded.is_active
    desk.journal.close()
    desk.journal.close()
    assert desk.arena.store.history(desk.run.job_id) == (desk.journal.run,)
    assert desk.arena.store.ended_since(0)[0] == ((desk.run.job_id, desk.run.id),)
    assert desk.shown is None
    assert desk.statuses[-1].state is RunState.DONE


def test_a_full_disk_ends_no_transfer_and_the_record_follows_later(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(desk)
    with monkeypatch.context() as full:
        full.setattr(desk.arena.store, "write", _refuse)
        desk.journal.move(RunState.PAUSING)
        desk.journal.remember(("/b/.a.XXXXXX",))
        assert desk.recorded.state is RunState.TRANSFERRING
    desk.clock.seconds += 1
    desk.journal.tick()
    assert (desk.recorded.state, desk.recorded.unfinished) == (RunState.PAUSING, ("/b/.a.XXXXXX",))


def _refuse(*_arguments: object, **_named: object) -> None:
    raise StoreUnavailable("run.json could not be saved: the disk is full.")
