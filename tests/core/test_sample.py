"""The files a rehearsal draws: by chance, evenly, big ones too, and never more than there is room for."""

import os
import random
from collections import Counter
from pathlib import Path

import pytest

from core.browse import CannotBrowse
from core.sample import Candidate, listed_files, local_files, sample
from engines.base import Entry


def never() -> bool:
    return False


def test_it_draws_as_many_as_asked_and_none_twice() -> None:
    files = [Candidate(b"%d" % number, number) for number in range(1000)]
    chosen = sample(files, 20, 10**6, random.Random(1))
    assert len(set(chosen)) == 20
    assert set(sample(files[:7], 20, 10**6, random.Random(1))) == set(files[:7])


def test_every_part_of_the_copy_has_its_chance_and_big_files_a_second_one() -> None:
    files = [Candidate(b"%d" % number, 100) for number in range(400)] + [Candidate(b"big", 10**6)]
    drawn: Counter[int] = Counter()
    big = 0
    for seed in range(60):
        chosen = sample(files, 20, 10**8, random.Random(seed))
        big += Candidate(b"big", 10**6) in chosen
        drawn.update(int(file.name) // 100 for file in chosen if file.name != b"big")
    assert big > 50
    assert max(drawn.values()) < 1.5 * min(drawn.values())


def test_it_needs_no_more_room_than_it_may() -> None:
    files = [Candidate(b"%d" % number, 300) for number in range(50)] + [Candidate(b"huge", 10**9)]
    chosen = sample(files, 20, 2000, random.Random(1))
    assert sum(file.size for file in chosen) <= 2000
    assert len(chosen) == 6


def test_regular_files_are_found_and_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/a").write_bytes(b"12")
    (tmp_path / "b").write_bytes(b"1")
    (tmp_path / "sub/out").symlink_to("/etc")
    (tmp_path / "to b").symlink_to("b")
    os.mkfifo(tmp_path / "pipe")
    assert set(local_files(os.fsencode(tmp_path), never)) == {Candidate(b"sub/a", 2), Candidate(b"b", 1)}
    assert list(local_files(os.fsencode(tmp_path), lambda: True)) == []


def test_a_copy_elsewhere_is_listed_until_it_is_enough() -> None:
    tree = {
        b"": [Entry(b"one", True), Entry(b"two", True), Entry(b"top", False, 1)],
        b"one": [Entry(b"x", False, 2)],
        b"two": [Entry(b"y", False, 3)],
    }
    looked: list[bytes] = []

    def folder(name: bytes) -> list[Entry]:
        looked.append(name)
        return tree[name]

    found = set(listed_files(folder, never, never))
    assert found == {Candidate(b"top", 1), Candidate(b"one/x", 2), Candidate(b"two/y", 3)}
    looked.clear()
    assert set(listed_files(folder, never, lambda: len(looked) >= 2)) < found
    assert len(looked) == 2


def test_a_copy_that_cannot_be_listed_at_all_is_no_empty_one() -> None:
    def folder(name: bytes) -> list[Entry]:
        raise CannotBrowse("no")

    with pytest.raises(CannotBrowse):
        list(listed_files(folder, never, never))
