"""Sentences about jobs and runs."""

import re

import pytest

from core.views import JobView
from flask_app.utils import words
from models.progress import Progress
from models.run import RunState, Statistics
from tests import build
from tests.flask_app.pages import run_in

S = RunState


@pytest.mark.parametrize(
    ("run", "sentence"),
    [
        (run_in(S.DONE, statistics=Statistics(transferred_bytes=212_000_000)), "finished in 14 min, 212 MB copied"),
        (run_in(S.FAILED), "failed: the destination is full"),
        (run_in(S.DONE_WITH_WARNINGS), "finished; 3 files could not be read"),
        (run_in(S.PAUSED), "paused at 62 %"),
        (run_in(S.INTERRUPTED), "was interrupted at 62 %"),
        (run_in(S.CANCELLED), "was taken out of the queue"),
        (run_in(S.QUEUED, note="The disk is busy."), "waits: the disk is busy"),
        (run_in(S.QUEUED), "waits for its turn"),
        (run_in(S.TRANSFERRING, trigger="resume"), "started as a resume"),
        (run_in(S.TRANSFERRING, trigger="unknown"), "started"),
    ],
)
def test_what_follows_the_name_in_the_activity(run: object, sentence: str) -> None:
    assert words.activity(run) == sentence  # type: ignore[arg-type]


def test_a_resume_is_credited_only_with_what_it_sent() -> None:
    report = Statistics(transferred_bytes=300, literal_bytes=120)
    assert words.copied_bytes(run_in(S.DONE, statistics=report)) == 120
    assert words.copied_bytes(run_in(S.DONE, progress=Progress(7))) == 7


@pytest.mark.parametrize(
    ("view", "sentence"),
    [
        (JobView(build.job()), "It has not run yet"),
        (JobView(build.job(), problem="Too old."), "Too old."),
        (JobView(build.job(), doubt="foreign"), "Started by another program on this data folder. It is left alone."),
        (JobView(build.job(), last=run_in(S.PAUSED)), "620 MB of 1.0 GB kept"),
        (JobView(build.job(), last=run_in(S.CANCELLED)), ""),
        (JobView(build.job(), active=run_in(S.WAITING, note="trying again in 8 s")), "trying again in 8 s"),
    ],
)
def test_the_second_line_of_a_row(view: JobView, sentence: str) -> None:
    assert words.job_sentence(view) == sentence


def test_attention_names_state_cause_and_remedy() -> None:
    view = JobView(build.job(), last=run_in(S.FAILED))
    assert re.match("Failed (at [0-9:]+ |on [A-Z])", words.attention_state(view))
    assert words.attention_state(JobView(build.job(), last=run_in(S.INTERRUPTED))) == "Interrupted at 62 %"
    assert words.attention_sentence(view) == "The destination is full. Free space or choose another destination."
    assert words.attention_state(JobView(build.job(), problem="x")) == "Cannot start"


@pytest.mark.parametrize(
    ("reason", "gist"),
    [
        ("The destination is full: it needs 41 GB and has 3 GB.", "The destination is full"),
        ("rsync says: connection refused", "rsync says: connection refused"),
        ("The disk is gone.", "The disk is gone."),
    ],
)
def test_the_gist_of_a_reason_is_told_without_its_details(reason: str, gist: str) -> None:
    assert words.gist(reason) == gist


@pytest.mark.parametrize(
    ("text", "inside"), [("The disk is full.", "the disk is full"), ("/mnt is gone.", "/mnt is gone"), ("", "")]
)
def test_a_sentence_fits_into_another(text: str, inside: str) -> None:
    assert words.in_sentence(text) == inside
