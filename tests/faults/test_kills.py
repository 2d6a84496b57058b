"""The kills family, small: some rounds on a small tree, and proof that the harness can fail."""

import pytest

from tests.faults import family_kills
from tests.faults.kills_world import World


def test_killing_server_supervisor_or_tool_loses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    victims = (("server",), ("server", "supervisor", "tool"))
    status = family_kills.run(World(60, 3.0), 2, seed=2, victims=victims)
    said = capsys.readouterr().out
    assert status == 0, said
    assert "2 of 2 rounds held" in said


def test_the_harness_goes_red_where_a_lost_run_is_taken_for_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert family_kills.run(World(60, 3.0, "trusting"), 1, seed=2, victims=(("supervisor",),)) == 1
    assert "ended done: The process that watched this run was ended" in capsys.readouterr().out
