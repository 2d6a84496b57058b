"""Which files in the way of a restore are newer: by the times of both, or by the time of the backup."""

import os
from pathlib import Path

import pytest

from core.in_the_way import newer
from engines.base import Location
from models.findings import Finding

BACKUP_AT, BEGAN = "2020-01-01T00:00:00.000Z", 1577836800


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Location, Location]:
    """A copy made at `BEGAN`, and a target with a later, an earlier and an equally old file."""
    for folder, times in (("copy", (0, 0, 0)), ("target", (50, -50, 0))):
        for name, seconds in zip(("later", "earlier", "same"), times, strict=True):
            path = tmp_path / folder / name
            path.parent.mkdir(exist_ok=True)
            path.touch()
            os.utime(path, (BEGAN + seconds, BEGAN + seconds))
    return Location(str(tmp_path / "copy")), Location(str(tmp_path / "target"))


CHANGED = [Finding("changed", name, 7) for name in (b"later", b"earlier", b"same", b"gone")]


def test_the_times_of_both_files_decide(sides: tuple[Location, Location]) -> None:
    assert list(newer(CHANGED, *sides, "")) == [Finding("newer", b"later", 7)]


def test_of_a_copy_elsewhere_the_time_of_the_backup_decides(sides: tuple[Location, Location]) -> None:
    elsewhere = Location("/srv/copy", "nas", kind="ssh")
    assert list(newer(CHANGED, elsewhere, sides[1], BACKUP_AT)) == [Finding("newer", b"later", 7)]
    assert list(newer(CHANGED, elsewhere, sides[1], "")) == []


def test_nothing_is_claimed_of_a_target_elsewhere(sides: tuple[Location, Location]) -> None:
    assert list(newer(CHANGED, sides[0], Location("/srv/x", "nas", kind="ssh"), BACKUP_AT)) == []
