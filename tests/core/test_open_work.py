"""Which files a tool works on, from what it has open."""

import os
from pathlib import Path

from core.open_work import OpenWork, open_work
from engines.registry import engine

RSYNC = engine("rsync")
ME = [os.getpid()]


def test_the_file_being_read_is_the_current_one(tmp_path: Path) -> None:
    (tmp_path / "source" / "sub").mkdir(parents=True)
    with open(tmp_path / "source" / "sub" / "new\nline", "w+") as made:
        name = made.name
    with open(name):
        found = open_work(RSYNC, ME, str(tmp_path / "source"), str(tmp_path / "dest"))
    assert found == OpenWork("sub/new\\nline")


def test_where_the_source_is_away_the_temporary_file_names_the_current_one(tmp_path: Path) -> None:
    with open(tmp_path / ".big file.XyZ012", "w") as writing:
        found = open_work(RSYNC, ME, "user@host:/source", str(tmp_path))
        assert found == OpenWork("big file", (writing.name,))


def test_a_folder_that_only_begins_alike_is_not_the_source(tmp_path: Path) -> None:
    with open(tmp_path / "source2", "w+"), open(tmp_path / "source2") as reading:
        assert open_work(RSYNC, ME, str(tmp_path / "source"), "/dest") == OpenWork()
        assert not reading.closed


def test_a_single_file_is_named_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with open(tmp_path / "file") as reading:
        assert open_work(RSYNC, ME, reading.name, "/dest").current_file == "file"


def test_a_tool_without_open_files_works_on_nothing_known() -> None:
    assert open_work(RSYNC, [2**22 + 1], "/source", "/dest") == OpenWork()
