"""core/overlap.py: folders that are one, or one in the other, are seen through links and bind mounts."""

import subprocess
from pathlib import Path

import pytest

from core.overlap import overlap
from tests.core.mounts import memory, mounted, needs_mounts


def test_folders_beside_each_other_do_not_overlap(tmp_path: Path) -> None:
    assert not overlap(f"{tmp_path}/photos/", f"{tmp_path}/photos-copy")
    assert not overlap(f"{tmp_path}/photos", f"{tmp_path}/copy/photos")


@pytest.mark.parametrize(
    "other", ["photos", "photos/", "photos/inside", ".", "link", "link/inside", "photos/../photos"]
)
def test_one_folder_in_the_other_overlaps_whatever_it_is_called(tmp_path: Path, other: str) -> None:
    (tmp_path / "photos" / "inside").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "photos")
    assert overlap(f"{tmp_path}/photos/", f"{tmp_path}/{other}")
    assert overlap(f"{tmp_path}/{other}", f"{tmp_path}/photos/")


@needs_mounts
@pytest.mark.parametrize("bound", ["photos", "photos/inside", "."])
def test_a_bind_mount_of_one_into_the_other_overlaps(tmp_path: Path, bound: str) -> None:
    (tmp_path / "photos" / "inside").mkdir(parents=True)
    (tmp_path / "apart").mkdir()
    with mounted(tmp_path / "elsewhere", "--bind", str(tmp_path / bound)):
        assert overlap(f"{tmp_path}/photos/", f"{tmp_path}/elsewhere")
        assert overlap(f"{tmp_path}/elsewhere/", f"{tmp_path}/photos")
        assert not overlap(f"{tmp_path}/apart", f"{tmp_path}/elsewhere") or bound == "."


@needs_mounts
def test_two_file_systems_do_not_overlap_though_their_folders_are_called_alike(tmp_path: Path) -> None:
    with mounted(tmp_path / "one", *memory()) as one, mounted(tmp_path / "two", *memory()) as two:
        subprocess.run(["mkdir", one / "photos", two / "photos"], check=True)
        assert not overlap(str(one / "photos"), str(two / "photos"))
