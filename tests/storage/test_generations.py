"""The last versions of jobs.yaml that are kept."""

from pathlib import Path

from storage.generations import Generations
from utils.clock import SystemClock


def test_the_newest_comes_first_and_the_same_is_kept_once(tmp_path: Path) -> None:
    generations = Generations(tmp_path, SystemClock())
    for content in (b"one\n", b"two\n", b"two\n"):
        generations.keep(content)
    assert [content for _name, content in generations.newest_first()] == [b"two\n", b"one\n"]


def test_ten_are_kept(tmp_path: Path) -> None:
    generations = Generations(tmp_path, SystemClock())
    for number in range(13):
        generations.keep(b"%d\n" % number)
    assert [content for _name, content in generations.newest_first()] == [b"%d\n" % n for n in range(12, 2, -1)]


def test_one_that_a_power_cut_has_torn_counts_for_nothing(tmp_path: Path) -> None:
    generations = Generations(tmp_path, SystemClock())
    generations.keep(b"one\n")
    generations.keep(b"two and more\n")
    (tmp_path / generations.newest_name()).write_bytes(b"two")
    assert [content for _name, content in generations.newest_first()] == [b"one\n"]
