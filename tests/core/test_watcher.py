"""Changed files become events: two processes' worth of parts on one data folder."""

import os
import threading
from itertools import pairwise

import pytest

from core.watcher import Watcher
from models.events import JobsChanged, RunChanged, RunLogged, RunProgressed
from models.progress import Progress
from models.run import Run, RunState
from tests import build
from tests.core.arena import Arena, folder_of, wait_for
from tests.core.house import House, use_tool


@pytest.fixture
def other(house: House) -> House:
    """Another process, which only watches."""
    return House(house.arena)


def told(house: House, run: Run) -> list[RunChanged | RunProgressed]:
    """Everything that was said about the run."""
    return [event for event in house.events if isinstance(event, RunChanged | RunProgressed) and event.run.id == run.id]


def ends(house: House, run: Run) -> list[Run]:
    return [event.run for event in told(house, run) if not event.run.is_active]


def test_a_run_of_another_process_is_told_from_its_first_to_its_last_state(house: House, other: House) -> None:
    go = house.arena.root / "go"
    use_tool(house.arena, [["progress", 10, 1], ["progress", 20, 2], ["until", str(go)], ["progress", 30, 3]])
    run = house.start(house.create())
    wait_for(lambda: other.parts.watcher.step() and any(isinstance(event, RunProgressed) for event in told(other, run)))
    go.touch()
    other.ended(run)
    events = told(other, run)
    assert all(before.run.seq <= after.run.seq for before, after in pairwise(events))
    assert isinstance(events[-1], RunChanged)
    assert [one.state for one in ends(other, run)] == [RunState.DONE]
    assert {event.run.state for event in events} >= {RunState.TRANSFERRING, RunState.DONE}


def test_a_run_that_came_and_went_between_two_looks_is_told(house: House, other: House) -> None:
    other.parts.watcher.step()
    run = house.start(house.create())
    wait_for(lambda: not (house.arena.folder.active / run.id).exists())
    other.parts.watcher.step()
    other.parts.watcher.step()
    assert [one.state for one in ends(other, run)] == [RunState.DONE]


def test_a_look_in_the_middle_of_a_claim_does_not_lose_the_run(arena: Arena) -> None:
    """The marker is there before the run's folder; with each look the folder's time is the same."""
    house = House(arena)
    run = build.run()
    (arena.folder.active / run.id).write_text(run.job_id)
    os.utime(arena.folder.active, ns=(10**18, 10**18))
    house.parts.watcher.step()
    arena.store.create(run, {})
    os.utime(arena.folder.active, ns=(10**18, 10**18))
    house.parts.watcher.step()
    assert [event.run.state for event in told(house, run)] == [RunState.QUEUED]


