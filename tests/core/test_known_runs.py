"""No run is lost and none counted twice: by a server that is killed, over an odd record, in a long history."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.run_index import RunIndex
from models.events import RunChanged
from models.run import Run, RunState, run_to_json
from storage.run_history import RunHistory
from tests import build
from tests.core.arena import Arena
from tests.core.ledgers import loose_ids, packed_ids
from utils.clock import SystemClock

ROUNDS = 8
SERVER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from core.run_index import RunIndex
from models.events import RunChanged
from models.run import RunState
from storage.data_folder import DataFolder
from storage.run_store import RunStore
from tests import build
from utils.clock import SystemClock, utc_text

store = RunStore(DataFolder(Path(sys.argv[1])))
index = RunIndex(store, SystemClock())
index.warm([build.JOB_ID])
while True:
    now = utc_text(datetime.now(UTC))
    run = build.run(state=RunState.DONE, started_at=now, ended_at=now)
    store.create(run, {})
    store.finish(run)
    index.hear(RunChanged(run))
    print(run.id, flush=True)
"""


def killed_after(arena: Arena, lines: int) -> list[str]:
    """The runs that a server told of before it was killed."""
    command = [sys.executable, "-c", SERVER, str(arena.folder.root)]
    root = Path(__file__).parents[2]
    server = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    told = [server.stdout.readline().strip() for _ in range(lines)]
    os.kill(server.pid, signal.SIGKILL)
    told += server.stdout.read().split("\n")[:-1]
    server.stdout.close()
    server.wait()
    return told


def test_a_killed_server_loses_no_run_and_counts_none_twice(arena: Arena) -> None:
    told: list[str] = []
    for number in range(ROUNDS):
        told += killed_after(arena, 1 + number * 3)
        recorded = [run.id for run in RunHistory(arena.folder).runs(build.JOB_ID)]
        known = RunIndex(arena.store, SystemClock())
        assert [found.run_id for found in known.history(build.JOB_ID, 10_000)] == recorded
        assert set(told) <= set(recorded)
        assert set(recorded) <= {*packed_ids(arena.folder), *loose_ids(arena.folder)}
    assert len(told) >= ROUNDS


def finished(arena: Arena, **changes: Any) -> Run:
    run = build.run(state=RunState.DONE, started_at=build.MOMENT, ended_at=build.MOMENT, **changes)
    arena.store.create(run, {})
    arena.store.finish(run)
    return run


def append(arena: Arena, record: dict[str, Any]) -> None:
    with RunHistory(arena.folder).path(build.JOB_ID).open("ab") as stream:
        stream.write(json.dumps(record).encode() + b"\n")


@pytest.mark.parametrize(
    "odd",
    [
        {"started_at": "yesterday"},
        {"ended_at": "soon"},
        {"ended_at": 17},
        {"ended_at": "2026-11-21T07:02:04"},
        {"ended_at": "9999-12-31T23:59:59-01:00"},
        {"started_at": "0001-01-01T00:00:00+01:00"},
        {"phases": [{"state": "queued", "at": build.MOMENT}, {"state": "starting", "at": "later"}] * 2},
        {"phases": [{"state": "waiting", "at": "9"}, {"state": "starting", "at": "later"}]},
        {"phases": [{"state": "waiting", "at": 9}]},
        {"statistics": {"total_bytes": 1.5}},
        {"statistics": {"total_bytes": 1 << 70}},
        {"statistics": {"files_transferred": "many"}},
        {"id": 17},
        {"job_name": ["Photos"]},
        {"engine": 17},
        {"kind": None},
        {"outcome": None},
    ],
)
def test_an_odd_record_hides_no_other_run_of_the_job(arena: Arena, odd: dict[str, Any]) -> None:
    first = finished(arena)
    append(arena, run_to_json(build.run(state=RunState.DONE, started_at=build.MOMENT, ended_at=build.MOMENT)) | odd)
    second = finished(arena)
    known = RunIndex(arena.store, SystemClock())
    known.known.allowance = 0
    assert known.latest(build.JOB_ID).last == second
    assert len(known.recent([build.JOB_ID])) == 1
    known.warm([build.JOB_ID])
    assert [run.run_id for run in known.history(build.JOB_ID)] == [second.id, first.id]
    third = finished(arena)
    known.hear(RunChanged(third))
    for index in (known, RunIndex(arena.store, SystemClock())):
        assert [run.run_id for run in index.history(build.JOB_ID)] == [third.id, second.id, first.id]
        assert index.latest(build.JOB_ID).last == third
        assert len(index.recent([build.JOB_ID])) == 3


