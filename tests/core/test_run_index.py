"""The latest of every job."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from core.run_index import RunIndex
from core.run_lines import line_of
from models.errors import RunNotFound
from models.events import RunChanged, RunProgressed
from models.findings import Verification
from models.run import Run, RunState, Statistics, run_to_json
from storage.run_history import RunHistory
from storage.run_ledger import RunLedger
from tests import build
from tests.core.arena import Arena
from tests.core.ledgers import loose_ids, packed_ids
from tests.core.threads import at_once
from utils.clock import SystemClock, utc_text


def ended(number: int, state: RunState = RunState.DONE, **changes: object) -> Run:
    moment = datetime.now(UTC) - timedelta(hours=number)
    values = {"id": f"20261121T07{60 - number:02}00000Z-a1b2c3", "ended_at": utc_text(moment), **changes}
    return build.run(state=state, statistics=Statistics(transferred_bytes=10), **values)


def index(arena: Arena) -> RunIndex:
    return RunIndex(arena.store, SystemClock())


def finish(arena: Arena, *runs: Run) -> None:
    for run in runs:
        arena.store.create(run, {})
        arena.store.finish(run)


def test_the_latest_is_rebuilt_from_history_alone(arena: Arena) -> None:
    good, failed = ended(2), ended(1, RunState.FAILED)
    finish(arena, good, failed)
    latest = index(arena).latest(good.job_id)
    assert (latest.last, latest.last_good, latest.transferred_bytes) == (failed, good, 20)
    with pytest.raises(TypeError, match="unhashable"):  # what equals a run would have to have its hash
        hash(latest.last)


def test_the_end_of_a_run_is_taken_in_once_however_often_it_is_told(arena: Arena) -> None:
    known = index(arena)
    assert known.latest(build.JOB_ID).last is None
    run = ended(1)
    known.hear(RunProgressed(build.run(state=RunState.TRANSFERRING)))
    known.hear(RunChanged(build.run(state=RunState.TRANSFERRING)))
    assert known.latest(build.JOB_ID).last is None
    finish(arena, run)
    known.hear(RunChanged(run))
    known.hear(RunChanged(run))
    assert known.latest(build.JOB_ID).last == run
    assert known.transferred_bytes([build.JOB_ID]) == 10
    assert len(known.history(build.JOB_ID)) == 1


def test_an_old_end_that_is_told_late_does_not_become_the_last(arena: Arena) -> None:
    first, second = ended(2, RunState.FAILED), ended(1)
    finish(arena, first, second)
    known = index(arena)
    assert known.latest(build.JOB_ID).last == second
    known.hear(RunChanged(first))
    assert known.latest(build.JOB_ID).last == second
    assert known.transferred_bytes([build.JOB_ID]) == 20


def test_a_run_taken_out_of_the_queue_is_not_the_last(arena: Arena) -> None:
    run = ended(2)
    finish(arena, run, ended(1, RunState.CANCELLED))
    assert index(arena).latest(build.JOB_ID).last == run


PROVEN = Verification("checksum", files_checked=3, passed=True)


def test_the_newest_proof_is_known_from_history_and_from_events(arena: Arena) -> None:
    proof = ended(5, verification=PROVEN)
    finish(arena, proof, ended(4), ended(3, RunState.FAILED, kind="verify", verification=PROVEN._replace(passed=False)))
    known = index(arena)
    assert proven(known) == proof.id
    for run in (
        ended(2, kind="verify", verification=PROVEN._replace(passed=None)),
        ended(1, kind="verify", verification=PROVEN._replace(files_checked=0)),
        ended(0, kind="restore", verification=PROVEN),
    ):
        finish(arena, run)
        known.hear(RunChanged(run))
        assert proven(known) == proof.id
    newer = ended(-1, kind="verify", verification=PROVEN)
    finish(arena, newer)
    known.hear(RunChanged(newer))
    assert proven(known) == newer.id
    assert known.latest(proof.job_id).last_good != newer


def proven(known: RunIndex) -> str:
    found = known.latest(build.JOB_ID).last_proven
    assert found is not None
    return found.run_id


def test_the_newest_of_all_jobs_come_first(arena: Arena) -> None:
    runs = [ended(number, job_id=build.job().id) for number in (3, 2, 1)]
    newest = ended(0, job_id=build.job().id)
    jobs = {run.job_id for run in (*runs, newest)}
    finish(arena, *runs)
    known = index(arena)
    assert [run.id for run in known.recent(jobs)] == [run.id for run in reversed(runs)]
    finish(arena, newest)
    known.hear(RunChanged(newest))
    known.hear(RunChanged(newest))
    assert [run.id for run in known.recent(jobs)][:2] == [newest.id, runs[-1].id]
    known.forget(newest.job_id)
    assert newest.id not in {run.id for run in known.recent(jobs)}


def test_failures_of_the_last_day_are_counted(arena: Arena) -> None:
    finish(arena, ended(30, RunState.FAILED), ended(2, RunState.FAILED), ended(1))
    assert index(arena).failed_since([build.JOB_ID], 24) == 1


def test_warming_reads_what_pages_will_ask_for(arena: Arena) -> None:
    run = ended(1)
    finish(arena, run)
    known = index(arena)
    known.warm([run.job_id])
    arena.store.remove_job(run.job_id)
    last = known.latest(run.job_id).last
    assert last is not None
    assert (last.id, last.state, last.ended_at) == (run.id, run.state, run.ended_at)
    assert last.source == "", "of what is gone no more is known than the ledger tells"


def test_another_start_reads_the_ledger_and_no_history(arena: Arena) -> None:
    runs = [ended(number) for number in (3, 2, 1)]
    finish(arena, *runs)
    index(arena).warm([build.JOB_ID])
    ledger = arena.folder.ledger_file.read_bytes()
    path = RunHistory(arena.folder).path(build.JOB_ID)
    path.write_bytes(b"x" * path.stat().st_size)
    known = index(arena)
    assert [found.run_id for found in known.history(build.JOB_ID)] == [run.id for run in reversed(runs)]
    assert arena.folder.ledger_file.read_bytes() == ledger


def test_runs_that_ended_while_no_server_lived_are_read_at_its_start(arena: Arena) -> None:
    first, second = ended(2), ended(1, RunState.FAILED)
    finish(arena, first)
    index(arena).warm([build.JOB_ID])
    finish(arena, second)
    known = index(arena)
    assert [run.id for run in known.recent([build.JOB_ID])] == [second.id, first.id]
    assert known.latest(build.JOB_ID).last == second
    known.warm([build.JOB_ID])
    assert loose_ids(arena.folder) == [second.id]


@pytest.mark.parametrize(
    "harm",
    [
        lambda text: b"",
        lambda text: text[:-40],
        lambda text: text[: len(text) // 2],
        lambda text: text.partition(b"\n")[2],
        lambda text: text + text.partition(b"\n")[2],
        lambda text: b"\n".join(text.split(b"\n")[:2] + text.split(b"\n")[3:]),
        lambda text: text.replace(b'"done"', b'"d\xffne"', 1),
        lambda text: text.replace(b'"backup"', b"17", 1),
        lambda text: text.replace(b'"done"', b'"lost"', 1),
        lambda text: text.replace(b"0", b"7"),
        lambda text: text + b"\0" * 4096,
        lambda text: b"not a ledger\n" * 50,
        lambda text: text.replace(b'["back', b'["forth'),
    ],
)
@pytest.mark.parametrize("packed", [0, 2, 4])
def test_a_ledger_in_any_disorder_loses_and_doubles_no_run(
    arena: Arena, harm: Callable[[bytes], bytes], packed: int
) -> None:
    runs = [ended(number) for number in (5, 4, 3, 2)]
    if packed:
        finish(arena, *runs[:packed])
        index(arena).warm([build.JOB_ID])
    finish(arena, *runs[packed:])
    index(arena).known.read(build.JOB_ID)
    assert len(loose_ids(arena.folder)) == 4 - packed
    path = arena.folder.ledger_file
    path.write_bytes(harm(path.read_bytes()))
    last = ended(1)
    finish(arena, last)
    for _ in range(2):
        known = index(arena)
        known.warm([build.JOB_ID])
        assert {found.run_id for found in known.history(build.JOB_ID)} >= {last.id}
        assert len(known.history(build.JOB_ID)) == 5
        assert {found.state for found in known.history(build.JOB_ID)} == {RunState.DONE}


def test_without_a_ledger_the_last_run_of_each_job_is_known_before_all_are_read(arena: Arena) -> None:
    jobs = [build.job().id for _ in range(5)]
    for job_id in jobs:
        finish(arena, ended(3, job_id=job_id), ended(2, job_id=job_id), ended(1, RunState.FAILED, job_id=job_id))
    known = index(arena)
    known.known.allowance = 0
    arena.folder.ended_file.unlink()
    found = [known.latest(job_id) for job_id in jobs]
    assert not arena.folder.ledger_file.exists()
    assert {latest.last.state for latest in found if latest.last} == {RunState.FAILED}
    assert all(latest.last_good and latest.last_good.id == ended(2).id for latest in found)
    assert known.failed_since(jobs, 24) == 5
    assert len(known.recent(jobs, 3)) == 3
    known.warm(jobs)
    assert [known.latest(job_id).last_good for job_id in jobs] == [latest.last_good for latest in found]
    assert (known.failed_since(jobs, 24), known.transferred_bytes(jobs), known.known.left) == (5, 150, 0)


def test_a_history_that_was_put_back_is_read_anew(arena: Arena) -> None:
    first, second = ended(2), ended(1)
    finish(arena, first)
    older = RunHistory(arena.folder).path(build.JOB_ID).read_bytes()
    finish(arena, second)
    known = index(arena)
    assert known.latest(build.JOB_ID).last == second
    RunHistory(arena.folder).path(build.JOB_ID).write_bytes(older)
    known.hear(RunChanged(first))
    assert [found.run_id for found in known.history(build.JOB_ID)] == [first.id]
    assert [found.run_id for found in index(arena).history(build.JOB_ID)] == [first.id]


def test_what_is_no_record_in_a_history_is_passed_over(arena: Arena) -> None:
    runs = [ended(3), ended(2)]
    finish(arena, runs[0])
    with RunHistory(arena.folder).path(build.JOB_ID).open("ab") as stream:
        stream.write(b'{"id": "x"}\n\0\0\0\n')
    finish(arena, runs[1])
    known = index(arena)
    assert [found.run_id for found in known.history(build.JOB_ID)] == [runs[1].id, runs[0].id]
    assert known.latest(build.JOB_ID).last == runs[1]


def test_the_ledger_leaves_deleted_jobs_out_where_they_are_many(arena: Arena) -> None:
    gone, kept = ended(2, job_id=build.job().id), ended(1)
    finish(arena, gone, kept)
    known = index(arena)
    known.warm([gone.job_id, kept.job_id])
    RunLedger(arena.folder).add([line_of(0, 99, gone)] * 3000)
    arena.store.remove_job(gone.job_id)
    index(arena).warm([kept.job_id])
    assert (packed_ids(arena.folder), loose_ids(arena.folder)) == ([kept.id], [])
    arena.store.remove_job(kept.job_id)
    index(arena).warm([])
    assert packed_ids(arena.folder) == [], "or every start would take it out again"
    finish(arena, kept)
    assert [run.id for run in index(arena).recent({gone.job_id, kept.job_id})] == [kept.id]


def test_a_run_is_found_by_its_id_without_looking_into_every_history(arena: Arena) -> None:
    run = ended(1)
    finish(arena, run)
    known = index(arena)
    known.warm([run.job_id])
    shutil.rmtree(arena.folder.run_folder(run.job_id, run.id))
    assert arena.store.find(run.id) == run
    later = ended(0, job_id=build.job().id)
    finish(arena, later)
    assert arena.store.find(later.id) == later, "not told yet, but its folder is there"
    with pytest.raises(RunNotFound):
        arena.store.find(ended(9).id)


def test_all_ended_runs_of_a_job_are_counted_whatever_their_kind(arena: Arena) -> None:
    finish(arena, ended(3), ended(2, RunState.FAILED), ended(1, kind="verify"))
    known = index(arena)
    assert (known.count(build.JOB_ID), known.count("another")) == (3, 0)


def test_lists_can_be_asked_for_while_another_thread_looks_at_unread_jobs(arena: Arena) -> None:
    known, jobs = index(arena), [build.job().id for _ in range(300)]
    known.known.allowance = -1

    def look() -> None:
        for job_id in jobs:
            assert known.latest(job_id).last is None

    def ask() -> None:
        for _ in range(300):
            assert (known.recent(jobs), known.failed_since(jobs, 24)) == ((), 0)

    at_once(look, ask, ask)


def test_a_last_record_with_an_odd_end_spoils_no_list(arena: Arena) -> None:
    run = ended(1)
    finish(arena, run)
    odd = run_to_json(ended(0, RunState.FAILED)) | {"ended_at": 17}
    with RunHistory(arena.folder).path(build.JOB_ID).open("a") as stream:
        stream.write(json.dumps(odd) + "\n")
    known = index(arena)
    known.known.allowance = 0
    assert known.latest(build.JOB_ID).last == run
    assert (len(known.recent([build.JOB_ID])), known.failed_since([build.JOB_ID], 24)) == (1, 0)
