"""Every state has an icon, a word and a tone."""

import re
from pathlib import Path

import pytest

from core.views import JobView
from flask_app.utils.looks import JOB_LOOKS, RUN_LOOKS, bar_tone, is_quiet, job_look
from models.job import JobSettings
from models.run import RunState
from tests import build
from tests.flask_app.pages import run_in

SPRITE = Path(__file__).parents[3] / "flask_app/static/icons.svg"
TONES = {"info", "ok", "warn", "error", "neutral"}


def test_every_state_of_a_run_has_a_look() -> None:
    assert set(RUN_LOOKS) == {state.value for state in RunState}


def test_every_icon_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text()))
    assert {look.icon for look in (JOB_LOOKS | RUN_LOOKS).values()} <= drawn
    assert {look.tone for look in (JOB_LOOKS | RUN_LOOKS).values()} <= TONES


@pytest.mark.parametrize(
    ("view", "word", "quiet"),
    [
        (JobView(build.job()), "Never run", False),
        (JobView(build.job(), last=run_in(RunState.DONE)), "Protected", True),
        (JobView(build.job(), active=run_in(RunState.TRANSFERRING)), "Running", True),
        (JobView(build.job(), last=run_in(RunState.FAILED)), "Failed", False),
        (JobView(build.job(), problem="No such engine."), "Cannot start", False),
        (JobView(build.job(), doubt="abandoned"), "Says it runs", False),
        (JobView(build.job(), doubt="foreign"), "Run by another program", False),
        (JobView(build.job(settings=JobSettings(enabled=False))), "Disabled", False),
    ],
)
def test_a_job_looks_as_it_stands(view: JobView, word: str, quiet: bool) -> None:
    assert (job_look(view).word, is_quiet(view)) == (word, quiet)


def test_a_bar_has_the_tone_of_its_state() -> None:
    assert (bar_tone("transferring"), bar_tone("failed"), bar_tone("done")) == ("info", "error", "ok")
