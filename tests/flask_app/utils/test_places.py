"""Folders and disks worth offering on the first-run page."""

from pathlib import Path

from flask_app.utils.places import disks, folders, free_space


def test_only_folders_that_exist_are_offered(tmp_path: Path) -> None:
    for name in ("Music", "Pictures", "Videos", "Secret"):
        (tmp_path / name).mkdir()
    assert folders(tmp_path) == (f"{tmp_path}/Pictures", f"{tmp_path}/Music")
    assert folders(tmp_path / "nobody") == ()


def test_network_disks_and_the_systems_own_are_left_out(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/sda1 / ext4 rw 0 0\nnas:/x /mnt/nas nfs4 rw 0 0\nproc /proc proc rw 0 0\n")
    assert disks(mounts) == ()
    assert disks(tmp_path / "missing") == ()


def test_the_space_below_a_path_or_none() -> None:
    disk = free_space("/")
    assert disk is not None
    assert 0 <= disk.used_percent <= 100
    assert free_space("/no/such/place") is None
