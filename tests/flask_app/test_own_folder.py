"""Root and the data folder of another user: a command is refused before it writes anything there."""

import os
from pathlib import Path

import pytest

from flask_app.own_folder import WrongUser, refuse_root_elsewhere
from flask_app.utils.checkup import permissions
from tests.flask_app.test_cli import Terminal

NOBODY = 65534
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be in the wrong here")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As a server of nobody's leaves it."""
    made = tmp_path / "data"
    made.mkdir(mode=0o700)
    (made / "secret_key").touch(mode=0o600)
    for path in (made, made / "secret_key"):
        os.chown(path, NOBODY, NOBODY)
    return made


@needs_root
def test_a_command_of_roots_is_refused_and_writes_nothing(folder: Path) -> None:
    _, complained = Terminal(folder).run("jobs", "list", status=2)
    assert complained.count("\n") == 1
    assert "belongs to nobody, and the server could not read what root writes there." in complained
    assert f"sudo -u nobody env BACKUP_MANAGER_DATA_DIR={folder} " in complained
    assert os.listdir(folder) == ["secret_key"]


@needs_root
def test_a_user_without_a_name_is_told_by_number(folder: Path) -> None:
    os.chown(folder, 54321, 54321)
    with pytest.raises(WrongUser, match="sudo -u #54321 env"):
        refuse_root_elsewhere(folder)


@needs_root
def test_where_roots_server_has_written_already_root_may_go_on(folder: Path) -> None:
    (folder / "jobs.yaml").touch()
    with pytest.raises(WrongUser):
        refuse_root_elsewhere(folder)  # the legacy app of root's may have made that one
    (folder / "audit.jsonl").touch()
    refuse_root_elsewhere(folder)


@needs_root
def test_doctor_names_what_root_has_left_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    assert permissions(folder).is_good
    (folder / "runs" / "a").mkdir(parents=True)
    (folder / "jobs.yaml").touch()
    left = f"{folder}/runs {folder}/runs/a"
    said = f"Another user made {left}. As root: chown -R {NOBODY} {folder}"
    assert permissions(folder) == ("permissions", False, said)


def test_what_is_gone_before_doctor_looks_at_it_is_nobodys_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "runs").mkdir()
    (folder / ".logins.json.0a1b").touch(0o644)
    (folder / "session.part").touch(0o644)
    listed = list(os.scandir(folder))
    (folder / "session.part").unlink()
    (folder / "runs").rmdir()
    monkeypatch.setattr(os, "scandir", lambda _: iter(listed))
    assert permissions(folder).is_good


def test_an_own_folder_and_one_that_is_not_there_yet_are_fine(tmp_path: Path) -> None:
    refuse_root_elsewhere(tmp_path)
    refuse_root_elsewhere(tmp_path / "later")
