"""Measuring the data folder: right sums, in pieces that keep nobody waiting."""

import os
from pathlib import Path

import pytest

from core.space import Space
from storage.data_folder import DataFolder
from tests import build
from tests.core.test_journal import Hand
from utils.clock import SystemClock


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return build.data_folder(tmp_path)


def fill(folder: DataFolder) -> None:
    run = folder.runs / build.JOB_ID / "20261121T070204123Z-a1b2c3"
    run.mkdir(parents=True)
    (run / "output.log").write_bytes(bytes(3000))
    (folder.runs / "ended.jsonl").write_bytes(bytes(500))
    (folder.logs / "rsync_x.log").write_bytes(bytes(2000))
    (folder.root / "jobs.yaml").write_bytes(bytes(100))
    (folder.root / "runs-elsewhere").write_bytes(bytes(11))
    os.symlink("/usr", folder.logs / "link")


def test_a_small_folder_is_measured_at_the_first_question(folder: DataFolder) -> None:
    fill(folder)
    found = Space(folder, SystemClock()).taken()
    assert found is not None
    link = len("/usr")
    assert (found.runs, found.logs, found.rest) == (3500, 2000 + link, 111)


def test_a_large_folder_is_measured_in_rounds_and_the_first_answer_does_not_wait(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every question to the clock costs half a second here."""

    class Slow(Hand):
        def monotonic(self) -> float:
            self.sleep(0.5)
            return super().monotonic()

    monkeypatch.setattr("core.space._GOOD_FOR", 1e9)
    fill(folder)
    space, rounds = Space(folder, Slow()), 0
    while space.taken() is None:
        rounds += 1
        space.look()
        assert rounds < 50
    assert rounds > 1


def test_it_is_measured_again_when_it_is_old(folder: DataFolder) -> None:
    clock = Hand()
    space = Space(folder, clock)
    first = space.taken()
    (folder.logs / "more.log").write_bytes(bytes(700))
    clock.sleep(200)
    assert space.taken() == first
    clock.sleep(200)
    later = space.taken()
    assert first is not None
    assert later is not None
    assert later.logs == first.logs + 700


def test_what_goes_away_meanwhile_is_left_out(folder: DataFolder) -> None:
    fill(folder)
    space = Space(folder, SystemClock())
    work = space._measured()
    next(work)
    for path in (*folder.logs.iterdir(), *folder.root.glob("runs-*")):
        path.unlink()
    assert [found for found in work if found is not None]
