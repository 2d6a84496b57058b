"""A folder of a copy on another host, as a real rsync lists it."""

import os
import subprocess
from pathlib import Path

import pytest

from engines.base import Entry
from models.job import JobSettings, SshAccess
from tests import build
from tests.e2e.hostile_tree import HARD_NAMES
from tests.engines.looking import RSYNC, context, fake_ssh

NAMES = (
    *(name for name in HARD_NAMES if b"/" not in name),
    b"x -> y", b"-rw-r--r--  7 2026-01-01 00:00:00 z", b"we\\[i]rd", b"lit\\#012eral",
)  # fmt: skip


def listed(tmp_path: Path, folder: bytes) -> tuple[Entry, ...]:
    job = build.job(dest=f"host:{tmp_path}")
    step = RSYNC.listing_step(job, folder, context())
    assert step is not None
    environment = {"PATH": f"{tmp_path.parent}/bin:/usr/bin:/bin", **step.environment}
    done = subprocess.run(step.argv, env=environment, capture_output=True, check=True)
    return RSYNC.listing(done.stdout)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    fake_ssh(tmp_path / "bin")
    (tmp_path / "copy").mkdir()
    return tmp_path / "copy"


def test_every_name_is_listed_exactly(copy: Path) -> None:
    for name in NAMES:
        path = Path(os.fsdecode(os.path.join(os.fsencode(copy), name)))
        path.write_bytes(name)
        os.utime(path, (1_700_000_000, 1_700_000_000))
    found = {entry.name: entry for entry in listed(copy, b"")}
    assert set(found) == set(NAMES)
    assert found[b"-rf"] == Entry(b"-rf", False, 3, "2023-11-14T22:13:20Z")


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_of_any_name_can_be_looked_into(copy: Path, name: bytes) -> None:
    os.makedirs(os.path.join(os.fsencode(copy), name, b"in it"))
    (found,) = listed(copy, name)
    assert (found.name, found.is_folder, found.size) == (b"in it", True, None)


def test_a_link_is_listed_by_its_name_alone(copy: Path) -> None:
    (copy / "link").symlink_to("a -> b")
    (found,) = listed(copy, b"")
    assert (found.name, found.is_folder) == (b"link", False)


def test_a_copy_on_this_machine_needs_no_tool() -> None:
    assert RSYNC.listing_step(build.job(), b"", context()) is None


def test_a_daemon_says_nothing_but_the_list() -> None:
    settings = JobSettings(ssh=SshAccess(8730))
    step = RSYNC.listing_step(build.job(dest="nas::data", settings=settings), b"a b", context())
    assert step is not None
    assert step.argv[-2:] == ("--", "nas::data/a b/")
    assert {"--no-motd", "--port=8730", "--contimeout=8"} <= set(step.argv)
    assert "-c" not in step.argv


@pytest.mark.parametrize("output", [b"Welcome\n", b"rsync: connection refused\n", b"drwxr-xr-x 4,096 yesterday .\n"])
def test_what_is_no_list_is_refused(output: bytes) -> None:
    with pytest.raises(ValueError, match="no line of a list"):
        RSYNC.listing(output)
