"""Restores with real tools: what was chosen comes back, and nothing is overwritten unasked."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from core.browse import CannotBrowse
from core.restoring import PreviewNeeded
from models.errors import IdentityChanged, InvalidInput, NotRunning
from models.job import JobDraft
from models.request import RestoreWish
from models.run import RunState
from tests.core.arena import Arena
from tests.core.house import House, use_tool
from tests.core.way_back import HOSTILE, LATER, OLD, WayBack, tree


@pytest.fixture(params=["rsync", "rclone"])
def way(arena: Arena, request: pytest.FixtureRequest) -> WayBack:
    """Backed up by each of the tools."""
    return WayBack(arena, request.param)


@pytest.fixture
def plain(arena: Arena) -> WayBack:
    """Backed up by the tool that is quicker to start."""
    return WayBack(arena, "rsync")


def test_files_with_hostile_names_come_back_alone(way: WayBack, tmp_path: Path) -> None:
    chosen = [b"hard/" + name for name in HOSTILE]
    run = way.restore(*chosen, to=tmp_path / "back")
    assert (run.state, run.verification and run.verification.passed) == (RunState.DONE, True)
    assert tree(tmp_path / "back") == {name: tree(way.source)[name] for name in chosen}


def test_a_folder_means_everything_below_it(way: WayBack, tmp_path: Path) -> None:
    run = way.restore(b"folder", b"folder/sub/deep", to=tmp_path / "back")
    assert run.state is RunState.DONE
    assert tree(tmp_path / "back") == {b"folder/sub/deep": b"deep" * 1000}


def test_everything_comes_back_when_the_disk_of_the_source_is_gone(way: WayBack, tmp_path: Path) -> None:
    before = tree(way.source)
    way.lose_the_source()
    run = way.restore(to=tmp_path / "back")
    assert run.state is RunState.DONE, run.outcome
    assert tree(tmp_path / "back") == before
    assert (run.kind, run.is_way_back) == ("restore", True)
    assert way.parts.jobs.get(way.job.id).status == "completed"


def test_in_place_a_preview_names_what_would_be_replaced_and_what_is_newer(way: WayBack) -> None:
    way.write(way.source, b"top", b"newer", LATER)
    way.write(way.source, b"folder/sub/deep", b"older", OLD)
    os.unlink(os.path.join(way.source, b"hard/-rf"))
    before = tree(way.source)
    run = way.preview()
    assert way.found(run, "changed") == {b"top", b"folder/sub/deep"}
    assert way.found(run, "newer") == {b"top"}
    assert way.found(run, "new") == {b"hard/-rf"}
    assert tree(way.source) == before
    with pytest.raises(PreviewNeeded):
        way.restore(overwrite=True)
    with pytest.raises(PreviewNeeded):
        way.restore(b"top", overwrite=True, previewed=run.id)
    missing = way.restore()
    assert missing.state is RunState.DONE, missing.outcome
    assert tree(way.source) == before | {b"hard/-rf": b"-rf" * 100}
    assert way.found(missing, "left") == {b"top", b"folder/sub/deep"}
    assert "2 other versions that were there already were left" in missing.outcome.reason
    replaced = way.restore(overwrite=True, previewed=run.id)
    assert replaced.state is RunState.DONE, replaced.outcome
    assert tree(way.source) == tree(way.copy)


def test_what_is_damaged_in_place_is_replaced_though_size_and_time_are_the_same(plain: WayBack) -> None:
    path = os.path.join(plain.source, b"top")
    status = os.stat(path)
    plain.write(plain.source, b"top", b"rot" * 1000)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    run = plain.preview(b"top")
    assert plain.found(run, "changed") == {b"top"}
    assert plain.restore(b"top", overwrite=True, previewed=run.id).state is RunState.DONE
    assert tree(plain.source) == tree(plain.copy)


def test_a_folder_that_holds_files_is_used_only_if_that_is_said(plain: WayBack, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/top").write_text("mine")
    with pytest.raises(InvalidInput) as refused:
        plain.restore(b"top", b"folder", to=tmp_path / "mine")
    assert refused.value.fields.keys() == {"target"}
    with pytest.raises(PreviewNeeded):
        plain.restore(b"top", to=tmp_path / "mine", overwrite=True)
    assert plain.restore(b"top", b"folder", to=tmp_path / "mine", merge=True).state is RunState.DONE
    assert tree(tmp_path / "mine") == {b"top": b"mine", b"folder/sub/deep": b"deep" * 1000}


def test_targets_that_no_job_could_have_and_names_that_lead_out_of_the_copy_are_refused(
    plain: WayBack, tmp_path: Path
) -> None:
    for target in ("relative", "~/x", "-e sh", "/a\nb", "host:", f"{plain.arena.dest}/inside", str(plain.arena.dest)):
        with pytest.raises(InvalidInput) as refused:
            plain.restore(to=target)
        assert refused.value.fields.keys() == {"target"}, target
    for name in (b"..", b"../source/top", b"/etc/passwd", b"a\0b", b"folder/../../x", b"./top"):
        with pytest.raises(InvalidInput):
            plain.restore(name, to=tmp_path / "back")
        with pytest.raises(InvalidInput):
            plain.parts.manager.restores.browse(plain.job.id, name)
    assert plain.parts.runs.active() == ()
    assert not (tmp_path / "back").exists()


def test_an_unplugged_disk_does_not_look_like_an_empty_copy(plain: WayBack, tmp_path: Path) -> None:
    restores, identity = plain.parts.manager.restores, plain.arena.folder.identity_file(plain.job.id)
    recorded = json.loads(identity.read_text())
    identity.write_text(json.dumps({**recorded, "dest": dict.fromkeys(recorded["dest"], "another")}))
    with pytest.raises(IdentityChanged):
        restores.browse(plain.job.id)
    with pytest.raises(IdentityChanged):
        plain.restore(to=tmp_path / "back")
    assert restores.browse(plain.job.id, accept_identity=True).total == 3
    wish = RestoreWish((), str(tmp_path / "back"))
    run = plain.begun(restores.restore(plain.job.id, wish, accept_identity=True))
    assert run.state is RunState.DONE
    assert json.loads(identity.read_text())["dest"]["source"] == "another"
    plain.write(plain.source, b"top", b"mine")
    shown = plain.begun(restores.preview(plain.job.id, RestoreWish(), accept_identity=True))
    agreed = replace(restores.wish(shown), overwrite=True, previewed=shown.id)
    assert plain.begun(restores.restore(plain.job.id, agreed)).state is RunState.DONE


def test_in_place_the_disk_of_the_source_must_be_there(plain: WayBack, tmp_path: Path) -> None:
    plain.lose_the_source()
    with pytest.raises(IdentityChanged, match="source"):
        plain.restore()
    os.rename(plain.arena.dest, tmp_path / "elsewhere")
    with pytest.raises(CannotBrowse, match="plug it in"):
        plain.parts.manager.restores.browse(plain.job.id)


def test_a_disabled_job_and_one_that_asks_for_more_can_be_restored(plain: WayBack, tmp_path: Path) -> None:
    job, manager = plain.job, plain.parts.manager
    disabled = job.settings._replace(enabled=False, exclude=("*",))
    manager.update(job.id, JobDraft(job.name, job.type, job.source, job.dest, disabled))
    assert plain.restore(b"top", to=tmp_path / "back").state is RunState.DONE
    assert tree(tmp_path / "back") == {b"top": b"top" * 1000}


def test_a_single_file_that_was_backed_up_comes_back_alone(arena: Arena, tmp_path: Path) -> None:
    way = WayBack(arena, "rsync")
    (tmp_path / "usb").mkdir()
    (tmp_path / "usb/other").write_text("not ours")
    way.job = way.house.create(name="One", source=str(arena.source / "top"), dest=str(tmp_path / "usb"))
    way.backup()
    assert [row.name for row in way.parts.manager.restores.browse(way.job.id).rows] == [b"top"]
    assert way.restore(to=tmp_path / "back").state is RunState.DONE
    assert tree(tmp_path / "back") == {b"top": b"top" * 1000}


def test_a_stopped_restore_is_carried_on_with_the_same_wish(plain: WayBack, tmp_path: Path) -> None:
    restores, go = plain.parts.manager.restores, tmp_path / "go"
    use_tool(plain.arena, [["progress", 10, 5], ["until", str(go)], ["end", 0]])
    slow = House(plain.arena)
    first = slow.parts.manager.restores.restore(plain.job.id, RestoreWish((b"folder",), str(tmp_path / "back")))
    plain.arena.until_state(first, RunState.TRANSFERRING)
    slow.parts.manager.pause(plain.job.id)
    assert slow.ended(first).state is RunState.PAUSED
    plain.arena.folder.config_file.unlink()
    (tmp_path / "back").mkdir()
    (tmp_path / "back/part").write_text("what came back so far")
    second = plain.begun(restores.resume(plain.job.id, first.id))
    assert (second.kind, second.resumes, second.state) == ("restore", first.id, RunState.DONE)
    assert tree(tmp_path / "back")[b"folder/sub/deep"] == b"deep" * 1000
    with pytest.raises(NotRunning):
        restores.resume(plain.job.id, second.id)
