"""Reading a tool's output as it grows."""

import os
import select
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.output_file import Line, OutputFile

MEBI = 1 << 20


@pytest.fixture
def output(tmp_path: Path) -> Iterator[OutputFile]:
    made = OutputFile(tmp_path / "tool.out")
    yield made
    made.close()


def whole(output: OutputFile) -> list[bytes]:
    return [line.text for line in output.read() if line.is_whole]


def figures(output: OutputFile) -> list[bytes]:
    return [line.text for line in output.read() if not line.is_whole]


def test_lines_come_once_and_in_order(output: OutputFile) -> None:
    output.tool_end.write(b"one\ntwo\nthr")
    assert whole(output) == [b"one", b"two"]
    assert whole(output) == []
    output.tool_end.write(b"ee\n")
    assert whole(output) == [b"three"]


def test_a_line_without_an_end_is_the_remainder(output: OutputFile) -> None:
    output.tool_end.write(b"one\nlast words")
    assert whole(output) == [b"one"]
    assert output.remainder() == b"last words"


def test_both_ends_of_line_are_one(output: OutputFile) -> None:
    output.tool_end.write(b"ssh: connect to host: Connection refused\r\nnext\r")
    assert whole(output) == [b"ssh: connect to host: Connection refused"]
    output.tool_end.write(b"\n")
    assert whole(output) == [b"next"]


def test_figures_that_overwrite_each_other_are_given_newest_only(output: OutputFile) -> None:
    output.tool_end.write(b"\r  1 1%\r  2 2%\r  3 3%")
    assert figures(output) == [b"  3 3%"]
    output.tool_end.write(b"\r  4 4%\n")
    assert list(output.read()) == [Line(b"  4 4%", False), Line(b"  4 4%", True)]


def test_the_figure_that_closed_a_file_is_not_lost(output: OutputFile) -> None:
    output.tool_end.write(b"\r 1 1% (xfr#1, to-chk=2/3)\r 2 2% (xfr#2, to-chk=1/3)\r 3 3%")
    assert figures(output) == [b" 2 2% (xfr#2, to-chk=1/3)", b" 3 3%"]


def test_text_after_a_figure_is_a_line_of_its_own(output: OutputFile) -> None:
    output.tool_end.write(b"\r  1 1%\nrsync: broken pipe\n")
    assert whole(output) == [b"  1 1%", b"rsync: broken pipe"]


@given(
    text=some.lists(some.binary(max_size=20).filter(lambda item: not set(item) & set(b"\r\n")), min_size=1),
    cuts=some.lists(some.integers(1, 30)),
)
def test_lines_are_the_same_however_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, text: list[bytes], cuts: list[int]
) -> None:
    output = OutputFile(tmp_path_factory.mktemp("output") / "tool.out")
    written, found = b"\n".join(text) + b"\n", []
    for cut in [*cuts, len(written)]:
        output.tool_end.write(written[:cut])
        written = written[cut:]
        found += whole(output)
    output.close()
    assert found == text


def test_what_was_read_gives_its_room_back_and_nothing_is_lost(output: OutputFile) -> None:
    line = b"x" * 1023 + b"\n"
    for _ in range(10):
        output.tool_end.write(line * 1024)
        assert sum(len(item) + 1 for item in whole(output)) == MEBI
    status = os.stat(output.path)
    assert status.st_size == 10 * MEBI
    assert status.st_blocks * 512 < MEBI


def test_a_flood_is_read_in_pieces(output: OutputFile) -> None:
    output.tool_end.write(b"0123456789abcde\n" * (5 * MEBI // 16))
    assert not os.stat(output.path).st_size < 5 * MEBI
    assert len(whole(output)) == 2 * MEBI // 16
    assert output.has_more
    assert len(whole(output)) == 2 * MEBI // 16
    assert len(whole(output)) == MEBI // 16
    assert not output.has_more


def test_a_huge_line_is_kept_short(output: OutputFile) -> None:
    for _ in range(50):
        output.tool_end.write(b"x" * (2 * MEBI))
        assert whole(output) == []
        assert len(output.remainder()) <= 64 * 1024
    output.tool_end.write(b"\nnext\n")
    huge, following = whole(output)
    assert len(huge) < MEBI
    assert following == b"next"


def test_the_descriptor_tells_of_a_change(output: OutputFile) -> None:
    assert select.select([output.descriptor], [], [], 0)[0] == []
    output.tool_end.write(b"one\n")
    assert select.select([output.descriptor], [], [], 5)[0] == [output.descriptor]
    assert whole(output) == [b"one"]
    assert select.select([output.descriptor], [], [], 0)[0] == []


def test_a_new_try_does_not_read_the_old_one_again(tmp_path: Path) -> None:
    first = OutputFile(tmp_path / "tool.out")
    first.tool_end.write(b"old\n")
    second = OutputFile(tmp_path / "tool.out")
    second.tool_end.write(b"new\n")
    assert whole(second) == [b"new"]
    first.close()
    second.close()
    assert not (tmp_path / "tool.out").exists()


def test_closing_leaves_no_descriptor(tmp_path: Path) -> None:
    before = os.listdir("/proc/self/fd")
    for _ in range(5):
        OutputFile(tmp_path / "tool.out").close()
    assert len(os.listdir("/proc/self/fd")) == len(before)
