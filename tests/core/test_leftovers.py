"""Exactly what the tool left is swept: nothing of a person's."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core import leftovers
from engines.registry import engine
from models.job import Job
from tests import build

RSYNC = engine("rsync")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def trees(tmp_path: Path) -> Job:
    """A source with two files and their folder, and a destination with copies."""
    for side in ("source", "dest"):
        for name in ("a.b", "sub/big", ".hidden", ".x.ABCDEF"):
            path = tmp_path / side / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x")
    return build.job(source=f"{tmp_path}/source/", dest=f"{tmp_path}/dest")


def put(job: Job, *names: str) -> list[str]:
    paths = [os.path.join(job.dest, name) for name in names]
    for path in paths:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        Path(path).write_text("part")
    return paths


def test_what_a_killed_tool_left_is_found(trees: Job) -> None:
    ours = put(
        trees, ".a.b.XyZ012", "sub/.big.AAAAAA", "sub/.rsync-partial/big", ".hidden.AAAAAA", ".rsync-partial/.hidden"
    )
    assert sorted(leftovers.search(RSYNC, trees, LONG_AGO)) == sorted(ours)


def test_what_a_person_has_stays(trees: Job) -> None:
    """No twin in the source; a name that the tool never makes; the source's own file."""
    put(trees, ".other.XyZ012", ".a.b.short", ".a.b.toolong", "a.b.XyZ012", "sub/.a.b.XyZ012", ".vimrc.backup")
    assert leftovers.search(RSYNC, trees, LONG_AGO) == ()


def test_what_is_older_than_the_killed_run_stays(trees: Job) -> None:
    put(trees, ".a.b.XyZ012")
    assert leftovers.search(RSYNC, trees, datetime.now(UTC) + timedelta(minutes=1)) == ()


def test_what_somebody_has_open_stays(trees: Job) -> None:
    (path,) = put(trees, ".a.b.XyZ012")
    with open(path):
        assert leftovers.search(RSYNC, trees, LONG_AGO) == ()
    assert leftovers.search(RSYNC, trees, LONG_AGO) == (path,)


def test_a_source_without_a_closing_slash_is_looked_for_in_its_own_folder(trees: Job) -> None:
    job = build.job(source=trees.source.rstrip("/"), dest=trees.dest)
    (ours,) = put(job, "source/.a.b.XyZ012")
    put(job, ".a.b.XyZ012")
    assert leftovers.search(RSYNC, job, LONG_AGO) == (ours,)


def test_a_single_file_has_its_leftovers_beside_its_copy(trees: Job) -> None:
    job = build.job(source=os.path.join(trees.source, "a.b"), dest=trees.dest)
    (ours, *_others) = put(job, ".a.b.XyZ012", ".hidden.AAAAAA")
    assert leftovers.search(RSYNC, job, LONG_AGO) == (ours,)


def test_a_link_at_the_destination_is_not_followed(trees: Job, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / ".big.AAAAAA").write_text("x")
    (tmp_path / "dest" / "sub2").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "source" / "sub2").mkdir()
    (tmp_path / "source" / "sub2" / "big").write_text("x")
    assert leftovers.search(RSYNC, trees, LONG_AGO) == ()


def test_removing_leaves_the_times_of_folders_alone(trees: Job) -> None:
    ours = put(trees, ".a.b.XyZ012", "sub/.rsync-partial/big")
    for folder in (trees.dest, f"{trees.dest}/sub"):
        os.utime(folder, (1_000_000_000, 1_000_000_000))
    assert leftovers.remove(ours) == 2
    for folder in (trees.dest, f"{trees.dest}/sub"):
        assert os.stat(folder).st_mtime == 1_000_000_000
    assert not os.path.exists(f"{trees.dest}/sub/.rsync-partial")


def test_a_partial_folder_that_holds_more_stays(trees: Job) -> None:
    ours, _other = put(trees, ".rsync-partial/a.b", ".rsync-partial/other")
    assert leftovers.remove([ours]) == 1
    assert os.listdir(f"{trees.dest}/.rsync-partial") == ["other"]


def test_a_partial_folder_that_was_never_filled_goes_too(trees: Job) -> None:
    """The tool was stopped behind the making of the folder; its next run leaves an empty one there."""
    os.mkdir(f"{trees.dest}/sub/.rsync-partial")
    remembered = leftovers.still_there(RSYNC, [f"{trees.dest}/sub/.big.AAAAAA"])
    assert remembered
    before = os.stat(f"{trees.dest}/sub").st_mtime_ns
    assert leftovers.remove(remembered) == 0, "no file went"
    assert not os.path.exists(f"{trees.dest}/sub/.rsync-partial")
    assert os.stat(f"{trees.dest}/sub").st_mtime_ns == before


def test_what_is_gone_already_is_not_counted(trees: Job) -> None:
    assert leftovers.remove(["/nowhere/.a.XXXXXX", f"{trees.dest}/.a.b.XXXXXX"]) == 0


def test_a_temporary_file_is_remembered_with_the_partial_file_it_became(trees: Job) -> None:
    temporary = f"{trees.dest}/.a.b.XyZ012"
    assert leftovers.still_there(RSYNC, [temporary]) == ()
    (partial,) = put(trees, ".rsync-partial/a.b")
    assert leftovers.still_there(RSYNC, [temporary]) == (partial,)
    put(trees, ".a.b.XyZ012")
    assert set(leftovers.still_there(RSYNC, [temporary])) == {temporary, partial}
