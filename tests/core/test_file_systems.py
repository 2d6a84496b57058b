"""Which disk a path lies on: real mounts."""

from pathlib import Path

import pytest

from core.file_systems import FileSystem, file_system_of, keeps_exact_times
from tests.core.mounts import disk, image, memory, mounted, needs_disks, needs_mounts


def test_the_root_is_found_for_a_path_without_a_mount_of_its_own() -> None:
    found = file_system_of("/")
    assert found.mount_point == "/"
    assert found.is_same(file_system_of("/etc"))


def test_a_path_that_is_missing_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        file_system_of("/nowhere/at/all")


@needs_mounts
def test_the_innermost_mount_counts_also_behind_a_link(tmp_path: Path) -> None:
    with mounted(tmp_path / "a mount\twith blanks", *memory()) as where:
        (where / "sub").mkdir()
        (tmp_path / "link").symlink_to(where / "sub")
        for path in (where, where / "sub", tmp_path / "link"):
            found = file_system_of(str(path))
            assert (found.mount_point, found.kind) == (str(where), "tmpfs")
        assert not file_system_of(str(where)).is_same(file_system_of(str(tmp_path)))
    assert not file_system_of(str(where)).is_same(found)


@needs_disks
def test_a_disk_is_the_same_wherever_it_is_mounted(tmp_path: Path) -> None:
    file = image(tmp_path / "disk")
    with mounted(tmp_path / "one", *disk(file)) as where:
        first = file_system_of(str(where))
    with mounted(tmp_path / "two", *disk(file)) as where:
        second = file_system_of(str(where))
    assert first.mount_point != second.mount_point
    assert first.is_same(second)


@needs_disks
def test_another_disk_at_the_same_place_is_another(tmp_path: Path) -> None:
    found = []
    for name in ("disk", "other"):
        with mounted(tmp_path / "usb", *disk(image(tmp_path / name))) as where:
            found.append(file_system_of(str(where)))
    assert (found[0].mount_point, found[0].kind) == (found[1].mount_point, found[1].kind)
    assert not found[0].is_same(found[1])


@needs_mounts
def test_a_disk_in_memory_keeps_exact_times(tmp_path: Path) -> None:
    with mounted(tmp_path / "here", *memory()) as where:
        (where / "copy").mkdir()
        assert keeps_exact_times(str(where / "copy"))


@needs_disks
@pytest.mark.parametrize(("inode", "exact"), [("256", True), ("128", False)])
def test_a_disk_with_small_inodes_keeps_whole_seconds(tmp_path: Path, inode: str, exact: bool) -> None:
    with mounted(tmp_path / "here", *disk(image(tmp_path / "disk", "-I", inode))) as where:
        (where / "copy").mkdir()
        assert keeps_exact_times(str(where / "copy")) is exact


def test_what_keeps_its_times_nobody_knows_how_is_not_exact() -> None:
    assert not keeps_exact_times("/proc")
    assert not keeps_exact_times("/nowhere/at/all")


def test_a_uuid_that_only_one_side_knows_decides_nothing() -> None:
    bare = FileSystem("/mnt", "xfs", "/dev/sdb1")
    known = FileSystem("/mnt", "xfs", "/dev/sdb1", uuid="1234")
    assert bare.is_same(known)
    assert known.is_same(FileSystem("/media", "xfs", "/dev/sdc1", uuid="1234"))
    assert not known.is_same(FileSystem("/mnt", "xfs", "/dev/sdb1", uuid="5678"))


def test_what_an_older_version_recorded_is_understood() -> None:
    recorded = {name: value for name, value in file_system_of("/")._asdict().items() if name != "number"}
    assert FileSystem(**recorded).is_same(file_system_of("/"))
