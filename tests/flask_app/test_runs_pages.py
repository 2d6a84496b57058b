"""The page of one run, its live parts and its log as a file."""

import html
import re

import pytest

from engines import rclone_words, rsync_words
from engines.base import Verdict
from flask_app.live import update_payload
from models.findings import Finding, Tally
from models.progress import Progress
from models.run import ENDED, Outcome, RunState, Statistics
from storage.findings import FindingsLog
from tests.flask_app.pages import ALL_STATES, Pages

S = RunState
WORDS = {"done_with_warnings": "Done with warnings", "pausing": "Stopping"}


@pytest.mark.parametrize("state", ALL_STATES)
def test_the_page_and_its_fragment_show_every_state(pages: Pages, state: RunState) -> None:
    job = pages.job()
    run = pages.run(job, state)
    path = f"/jobs/{job.id}/runs/{run.id}"
    page, fragment = pages.get(path).text, pages.get(path, "run").text
    assert WORDS.get(state.value, state.value.capitalize()) in page
    assert fragment.strip().startswith('<div id="run"')
    assert "<html" not in fragment
    assert fragment.count("<li data-state=") == 5


def test_a_running_run_can_be_paused_and_shows_what_is_left(pages: Pages) -> None:
    job = pages.job()
    run = pages.run(job, S.TRANSFERRING)
    page = pages.get(f"/jobs/{job.id}/runs/{run.id}").text
    assert f'action="/jobs/{job.id}/pause"' in page
    for words in ("about 29 min left", "620 MB of 1.0 GB", ">3,812<", ">of 6,120<", "118 MB/s", "a/b.mkv"):
        assert words in page
    assert 'aria-current="step"' in page


def test_an_unknown_total_has_a_bar_without_a_value_and_words(pages: Pages) -> None:
    job = pages.job()
    run = pages.run(job, S.CHECKING, progress=Progress(files_done=48210))
    fragment = pages.get(f"/jobs/{job.id}/runs/{run.id}", "run").text
    assert " value=" not in fragment.split("<progress", 1)[1].split(">", 1)[0]
    assert ">48,210<" in fragment
    assert "the total is not known yet" in fragment


def test_the_bar_of_a_page_and_of_what_is_pushed_stand_at_the_same_place(pages: Pages) -> None:
    """Were one of them rounded, the bar would go back by a hair when the other came."""
    progress = Progress(452_600_000, 1_000_000_000, 45.2678901)
    run = pages.run(pages.job(), S.TRANSFERRING, progress=progress)
    fragment = pages.get(f"/jobs/{run.job_id}/runs/{run.id}", "run").text
    assert f'value="{update_payload(run)["percent"]}"' in fragment.split("<progress", 1)[1].split(">", 1)[0]


@pytest.mark.parametrize(("state", "button"), [(S.FAILED, "Retry"), (S.PAUSED, "Resume"), (S.DONE, "Start again")])
def test_the_latest_run_offers_the_next_step(pages: Pages, state: RunState, button: str) -> None:
    job = pages.job()
    run = pages.run(job, state)
    page = pages.get(f"/jobs/{job.id}/runs/{run.id}").text
    assert f'action="/jobs/{job.id}/start"' in page
    assert button in page


def test_the_end_is_told_with_cause_and_remedy(pages: Pages) -> None:
    job = pages.job()
    run = pages.run(job, S.FAILED)
    page = pages.get(f"/jobs/{job.id}/runs/{run.id}").text
    assert "The destination is full.</strong> Free space or choose another destination." in page


def test_an_ended_run_says_what_it_copied_and_never_calls_folders_files(pages: Pages) -> None:
    job = pages.job()
    seen = Progress(600_000_000, 600_000_000, 100.0, 0, 0, 81, 81)
    report = Statistics(files_transferred=20, transferred_bytes=600_000_000)
    run = pages.run(job, S.DONE, progress=seen, statistics=report)
    page = pages.get(f"/jobs/{job.id}/runs/{run.id}").text
    assert '<span class="fact" data-figure="bytes">600 MB</span><span class="hint"></span>' in page
    assert '<span class="fact">20 copied</span><span class="hint">81 entries checked</span>' in page
    moving = pages.run(pages.job(), S.TRANSFERRING)
    assert '<dt class="label">Files and folders</dt>' in pages.get(f"/jobs/{moving.job_id}/runs/{moving.id}").text


def test_files_that_were_not_copied_are_listed_harmlessly(pages: Pages) -> None:
    job = pages.job()
    run = pages.run(job, S.DONE_WITH_WARNINGS)
    page = pages.get(f"/jobs/{job.id}/runs/{run.id}").text
    assert "3 files not copied" in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<b>x</b>" not in page
    assert "y\\n" in page


