"""What patterns would leave out of sources on other hosts, as these say it themselves."""

from pathlib import Path

import pytest

from core.catching import CannotTell, Caught
from core.container import Container, build_container
from models.job import JobDraft, JobSettings, SshAccess
from tests import build
from tests.e2e.remote_hosts import SshHost


@pytest.fixture
def parts(tmp_path: Path) -> Container:
    return build_container(build.data_folder(tmp_path).root)


def filled(source: Path) -> None:
    (source / "cache").mkdir(parents=True)
    for name in ("a.tmp", "cache/x", "photo.jpg", "new\nline.tmp"):
        (source / name).write_bytes(b"12")


def assert_caught(found: Caught) -> None:
    by_pattern = {group.pattern: group for group in found.groups}
    assert set(by_pattern["*.tmp"].names) == {"a.tmp", "new\\nline.tmp"}
    assert by_pattern["cache/"].names == ("cache/",)
    assert (found.files, found.folders, found.size, found.unused) == (2, 1, None, ("nothing",))


SETTINGS = JobSettings(exclude=("*.tmp", "cache/", "nothing"))


def test_a_host_is_asked_by_ssh(parts: Container, tmp_path: Path) -> None:
    filled(tmp_path / "far away")
    with SshHost(tmp_path / "host") as host:
        parts.folder.known_hosts.write_text(host.known_hosts_line())
        settings = SETTINGS._replace(ssh=SshAccess(host.port, str(host.key)))
        assert_caught(parts.drafts.caught(JobDraft("", "rsync", host.address(tmp_path / "far away"), "", settings)))
        foreign = settings._replace(ssh=SshAccess(host.port, str(host.foreign_key)))
        with pytest.raises(CannotTell) as refused:
            parts.drafts.caught(JobDraft("", "rsync", host.address(tmp_path / "far away"), "", foreign))
        assert "key" in refused.value.message


def test_an_rsync_daemon_that_tells_nothing_is_not_taken_for_one_that_leaves_out_nothing(parts: Container) -> None:
    with pytest.raises(CannotTell, match="does not tell"):
        parts.drafts.caught(JobDraft("", "rsync", "nas::photos", "", SETTINGS))
