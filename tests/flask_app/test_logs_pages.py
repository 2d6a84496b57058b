"""The lines of all logs as pages: filters, paging, the live end, files to take along."""

import html
import json
import re
import time
from datetime import datetime, timedelta
from importlib import import_module
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from models.run import RunState
from storage.log_search import LogPage, LogSearch
from tests.flask_app.pages import Pages


def write_log(pages: Pages, job_id: str, lines: list[str], in_order: bool = False) -> None:
    """A line a day, or a line a second."""
    folder = pages.core.folder.logs
    folder.mkdir(exist_ok=True)
    start, step = datetime(2026, 11, 10, 7, 2, 4), timedelta(seconds=1) if in_order else timedelta(days=1)  # noqa: DTZ001
    (folder / f"rsync_{job_id}.log").write_text(
        "".join(f"[{start + step * number:%Y-%m-%d %H:%M:%S}] {line}\n" for number, line in enumerate(lines))
    )


def test_without_lines_the_page_says_what_it_is_for(pages: Pages) -> None:
    assert "Every run writes here what it does." in pages.get("/logs/").text


def test_lines_stand_newest_at_the_end_with_job_level_and_text(pages: Pages) -> None:
    job = pages.job(name="Photos")
    write_log(pages, job.id, ["begun", "Warning: second <b>", "Error: third"])
    page = pages.get("/logs/").text
    assert page.index("begun") < page.index("second &lt;b&gt;") < page.index("third")
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


def lines_of(page: str) -> list[str]:
    """The texts of the lines, in their order."""
    return [re.sub("<[^>]*>", "", text) for text in re.findall(r'<span class="text">(.*?)</span></div>', page)]


def test_filters_by_time_are_in_the_viewers_zone(pages: Pages) -> None:
    write_log(pages, pages.job().id, ["at seven"])
    told = datetime.fromisoformat("2026-11-10T07:02:04").astimezone()
    pages.in_zone("Asia/Tokyo")
    there = told.astimezone(ZoneInfo("Asia/Tokyo"))
    minute = f"{there:%Y-%m-%dT%H:%M}"
    assert lines_of(pages.get(f"/logs/?from={minute}&to={minute}").text) == ["at seven"]
    assert f"<time>{there:%H:%M:%S}</time>" in pages.get("/logs/").text
    later = f"{there + timedelta(minutes=1):%Y-%m-%dT%H:%M}"
    assert lines_of(pages.get(f"/logs/?from={later}").text) == []
    assert lines_of(pages.get(f"/logs/?from={there:%Y-%m-%d}&to={there:%Y-%m-%d}").text) == ["at seven"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=never", "From: This is no time."),
        ("to=2026-99-99", "To: This is no time."),
        ("from=2026-11-20&to=2026-11-19", "To: This is before the beginning."),
        ("job_id=Nobody", "Job: No job is called so."),
        ("job_id=Photos", "Job: More than one job is called so: Photos ("),
    ],
)
def test_a_filter_that_cannot_be_used_says_why_and_loses_nothing(pages: Pages, query: str, sentence: str) -> None:
    pages.job(name="Photos")
    pages.job(name="Photos")
    answer = pages.get(f"/logs/?search=typed&{query}")
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="typed"' in answer.text
    assert pages.get(f"/logs/export?{query}").status_code == 422


def test_the_lines_of_one_run_are_its_own(pages: Pages) -> None:
    job, other = pages.job(name="Photos"), pages.job(name="Other")
    run = pages.run(job, RunState.DONE)
    pages.core.folder.run_folder(job.id, run.id).joinpath("output.log").write_text(
        "2026-11-10T10:00:00.000Z info of the run\n2026-11-10T10:00:01.000Z error it failed\n"
    )
    write_log(pages, job.id, ["of the job"])
    page = pages.get(f"/logs/?run={run.id}").text
    assert lines_of(page) == ["of the run", "it failed"]
    assert f'<option value="{job.id}" selected>Photos</option>' in page
    assert f'<option value="{run.id}" selected>' in page
    assert lines_of(pages.get(f"/logs/?job_id={job.id}&run={run.id}&level=error").text) == ["it failed"]
    assert lines_of(pages.get(f"/logs/?job_id={other.id}&run={run.id}").text) == [], "a run of another job counts not"
    pages.core.folder.run_folder(job.id, run.id).joinpath("output.log").unlink()
    assert "No lines of this run" in pages.get(f"/logs/?run={run.id}").text


