"""The engine as its users see it: one step, and which files are its temporary ones."""

import pytest

from engines.base import Context, Tool
from engines.registry import engine
from tests import build

RSYNC = engine("rsync")


def test_a_copy_is_one_step() -> None:
    (step,) = RSYNC.steps(build.job(), Context(Tool("/usr/bin/rsync", (3, 5, 0))))
    assert step.argv[0] == "/usr/bin/rsync"


def test_a_reader_starts_with_what_was_settled() -> None:
    assert RSYNC.reader(build.job(), 1234).settled_bytes() == 1234


@pytest.mark.parametrize(
    ("path", "partial"),
    [
        ("/d/.photo.jpg.AbC123", "/d/.rsync-partial/photo.jpg"),
        ("/d/.bashrc.AbC123", "/d/.rsync-partial/bashrc"),
        ("/d/.two\nlines.AbC123", "/d/.rsync-partial/two\nlines"),
        ("/d/.rsync-partial/photo.jpg", "/d/.rsync-partial/photo.jpg"),
        ("/d/.rsync-partial/.photo.jpg.AbC123", "/d/.rsync-partial/.photo.jpg.AbC123"),
    ],
)
def test_a_temporary_file_is_known_and_its_partial_file_too(path: str, partial: str) -> None:
    assert RSYNC.temporary_file(path)
    assert partial in RSYNC.partial_files(path)


@pytest.mark.parametrize(
    "path", ["/d/photo.jpg", "/d/.photo.jpg", "/d/photo.AbC123", "/d/.x.AbC12", "/d/..AbC123", "/d/"]
)
def test_other_files_are_not_taken_for_temporary_ones(path: str) -> None:
    assert not RSYNC.temporary_file(path)
    assert RSYNC.partial_files(path) == ()


def test_version_and_tool_state_are_rsyncs() -> None:
    assert RSYNC.parse_version("rsync  version 3.2.7  protocol version 31") == (3, 2, 7)
    assert RSYNC.tool_state(None).name == "rsync"
