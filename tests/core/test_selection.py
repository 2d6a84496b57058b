"""Chosen names as their tool reads them."""

from pathlib import Path

from core.selection import for_tool
from engines.base import Context, Tool
from engines.registry import engine

CONTEXT = Context(Tool("/usr/bin/rsync", (3, 5, 0)))


def written(tmp_path: Path, *names: bytes, overlapping: bool = True) -> bytes:
    chosen = tmp_path / "selection"
    chosen.write_bytes(b"".join(name + b"\0" for name in names))
    context = for_tool(engine("rsync"), Context(CONTEXT.tool, selection=str(chosen)), overlapping)
    path = Path(context.selection)
    assert path != chosen
    assert path.stat().st_mode & 0o777 == 0o600
    return path.read_bytes()


def test_without_a_selection_nothing_is_written(tmp_path: Path) -> None:
    assert for_tool(engine("rsync"), CONTEXT) is CONTEXT
    assert list(tmp_path.iterdir()) == []


def test_a_name_below_a_chosen_folder_is_dealt_with_once(tmp_path: Path) -> None:
    assert written(tmp_path, b"a/b", b"a", b"a/c/d", b"ab", b"x/y", b"a") == b"./a\0./ab\0./x/y\0"


def test_any_number_of_files_is_written_as_it_stands(tmp_path: Path) -> None:
    assert written(tmp_path, b"#a", b"a\nb", overlapping=False) == b"./#a\0./a\nb\0"
