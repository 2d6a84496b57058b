"""core/deletion.py: what was proven goes, and nothing else, whoever meddles; real rsync, real supervisors."""

import os
import signal

import pytest

from core.process_facts import identity
from core.recovery import Recovery
from models.run import Run, RunState
from storage.job_store import JobStore
from tests.core.arena import Arena, after, folder_of, wait_for
from tests.core.mounts import memory, mounted, needs_mounts
from tests.core.moving import Mover, files_in
from utils.clock import SystemClock

HOSTILE = ("plain", "new\nline", "-rf", " blank ", "\udcff\udcfe", "ümläut", "l" * 255, "deep/er/[1]*?", "quo\"te'$(x)")


@pytest.fixture
def mover(arena: Arena) -> Mover:
    arena.write(one=b"first", two=b"second", deep__three=b"third")
    return Mover(arena)


def sentence(run: Run) -> str:
    return run.outcome.reason


# What goes


@pytest.mark.parametrize("slash", ["/", ""], ids=["contents", "folder"])
def test_every_proven_file_goes_whatever_its_name_and_folders_and_links_stay(arena: Arena, slash: str) -> None:
    for name in HOSTILE:
        path = arena.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.fsencode(name))
    (arena.source / "link").symlink_to("plain")
    (arena.source / "empty").mkdir()
    mover = Mover(arena)
    run = mover.carry_out(source=f"{arena.source}{slash}")
    copy = arena.dest if slash else arena.dest / "source"
    assert run.state is RunState.DONE, run.outcome
    assert mover.left() == {"link"}
    assert (arena.source / "empty").is_dir()
    assert (arena.source / "deep" / "er").is_dir()
    assert {name: (copy / name).read_bytes() for name in HOSTILE} == {name: os.fsencode(name) for name in HOSTILE}
    assert sorted(mover.listed(run, "about")) == sorted(mover.listed(run, "deleted")) == sorted(HOSTILE)
    assert run.deletion is not None
    assert (run.deletion.phase, run.deletion.files_total, run.deletion.files_deleted) == ("completed", 9, 9)
    assert run.deletion.bytes_deleted == sum(len(os.fsencode(name)) for name in HOSTILE)
    assert "Deleted at the source: 9 files" in sentence(run)


@pytest.mark.parametrize("name", ["-rf", " [1]*? ", "l" * 255])
def test_a_single_file_goes_and_its_neighbours_stay(arena: Arena, name: str) -> None:
    for file in (name, "neighbour"):
        (arena.source / file).write_bytes(b"content")
    arena.dest.mkdir()
    (arena.dest / "neighbour").write_bytes(b"content")
    mover = Mover(arena)
    run = mover.carry_out(source=str(arena.source / name))
    assert run.state is RunState.DONE, run.outcome
    assert mover.left() == {"neighbour"}
    assert (arena.dest / name).read_bytes() == b"content"


def test_the_phases_are_told_and_the_log_names_every_file(mover: Mover) -> None:
    run = mover.carry_out()
    assert [mark.state for mark in run.phases][-3:] == [RunState.VERIFYING, RunState.DELETING, RunState.DONE]
    log = mover.arena.log(run)
    assert all(f" delete Deleted at the source: {name}\n" in log for name in ("one", "two", "deep/three"))
    assert oct((folder_of(mover.arena, run) / "deletions.jsonl").stat().st_mode)[-3:] == "600"


def test_hard_linked_files_go_under_all_their_names(mover: Mover) -> None:
    os.link(mover.source / "one", mover.source / "deep" / "one again")
    run = mover.carry_out()
    assert run.state is RunState.DONE, run.outcome
    assert mover.left() == set()
    assert (mover.dest / "deep" / "one again").read_bytes() == b"first"


def test_what_was_copied_before_goes_too(mover: Mover) -> None:
    mover.arena.carry_out(mover.arena.job())
    assert mover.carry_out().state is RunState.DONE
    assert mover.left() == set()


# What never goes