def test_two_runs_marked_within_one_tick_of_the_clock_are_both_seen(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(arena)
    runs = [build.run(job_id=build.job().id) for _ in range(2)]
    moment = 1_800_000_000_000_000_000
    monkeypatch.setattr("core.watcher.time.time_ns", lambda: moment + 5_000_000)
    for run in runs:
        arena.store.create(run, {})
        os.utime(arena.folder.active, ns=(moment, moment))
        house.parts.watcher.step()
    assert [event.run.id for event in house.events if isinstance(event, RunChanged)] == [run.id for run in runs]


def test_the_end_of_a_run_is_told_once(arena: Arena) -> None:
    """Also if it stands in the stream of ends before its marker goes."""
    house = House(arena)
    run = build.run(state=RunState.TRANSFERRING, started_at=build.MOMENT)
    arena.store.create(run, {})
    lock = arena.store.lock(run.job_id, run.id)
    house.parts.watcher.step()
    ended = run.moved(RunState.DONE, build.MOMENT, seq=run.seq + 1)
    marker = (arena.folder.active / run.id).read_bytes()
    arena.store.finish(ended)
    (arena.folder.active / run.id).write_bytes(marker)
    house.parts.watcher.step()
    (arena.folder.active / run.id).unlink()
    house.parts.watcher.step()
    house.parts.watcher.step()
    assert lock is not None
    lock.release()
    assert len(ends(house, run)) == 1


def test_a_run_that_ended_before_it_was_noticed_is_not_kept_as_active(house: House) -> None:
    run = house.start(house.create())
    house.ended(run)
    house.parts.watcher.notice(run)
    house.parts.watcher.step()
    assert house.parts.watcher.active() == ()


def test_figures_that_go_back_are_not_told(arena: Arena) -> None:
    house = House(arena)
    run = build.run(state=RunState.TRANSFERRING, started_at=build.MOMENT, seq=5)
    arena.store.create(run, {})
    lock = arena.store.lock(run.job_id, run.id)
    house.parts.watcher.step()
    for seq in (7, 6, 7, 8):
        arena.store.write_live(run._replace(seq=seq))
        house.parts.watcher.step()
    assert lock is not None
    lock.release()
    assert [event.run.seq for event in told(house, run) if isinstance(event, RunProgressed)] == [7, 8]


def test_a_host_that_does_not_answer_is_told_like_a_state(arena: Arena) -> None:
    house = House(arena)
    run = build.run(state=RunState.WAITING, started_at=build.MOMENT, note="asking whether nas.lan answers")
    arena.store.create(run, {})
    house.parts.watcher._look()
    house.events.clear()
    silent = run._replace(seq=1, note="for nas.lan to answer", waits_for="nas.lan")
    for shown in (silent, silent._replace(seq=2, progress=Progress(bytes_transferred=1))):
        arena.store.write_live(shown)
        house.parts.watcher._look()
    assert [type(event) for event in house.events] == [RunChanged, RunProgressed]
    arena.store.finish(silent.moved(RunState.PAUSED, build.MOMENT))


def test_a_log_is_told_to_its_last_line_where_somebody_reads_it(house: House, other: House) -> None:
    go = house.arena.root / "go"
    lines = "".join(f"{number:07} {'x' * 60}\n" for number in range(9000))
    use_tool(house.arena, [["say", "before\n"], ["until", str(go)], ["say", lines], ["end", 0]])
    other.parts.watcher.wants_log = lambda _job: True
    run = house.start(house.create())
    log = folder_of(house.arena, run) / "output.log"
    wait_for(lambda: log.exists() and "before" in log.read_text())
    wait_for(lambda: other.parts.watcher.step() and other.parts.watcher._watched)
    other.parts.watcher._read_logs()
    go.touch()
    other.ended(run)
    heard = [event for event in other.events if isinstance(event, RunLogged)]
    content = log.read_bytes()
    assert heard[0].text.encode() == content[heard[0].offset : heard[0].offset + len(heard[0].text.encode())]
    assert "".join(event.text for event in heard).encode() == content[heard[0].offset :]
    assert all(a.offset + len(a.text.encode()) == b.offset for a, b in pairwise(heard))


def test_a_log_that_nobody_reads_is_not_told(house: House, other: House) -> None:
    use_tool(house.arena, [["say", "text\n"], ["end", 0]])
    run = house.start(house.create())
    other.ended(run)
    assert not [event for event in other.events if isinstance(event, RunLogged)]


def test_a_hand_edit_of_the_jobs_is_told(house: House, other: House) -> None:
    house.create("Photos")
    wait_for(lambda: other.parts.watcher.step() and JobsChanged() in other.events)
    other.events.clear()
    file = house.arena.folder.jobs_file
    file.write_text(file.read_text().replace("Photos", "Films"))
    wait_for(lambda: other.parts.watcher.step() and JobsChanged() in other.events, 3)
    assert [job.name for job in other.parts.jobs.snapshot().jobs.values()] == ["Films"]


def test_it_looks_often_only_while_runs_are_active_and_somebody_listens(house: House) -> None:
    go = house.arena.root / "go"
    use_tool(house.arena, [["until", str(go)], ["end", 0]])
    watcher = house.parts.watcher
    slow = watcher.step()
    run = house.start(house.create())
    assert watcher.step() == slow
    watcher.has_listeners = lambda: True
    assert watcher.step() <= 0.02 < slow <= 0.5
    go.touch()
    house.ended(run)
    watcher.step()
    assert watcher.step() == slow


def test_one_failed_look_does_not_end_the_watch(house: House, caplog: pytest.LogCaptureFixture) -> None:
    calls: list[str] = []

    def stumble() -> None:
        calls.append("chore")
        if len(calls) == 1:
            raise OSError("a defect")

    house.parts.watcher.chores.insert(0, stumble)
    thread = house.parts.watcher.start()
    wait_for(lambda: len(calls) >= 2)
    house.parts.watcher.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert "The watcher failed at one look" in caplog.text


def test_a_process_that_does_not_watch_looks_when_it_is_asked(house: House, other: House) -> None:
    go = house.arena.root / "go"
    use_tool(house.arena, [["progress", 10, 5], ["until", str(go)], ["end", 0]])
    run = house.start(house.create())
    assert isinstance(other.parts.watcher, Watcher)
    wait_for(lambda: [one.progress.bytes_transferred for one in other.parts.watcher.active()] == [10])
    go.touch()
    wait_for(lambda: other.parts.watcher.active() == ())
    house.ended(run)


def test_a_chore_that_takes_long_delays_no_event(house: House, other: House) -> None:
    """Ending the deaf tool of a dead supervisor takes seconds."""
    is_busy, may_end = threading.Event(), threading.Event()

    def take_long() -> None:
        is_busy.set()
        may_end.wait(20)

    other.parts.watcher.chores.insert(0, take_long)
    thread = other.parts.watcher.start()
    assert is_busy.wait(10)
    run = house.start(house.create())
    house.ended(run)
    wait_for(lambda: ends(other, run), 3)
    may_end.set()
    other.parts.watcher.stop()
    thread.join(5)
