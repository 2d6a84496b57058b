"""What is refused before anything is copied."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core import guard
from core.process import ROOT
from engines.base import Location
from models.errors import CannotStart, IdentityChanged
from tests.core.mounts import disk, image, memory, mounted, needs_disks, needs_mounts


def problems(source: object, dest: object) -> dict[str, str]:
    return guard.folder_problems(Location(str(source)), Location(str(dest)))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "source" / "sub").mkdir(parents=True)
    return tmp_path / "source"


def test_two_folders_apart_are_fine(source: Path, tmp_path: Path) -> None:
    for dest in (tmp_path / "dest", tmp_path / "dest" / "deep" / "down", tmp_path / "source2"):
        assert problems(source, dest) == {}
    assert problems(f"{source}/", tmp_path / "dest") == {}


def test_a_file_may_be_a_source(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert problems(tmp_path / "file", tmp_path / "dest") == {}


def test_remote_sides_are_not_looked_at(source: Path) -> None:
    away = Location("/nowhere", host="host", kind="ssh")
    assert guard.folder_problems(away, Location(str(source))) == {}
    assert guard.folder_problems(Location(str(source)), away) == {}


def test_a_missing_source_is_named(tmp_path: Path) -> None:
    assert "does not exist" in problems(tmp_path / "gone", tmp_path / "dest")["source"]


def test_a_source_that_is_neither_folder_nor_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "neither a folder nor a file" in problems(tmp_path / "pipe", tmp_path / "dest")["source"]


def test_a_loop_of_links_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert "too many levels" in problems(tmp_path / "a", tmp_path / "dest")["source"]
    assert problems(tmp_path, tmp_path / "a" / "deep").keys() == {"dest"}


def test_a_name_too_long_is_refused_in_words(source: Path, tmp_path: Path) -> None:
    assert problems(tmp_path / ("x" * 300), tmp_path / "dest").keys() == {"source"}
    assert problems("/" + "x/" * 3000, tmp_path / "dest").keys() == {"source"}


def test_a_file_is_no_destination(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert "is a file" in problems(source, tmp_path / "file")["dest"]
    assert "is a file" in problems(source, tmp_path / "file" / "below")["dest"]


@pytest.mark.parametrize(
    ("source_text", "dest_text", "words"),
    [
        ("{0}/source/", "{0}/source", "the same folder"),
        ("{0}/source/", "{0}/link", "the same folder"),
        ("{0}/source", "{0}", "The copy would be"),
        ("{0}/source/", "{0}/source/sub/new", "lies inside the source"),
        ("{0}/source/", "{0}/link/sub", "lies inside the source"),
        ("{0}/source/sub/", "{0}/source", "The source lies inside"),
        ("{0}/source/", "/", "The source lies inside"),
        ("{0}/source/", "{0}/other/../source/sub", "lies inside the source"),
    ],
)
def test_nested_and_equal_folders_are_refused(
    source: Path, tmp_path: Path, source_text: str, dest_text: str, words: str
) -> None:
    (tmp_path / "link").symlink_to(source)
    (tmp_path / "other").mkdir()
    found = problems(source_text.format(tmp_path), dest_text.format(tmp_path))
    assert words in found["dest"]


@needs_mounts
def test_a_read_only_destination_is_named(source: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "dest", "-t", "tmpfs", "-o", "ro", "tmpfs") as dest:
        assert "read-only file system" in problems(source, dest)["dest"]


@needs_mounts
def test_missing_rights_are_named(tmp_path: Path) -> None:
    """As somebody else than root, in a process of its own."""
    for name in ("source", "dest"):
        (tmp_path / name).mkdir(mode=0o700)
    for folder in (tmp_path, *tmp_path.parents):
        if folder != folder.parent and not folder.stat().st_mode & 0o005:
            folder.chmod(0o755)
    script = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
from core import guard
from engines.base import Location
os.setuid(65534)
print(guard.folder_problems(Location({str(tmp_path / "source")!r}), Location({str(tmp_path / "dest")!r})))
"""
    found = subprocess.run([sys.executable, "-sc", script], capture_output=True, text=True, check=True).stdout
    assert "source cannot be read: permission denied" in found
    assert "dest cannot be written: permission denied" in found


def test_a_refusal_carries_its_field(source: Path) -> None:
    with pytest.raises(CannotStart) as refused:
        guard.refuse_problems(Location(str(source)), Location(str(source)))
    assert refused.value.fields.keys() == {"dest"}


def remember(tmp_path: Path, source: Path, dest: Path) -> Path:
    file = tmp_path / "identity.json"
    guard.record_identities(file, Location(str(source)), Location(str(dest)))
    return file


def check(file: Path, source: Path, dest: Path) -> None:
    guard.check_identities(file, Location(str(source)), Location(str(dest)))


def test_nothing_is_compared_before_the_first_good_run(source: Path, tmp_path: Path) -> None:
    check(tmp_path / "identity.json", source, tmp_path / "gone")
    assert not (tmp_path / "identity.json").exists()


def test_an_unchanged_disk_is_accepted(source: Path, tmp_path: Path) -> None:
    file = remember(tmp_path, source, source / "sub")
    check(file, source, source / "sub")
    assert file.stat().st_mode & 0o777 == 0o600


def test_another_path_is_a_new_beginning(source: Path, tmp_path: Path) -> None:
    file = remember(tmp_path, source, tmp_path)
    check(file, source, tmp_path / "elsewhere")


def test_a_destination_that_was_removed_from_its_disk_may_be_made_anew(source: Path, tmp_path: Path) -> None:
    file = remember(tmp_path, source, tmp_path / "elsewhere")
    check(file, source, tmp_path / "elsewhere")


@needs_disks
def test_a_destination_that_went_with_its_disk_is_refused(source: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "usb", *disk(image(tmp_path / "disk"))) as dest:
        (dest / "copy").mkdir()
        file = remember(tmp_path, source, dest / "copy")
    with pytest.raises(IdentityChanged, match=r"The destination .* is gone since the last good run"):
        check(file, source, dest / "copy")


@needs_disks
def test_an_unplugged_disk_is_refused_also_if_its_folder_stays(source: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "usb", *disk(image(tmp_path / "disk"))) as dest:
        file = remember(tmp_path, source, dest)
        check(file, source, dest)
    with pytest.raises(IdentityChanged, match="is not on the disk of the last good run"):
        check(file, source, dest)


@needs_disks
def test_another_disk_is_refused(source: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "usb", *disk(image(tmp_path / "disk"))) as dest:
        file = remember(tmp_path, source, dest)
    with (
        mounted(tmp_path / "usb", *disk(image(tmp_path / "other"))) as dest,
        pytest.raises(IdentityChanged) as refused,
    ):
        check(file, source, dest)
    assert refused.value.fields == {"dest": "Another disk than at the last good run."}


@needs_mounts
def test_a_source_hidden_by_an_empty_mount_is_refused(source: Path, tmp_path: Path) -> None:
    file = remember(tmp_path, source, tmp_path)
    with mounted(source, *memory()), pytest.raises(IdentityChanged, match="The source"):
        check(file, source, tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"{}"])
def test_a_record_that_cannot_be_read_is_not_taken_on_trust(source: Path, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "identity.json"
    file.write_bytes(content)
    with pytest.raises(IdentityChanged, match="cannot be read any more"):
        check(file, source, tmp_path)
