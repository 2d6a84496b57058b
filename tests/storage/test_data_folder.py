"""The data folder: made private, refused on the network, its paths safe from ids."""

import os
from pathlib import Path

import pytest

from models.errors import JobNotFound, RunNotFound, StoreUnavailable
from storage import data_folder
from storage.data_folder import DataFolder, file_system_type

MOUNTS = """\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
40 22 0:45 / /mnt/with\\040space rw - nfs4 host:/x rw
41 40 0:46 / /mnt/with\\040space/inner rw shared:3 - tmpfs tmpfs rw
a line of something else
"""


@pytest.mark.parametrize("umask", [0, 0o077, 0o777])
def test_a_new_folder_is_private_under_any_umask(tmp_path: Path, umask: int) -> None:
    folder = DataFolder(tmp_path / "a" / "data")
    folder.root.parent.mkdir()
    before = os.umask(umask)
    try:
        folder.prepare()
        folder.prepare()
    finally:
        os.umask(before)
    made = [folder.root, folder.generations, folder.runs, folder.active, folder.sessions, folder.logs]
    assert {path.stat().st_mode & 0o777 for path in made} == {0o700}


def test_an_existing_folder_keeps_its_mode_and_logs_follow_it(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.root.mkdir()
    folder.root.chmod(0o755)
    (folder.root / "runs").mkdir()
    (folder.root / "runs").chmod(0o777)
    folder.prepare()
    assert folder.root.stat().st_mode & 0o777 == folder.logs.stat().st_mode & 0o777 == 0o755
    assert folder.runs.stat().st_mode & 0o777 == 0o700
    assert folder.logs.stat().st_uid == folder.root.stat().st_uid


def test_a_place_that_cannot_be_a_folder_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="BACKUP_MANAGER_DATA_DIR"):
        DataFolder(tmp_path / "file" / "data").prepare()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/me", "ext4"),
        ("/mnt/with space/data", "nfs4"),
        ("/mnt/with space", "nfs4"),
        ("/mnt/with space/inner/x", "tmpfs"),
        ("/mnt/with spaces", "ext4"),
    ],
)
def test_the_innermost_mount_tells_the_file_system(path: str, kind: str) -> None:
    assert file_system_type(Path(path), MOUNTS) == kind


def test_a_network_file_system_is_refused_without_a_flag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_folder, "_mounts", lambda: MOUNTS.replace("ext4", "cifs"))
    with pytest.raises(StoreUnavailable, match=r"network file system \(cifs\)"):
        DataFolder(tmp_path / "data").prepare()
    DataFolder(tmp_path / "data").prepare(allow_network=True)


@pytest.mark.parametrize("job_id", ["..", "../x", "a/b", "", "a\0b", ".hidden", "x" * 65, "a..b"])
def test_no_id_leads_out_of_the_folder(job_id: str) -> None:
    folder = DataFolder(Path("/data"))
    for path_of in (folder.job_folder, folder.identity_file, lambda name: folder.log_file("rsync", name)):
        with pytest.raises(JobNotFound):
            path_of(job_id)
    with pytest.raises(JobNotFound):
        folder.log_file("../x", "a")
    with pytest.raises(RunNotFound):
        folder.run_folder("a", job_id)


def test_a_folder_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    assert "cannot be reached" in folder.unwritable()
    folder.prepare()
    assert folder.unwritable() == ""