def write_log(pages: Pages, job_id: str, run_id: str, lines: list[str]) -> int:
    path = pages.core.folder.run_folder(job_id, run_id) / "output.log"
    path.write_text("".join(f"2026-11-21T07:02:04.123Z {line}\n" for line in lines))
    return path.stat().st_size


def test_the_log_is_shown_escaped_with_the_offset_from_which_it_goes_on(pages: Pages) -> None:
    job = pages.job()
    run = pages.run(job, S.TRANSFERRING)
    size = write_log(pages, job.id, run.id, ["info Start <script>", "warn Slow"])
    page = pages.get(f"/jobs/{job.id}/runs/{run.id}").text
    assert f'data-offset="{size}"' in page
    assert '<span class="text">Start &lt;script&gt;</span>' in page
    assert '<div class="log-line" data-level="warn">' in page
    assert '<template id="log-line">' in page


def test_of_a_long_log_the_end_is_shown_and_all_of_it_can_be_had(pages: Pages) -> None:
    job = pages.job()
    run = pages.run(job, S.DONE)
    size = write_log(pages, job.id, run.id, [f"copy {'x' * 100} {number}" for number in range(6000)])
    path = f"/jobs/{job.id}/runs/{run.id}"
    page = pages.get(path).text
    assert f'data-offset="{size}"' in page
    assert page.count('class="log-line"') == 501  # and the one in the template
    assert " 5999</span>" in page
    whole = pages.get(f"{path}/log")
    assert len(whole.data) == size
    assert whole.headers["Content-Disposition"] == f'attachment; filename="Photos-{run.id}.txt"'


@pytest.mark.parametrize("state", sorted(ENDED))
def test_an_ended_run_does_not_change_and_polls_say_so(pages: Pages, state: RunState) -> None:
    job = pages.job()
    run = pages.run(job, state)
    pages.get("/")  # the first look of this process at the runs is news to itself
    fragment = pages.get(f"/jobs/{job.id}/runs/{run.id}", "run").text
    asked = fragment.split('hx-get="', 1)[1].split('"', 1)[0]
    assert pages.get(asked, "run").status_code == 204


@pytest.mark.parametrize("path", ["/jobs/{other}/runs/{run}", "/jobs/{job}/runs/20260101T000000000Z-aaaaaa"])
def test_a_run_that_is_not_the_jobs_is_404_with_a_way_back(pages: Pages, path: str) -> None:
    job, other = pages.job(), pages.job()
    run = pages.run(job, S.DONE)
    answer = pages.get(path.format(job=job.id, other=other.id, run=run.id))
    assert answer.status_code == 404
    assert "There is no such run" in answer.text
    assert 'href="/jobs/"' in answer.text


@pytest.mark.parametrize(
    ("engine", "code", "verdict"),
    [
        *(("rsync", code, verdict) for code, verdict in rsync_words.VERDICTS.items()),
        *(("rclone", code, verdict) for code, verdict in rclone_words.VERDICTS.items()),
    ],
)
def test_every_documented_exit_is_told_in_words(pages: Pages, engine: str, code: int, verdict: Verdict) -> None:
    """Its cause and what to do next, never the bare number."""
    job = pages.job(type=engine)
    outcome = Outcome(verdict.reason or "330 files copied.", verdict.next_step, code)
    run = pages.run(job, verdict.state, engine=engine, outcome=outcome)
    page = html.unescape(pages.get(f"/jobs/{job.id}/runs/{run.id}", "run").text)
    assert outcome.reason in page
    assert not re.search(rf"(?:code|status|exit) {code}\b", page)
    if verdict.state is not S.DONE:
        assert outcome.next_step
        assert outcome.next_step in page


def test_what_was_copied_and_deleted_is_listed_where_a_list_was_asked_for(pages: Pages) -> None:
    job = pages.job()
    tallies = (Tally("copied", 2, 30), Tally("deleted", 1, 10))
    run = pages.run(job, S.DONE, tallies=tallies)
    log = FindingsLog(pages.core.folder, job.id, run.id)
    log.add([Finding("copied", b"a <b>", 10), Finding("copied", b"b", 20), Finding("deleted", b"old", 10)])
    log.flush()
    path = f"/jobs/{job.id}/runs/{run.id}"
    page = pages.get(path).text
    assert f'href="{path}/findings?what=copied">Copied <span class="text-ink-3">2</span>' in page
    listed = pages.get(f"{path}/findings?what=copied&q=a").text
    assert "&gt;" in listed
    assert "1 file" in listed
    assert "old" in pages.get(f"{path}/findings?what=deleted").text
