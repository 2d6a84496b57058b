"""Looking into a copy: what is there, in order and in pages, and no way out of it."""

import os
from pathlib import Path

import pytest

from core import browse
from core.browse import CannotBrowse, checked, local_page
from models.errors import InvalidInput

HARD = [b"new\nline", b"\xff\xfe not utf-8", b"-rf", b"<script>alert(1)", b" leading", b"...", b"back\\slash"]


@pytest.fixture
def root(tmp_path: Path) -> bytes:
    """A copy with a folder, hard names and links out of it."""
    copy = tmp_path / "copy"
    (copy / "Zoo" / "deep").mkdir(parents=True)
    (copy / "zebra").write_bytes(b"12345")
    (copy / "out").symlink_to("/etc")
    (copy / "Zoo" / "up").symlink_to("..")
    for name in HARD:
        Path(os.fsdecode(os.path.join(os.fsencode(copy), name))).write_bytes(b"x")
    return os.fsencode(copy)


def test_folders_come_first_and_every_name_is_exact(root: bytes) -> None:
    rows = local_page(root, b"", 1).rows
    assert rows[0].name == b"Zoo"
    assert {row.name for row in rows} == {b"Zoo", b"zebra", b"out", *HARD}
    facts = {row.name: row for row in rows}
    assert facts[b"zebra"].size == 5
    assert facts[b"zebra"].modified.endswith("Z")
    assert (facts[b"out"].is_folder, facts[b"out"].size) == (False, None)


def test_a_long_folder_comes_in_pages(root: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browse, "ROWS", 4)
    whole = [row.name for page in (1, 2, 3) for row in local_page(root, b"", page).rows]
    assert len(whole) == len(set(whole)) == 10
    last = local_page(root, b"", 99)
    assert (last.page, last.pages, last.total) == (3, 3, 10)


@pytest.mark.parametrize(
    "name", [b"..", b".", b"Zoo/..", b"Zoo/../..", b"/etc", b"/", b"Zoo//deep", b"Zoo/", b"a\0b", b"\0", b"x" * 5000]
)
def test_a_name_that_could_leave_the_copy_is_refused(name: bytes) -> None:
    with pytest.raises(InvalidInput):
        checked(name)


@pytest.mark.parametrize("name", [b"", b"Zoo", b"Zoo/deep", b"..a", b"a..", b"...", *HARD])
def test_every_other_name_may_be_asked_for(name: bytes) -> None:
    assert checked(name) == name


@pytest.mark.parametrize("name", [b"out", b"out/ssh", b"Zoo/up", b"Zoo/up/zebra", b"zebra", b"zebra/x"])
def test_no_link_is_followed_and_no_file_entered(root: bytes, name: bytes) -> None:
    with pytest.raises(CannotBrowse, match="not a folder"):
        local_page(root, name, 1)


def test_what_is_gone_is_named(root: bytes) -> None:
    with pytest.raises(CannotBrowse, match="not in the copy any more"):
        local_page(root, b"Zoo/nothing", 1)
    with pytest.raises(CannotBrowse, match="plug it in"):
        local_page(root + b"-unplugged", b"", 1)


def test_the_copy_itself_may_be_reached_by_a_link(root: bytes, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(os.fsdecode(root))
    assert local_page(os.fsencode(tmp_path / "link"), b"Zoo", 1).total == 2
