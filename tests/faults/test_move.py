"""The move family, small: some rounds on a small tree, and proof that the harness can fail."""

import pytest

from tests.faults import family_move
from tests.faults.move_world import World


def test_killing_a_move_while_others_write_loses_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    status = family_move.run(World(150, seconds=0.4), 3, seed=3)
    said = capsys.readouterr().out
    assert status == 0, said
    assert "3 of 3 rounds held" in said


def test_the_harness_goes_red_where_files_go_without_a_last_look(capsys: pytest.CaptureFixture[str]) -> None:
    assert family_move.run(World(150, "no-stat-check", seconds=0.4), 5, seed=3) == 1
    assert "files are lost" in capsys.readouterr().out
