"""What the dashboard's lists hold."""

from core.views import DashboardView, JobView
from flask_app.utils.boards import lately
from models.run import RunState
from tests import build
from tests.flask_app.pages import run_in


def test_a_run_that_ended_since_its_job_was_looked_at_is_told_once_and_as_ended() -> None:
    job = build.job()
    ended = run_in(RunState.DONE, job_id=job.id)
    running = ended._replace(state=RunState.TRANSFERRING, ended_at="")
    other = run_in(RunState.TRANSFERRING, job_id="other")
    views = (JobView(job, running), JobView(job, other))
    board = DashboardView(1, views, (), (), 0, 0, 0, 0, "", (ended,))
    assert {run.id: run.state for run in lately(board)} == {ended.id: RunState.DONE, other.id: RunState.TRANSFERRING}
    assert len(lately(board)) == 2
