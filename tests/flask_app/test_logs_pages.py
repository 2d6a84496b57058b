"""The tail of all logs, by job and by search."""

from tests.flask_app.pages import Pages


def write_log(pages: Pages, job_id: str, lines: list[str]) -> None:
    folder = pages.core.folder.logs
    folder.mkdir(exist_ok=True)
    (folder / f"rsync_{job_id}.log").write_text(
        "".join(f"[2026-11-1{n % 10} 07:02:04] {line}\n" for n, line in enumerate(lines))
    )


def test_without_lines_the_page_says_what_it_is_for(pages: Pages) -> None:
    assert "Every run writes here what it does." in pages.get("/logs/").text


def test_lines_stand_newest_first_with_job_level_and_text(pages: Pages) -> None:
    job = pages.job(name="Photos")
    write_log(pages, job.id, ["begun", "Warning: second <b>", "Error: third"])
    page = pages.get("/logs/").text
    assert page.index("third") < page.index("second &lt;b&gt;") < page.index("begun")
    assert f'href="/jobs/{job.id}">Photos</a>' in page
    assert "Warning</span>" in page
    assert "3 lines" in page


def test_one_job_can_be_chosen(pages: Pages) -> None:
    photos, videos = pages.job(name="Photos"), pages.job(name="Videos")
    write_log(pages, photos.id, ["from photos"])
    write_log(pages, videos.id, ["from videos"])
    fragment = pages.get(f"/logs/?job_id={photos.id}", "logs-list").text
    assert "from photos" in fragment
    assert "from videos" not in fragment
    assert "<html" not in fragment


def test_a_search_marks_its_hits_and_escapes_the_rest(pages: Pages) -> None:
    write_log(pages, pages.job().id, ["Permission denied: <script>", "all is well"])
    page = pages.get("/logs/?search=permission+denied").text
    assert "<mark>Permission denied</mark>: &lt;script&gt;" in page
    assert "all is well" not in page
    assert "1 hit<" in page
    assert "No line matches “nowhere”" in pages.get("/logs/?search=nowhere").text


def test_the_log_of_a_deleted_job_is_named_as_that(pages: Pages) -> None:
    write_log(pages, "84d41cda-ff40-4534-b611-110f236108dd", ["old"])
    assert "A deleted job" in pages.get("/logs/").text
