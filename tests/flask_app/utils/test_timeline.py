"""The five steps of a run."""

import pytest

from flask_app.utils.timeline import timeline
from models.run import PhaseMark, RunState
from tests.flask_app.pages import ALL_STATES, run_in

S = RunState


@pytest.mark.parametrize("state", ALL_STATES)
def test_every_run_has_five_steps_and_at_most_one_is_current(state: RunState) -> None:
    cells = timeline(run_in(state))
    assert len(cells) == 5
    assert [cell.state for cell in cells].count("current") == run_in(state).is_active
    assert (cells[4].state == "ended") is not run_in(state).is_active


def test_each_step_says_how_long_it_took() -> None:
    cells = timeline(run_in(S.DONE))
    assert [cell.text for cell in cells] == ["2 s", "2 min", "12 min", "by size and date", "in 14 min"]
    assert cells[3].name == "Compared", "Verifying is said only where contents were read"
    assert [cell.state for cell in cells] == ["done", "done", "done", "skipped", "ended"]


def test_what_was_not_reached_is_said() -> None:
    cells = timeline(run_in(S.FAILED))
    assert (cells[3].name, cells[3].text) == ("Verifying", "not reached")
    assert cells[4].text.startswith("after ")


def test_waiting_between_tries_belongs_to_the_step_it_happens_in() -> None:
    waiting = run_in(S.TRANSFERRING)
    marks = (*waiting.phases, PhaseMark(S.WAITING, "2026-11-21T07:10:06.000Z"))
    cells = timeline(run_in(S.WAITING, phases=marks))
    assert [cell.state for cell in cells] == ["done", "done", "current", "ahead", "ahead"]
    assert cells[2].name == "Waiting"
