"""Which runs can be completed by copying the files that they left out."""

from core.left_out import is_complete
from models.findings import Tally
from models.run import Outcome, RunState
from tests import build


def test_a_run_of_an_engine_that_is_not_installed_any_more_is_shown_and_cannot_be_completed() -> None:
    facts = {"state": RunState.DONE_WITH_WARNINGS, "outcome": Outcome("Left out.", "", 23, failed_count=1)}
    run = build.run(**facts, tallies=(Tally("failed", 1),))
    assert is_complete(run)
    assert not is_complete(run._replace(engine="tape"))