def test_any_sum_of_bytes_can_be_kept(arena: Arena) -> None:
    """A record that was written by hand may say anything."""
    finished(arena)
    for _ in range(2):
        record = run_to_json(build.run(state=RunState.DONE, started_at=build.MOMENT, ended_at=build.MOMENT))
        append(arena, record | {"statistics": {"transferred_bytes": 1 << 62}})
    for _ in range(2):
        known = RunIndex(arena.store, SystemClock())
        known.warm([build.JOB_ID])
        assert (known.count(build.JOB_ID), len(packed_ids(arena.folder))) == (3, 3)


@pytest.mark.parametrize("place", ["history.jsonl", ""])
def test_a_history_that_cannot_be_read_hides_only_its_own_job(arena: Arena, place: str) -> None:
    run, other = finished(arena), finished(arena, job_id=build.job().id)
    path = arena.folder.root / "runs" / other.job_id / place
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    if place:
        path.mkdir()  # neither a file that can be read nor one that is not there
    else:
        path.write_text("")
    known = RunIndex(arena.store, SystemClock())
    both = [run.job_id, other.job_id]
    assert known.latest(other.job_id).last is None
    assert [found.id for found in known.recent(both)] == [run.id]
    known.warm(both)
    assert (known.known.filled, known.count(run.job_id), known.count(other.job_id)) == (1, 1, 0)
    known.known.allowance = 0
    assert RunIndex(arena.store, SystemClock()).latest(run.job_id).last == run


@pytest.mark.parametrize("is_warmed", [True, False])
def test_a_history_that_could_not_be_looked_at_for_a_while_is_read_when_it_can(arena: Arena, is_warmed: bool) -> None:
    run = finished(arena)
    folder = arena.folder.root / "runs" / run.job_id
    away = folder.rename(arena.root / "away")
    folder.write_text("")
    known = RunIndex(arena.store, SystemClock())
    if is_warmed:
        known.warm([run.job_id])
    assert known.latest(run.job_id).last is None
    folder.unlink()
    away.rename(folder)
    assert known.latest(run.job_id).last == run
    folder.rename(away)
    folder.write_text("")
    assert RunIndex(arena.store, SystemClock()).last_state(run.job_id) is RunState.DONE, "the ledger knows it"


class Breathing(SystemClock):
    """Does something whenever it is asked to give way."""

    def __init__(self, between: Callable[[], object]) -> None:
        self._between = between

    def monotonic(self) -> float:
        return time.monotonic() * 1e6  # every look at it is long after the one before

    def sleep(self, seconds: float) -> None:
        self._between()


def test_a_long_history_is_read_in_turns_and_nobody_waits_for_its_end(arena: Arena) -> None:
    run = finished(arena)
    for _ in range(900):
        append(arena, run_to_json(build.run(state=RunState.DONE, ended_at=build.MOMENT)))
    other = finished(arena, job_id=build.job().id)
    found: list[int] = []

    def ask() -> None:
        asker = threading.Thread(target=lambda: found.append(len(index.history(other.job_id))))
        asker.start()
        asker.join(10)

    index = RunIndex(arena.store, Breathing(ask))
    assert len(index.history(run.job_id, 10_000)) == 901
    assert found[:4] == [1, 1, 1, 1]
    assert len(set(loose_ids(arena.folder))) == 901 + 1


def test_two_who_read_a_long_history_at_once_take_in_each_run_once(arena: Arena) -> None:
    runs = [finished(arena)]
    for _ in range(900):
        runs.append(build.run(state=RunState.DONE, ended_at=build.MOMENT))
        append(arena, run_to_json(runs[-1]))
    index = RunIndex(arena.store, Breathing(lambda: time.sleep(0.001)))
    readers = [threading.Thread(target=index.history, args=(build.JOB_ID,)) for _ in range(3)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(20)
    assert [run.run_id for run in index.history(build.JOB_ID, 10_000)] == [run.id for run in reversed(runs)]


def test_lists_of_the_newest_runs_wait_for_no_long_history(arena: Arena) -> None:
    run = finished(arena)
    index = RunIndex(arena.store, SystemClock())
    index.known.allowance = 0
    assert index.recent([run.job_id]) == ()
    assert not index.known.is_read(run.job_id)
    assert [last.id for last in (index.latest(run.job_id).last,) if last] == [run.id]
    assert [found.id for found in index.recent([run.job_id])] == [run.id]
    index.warm([run.job_id])
    assert [found.id for found in index.recent([run.job_id])] == [run.id]


def test_a_run_is_listed_once_while_its_job_is_being_read(arena: Arena) -> None:
    run = finished(arena)
    index = RunIndex(arena.store, SystemClock())
    index.known.allowance = 0
    assert index.latest(run.job_id).last == run
    assert index.known._read_on(run.job_id)
    assert [found.id for found in index.recent([run.job_id])] == [run.id]