@pytest.mark.parametrize(
    ("run", "sentence"),
    [
        ("../../../etc/passwd", "There is no such run"),
        ("nothing", "There is no such run"),
        ("20261121T070204123Z-ffffff", "No lines of this run"),
    ],
)
def test_a_run_that_is_none_opens_no_file(pages: Pages, run: str, sentence: str) -> None:
    job = pages.job()
    write_log(pages, job.id, ["of the job"])
    assert pages.get(f"/logs/?run={run}").status_code == 404
    page = pages.get(f"/logs/?job_id={job.id}&run={run}").text
    assert lines_of(page) == []
    assert sentence in page
    assert "of the job" not in page
    assert "root:" not in page


def test_pages_lead_to_older_lines_and_back(pages: Pages) -> None:
    write_log(pages, pages.job().id, [f"line {number}" for number in range(1200)], in_order=True)
    page = pages.get("/logs/").text
    assert lines_of(page) == [f"line {number}" for number in range(700, 1200)]
    older = pages.get(link(page, "Older")).text
    assert lines_of(older) == [f"line {number}" for number in range(200, 700)]
    oldest = pages.get(link(older, "Older")).text
    assert lines_of(oldest) == [f"line {number}" for number in range(200)]
    assert lines_of(pages.get(link(oldest, "Newer")).text) == lines_of(older)
    assert lines_of(pages.get(link(older, "Newer")).text) == lines_of(page)
    assert link(oldest, "Newest") == "/logs/"
    assert not re.search(r"Older\s*</a>", oldest)
    assert "after=" not in page


def test_the_live_end_brings_what_is_new_and_nothing_else(pages: Pages) -> None:
    job = pages.job()
    write_log(pages, job.id, ["old"])
    page = pages.get("/logs/?follow=1").text
    address = html.unescape(re.findall(r'id="logs-newer" hx-get="([^"]*)"', page)[0])
    assert pages.get(address, "logs-newer").status_code == 204
    with (pages.core.folder.logs / f"rsync_{job.id}.log").open("a") as log:
        log.write(f"[{datetime.now():%Y-%m-%d %H:%M:%S}] <b>new</b>\n")  # noqa: DTZ005
    fresh = pages.get(address, "logs-newer")
    assert lines_of(fresh.text) == ["&lt;b&gt;new&lt;/b&gt;"]
    assert fresh.text.count("<h2>Today</h2>") == 1
    again = html.unescape(re.findall(r'id="logs-newer" hx-get="([^"]*)"', fresh.text)[0])
    assert pages.get(again, "logs-newer").status_code == 204
    assert 'id="logs-newer"' not in pages.get("/logs/").text
    write_log(pages, job.id, [f"flood {number}" for number in range(900)], in_order=True)
    whole = pages.get(address.replace("behind=", "behind=0&x="), "logs-newer")
    assert whole.headers["HX-Retarget"] == "#logs-list"
    assert len(lines_of(whole.text)) == 500


def live_end(page: str) -> str:
    """Where the next lines are asked for."""
    return html.unescape(re.findall(r'id="logs-newer" hx-get="([^"]*)"', page)[0])


def test_following_looks_only_through_what_was_written_since(pages: Pages) -> None:
    write_log(pages, pages.job().id, ["Error: old", *["fine"] * 50])
    before = time.time() * 1000
    address = live_end(pages.get("/logs/?follow=1&level=error").text)
    (behind,) = map(int, re.findall(r"behind=(\d+)", address))
    assert before - 11_000 < behind <= time.time() * 1000 - 10_000
    assert pages.get(address, "logs-newer").status_code == 204
    later = pages.get(address.replace(f"behind={behind}", f"behind={behind - 61_000}"), "logs-newer")
    assert lines_of(later.text) == []
    assert int(re.findall(r"behind=(\d+)", live_end(later.text))[0]) >= behind, "a search that finds nothing moves on"


