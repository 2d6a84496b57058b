"""The way back from a copy on another machine: at an rsync daemon with a password, and at an rclone remote."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.browse import CannotBrowse
from models.run import RunState
from tests.core.arena import Arena
from tests.core.way_back import HOSTILE, LATER, WayBack, tree
from tests.e2e.remote_hosts import PASSWORD, RsyncDaemon


@pytest.fixture
def daemon(arena: Arena) -> Iterator[WayBack]:
    place = arena.root / "host"
    place.mkdir()
    host = RsyncDaemon(place)
    host.start()
    arena.dest = host.module / "copy"
    yield WayBack(arena, "rsync", dest=host.address("copy"), password=PASSWORD)
    host.stop()


@pytest.fixture
def remote(arena: Arena) -> WayBack:
    settings = arena.root / "rclone.conf"
    settings.write_text(f"[far]\ntype = alias\nremote = {arena.dest}\n")
    arena.folder.config_file.write_text(f"rclone_config: {settings}\n")
    os.chmod(arena.folder.config_file, 0o600)
    return WayBack(arena, "rclone", dest="far:")


@pytest.fixture(params=["daemon", "remote"])
def way(request: pytest.FixtureRequest) -> WayBack:
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


def test_a_copy_elsewhere_is_looked_into_and_restored(way: WayBack, tmp_path: Path) -> None:
    restores = way.parts.manager.restores
    assert [(row.name, row.is_folder) for row in restores.browse(way.job.id).rows] == [
        (b"folder", True), (b"hard", True), (b"top", False),
    ]  # fmt: skip
    assert {row.name for row in restores.browse(way.job.id, b"hard").rows} == set(HOSTILE)
    with pytest.raises(CannotBrowse):
        restores.browse(way.job.id, b"nothing like it")
    run = way.restore(to=tmp_path / "back")
    assert run.state is RunState.DONE, run.outcome
    assert tree(tmp_path / "back") == tree(way.source)
    assert [name for name in os.listdir(way.arena.folder.root) if "listing" in name] == []


def test_files_are_chosen_and_rehearsed_from_a_remote(remote: WayBack, tmp_path: Path) -> None:
    """Not from this daemon: one of rsync 3.5.0 without chroot finds no chosen file below its module."""
    chosen = [b"hard/" + name for name in HOSTILE]
    assert remote.restore(*chosen, to=tmp_path / "back").state is RunState.DONE
    assert tree(tmp_path / "back") == {name: tree(remote.source)[name] for name in chosen}
    path = os.path.join(remote.copy, b"top")
    status = os.stat(path)
    remote.write(remote.copy, b"top", b"rot" * 1000)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    rehearsal = remote.rehearse()
    assert rehearsal.state is RunState.FAILED
    assert remote.found(rehearsal, "mismatch") == {b"top"}


def test_in_place_what_was_changed_since_the_backup_is_newer(way: WayBack) -> None:
    way.write(way.source, b"top", b"newer", LATER)
    preview = way.preview()
    assert (way.found(preview, "changed"), way.found(preview, "newer")) == ({b"top"}, {b"top"})
    assert way.restore().state is RunState.DONE
    assert tree(way.source)[b"top"] == b"newer"