CHANGES = {
    "rewritten in place": "printf FIRST > source/one",
    "rewritten with its old times": "touch -r source/one t; printf FIRST > source/one; touch -r t source/one",
    "grown": "printf more >> source/one",
    "replaced by rename": "printf first > x; touch -r source/one x; mv x source/one",
    "made a link": "mv source/one kept; ln -s ../kept source/one",
    "made a folder": "rm source/one; mkdir source/one; printf inside > source/one/inside",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changed_behind_the_comparison_stays(mover: Mover, change: str) -> None:
    mover.meddle("after", CHANGES[change])
    run = mover.carry_out()
    assert os.path.lexists(mover.source / "one")
    assert mover.left() - {"one", "one/inside"} == set()
    assert run.state is RunState.DONE_WITH_WARNINGS
    assert mover.kept(run) == [b"one"]
    assert run.deletion is not None
    assert (run.deletion.files_deleted, run.deletion.files_kept) == (2, 1)
    assert "1 file stayed there: 1 changed meanwhile." in sentence(run)


@pytest.mark.parametrize("change", ["printf SECOND > dest/two", "rm dest/two; ln source/two dest/two"])
def test_a_file_whose_copy_changed_behind_the_comparison_stays(mover: Mover, change: str) -> None:
    mover.meddle("after", change)
    run = mover.carry_out()
    assert mover.left() == {"two"}
    assert run.state is RunState.DONE_WITH_WARNINGS


def test_what_appeared_meanwhile_stays_even_where_a_copy_of_it_exists(mover: Mover) -> None:
    mover.meddle("before", "for side in source dest; do printf late > $side/late; touch -d @1 $side/late; done")
    run = mover.carry_out()
    assert mover.left() == {"late"}
    assert run.state is RunState.DONE_WITH_WARNINGS


def test_what_the_source_changed_before_it_was_compared_stays_and_the_rest_goes(mover: Mover) -> None:
    mover.meddle("before", "sleep 0.01; printf SECOND > source/two")
    run = mover.carry_out()
    assert run.state is RunState.DONE_WITH_WARNINGS, run.outcome
    assert mover.left() == {"two"}
    assert (mover.dest / "two").read_bytes() == b"second"
    assert run.deletion is not None
    assert (run.deletion.phase, run.deletion.files_kept) == ("completed", 0)


def test_what_appears_behind_the_comparison_is_no_concern_of_the_run(mover: Mover) -> None:
    mover.meddle("after", "for side in source dest; do printf late > $side/late; done")
    assert mover.carry_out().state is RunState.DONE
    assert mover.left() == {"late"}


@pytest.mark.parametrize("swap", ["mv source/deep elsewhere", "cp -a source/deep elsewhere; rm -r source/deep"])
def test_nothing_is_deleted_through_a_symbolic_link(mover: Mover, swap: str) -> None:
    mover.meddle("after", f"{swap}; ln -s ../elsewhere source/deep")
    run = mover.carry_out()
    assert (mover.arena.root / "elsewhere" / "three").read_bytes() == b"third"
    assert run.state is RunState.DONE_WITH_WARNINGS
    assert mover.kept(run) == [b"deep/three"]


def test_a_source_that_was_exchanged_for_another_folder_is_left_alone(mover: Mover) -> None:
    mover.meddle("after", "mv source moved; cp -a moved source")
    run = mover.carry_out()
    assert mover.left() == files_in(mover.arena.root / "moved") == {"one", "two", "deep/three"}
    assert run.state is RunState.DONE_WITH_WARNINGS
    assert "not the folder any more" in sentence(run)


def test_a_file_that_a_program_has_open_for_writing_stays(mover: Mover) -> None:
    with (mover.source / "one").open("r+b"):
        run = mover.carry_out()
    assert mover.left() == {"one"}
    assert "1 open for writing in another program" in sentence(run)
    assert mover.carry_out().state is RunState.DONE
    assert mover.left() == set()


def test_what_a_killed_tool_left_at_the_destination_goes_before_its_namesake_in_the_source(mover: Mover) -> None:
    mover.meddle("before", "printf half > dest/.one.A1b2C3; kill -9 $PPID")
    killed = mover.carry_out()
    assert killed.sweep_since
    assert (mover.dest / ".one.A1b2C3").exists()
    mover.meddle("before", "true")
    run = mover.admit()
    mover.arena.store.write(after(run, killed))
    mover.arena.supervise(run)
    assert mover.arena.ended(run).state is RunState.DONE
    assert files_in(mover.dest) == {"one", "two", "deep/three"}


# When nothing goes

FLIP = "touch -r dest/two t; printf SECOND > dest/two; touch -r t dest/two"


@pytest.mark.parametrize("damage", [FLIP, "rm dest/two"], ids=["flipped", "missing"])
def test_a_copy_that_is_not_proven_costs_nothing_at_the_source(mover: Mover, damage: str) -> None:
    mover.meddle("before", damage)
    run = mover.carry_out()
    assert run.state is RunState.FAILED
    assert mover.left() == {"one", "two", "deep/three"}
    assert run.deletion is not None
    assert run.deletion.phase == "refused"
    assert "nothing was deleted at the source" in sentence(run)


@pytest.mark.parametrize("damage", [FLIP, "rm dest/two"], ids=["flipped", "missing"])
def test_file_by_file_those_that_are_proven_go_and_the_run_is_failed(mover: Mover, damage: str) -> None:
    mover.meddle("before", damage)
    run = mover.carry_out("per_file")
    assert run.state is RunState.FAILED
    assert mover.left() == {"two"}
    assert "not proven" in sentence(run)
    assert "Deleted at the source: 2 files" in sentence(run)


@pytest.mark.parametrize("mode", ["verify_then_delete", "per_file"])
def test_a_comparison_that_was_killed_proves_nothing(mover: Mover, mode: str) -> None:
    mover.meddle("after", "kill -9 $PPID")
    run = mover.carry_out(mode)
    assert run.state is RunState.FAILED
    assert mover.left() == {"one", "two", "deep/three"}


@needs_mounts
def test_a_destination_with_less_than_a_tenth_free_costs_nothing_at_the_source(mover: Mover) -> None:
    with mounted(mover.dest, *memory("1m")):
        (mover.dest / "ballast").write_bytes(bytes(950_000))
        run = mover.carry_out()
        assert run.state is RunState.DONE_WITH_WARNINGS, run.outcome
        assert mover.left() == {"one", "two", "deep/three"}
        assert "% free. Deleting at the source needs 10 %." in sentence(run)
        (mover.dest / "ballast").unlink()
        assert mover.carry_out().state is RunState.DONE
        assert mover.left() == set()


@needs_mounts
def test_a_destination_that_a_bind_mount_put_into_the_source_costs_nothing(mover: Mover) -> None:
    with mounted(mover.dest, "--bind", str(mover.source / "deep")):
        run = mover.carry_out("per_file")
    assert mover.left() >= {"one", "two", "deep/three"}
    assert run.deletion is not None
    assert "are, or hold, the same folder" in run.deletion.reason


def test_the_copy_is_put_on_the_disk_before_the_first_file_goes(mover: Mover) -> None:
    run = mover.admit()
    seen = mover.traced(run, "-f", "-e", "trace=syncfs,unlinkat,fdatasync")
    assert mover.arena.ended(run, 60).state is RunState.DONE
    calls = [line.split("(")[0].split()[-1] for line in seen.read_text().splitlines() if "(" in line]
    unlinked = [number for number, call in enumerate(calls) if call == "unlinkat"]
    assert len(unlinked) == 3
    assert "syncfs" in calls[: unlinked[0]]
    assert "fdatasync" in calls[: unlinked[0]], "the list of what is to go is on the disk first"


# Stopping


def many(mover: Mover, count: int = 400) -> None:
    for number in range(count):
        (mover.source / f"file {number}").write_bytes(b"x")


def test_a_pause_while_files_are_deleted_stops_it_and_the_next_run_goes_on(mover: Mover) -> None:
    many(mover)
    run = mover.admit()
    mover.traced(run, "-e", "trace=unlinkat", "-e", "inject=unlinkat:delay_exit=5000")
    shown = mover.arena.until(run, lambda now: now.deletion and now.deletion.files_deleted, 60)
    assert shown.note.startswith("deleting: ")
    assert shown.note.count(" of 403 files, ") == 1
    mover.arena.order(run, "pause")
    ended = mover.arena.ended(run, 60)
    assert ended.state is RunState.PAUSED
    assert ended.deletion is not None
    assert ended.deletion.phase == "deleting"
    assert 0 < ended.deletion.files_deleted < 403
    assert len(mover.left()) == 403 - ended.deletion.files_deleted
    assert mover.carry_out().state is RunState.DONE
    assert mover.left() == set()
    assert len(files_in(mover.dest)) == 403


def test_a_pause_that_comes_as_the_comparison_ends_deletes_nothing_and_is_no_done(mover: Mover) -> None:
    run = mover.admit()
    order = folder_of(mover.arena, run) / "request.json"
    mover.meddle("after", f'echo \'{{"action": "pause"}}\' > {order}; kill -USR1 $1; sleep 0.2')
    mover.arena.supervise(run)
    ended = mover.arena.ended(run)
    assert ended.state is RunState.PAUSED
    assert mover.left() == {"one", "two", "deep/three"}


def test_what_a_killed_supervisor_deleted_was_on_its_list_before(mover: Mover) -> None:
    many(mover)
    run = mover.admit()
    mover.traced(run, "-e", "trace=unlinkat", "-e", "inject=unlinkat:delay_exit=5000")
    wait_for(lambda: len(mover.left()) < 300, 60)
    supervisor = mover.arena.store.read(run.job_id, run.id).supervisor
    assert supervisor is not None
    os.kill(supervisor.pid, signal.SIGKILL)
    wait_for(lambda: identity(supervisor.pid) != supervisor)
    gone = files_in(mover.dest) - mover.left()
    assert gone <= set(mover.listed(run, "about"))  # one of them may have been set aside only
    assert set(mover.listed(run, "deleted")) <= gone
    mover.arena.children[-1].wait(20)
    (mover.arena.folder.active / run.id).unlink()
    assert mover.carry_out().state is RunState.DONE
    assert mover.left() == set()


def test_the_one_file_that_a_killed_run_had_in_hand_gets_its_name_back(mover: Mover) -> None:
    many(mover, 50)
    run = mover.admit()
    mover.traced(run, "-e", "trace=unlinkat", "-e", "inject=unlinkat:signal=KILL:when=20")
    mover.arena.children[-1].wait(60)
    in_hand = [name for name in mover.left() if os.path.basename(name).startswith(".backup-manager-")]
    assert len(in_hand) == 1
    assert len(mover.left()) == 53 - 19
    Recovery(mover.arena.store, JobStore(mover.arena.folder), SystemClock()).look()
    assert mover.arena.record(run).state is RunState.INTERRUPTED
    assert mover.left() <= files_in(mover.dest)
    assert len(mover.left()) == 53 - 19
    assert mover.carry_out().state is RunState.DONE
    assert mover.left() == set()


def test_a_list_that_cannot_be_written_stops_the_deletion(mover: Mover) -> None:
    run = mover.admit()
    (folder_of(mover.arena, run) / "deletions.jsonl").mkdir()
    mover.arena.supervise(run)
    assert mover.arena.ended(run).state is RunState.FAILED
    assert mover.left() == {"one", "two", "deep/three"}


def test_a_job_without_the_wish_keeps_its_source(mover: Mover) -> None:
    run = mover.arena.carry_out(mover.arena.job(), mover.tool, verify="verify_after")
    assert run.state is RunState.DONE
    assert run.deletion is None
    assert mover.left() == {"one", "two", "deep/three"}
