"""Preview and verification in the browser: what they ask, what their runs show, and the lists of single files."""

from collections.abc import Iterable
from typing import Any

import pytest
from flask import Flask

from core.container import Container
from models.events import RunChanged
from models.findings import Deletion, Finding, Tally, Verification
from models.job import Job, JobDraft
from models.run import Run, RunState
from storage.findings import FindingsLog
from tests.flask_app.pages import Pages

S = RunState
KINDS = ("verify", "preview", "restore", "rehearsal")
PROVEN = Verification("checksum", 3, 3_000, passed=True)
WANTING = Verification("checksum", 4, 4_000, 2, 1, 0, False)
FILES = (
    Finding("mismatch", b"a/<b>.jpg", 1_000),
    Finding("mismatch", b"a/line\nend", 2_000),
    Finding("missing", b"c/\xff.jpg"),
    Finding("attributes", b"d", 5),
)
PREVIEWED = (
    *(Finding("new", f"films/{number}.mkv".encode(), 1_000) for number in range(5)),
    Finding("new", b"top", 7),
    Finding("changed", b"old/\xff <i>.txt", 2_000),
)


def keep(pages: Pages, job: Job, state: RunState, found: Iterable[Finding], **changes: Any) -> Run:
    """A run of the job, with these findings on disk and counted."""
    tallies: dict[str, Tally] = {}
    for finding in found:
        known = tallies.get(finding.what, Tally(finding.what))
        tallies[finding.what] = known._replace(files=known.files + 1, bytes=known.bytes + (finding.size or 0))
    run = pages.run(job, state, tallies=tuple(tallies.values()), **changes)
    log = FindingsLog(pages.core.folder, job.id, run.id)
    log.add(found)
    log.flush()
    return run


def page_of(run: Run) -> str:
    return f"/jobs/{run.job_id}/runs/{run.id}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_of_every_kind_shows_every_state(pages: Pages, kind: str) -> None:
    for state in RunState:
        run = pages.run(pages.job(name=f"Job {state}"), state, kind=kind)
        answer = pages.get(page_of(run))
        assert answer.status_code == 200, state
        assert '<div id="run"' in answer.text
        assert f"Job {state}" in answer.text


@pytest.mark.parametrize(
    ("kind", "steps"),
    [("verify", 4), ("preview", 3), ("restore", 5), ("rehearsal", 5), ("backup", 5)],
)
def test_the_timeline_has_the_steps_of_the_kind(pages: Pages, kind: str, steps: int) -> None:
    run = pages.run(pages.job(), S.CHECKING, kind=kind)
    assert pages.get(page_of(run), "run").text.count("<li data-state=") == steps


def test_a_run_that_deletes_at_the_source_has_a_step_for_it(pages: Pages) -> None:
    deletion = Deletion("verify_then_delete", "deleting", 1_200, 300, 5_000_000)
    run = pages.run(pages.job(), S.DELETING, deletion=deletion, verification=PROVEN)
    fragment = pages.get(page_of(run), "run").text
    assert fragment.count("<li data-state=") == 6
    assert "300 files deleted, 5.0 MB so far, of 1,200 proven files." in fragment
    assert 'max="1200" value="300"' in fragment


@pytest.mark.parametrize(
    ("verification", "words"),
    [
        (PROVEN, "All 3 files (3.0 kB) were compared by content with the source and were the same."),
        (Verification("checksum", 1, 9, passed=True), "The one file (9 bytes) was compared"),
        (Verification("checksum", passed=True), "There was no file to compare."),
        (WANTING, "Of 4 files, 2 differ and 1 is missing."),
        (
            Verification("checksum", 9, 9, 1, 2, 3, False),
            "Of 9 files, 1 differs, 2 are missing and 3 could not be compared",
        ),
        (Verification("checksum", 9, 9, passed=False), "Of 9 files, not all could be compared."),
        (Verification("checksum", 2, 9), "The comparison did not end"),
        (None, "So it proves nothing."),
    ],
)
def test_the_comparison_is_told_in_a_sentence(pages: Pages, verification: Verification | None, words: str) -> None:
    state = S.DONE if verification and verification.passed else S.FAILED
    run = pages.run(pages.job(), state, kind="verify", verification=verification)
    assert words in pages.get(page_of(run)).text


@pytest.mark.parametrize(
    ("deletion", "words"),
    [
        (Deletion("per_file", "waiting"), "The copy was not proven, so nothing was deleted there."),
        (
            Deletion("per_file", "completed", 9, 7, 7_000, 2),
            "7 files deleted, 7.0 kB, each proven before. 2 files stayed.",
        ),
        (Deletion("per_file", "refused", reason="The disk is full."), "The disk is full."),
        (Deletion("per_file", "refused", 9, 3, reason="The disk is full."), "3 files deleted. The disk is full."),
        (Deletion("per_file", "skipped", reason="Not this time."), "Not this time."),
        (Deletion("per_file", "deleting", 9, 3), "Deleting at the source was stopped"),
    ],
)
def test_what_became_of_the_source_is_told(pages: Pages, deletion: Deletion, words: str) -> None:
    run = pages.run(pages.job(), S.FAILED, deletion=deletion)
    assert words in pages.get(page_of(run)).text