def test_following_counts_its_lines_and_begins_anew_when_they_are_many(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    routes = import_module("flask_app.routes.logs")  # `flask_app.routes` has a blueprint of that name
    monkeypatch.setattr(routes, "SETTLED", 50_000)  # the new line is not settled on a busy machine either
    job = pages.job()
    write_log(pages, job.id, ["old"])
    address = live_end(pages.get("/logs/?follow=1").text)
    assert "above=1&" in address
    with (pages.core.folder.logs / f"rsync_{job.id}.log").open("a") as log:
        log.write(f"[{datetime.now() - timedelta(seconds=60):%Y-%m-%d %H:%M:%S}] settled\n")  # noqa: DTZ005
        log.write(f"[{datetime.now():%Y-%m-%d %H:%M:%S}] new\n")  # noqa: DTZ005
    address = re.sub(r"behind=\d+", f"behind={round(time.time() * 1000) - 120_000}", address)
    grown = pages.get(address, "logs-newer")
    assert lines_of(grown.text) == ["settled", "new"]
    assert re.search(r'<strong [^>]*id="logs-count" hx-swap-oob=true>3 lines<', grown.text)
    assert "above=2&" in live_end(grown.text)
    anew = pages.get(address.replace("above=1", "above=2000"), "logs-newer")
    assert anew.headers["HX-Retarget"] == "#logs-list"
    assert lines_of(anew.text) == ["old", "settled", "new"]


def test_an_export_names_no_job_for_a_log_that_cannot_be_read(pages: Pages) -> None:
    job = pages.job(name="Photos")
    write_log(pages, job.id, ["fine"])
    with (pages.core.folder.logs / f"rsync_{job.id}.log").open("r+b") as log:
        log.seek(0, 2)
        log.truncate(200 << 20)
    lines = pages.get("/logs/export?format=txt").text.splitlines()
    assert lines[1] == f'- warn "": The log rsync_{job.id}.log could not be read.'
    rows = [json.loads(line) for line in pages.get("/logs/export?format=jsonl").text.splitlines()]
    assert [row["job"] for row in rows] == ["Photos", ""]


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2024-11-17", "2024-11-20", "17 Nov 2024 to 20 Nov 2024"),
        ("2024-11-17", "", "From 17 Nov 2024"),
        ("", "2024-11-17", "To 17 Nov 2024"),
        ("", "", "Any time"),
    ],
)
def test_a_span_of_days_is_said_alike_on_both_pages(pages: Pages, first: str, last: str, words: str) -> None:
    for path, menu in (("/logs/", "log-time"), ("/logs/runs", "run-days")):
        page = pages.get(f"{path}?from={first}&to={last}").text
        assert re.search(rf'popovertarget="{menu}"><span.*?>Time</span><b.*?>{words}<', page)


def test_the_time_of_a_span_is_said_with_its_day(pages: Pages) -> None:
    page = pages.get("/logs/?from=2024-11-17T07:30&to=2024-11-20").text
    assert ">17 Nov 2024 07:30 to 20 Nov 2024<" in page


def test_an_export_is_all_that_matches_as_lines_that_nothing_can_forge(pages: Pages) -> None:
    job = pages.job(name='Photos "\u202e\n')
    write_log(pages, job.id, [f"Error: line {number} \x1b[2J" for number in range(1500)], in_order=True)
    text = pages.get("/logs/export?format=txt&search=LINE&level=error")
    assert text.headers["Content-Type"].startswith("text/plain")
    assert re.fullmatch(r'attachment; filename="logs-\d{8}-\d{6}\.txt"', text.headers["Content-Disposition"])
    lines = text.text.splitlines()
    assert len(lines) == 1500
    assert lines[7].endswith(r' error "Photos \"\\u202e\\n": line 7 \x1b[2J')
    assert re.match(r"2026-11-10T\d\d:\d\d:\d\d\+\d\d:\d\d error ", lines[0])
    rows = [json.loads(line) for line in pages.get("/logs/export?format=jsonl").text.splitlines()]
    assert [row["text"] for row in rows] == [rf"line {number} \x1b[2J" for number in range(1500)]
    assert rows[0] == {
        "at": rows[0]["at"], "level": "error", "job_id": job.id, "job": r'Photos "\u202e\n', "text": r"line 0 \x1b[2J",
    }  # fmt: skip
    assert pages.get("/logs/export?format=exe").status_code == 422


