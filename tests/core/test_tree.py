"""core/tree.py: names are reached by descriptors, through no symbolic link, whatever they are made of."""

import mmap
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.tree import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    (tmp_path / "tree").mkdir()
    made = Tree(f"{tmp_path}/tree/")
    yield made
    made.close()


def place(tree: Tree) -> Path:
    return Path(tree.path)


def test_a_file_behind_a_symbolic_link_is_not_reached(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_bytes(b"precious")
    (place(tree) / "link").symlink_to(tmp_path / "outside")
    for way in (tree.status, tree.unlink):
        with pytest.raises(NotADirectoryError):
            way(b"link/file")
    assert (tmp_path / "outside" / "file").read_bytes() == b"precious"


@pytest.mark.parametrize(
    "name", [b"../outside", b"folder/../../outside", b"./outside", b"/etc/passwd", b"", b"folder//x"]
)
def test_a_name_that_leads_elsewhere_is_none(tree: Tree, tmp_path: Path, name: bytes) -> None:
    (tmp_path / "outside").write_bytes(b"precious")
    (place(tree) / "folder").mkdir()
    for way in (tree.status, tree.unlink):
        with pytest.raises(NotADirectoryError):
            way(name)
    assert (tmp_path / "outside").exists()


def test_a_path_longer_than_the_system_takes_is_reached_part_by_part(tree: Tree) -> None:
    name = b"/".join([b"d" * 200] * 30)
    here = os.dup(tree.root)
    for part in name.split(b"/"):
        os.mkdir(part, dir_fd=here)
        deeper = os.open(part, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(os.open(b"file", os.O_WRONLY | os.O_CREAT, dir_fd=here))
    os.close(here)
    assert tree.status(name + b"/file").st_size == 0
    tree.unlink(name + b"/file")
    with pytest.raises(FileNotFoundError):
        tree.status(name + b"/file")
    subprocess.run(["rm", "-r", place(tree)], check=True)
    place(tree).mkdir()


def test_a_folder_that_another_one_replaced_is_noticed(tree: Tree, tmp_path: Path) -> None:
    assert tree.is_in_place()
    place(tree).rename(tmp_path / "moved")
    assert not tree.is_in_place()
    (tmp_path / "tree").mkdir()
    assert not tree.is_in_place()


def test_a_file_open_for_writing_in_another_program_is_in_use(tree: Tree) -> None:
    path = place(tree) / "file"
    path.write_bytes(b"x" * 4096)
    with tree.guarded(b"file") as guard:
        assert guard.is_unused()
    writer = [sys.executable, "-c", f"f = open({str(path)!r}, 'r+b'); print('open', flush=True); input()"]
    with subprocess.Popen(writer, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with tree.guarded(b"file") as guard:
            assert not guard.is_unused()
        other.communicate(b"\n")


def test_a_file_mapped_for_writing_is_in_use_though_it_was_closed(tree: Tree) -> None:
    path = place(tree) / "file"
    path.write_bytes(b"x" * 4096)
    with path.open("r+b") as file:
        mapped = mmap.mmap(file.fileno(), 0)
    with mapped, tree.guarded(b"file") as guard:
        assert not guard.is_unused()


def test_whoever_opens_the_file_meanwhile_does_not_end_this_process(tree: Tree) -> None:
    path = place(tree) / "file"
    path.write_bytes(b"x")
    writer = f"import os; os.close(os.open({str(path)!r}, os.O_WRONLY | os.O_NONBLOCK))"
    with tree.guarded(b"file") as guard:
        assert guard.is_unused()
        refused = subprocess.run([sys.executable, "-c", writer], capture_output=True, text=True, check=False)
        assert not guard.is_unused()
    assert "BlockingIOError" in refused.stderr
    subprocess.run([sys.executable, "-c", writer], check=True)


def test_a_file_set_aside_gets_its_name_back_unless_another_has_it(tree: Tree) -> None:
    for content in (b"first", b"second"):
        (place(tree) / "file").write_bytes(content)
        aside = tree.set_aside(b"file", b".aside")
        assert not tree.holds(b"file")
        tree.put_back(aside, b"file")
        assert (place(tree) / "file").read_bytes() == content
        assert not tree.holds(b".aside")
    aside = tree.set_aside(b"file", b".aside")
    (place(tree) / "file").write_bytes(b"newer")
    with pytest.raises(FileExistsError):
        tree.put_back(aside, b"file")
    assert (place(tree) / "file").read_bytes() == b"newer"
    assert (place(tree) / ".aside").read_bytes() == b"second"