def test_before_the_comparison_the_source_is_said_to_be_untouched(pages: Pages) -> None:
    run = pages.run(pages.job(), S.TRANSFERRING, deletion=Deletion("per_file"))
    assert "The source is untouched so far" in pages.get(page_of(run)).text


def test_every_file_in_trouble_is_listed_harmlessly(pages: Pages) -> None:
    run = keep(pages, pages.job(), S.FAILED, FILES, kind="verify", verification=WANTING)
    page = pages.get(page_of(run)).text
    for words in ("a/&lt;b&gt;.jpg", "a/line\\nend", "c/\\xff.jpg"):
        assert words in page
    assert '<span class="name">d</span>' not in page
    assert f'href="{page_of(run)}/findings?what=attributes"' in page


def test_a_preview_says_what_would_be_copied_by_folder(pages: Pages) -> None:
    job = pages.job()
    run = keep(pages, job, S.DONE, PREVIEWED, kind="preview")
    page = pages.get(page_of(run)).text
    for words in ("A run would copy 7 files", "Would be overwritten", "films/", "old/", "\\xff &lt;i&gt;.txt"):
        assert words in page
    assert f'href="{page_of(run)}/findings?what=new&folder=films">Show all 5</a>' in page
    form = page.split(f'action="/jobs/{job.id}/start"', 1)[1].split("</form>", 1)[0]
    assert "Run exactly this: copy 7 files" in form


def test_a_preview_of_a_job_that_was_changed_since_is_not_offered(pages: Pages) -> None:
    job = pages.job()
    run = keep(pages, job, S.DONE, PREVIEWED, kind="preview")
    pages.core.jobs.update(job._replace(dest=str(pages.folder / "elsewhere")))
    page = pages.get(page_of(run)).text
    assert "Run exactly this" not in page
    assert "The job was changed since" in page


def test_a_preview_with_nothing_to_copy_says_so(pages: Pages) -> None:
    run = keep(pages, pages.job(), S.DONE, (), kind="preview")
    assert "There is nothing to copy" in pages.get(page_of(run)).text


def test_the_list_is_filtered_searched_and_paged(pages: Pages) -> None:
    files = [Finding("new", f"films/Part {number:03}.mkv".encode(), number) for number in range(120)]
    run = keep(pages, pages.job(), S.DONE, [*files, Finding("changed", b"films/x.txt", 1)], kind="preview")
    path = f"{page_of(run)}/findings"
    whole = pages.get(path).text
    assert whole.count('class="finding"') == 50
    assert "121 files, page 1 of 3" in whole
    assert f'href="{path}?page=2"' in whole
    last = pages.get(f"{path}?what=new&page=3", "findings").text
    assert last.count('class="finding"') == 20
    assert "<html" not in last
    found = pages.get(f"{path}?what=new&q=part+007").text
    assert found.count('class="finding"') == 1
    assert "<mark>Part 007</mark>" in found
    assert "No file matches" in pages.get(f"{path}?q=%3Cb%3E").text


def test_a_folder_whose_name_is_no_utf8_can_be_looked_into(pages: Pages) -> None:
    files = (Finding("new", b"\xff/a", 1), Finding("new", b"\xff/b/c", 1), Finding("new", b"top", 1))
    run = keep(pages, pages.job(), S.DONE, files, kind="preview")
    inside = pages.get(f"{page_of(run)}/findings?what=new&folder=%FF").text
    assert inside.count('class="finding"') == 1
    assert '<span class="name">\\xff/a</span>' in inside
    assert pages.get(f"{page_of(run)}/findings?folder=").text.count('class="finding"') == 1


def test_the_list_can_be_had_as_text_with_exact_names(pages: Pages) -> None:
    run = keep(pages, pages.job(), S.FAILED, (*FILES, Finding("mismatch", b"back\\nslash", 3)), kind="verify")
    answer = pages.get(f"{page_of(run)}/findings.txt?what=mismatch")
    assert answer.text == (
        "mismatch\t1000\ta/<b>.jpg\nmismatch\t2000\ta/line\\nend\nmismatch\t3\tback\\\\nslash\n"
    )  # fmt: skip
    assert answer.mimetype == "text/plain"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{run.id}-mismatch.txt"'


def test_proven_files_can_be_listed_too(pages: Pages) -> None:
    run = keep(pages, pages.job(), S.DONE, (Finding("verified", b"a", 1), Finding("verified", b"b", 1)), kind="verify")
    assert pages.get(f"{page_of(run)}/findings.txt?what=verified").text == "verified\t\ta\nverified\t\tb\n"


@pytest.mark.parametrize(
    "query", ["what=../x", "page=0", "page=x", "page=99999999", "q=" + "%C3%28" * 50, "folder=%00"]
)
def test_a_strange_question_gets_an_answer(pages: Pages, query: str) -> None:
    run = keep(pages, pages.job(), S.FAILED, FILES, kind="verify")
    assert pages.get(f"{page_of(run)}/findings?{query}").status_code == 200


