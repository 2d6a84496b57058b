"""core/manifest.py: only a file that stood there before, untouched since like its copy, is as it was."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.manifest import Manifest, Overlapping
from core.tree import Tree

HOSTILE = (b"plain", b"new\nline", b"-rf", b" ", b"\xff\xfe", "ümläut".encode(), b"l" * 255, b"deep/er/file")


class Pair:
    def __init__(self, root: Path) -> None:
        self.source, self.copy = root / "source", root / "copy"
        for name in HOSTILE:
            for side in (self.source, self.copy):
                path = os.path.join(os.fsencode(side), name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                Path(os.fsdecode(path)).write_bytes(name)
        self.opened: list[Manifest] = []

    def take(self, only: bytes = b"") -> Manifest:
        self.manifest = Manifest(Tree(str(self.source)), Tree(str(self.copy)), only)
        self.opened.append(self.manifest)
        list(self.manifest.take())
        return self.manifest

    def stands(self, name: bytes) -> bool:
        return self.manifest.is_as_it_was(name, self.manifest.source.status(name))


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    made = Pair(tmp_path)
    yield made
    for manifest in made.opened:
        manifest.close()


def test_files_of_any_name_that_nobody_touched_are_as_they_were(pair: Pair) -> None:
    assert len(pair.take()) == len(HOSTILE)
    assert all(pair.stands(name) for name in HOSTILE)
    assert len(pair.manifest.devices) == 1


def rewrite_in_place(side: Path) -> None:
    before = (side / "plain").stat()
    (side / "plain").write_bytes(b"PLAIN")
    os.utime(side / "plain", ns=(before.st_atime_ns, before.st_mtime_ns))


def replace_by_rename(side: Path) -> None:
    (side / "new").write_bytes(b"plain")
    (side / "new").replace(side / "plain")


@pytest.mark.parametrize("change", [rewrite_in_place, replace_by_rename])
@pytest.mark.parametrize("side", ["source", "copy"])
def test_a_file_that_changed_on_either_side_is_not(pair: Pair, side: str, change: Callable[[Path], None]) -> None:
    pair.take()
    change(getattr(pair, side))
    assert not pair.stands(b"plain")
    assert pair.stands(b"-rf")


def test_a_file_that_appeared_meanwhile_is_not(pair: Pair) -> None:
    pair.take()
    for side in (pair.source, pair.copy):
        (side / "late").write_bytes(b"late")
    assert not pair.stands(b"late")


def test_a_file_without_a_copy_of_its_own_is_not(pair: Pair) -> None:
    (pair.copy / "plain").unlink()
    os.link(pair.source / "plain", pair.copy / "plain")
    (pair.copy / "-rf").unlink()
    (pair.copy / " ").unlink()
    (pair.copy / " ").symlink_to(pair.source / " ")
    (pair.copy / "ümläut").write_bytes(b"of another size")
    pair.take()
    assert [pair.stands(name) for name in (b"plain", b"-rf", b" ", "ümläut".encode())] == [False] * 4
    assert pair.stands(b"new\nline")


def test_a_copy_that_went_away_is_not_as_it_was(pair: Pair) -> None:
    pair.take()
    (pair.copy / "plain").unlink()
    assert not pair.stands(b"plain")


def test_a_symbolic_link_is_no_file_and_what_it_leads_to_is_not_noted(pair: Pair, tmp_path: Path) -> None:
    for side in (pair.source, pair.copy):
        (side / "folder").symlink_to(tmp_path)
        (side / "link").symlink_to(side / "plain")
    assert len(pair.take()) == len(HOSTILE)
    assert not pair.stands(b"link")


def test_deleting_one_name_of_a_hard_linked_file_leaves_the_other_as_it_was(pair: Pair) -> None:
    os.link(pair.source / "plain", pair.source / "second")
    (pair.copy / "second").write_bytes(b"plain")
    pair.take()
    pair.manifest.source.unlink(b"plain")
    assert pair.stands(b"second")
    (pair.source / "second").write_bytes(b"PLAIN")
    assert not pair.stands(b"second")


def test_of_a_single_file_nothing_else_is_noted(pair: Pair) -> None:
    assert len(pair.take(only=b"plain")) == 1
    assert pair.stands(b"plain")
    assert not pair.stands(b"-rf")


def test_a_source_that_holds_the_copy_is_refused(tmp_path: Path) -> None:
    (tmp_path / "source" / "copy").mkdir(parents=True)
    manifest = Manifest(Tree(str(tmp_path / "source")), Tree(str(tmp_path / "source" / "copy")))
    with pytest.raises(Overlapping):
        list(manifest.take())
    manifest.close()