def test_many_jobs_are_offered_while_a_name_is_typed(pages: Pages) -> None:
    for number in range(70):
        pages.job(name=f"Job {number} <b>")
    page = pages.get("/logs/").text
    assert page.count("<option") < 10
    assert 'list="log-jobs"' in page
    offered = pages.get("/logs/jobs?job_id=job+6", "log-jobs").text
    assert offered.count("<option") == 11
    names = re.findall(r'value="([^"]*)"', offered)
    assert names[0].startswith("Job 6 &lt;b&gt; (")
    chosen = pages.get(f"/logs/?job_id={quote(html.unescape(names[0]))}")
    assert chosen.status_code == 200
    assert f'value="{names[0]}"' in chosen.text


def test_a_chosen_job_stays_chosen_when_another_filter_changes(pages: Pages) -> None:
    for number in range(60):
        pages.job(name=f"Photos {number}")
    twins = [pages.job(name=name) for name in ("Photos", "Photos", "odd\u202e\n", "n" * 200, " led by a blank")]
    for number, job in enumerate(twins):
        write_log(pages, job.id, [f"of {number}"])
    for number, job in enumerate(twins):
        page = pages.get(f"/logs/?job_id={job.id}").text
        (typed,) = re.findall(r'<input name="job_id" value="([^"]*)"', page)
        answer = pages.get(f"/logs/?job_id={quote(html.unescape(typed))}&level=")
        assert lines_of(answer.text) == [f"of {number}"]


def test_a_job_is_found_by_its_name_where_many_names_begin_so(pages: Pages) -> None:
    for year in range(2019, 2025):
        pages.job(name=f"Photos {year}")
    write_log(pages, pages.job(name="Photos").id, ["of all years"])
    assert lines_of(pages.get("/logs/?job_id=photos").text) == ["of all years"]
    answer = pages.get("/logs/?job_id=photo")
    assert answer.status_code == 422
    assert answer.text.count("Photos 20") > 3


def test_logs_that_cannot_be_read_say_so(pages: Pages) -> None:
    pages.core.folder.logs.rmdir()
    answer = pages.get("/logs/")
    assert answer.status_code == 503
    assert "The logs cannot be read" in answer.text
    assert "Try again" in answer.text


def test_a_search_that_takes_long_offers_to_go_on(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    write_log(pages, pages.job().id, [f"line {number}" for number in range(5000)], in_order=True)
    monkeypatch.setattr(pages.core.log_reading, "_search", LogSearch(deadline=0.0))
    page = pages.get("/logs/?search=line+7").text
    assert "Searched back to" in page or "Nothing found so far" in page
    found = lines_of(page)
    while re.search(r"(Go on|Older)\s*</a>", page):
        page = pages.get(link(page, "(?:Go on|Older)")).text
        found = [*lines_of(page), *found]
    assert found == [f"line {number}" for number in range(5000) if str(number).startswith("7")]


def link(page: str, word: str) -> str:
    """Where the link that says so leads."""
    return html.unescape(re.findall(rf'href="([^"]*)"[^>]*>\s*(?:<svg.*?</svg>)?\s*{word}\s*</a>', page)[-1])


@pytest.mark.parametrize("page", [LogPage((), older="a cursor"), LogPage((), unreadable=("rsync_x.log",))])
def test_lines_that_were_not_found_are_not_said_to_be_none(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, page: LogPage
) -> None:
    job = pages.job()
    monkeypatch.setattr(pages.core.log_reading, "before", lambda *_: page)
    answer = pages.get(f"/jobs/{job.id}?tab=log").text
    assert "take longer to find" in answer
    assert f'href="/logs/?job_id={job.id}"' in answer.split("take longer to find")[1]


def test_the_log_of_a_job_gives_way_to_others_and_says_what_is_wrong(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("utils.turns._WORK", 0)
    job, turns = pages.job(), list[int]()
    write_log(pages, job.id, [f"line {number}" for number in range(5000)])
    monkeypatch.setattr(pages.core.log_reading._search, "_give_way", lambda: turns.append(1))
    assert "line 4999<" in pages.get(f"/jobs/{job.id}?tab=log").text
    assert turns
    (pages.core.folder.logs / f"rsync_{job.id}.log").unlink()
    assert "No log lines" in pages.get(f"/jobs/{job.id}?tab=log").text
    pages.core.folder.logs.rmdir()
    answer = pages.get(f"/jobs/{job.id}?tab=log")
    assert answer.status_code == 503
    assert "is gone" in answer.text