def test_fifty_files_weigh_less_than_ten_kilobytes(pages: Pages) -> None:
    import gzip

    files = [Finding("new", f"{number * 7919:x}/films/Part {number:03}.mkv".encode(), number) for number in range(200)]
    run = keep(pages, pages.job(), S.DONE, files, kind="preview")
    for path in (page_of(run), f"{page_of(run)}/findings"):
        assert len(gzip.compress(pages.get(path).data, 6)) < 10_000, path


def test_findings_of_another_jobs_run_are_404(pages: Pages) -> None:
    run, other = keep(pages, pages.job(), S.FAILED, FILES, kind="verify"), pages.job()
    for name in ("findings", "findings.txt"):
        assert pages.get(f"/jobs/{other.id}/runs/{run.id}/{name}").status_code == 404


@pytest.fixture
def fake(app: Flask, core: Container, pages: Pages) -> Pages:
    """Over the fake core, whose runs start at a word."""
    return Pages(app, core, pages.folder)


@pytest.mark.parametrize("what", ["preview", "verify"])
def test_asking_leads_to_the_runs_page(fake: Pages, what: str) -> None:
    manager: Any = fake.core.manager
    job = manager.create(JobDraft("Photos", "rsync", "/a", "/b"))
    answer = fake.post(f"/jobs/{job.id}/{what}")
    run = manager.active_run(job.id)
    assert (answer.status_code, answer.headers["Location"], run.kind) == (303, page_of(run), what)
    assert fake.post(f"/jobs/{job.id}/{what}").status_code == 409
    assert fake.post(f"/jobs/{job.id}/{what}", htmx=True).status_code == 409


def test_asking_by_script_leads_there_as_well(fake: Pages) -> None:
    manager: Any = fake.core.manager
    job = manager.create(JobDraft("Photos", "rsync", "/a", "/b"))
    answer = fake.post(f"/jobs/{job.id}/preview", htmx=True)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (202, page_of(manager.active_run(job.id)))


def test_a_job_whose_copy_was_found_wanting_says_so_until_it_is_mended(pages: Pages) -> None:
    job = pages.job()
    pages.run(job, S.DONE, id="20260101T000000000Z-aaaaaa")
    check = pages.run(job, S.FAILED, id="20260102T000000000Z-aaaaaa", kind="verify", verification=WANTING)
    for path in (f"/jobs/{job.id}", "/"):
        page = pages.get(path).text
        assert "Not proven" in page
        assert f'href="{page_of(check)}"' in page
    assert "Not proven" in pages.get("/jobs/?state=attention").text
    pages.core.bus.publish(RunChanged(pages.run(job, S.DONE, id="20260103T000000000Z-aaaaaa", verification=PROVEN)))
    assert "Your job is protected" in pages.get("/").text
    assert "The copy is not proven." not in pages.get(f"/jobs/{job.id}").text


def test_a_list_that_is_not_kept_any_more_is_said_to_be_gone(pages: Pages) -> None:
    run = keep(pages, pages.job(), S.DONE, PREVIEWED, kind="preview")
    (pages.core.folder.run_folder(run.job_id, run.id) / "findings.jsonl").unlink()
    assert "This list is not kept any more" in pages.get(f"{page_of(run)}/findings").text
    assert "The list of these files is not kept any more." in pages.get(page_of(run)).text


def test_the_dashboard_names_the_hosts_that_are_waited_for(pages: Pages) -> None:
    for name in ("Photos", "Mail"):
        pages.run(pages.job(name=name), S.WAITING, note="for nas.lan to answer")
    panel = pages.get("/active-jobs", "active-jobs").text
    assert "<strong>nas.lan does not answer.</strong> 2 jobs wait for it" in panel


def test_an_interrupted_job_stands_among_those_that_need_attention_and_can_be_resumed(pages: Pages) -> None:
    job = pages.job()
    run = pages.run(job, S.INTERRUPTED)
    page = pages.get("/stats", "dashboard-stats").text
    assert "Interrupted at 62 %" in page
    assert f'aria-label="Resume: {job.name}"' in page
    assert f'href="/jobs/{job.id}/runs/{run.id}"' in page


@pytest.mark.parametrize("kind", KINDS)
def test_recent_activity_names_the_kind(pages: Pages, kind: str) -> None:
    run = pages.run(pages.job(), S.PAUSED, kind=kind)
    pages.core.bus.publish(RunChanged(run))
    word = {"verify": "verification", "preview": "preview", "restore": "restore", "rehearsal": "rehearsal"}[kind]
    assert f"{word} paused at 62 %" in pages.get("/recent-activity", "recent-activity").text
    assert f">{word.capitalize()}</span>" in pages.get(f"/jobs/{run.job_id}").text


def test_of_a_run_that_only_proved_files_the_proven_ones_are_listed(pages: Pages) -> None:
    run = keep(pages, pages.job(), S.DONE, (Finding("verified", b"a", 1),), kind="verify", verification=PROVEN)
    page = pages.get(f"{page_of(run)}/findings").text
    assert '<h1 class="text-title" id="findings-title">Proven</h1>' in page
    assert page.count('class="finding"') == 1
